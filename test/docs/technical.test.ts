/** The pages about the live engine: their settings are taken without a word, their commands understood, and every metric and setting that they name is there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseArguments } from '../../src/cli/arguments.ts';
import { readConfiguration } from '../../src/cli/configuration.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const PAGES = [
  'README.md',
  'docs/technical/operating.md',
  'docs/technical/receivers.md',
  'docs/technical/signals.md',
  'deploy/README.md',
];
const metrics = read('docs/reference/metrics.md');
const schema = JSON.parse(read('schema/fluo.schema.json')) as Shape;

interface Shape {
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly anyOf?: readonly Shape[];
  readonly items?: Shape;
}

describe.each(PAGES)('%s', (path) => {
  const page = read(path);

  it('has settings that are taken', () => {
    for (const [, text = ''] of page.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)) {
      // That of a rule is tried with the rule files.
      if (text.startsWith('raise:')) continue;
      const { diagnostics } = readConfiguration(
        { name: 'fluo.yaml', text: `version: 1\n${text}` },
        '/fluo.yaml',
      );
      expect(diagnostics, text).toEqual([]);
    }
  });

  it('has commands that are understood', () => {
    for (const words of commandsOf(page))
      expect(parseArguments(words).kind, words.join(' ')).toBe('invocation');
  });

  it('names metrics and settings that are there', () => {
    for (const [name] of page.matchAll(/\bfluo_[a-z_]+/g)) expect(metrics).toContain(`\`${name}\``);
    for (const [, name = ''] of page.matchAll(
      /`((?:serve|limits|archive|wal|log|telemetry|notify)\.[a-z_.]+)`/g,
    ))
      expect(isSetting(schema, name.split('.')), name).toBe(true);
  });
});

/** Lines of `fluo ...` in indented and fenced blocks, without what stands behind two blanks, after a `#` or in `[...]`. */
function commandsOf(page: string): string[][] {
  return [...page.matchAll(/^(?: {4})?fluo ([a-z][^\n]*)$/gm)]
    .map(([, line = '']) =>
      (line.split(/\s{2,}|\s#/)[0] ?? '').replaceAll(/"([^"]*)"/g, (_, text: string) =>
        text.replaceAll(' ', '_'),
      ),
    )
    .map((line) => line.trim().split(' '));
}

function isSetting(shape: Shape, path: readonly string[]): boolean {
  const [first, ...rest] = path;
  if (first === undefined) return true;
  const places = [shape, ...(shape.anyOf ?? []), ...(shape.items === undefined ? [] : [shape.items])];
  return places.some(({ properties }) => {
    const next = properties?.[first];
    return next !== undefined && isSetting(next, rest);
  });
}
