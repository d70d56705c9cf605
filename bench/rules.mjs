/**
 * Rule files for benchmarks: the rules of library/, rules over names that the traffic has, and rules over names that it has not, as in an
 * organisation where most rules concern other teams' services.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './bundle.mjs';

/** The rule files of library/, as { name, text }. */
export function libraryFiles() {
  const folder = join(root, 'library');
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.yaml') && !name.endsWith('.test.yaml'))
    .sort()
    .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
}

/** Promises that the payload keeps: in production a rule that most traces break is mended or taken out on its first day. */
const SHAPES = [
  (a) => `when { ${a} } always { all(${a}, session.id exists) }`,
  (a, b) =>
    `when { each ${a}.where(enduser.id exists) as one } never { ${b}.where(session.id != one.session.id) }`,
  (a) => `count(${a}.where(work.units > 1000)) <= 3`,
  (a) =>
    `when { ${a}.where(http.response.status_code == 500) } never { ${a}.where(http.response.status_code == 500 and span.status == ok) }`,
  (a) => `never { ${a}.where(entity.version > 1000) }`,
  (a, b) =>
    `when { ${a} and ${b} } always { distinct(${b}, session.id) <= 1 and count(${a}.inside(${b})) <= 400 }`,
];

/** A rule file with so many rules about these names. */
export function rulesAbout(count, nameOf, prefix) {
  const rules = Array.from({ length: count }, (_, index) => {
    const names = [nameOf(index * 2), nameOf(index * 2 + 1)].map((name) => JSON.stringify(name));
    const condition = SHAPES[index % SHAPES.length](...names);
    return `  - id: ${prefix}-${index}\n    severity: low\n    condition: ${JSON.stringify(condition)}`;
  });
  return { name: `${prefix}.yaml`, text: `version: 1\nrules:\n${rules.join('\n')}\n` };
}
