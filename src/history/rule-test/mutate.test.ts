import { describe, expect, it } from 'vitest';
import { positionOf } from '../../diagnostic/position.ts';
import { parseRule } from '../../language/parse.ts';
import { printRule } from '../../language/print.ts';
import type { RuleMutation } from './mutate.ts';
import { mutationsOf } from './mutations.ts';
import { runRuleTests } from './run.ts';

function mutants(text: string): string[] {
  const { rule } = parseRule({ name: 'rule', text });
  if (rule === null) throw new Error('no rule');
  return mutationsOf(rule).map((mutation) => printRule(mutation.rule).replace(/\s+/g, ' '));
}

function mutate(condition: string, tests: string, before = ''): RuleMutation {
  const rules = {
    name: 'r.yaml',
    text: `${before}rules:\n  - id: r\n    condition: |\n      ${condition}\n`,
  };
  const file = { name: 'r.test.yaml', text: `rules: r.yaml\ntests:\n${tests}` };
  const run = runRuleTests([file], () => ({ source: rules }), { today: '2026-01-01', mutate: true });
  expect(run.diagnostics.filter((diagnostic) => diagnostic.severity !== 'info')).toEqual([]);
  expect(run.failed).toBe(0);
  const [mutation] = run.mutation ?? [];
  if (mutation === undefined) throw new Error('no mutation');
  return mutation;
}

function survivors({ survivors: list }: RuleMutation): string[] {
  return list.map(({ original, replacement }) => `${original} -> ${replacement}`);
}

describe('mutationsOf', () => {
  it.each([
    [
      'a and count(b) > 2',
      ['a and count(b) >= 2', 'a and count(b) < 2', 'a and count(b) > 1', 'a and count(b) > 3'],
    ],
    ['a and b.before(c)', ['a and b', 'a and b.after(c)']],
    [
      'a and b.before(c).within(5s)',
      [
        'a and b.before(c)',
        'a and b.before(c).within(50s)',
        'a and b.before(c).within(500ms)',
        'a and b.after(c).within(5s)',
      ],
    ],
    ['a and b.inside(c)', ['a and b.child_of(c)', 'a and b']],
    ['a and not b', ['a and b']],
    ['a and (b or c)', ['a and (b and c)', 'a and c', 'a and b']],
    [
      'a and b.where(x and not y)',
      [
        'a and b.where(x or not y)',
        'a and b.where(x)',
        'a and b.where(x and y)',
        'a and b.where(not x and not y)',
        'a and b',
      ],
    ],
    [
      'a and b.where(x == 5)',
      ['a and b.where(x != 5)', 'a and b.where(x >= 5)', 'a and b.where(x == 4)', 'a and b.where(x == 6)'],
    ],
    ['a and b.where(x exists)', ['a and b.where(x not exists)']],
    [
      'a and b.where(x in [p, q])',
      ['a and b.where(x not in [p, q])', 'a and b.where(x in [q])', 'a and b.where(x in [p])'],
    ],
    ['a and b.where(x starts_with "y")', ['a and b.where(x contains "y")']],
    ['a and b.where(x contains "y")', ['a and b.where(x starts_with "y")']],
    [
      'a and b.where(span.duration < 2s)',
      [
        'a and b.where(span.duration <= 2s)',
        'a and b.where(span.duration < 20s)',
        'a and b.where(span.duration < 200ms)',
      ],
    ],
    [
      'distinct(a, x) <= 1',
      ['count(a) <= 1', 'distinct(a, x) < 1', 'distinct(a, x) <= 2', 'distinct(a, x) <= 0'],
    ],
    ['sum(a, x) <= sum(b, x)', ['count(a) <= sum(b, x)', 'sum(a, x) <= count(b)', 'sum(a, x) < sum(b, x)']],
    ['a and all(b, x > 1)', ['a and has(b).where(x > 1)', 'a and all(b, x >= 1)']],
    [
      'when { each a as x and b } always { c }',
      [
        'when { a and b } always { c }',
        'when { each a as x } always { c }',
        'when { each a as x and b } never { c }',
      ],
    ],
    [
      'when { a } always { b } never { c }',
      [
        'when { a } never { b } never { c }',
        'when { a } never { c }',
        'when { a } always { b }',
        'when { a } always { b } always { c }',
      ],
    ],
    [
      'across (k, l) within 10m { count(a) <= 1 }',
      [
        'across k within 10m { count(a) <= 1 }',
        'across l within 10m { count(a) <= 1 }',
        'across (k, l) within 1m { count(a) <= 1 }',
        'count(a) <= 1',
      ],
    ],
  ])('changes %s', (rule, expected) => {
    const found = mutants(rule);
    for (const mutant of expected) expect(found).toContain(mutant);
    expect(found).not.toContain(rule);
  });

  it('leaves out what means the same', () => {
    expect(mutants('a and count(b) == 0')).not.toContain('a and count(b) <= 0');
    expect(mutants('a and count(a) == 1')).not.toContain('a and count(a) <= 1');
    expect(mutants('a and count(b) == 1')).toContain('a and count(b) <= 1');
    expect(mutants('a and b.where(x == "y")')).not.toContain('a and b.where(x >= "y")');
    expect(mutants('a and count(b) == 0')).not.toContain('a and count(b) == -1');
  });

  it('does not enter macros', () => {
    const all = mutants('a and $paid.where(x == 1)');
    expect(all.every((mutant) => mutant.includes('$paid') || mutant === 'a')).toBe(true);
  });
});

