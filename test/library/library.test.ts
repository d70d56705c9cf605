/** The library keeps what it promises: every rule loads clean, says why it exists, and is tested through and through. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isClean, runRuleTests } from '../../src/history/rule-test/run.ts';
import { loadRules } from '../../src/invariant/catalogue.ts';
import { formatRuleFile } from '../../src/invariant/format-rule-file.ts';
import { parseRuleTestFile } from '../../src/invariant/rule-test-file.ts';
import { lintRule } from '../../src/language/lint.ts';
import { DOMAINS, ROOT, ruleFilesOf } from './domains.ts';
import { TODAY } from './judge-recording.ts';

const FILES = DOMAINS.flatMap((domain) => ruleFilesOf(`library/${domain}`));

test('all files load together, without anything to object to', () => {
  const { rules, diagnostics } = loadRules(FILES, TODAY);
  expect(diagnostics).toEqual([]);
  expect(rules.length).toBeGreaterThanOrEqual(19);
});

describe.each(FILES)('$name', (file) => {
  const { rules } = loadRules([file], TODAY);
  const testName = file.name.replace(/\.yaml$/, '.test.yaml');
  const testFile = {
    name: testName,
    text: existsSync(join(ROOT, testName)) ? readFileSync(join(ROOT, testName), 'utf8') : '',
  };

  test('each rule says how bad it is, of what kind, and why it exists', () => {
    for (const rule of rules) {
      expect(rule.origin, rule.id).not.toBeNull();
      expect(rule.category, rule.id).not.toBeNull();
      expect(rule.enforcement, rule.id).toBe('audit-only');
      expect(rule.owner, rule.id).toBeNull();
      if (rule.origin?.kind === 'regulation') expect(rule.compliance, rule.id).not.toEqual([]);
    }
  });

  test('each rule has its story in a comment above it', () => {
    const lines = file.text.split('\n');
    for (const [index, line] of lines.entries()) {
      if (line.startsWith('  - id: ')) expect(lines[index - 1], line).toMatch(/^ {2}# /);
    }
  });

  test('its rules are in the standard form', () => {
    expect(formatRuleFile(file)).toEqual({ text: file.text, diagnostics: [] });
  });

  test('the linter has nothing to say', () => {
    expect(
      rules.flatMap((rule) =>
        lintRule(rule.condition).map(({ code, message }) => `${rule.id}: ${code} ${message}`),
      ),
    ).toEqual([]);
  });

  test('each rule is tested where it holds, where it is broken, where it does not apply, and where nothing is proved', () => {
    const tests = parseRuleTestFile(testFile).file?.tests ?? [];
    for (const { id, condition } of rules) {
      const verdicts = new Set(
        tests.flatMap((one) => one.expect.filter(({ rule }) => rule === id).map(({ verdict }) => verdict)),
      );
      const wanted = ['satisfied', 'violated'];
      if (condition.trigger !== null || condition.each !== null || condition.across !== null)
        wanted.push('not_applicable');
      if (condition.each !== null) wanted.push('inconclusive');
      expect([...verdicts], id).toEqual(expect.arrayContaining(wanted));
    }
  });

  test('its tests pass, see every clause both ways, and notice every mutation', () => {
    const tested = runRuleTests([testFile], readRules, { today: TODAY, coverage: true, mutate: true });
    const failures = tested.files.flatMap(({ tests }) =>
      tests.flatMap(({ test: { name }, failures: all }) =>
        all.map(({ rule, expected, actual }) => `${name}: ${rule.id} is ${actual}, expected ${expected}`),
      ),
    );
    expect(failures).toEqual([]);
    expect(tested.diagnostics).toEqual([]);
    expect(isClean(tested)).toBe(true);
    expect(
      tested.coverage?.flatMap(({ rule, gaps }) =>
        gaps.map(({ clause, never }) => `${rule.id}: never ${never}: ${clause}`),
      ),
    ).toEqual([]);
    expect(
      tested.mutation?.flatMap(({ rule, survivors }) =>
        survivors.map(({ original, replacement }) => `${rule.id}: ${original} could be ${replacement}`),
      ),
    ).toEqual([]);
  });
});

function readRules(
  path: string,
  testFile: { readonly name: string },
): { source: { name: string; text: string } } {
  const name = join(dirname(testFile.name), path);
  return { source: { name, text: readFileSync(join(ROOT, name), 'utf8') } };
}
