/**
 * Every rule of the invariant-driven development guide parses as the guide writes it and has its intended meaning: the rule
 * files and rule tests beside this file. Where the guide itself is at hand, none of its rules may be missing here.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { runRuleTests } from '../../src/history/rule-test/run.ts';
import { loadRuleFile } from '../../src/invariant/rule-file.ts';
import { guideRules, DOMAINS as LIBRARY_DOMAINS, libraryRules, ROOT } from '../library/domains.ts';
import { TODAY } from '../library/judge-recording.ts';
import { guideDocument, rulesInGuide, yamlInGuide } from './guide-document.ts';

const FOLDER = join(ROOT, 'test/guide');
const DOMAIN_FILES = readdirSync(FOLDER).filter((name) => /^[a-z-]+\.test\.yaml$/.test(name));
const DOMAINS = DOMAIN_FILES.map((name) => name.replace('.test.yaml', ''));

describe.each(DOMAINS)('the rules of the guide: %s', (domain) => {
  const ruleFile = readFileSync(join(FOLDER, `${domain}.yaml`), 'utf8');
  const { rules, diagnostics } = loadRuleFile({ name: `${domain}.yaml`, text: ruleFile }, TODAY);

  test('load as they stand', () => {
    expect(diagnostics.filter(({ severity }) => severity !== 'info')).toEqual([]);
    expect(rules.length).toBeGreaterThan(0);
  });

  test('each means what the guide intends: the verdicts of the drawn traces', () => {
    const name = `${domain}.test.yaml`;
    const file = { name, text: readFileSync(join(FOLDER, name), 'utf8') };
    const run = runRuleTests([file], (path) => ({ source: { name: path, text: ruleFile } }), {
      today: TODAY,
    });
    const failures = run.files.flatMap(({ tests }) => tests.filter(({ outcome }) => outcome !== 'passed'));
    expect(failures.map(({ test: { name } }) => name)).toEqual([]);
    expect(run.passed).toBeGreaterThanOrEqual(3 * rules.length);
  });

  test('each has a trace that satisfies it, one that violates it and one to which it does not apply', () => {
    const { tests } = parse(readFileSync(join(FOLDER, `${domain}.test.yaml`), 'utf8')) as {
      tests: { expect: Record<string, string> }[];
    };
    for (const { id } of rules) {
      const verdicts = tests.flatMap((one) => one.expect[id] ?? []);
      expect(new Set(verdicts), id).toEqual(new Set(['satisfied', 'violated', 'not_applicable']));
    }
  });
});

test('a flat rule file without a version loads', () => {
  const text = readFileSync(join(FOLDER, 'flat.yaml'), 'utf8');
  const { rules, diagnostics } = loadRuleFile({ name: 'flat.yaml', text }, TODAY);
  expect(diagnostics.filter(({ severity }) => severity !== 'info')).toEqual([]);
  expect(rules.map(({ id, severity }) => [id, severity])).toEqual([
    ['payment-requires-inventory', 'critical'],
  ]);
});

const guideIsHere = existsSync(guideDocument());
if (!guideIsHere) process.stderr.write(`skipped: the guide is not at ${guideDocument()}\n`);

describe.skipIf(!guideIsHere)(`the guide at ${guideDocument()}`, () => {
  const ours = new Set(DOMAINS.flatMap((domain) => rulesOfFile(`${domain}.yaml`)).map(withoutBlanks));

  test('has no rule that is missing here', () => {
    const guide = rulesInGuide(readFileSync(guideDocument(), 'utf8'));
    expect(guide.length).toBeGreaterThan(20);
    expect(guide.filter((rule) => !ours.has(withoutBlanks(rule)))).toEqual([]);
  });

  test('has no rule less than there are here', () => {
    const guide = new Set(rulesInGuide(readFileSync(guideDocument(), 'utf8')).map(withoutBlanks));
    expect([...ours].filter((rule) => !guide.has(rule))).toEqual([]);
  });

  test('has YAML that loads', () => {
    const documents = yamlInGuide(readFileSync(guideDocument(), 'utf8'));
    expect(documents.length).toBeGreaterThan(0);
    for (const text of documents) {
      const { rules, diagnostics } = loadRuleFile({ name: 'guide.yaml', text }, TODAY);
      expect(diagnostics.filter(({ severity }) => severity !== 'info')).toEqual([]);
      expect(rules.length).toBeGreaterThan(0);
    }
  });
});

test.each(LIBRARY_DOMAINS)('the library has a rule for every rule of the guide: %s', (domain) => {
  expect(libraryRules(domain).length).toBeGreaterThanOrEqual(guideRules(domain).length);
});

function rulesOfFile(name: string): string[] {
  const { rules } = parse(readFileSync(join(FOLDER, name), 'utf8')) as { rules: { condition: string }[] };
  return rules.map(({ condition }) => condition);
}

function withoutBlanks(rule: string): string {
  return rule.replace(/\s+/g, ' ').trim();
}
