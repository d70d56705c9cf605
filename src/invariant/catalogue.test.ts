import { describe, expect, it } from 'vitest';
import { isRuleFileName, isRuleTestFileName, judgedRule, loadRules } from './catalogue.ts';

const file = (name: string, ...ids: string[]): { name: string; text: string } => ({
  name,
  text: `rules:\n${ids.map((id) => `  - { id: ${id}, origin: spec:x, condition: a and b }\n`).join('')}`,
});

describe('loadRules', () => {
  it('joins the rules of all files in their order', () => {
    const { rules, diagnostics } = loadRules([file('a.yaml', 'x', 'y'), file('b.yaml', 'z')], '2026-01-01');
    expect(diagnostics).toEqual([]);
    expect(rules.map((rule) => rule.id)).toEqual(['x', 'y', 'z']);
  });

  it('refuses a file whose rule has the id of an earlier file', () => {
    const { rules, diagnostics } = loadRules(
      [file('a.yaml', 'x'), file('b.yaml', 'y', 'x'), file('c.yaml', 'z')],
      '2026-01-01',
    );
    expect(rules.map((rule) => rule.id)).toEqual(['x', 'z']);
    expect(diagnostics).toMatchObject([
      {
        code: 'FL309',
        severity: 'error',
        source: { name: 'b.yaml' },
        message: 'the rule id `x` is taken by a rule of `a.yaml`',
      },
    ]);
    expect(diagnostics[0]?.notes?.[0]).toMatch(/`a\.yaml`, line 2/);
  });

  it('loads the others when one file has errors', () => {
    const { rules, diagnostics } = loadRules(
      [{ name: 'a.yaml', text: 'rules: 5' }, file('b.yaml', 'y')],
      '2026-01-01',
    );
    expect(rules.map((rule) => rule.id)).toEqual(['y']);
    expect(diagnostics.map((diagnostic) => diagnostic.source?.name)).toEqual(['a.yaml']);
  });
});

describe('names of files', () => {
  it.each(['a.yaml', 'b/a.yml', 'a.tests.yaml'])('%s holds rules', (name) => {
    expect([isRuleFileName(name), isRuleTestFileName(name)]).toEqual([true, false]);
  });
  it.each(['a.test.yaml', 'b/a.test.yml'])('%s holds tests', (name) => {
    expect([isRuleFileName(name), isRuleTestFileName(name)]).toEqual([false, true]);
  });
  it.each(['a.json', 'yaml', 'a.yaml.bak', 'a.md'])('%s holds neither', (name) => {
    expect([isRuleFileName(name), isRuleTestFileName(name)]).toEqual([false, false]);
  });
});

describe('judgedRule', () => {
  it('has the exceptions that are live on the day', () => {
    const exception = (name: string, expires: string): string =>
      `      - { name: ${name}, fields: [t], values: [[1]], reason: r, expires: ${expires} }\n`;
    const text = `rules:\n  - id: a\n    condition: a and b\n    environments: [production]\n    on_incomplete: judge\n    exceptions:\n${exception('old', '2026-01-01')}${exception('new', '2026-01-02')}`;
    const [rule] = loadRules([{ name: 'a.yaml', text }], '2026-01-01').rules;
    if (rule === undefined) throw new Error('no rule');
    const judged = judgedRule(rule, '2026-01-01');
    expect(judged).toMatchObject({ id: 'a', onIncomplete: 'judge', environments: ['production'] });
    expect(judged.exceptions.map(({ name }) => name)).toEqual(['new']);
    expect(judgedRule(rule, '2026-01-02').exceptions).toEqual([]);
  });
});