describe('mutateRule', () => {
  const tests = `  - { name: none, trace: s/z @0ms+1ms, expect: {} }
  - { name: bad, trace: s/a @0ms+1ms, expect: { r: violated } }
  - { name: good, trace: "s/b @0ms+1ms\\ns/a @5ms+1ms", expect: { r: satisfied } }
`;

  it('lists the changes that no test notices, with their place in the file', () => {
    const mutation = mutate('a and b.before(a)', tests);
    expect(survivors(mutation)).toEqual(['.before(a) -> ']);
    const [survivor] = mutation.survivors;
    const { text } = survivor?.source ?? { text: '' };
    expect(text.slice(survivor?.range.start, survivor?.range.end)).toBe('.before(a)');
    expect(positionOf(text, survivor?.range.start ?? 0).line).toBe(4);
    expect(survivor?.condition).toBe('a and b');
    expect(mutation.noticed).toBe(mutation.mutants - 1);
  });

  it('has no survivor once a test shows the difference', () => {
    const more = `${tests}  - { name: late, trace: "s/a @0ms+1ms\\ns/b @5ms+1ms", expect: { r: violated } }\n`;
    expect(survivors(mutate('a and b.before(a)', more))).toEqual([]);
  });

  it('counts no change that is no rule', () => {
    // Without the trigger the rule would be false of an empty trace, and `or` makes the same of it.
    expect(mutate('a and b', tests).mutants).toBe(0);
  });

  it('knows the macros and lists of the file', () => {
    const mutation = mutate(
      'a and $ok.where(k in $ks)',
      `  - { name: bad, trace: s/a @0ms+1ms, expect: { r: violated } }
  - { name: good, trace: "s/a @0ms+1ms\\ns/b @0ms+1ms {k: p}", expect: { r: satisfied } }
  - { name: other, trace: "s/a @0ms+1ms\\ns/b @0ms+1ms {k: o}", expect: { r: violated } }
`,
      'macros: { ok: b }\nlists: { ks: [p, q] }\n',
    );
    expect(mutation.mutants).toBe(2);
    expect(survivors(mutation)).toEqual([]);
  });

  it('notices nothing without tests', () => {
    const mutation = mutate(
      'a and b.before(a)',
      '  - { name: x, trace: s/z @0ms+1ms, expect: {}, only: true }\n',
    );
    expect(mutation.noticed).toBe(0);
    expect(mutation.mutants).toBeGreaterThan(0);
  });
});
