import { describe, expect, it } from 'vitest';
import type { ConditionNode, RuleNode } from './ast.ts';
import { LONGEST_TEXT, parseRule, parseSelector } from './parse.ts';
import { printRule } from './print.ts';

function parsed(text: string): RuleNode {
  const { rule, diagnostics } = parseRule({ name: 'rule', text });
  expect(diagnostics).toEqual([]);
  if (rule === null) throw new Error('no rule');
  return rule;
}

function condition(text: string): ConditionNode {
  const { condition: parsedCondition } = parsed(text);
  if (parsedCondition === null) throw new Error('no condition');
  return parsedCondition;
}

/** A tree as text: kinds and names, without places. */
function shape(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(shape);
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(
    Object.entries(node)
      .filter(([key]) => key !== 'range')
      .map(([key, value]) => [key, shape(value)]),
  );
}

const span = (name: string, steps: unknown[] = []): unknown => ({
  kind: 'selector',
  matcher: { kind: 'exact', name, quoted: false },
  steps,
});
const attribute = (name: string, where = 'any', quoted = false): unknown => ({
  kind: 'attribute',
  where,
  name,
  quoted,
});
const left = (name: string, convert: string | null = null): unknown => ({
  kind: 'left',
  attribute: attribute(name),
  convert,
});
const value = (said: string | number | boolean, bare = typeof said === 'string'): unknown => ({
  kind: 'value',
  value: said,
  raw: String(said),
  bare,
});

/** The predicate of `x.where(...)`. */
function predicate(text: string, each = false): unknown {
  const rule = parsed(each ? `when { each a as r } always { x.where(${text}) }` : `a and x.where(${text})`);
  const term = each
    ? rule.clauses[0]?.condition
    : rule.condition?.kind === 'and'
      ? rule.condition.terms[1]
      : null;
  const step = term?.kind === 'has' ? term.selector.steps[0] : null;
  return step?.kind === 'where' ? shape(step.predicate) : null;
}

describe('conditions', () => {
  it('binds not, and, or in this order', () => {
    expect(shape(condition('a or not b and c'))).toMatchObject({
      kind: 'or',
      terms: [
        { kind: 'has' },
        { kind: 'and', terms: [{ kind: 'not', term: { kind: 'has' } }, { kind: 'has' }] },
      ],
    });
    expect(condition('(a or b) and c')).toMatchObject({
      kind: 'and',
      terms: [{ kind: 'or' }, { kind: 'has' }],
    });
    expect(condition('not count(a) == 1')).toMatchObject({ kind: 'not', term: { kind: 'compare' } });
    expect(condition('not not a')).toMatchObject({
      kind: 'not',
      term: { kind: 'not', term: { kind: 'has' } },
    });
    expect(condition('a and (b and c)')).toMatchObject({ terms: [{ kind: 'has' }, { kind: 'and' }] });
    expect(condition('((a))')).toMatchObject({ kind: 'has' });
  });

  it('keeps how presence was written', () => {
    expect(condition('a')).toMatchObject({ kind: 'has', spelling: 'selector' });
    expect(condition('has(a)')).toMatchObject({ kind: 'has', spelling: 'has' });
    expect(condition('trace.has(a)')).toMatchObject({ kind: 'has', spelling: 'trace.has' });
    expect(condition('trace . has ( a )')).toMatchObject({ kind: 'has', spelling: 'trace.has' });
  });

  it('gives steps behind has and count to the selector, after those within', () => {
    const text = 'trace.has(a.where(x)).where(y).before(b)';
    const has = condition(text);
    expect(has).toMatchObject({
      kind: 'has',
      selector: { steps: [{ kind: 'where' }, { kind: 'where' }, { kind: 'before', within: null }] },
    });
    expect(shape(condition('count(a).where(x) <= 1'))).toEqual(shape(condition('count(a.where(x)) <= 1')));
    // The selector's own text cannot hold the steps behind the parenthesis: it is the whole.
    expect(has.kind === 'has' && has.selector.range).toEqual({ start: 0, end: text.length });
    expect(condition('has(a.where(x))')).toMatchObject({ selector: { range: { start: 4, end: 14 } } });
  });

  it('reads measures, with and without trace', () => {
    for (const trace of ['', 'trace.']) {
      const qualified = trace !== '';
      expect(condition(`${trace}count(a) == 1`)).toMatchObject({ left: { kind: 'count', qualified } });
      expect(condition(`${trace}distinct(a, b.c) <= 1`)).toMatchObject({
        left: { kind: 'distinct', qualified, spelling: 'distinct', attribute: { name: 'b.c' } },
      });
      expect(condition(`${trace}sum(a, "b c") <= ${trace}sum(d, e)`)).toMatchObject({
        left: { kind: 'sum', qualified, attribute: { name: 'b c', quoted: true } },
        right: { kind: 'sum', qualified },
      });
      expect(condition(`${trace}all(a, b == true)`)).toMatchObject({
        kind: 'all',
        qualified,
        predicate: { kind: 'test' },
      });
    }
    expect(condition('trace.duration <= 1.5s')).toMatchObject({
      left: { kind: 'trace-duration' },
      right: { kind: 'duration', nanos: 1_500_000_000n, raw: '1.5s' },
    });
    expect(condition('count(a) == count(b)')).toMatchObject({ right: { kind: 'count' } });
    expect(condition('sum(a, b) < 9007199254740993')).toMatchObject({
      right: { kind: 'number', value: 9007199254740993n },
    });
  });

  it('reads unique as distinct, also after other steps', () => {
    expect(condition('count(a.where(b)).where(c).where(d == unique) == 1')).toMatchObject({
      left: {
        kind: 'distinct',
        spelling: 'unique',
        attribute: { name: 'd' },
        selector: { steps: [{ kind: 'where' }, { kind: 'where' }] },
      },
    });
  });

  it('takes functions without a parenthesis for names', () => {
    expect(shape(condition('count and all and has and number.where(sum > 1)'))).toMatchObject({
      terms: ['count', 'all', 'has', 'number'].map((name) => ({ selector: { matcher: { name } } })),
    });
    expect(shape(condition('search.where'))).toMatchObject({
      selector: { matcher: { name: 'search.where' }, steps: [] },
    });
    expect(shape(condition('order.in and not.found'))).toMatchObject({
      terms: [
        { selector: { matcher: { name: 'order.in' } } },
        { selector: { matcher: { name: 'not.found' } } },
      ],
    });
  });
});

describe('selectors', () => {
  it.each([
    ['payment.charge', { kind: 'exact', name: 'payment.charge', quoted: false }],
    ['payment.*', { kind: 'wildcard', pattern: 'payment.*' }],
    ['*', { kind: 'wildcard', pattern: '*' }],
    ['"POST /api \\"x\\" \\\\"', { kind: 'exact', name: 'POST /api "x" \\', quoted: true }],
    ['"trace.x"', { kind: 'exact', name: 'trace.x', quoted: true }],
    ['matches "GET /v[12]/.*"', { kind: 'regex', pattern: 'GET /v[12]/.*' }],
    ['$paid', { kind: 'macro', name: 'paid', selector: null }],
    ['trace', { kind: 'exact', name: 'trace', quoted: false }],
  ])('%s', (text, matcher) => {
    expect(shape(condition(text))).toEqual({
      kind: 'has',
      spelling: 'selector',
      selector: { kind: 'selector', matcher, steps: [] },
    });
  });

  it('reads steps in their order, across line ends', () => {
    expect(
      shape(
        condition(
          'a\n  .where(x)\n  .before(b.after(c)).within(5s)\n .after("d e")\n .child_of($f) .inside(*)',
        ),
      ),
    ).toMatchObject({
      selector: {
        steps: [
          { kind: 'where' },
          {
            kind: 'before',
            within: { raw: '5s' },
            target: { kind: 'selector', steps: [{ kind: 'after', within: null }] },
          },
          { kind: 'after', target: { matcher: { name: 'd e', quoted: true } } },
          { kind: 'child_of', target: { matcher: { kind: 'macro' } } },
          { kind: 'inside', target: { matcher: { kind: 'wildcard' } } },
        ],
      },
    });
  });

  it('is read alone as the text of a macro', () => {
    const { selector, diagnostics } = parseSelector({ name: 'macro', text: ' payment.charge.where(ok) ' });
    expect(diagnostics).toEqual([]);
    expect(shape(selector)).toEqual(
      span('payment.charge', [{ kind: 'where', predicate: { kind: 'is-true', left: left('ok') } }]),
    );
    for (const text of ['a and b', 'has(a)', 'count(a) <= 1', '', 'not a', 'a b']) {
      expect(parseSelector({ name: 'macro', text })).toMatchObject({ selector: null, diagnostics: [{}] });
    }
  });
});

describe('predicates', () => {
  it.each([
    ['a == 1', { kind: 'test', left: left('a'), operator: '==', right: value(1) }],
    ['a.b-c != x', { kind: 'test', left: left('a.b-c'), operator: '!=', right: value('x') }],
    ['a == us-east-1', { kind: 'test', left: left('a'), operator: '==', right: value('us-east-1') }],
    ['a == "x y"', { kind: 'test', left: left('a'), operator: '==', right: value('x y', false) }],
    ['a == false', { kind: 'test', left: left('a'), operator: '==', right: value(false, false) }],
    ['a', { kind: 'is-true', left: left('a') }],
    ['a exists', { kind: 'exists', left: left('a'), negated: false }],
    ['a not exists', { kind: 'exists', left: left('a'), negated: true }],
    ['a contains x', { kind: 'test', left: left('a'), operator: 'contains', right: value('x') }],
    [
      'a in [1, x, true]',
      {
        kind: 'in',
        left: left('a'),
        negated: false,
        list: { kind: 'list', values: [value(1), value('x'), value(true, false)] },
      },
    ],
    [
      'a not in $l',
      { kind: 'in', left: left('a'), negated: true, list: { kind: 'list-macro', name: 'l', values: null } },
    ],
    ['number(a) > 1', { kind: 'test', left: left('a', 'number'), operator: '>', right: value(1) }],
    ['number > 1', { kind: 'test', left: left('number'), operator: '>', right: value(1) }],
    [
      'text("a b") == "1"',
      {
        kind: 'test',
        left: { kind: 'left', attribute: attribute('a b', 'any', true), convert: 'text' },
        operator: '==',
        right: value('1', false),
      },
    ],
    [
      'a == this.b.c',
      {
        kind: 'test',
        left: left('a'),
        operator: '==',
        right: { kind: 'reference', of: 'this', attribute: attribute('b.c') },
      },
    ],
    [
      'a == this."b c"',
      {
        kind: 'test',
        left: left('a'),
        operator: '==',
        right: { kind: 'reference', of: 'this', attribute: attribute('b c', 'any', true) },
      },
    ],
    [
      'a == this.resource.b',
      {
        kind: 'test',
        left: left('a'),
        operator: '==',
        right: { kind: 'reference', of: 'this', attribute: attribute('b', 'resource') },
      },
    ],
    [
      'a == this.resource."b c"',
      {
        kind: 'test',
        left: left('a'),
        operator: '==',
        right: { kind: 'reference', of: 'this', attribute: attribute('b c', 'resource', true) },
      },
    ],
    [
      'not a == b',
      { kind: 'p-not', term: { kind: 'test', left: left('a'), operator: '==', right: value('b') } },
    ],
    [
      'a or not b and c',
      {
        kind: 'p-or',
        terms: [
          { kind: 'is-true', left: left('a') },
          {
            kind: 'p-and',
            terms: [
              { kind: 'p-not', term: { kind: 'is-true', left: left('b') } },
              { kind: 'is-true', left: left('c') },
            ],
          },
        ],
      },
    ],
    [
      'resource and span',
      {
        kind: 'p-and',
        terms: [
          { kind: 'is-true', left: left('resource') },
          { kind: 'is-true', left: left('span') },
        ],
      },
    ],
  ])('%s', (text, expected) => {
    expect(predicate(text)).toEqual(expected);
  });

  it.each([
    ['resource.a.b exists', attribute('a.b', 'resource')],
    ['resource."a b" exists', attribute('a b', 'resource', true)],
    ['span.status == error', attribute('status', 'field')],
    ['span.self > 5s', attribute('self', 'field')],
    ['"span.status" == error', attribute('span.status', 'any', true)],
    ['"resource.x" exists', attribute('resource.x', 'any', true)],
    ['status == error', attribute('status')],
  ])('%s reads the right place', (text, expected) => {
    expect(predicate(text)).toMatchObject({ left: { attribute: expected } });
  });

  it.each([
    ['a == r.b', attribute('b')],
    ['a == r.b.c', attribute('b.c')],
    ['a == r."b c"', attribute('b c', 'any', true)],
    ['span.start >= r.span.end', attribute('end', 'field')],
    ['a == r . b', attribute('b')],
  ])('%s refers to the bound span', (text, expected) => {
    expect(predicate(text, true)).toMatchObject({
      right: { kind: 'reference', of: 'r', attribute: expected },
    });
  });
});

describe('rules', () => {
  it('reads the long form', () => {
    const text = 'when { a and not b }\nnever { c }\nalways { d or e }\nnever { f }';
    const rule = parsed(text);
    expect(rule).toMatchObject({
      across: null,
      condition: null,
      when: { each: null, condition: { kind: 'and' } },
    });
    expect(rule.clauses.map(({ polarity, range }) => [polarity, text.slice(range.start, range.end)])).toEqual(
      [
        ['never', 'never { c }'],
        ['always', 'always { d or e }'],
        ['never', 'never { f }'],
      ],
    );
    expect(text.slice(rule.when?.range.start, rule.when?.range.end)).toBe('when { a and not b }');
  });

  it('reads clauses without when', () => {
    expect(parsed('never { a }')).toMatchObject({ when: null, clauses: [{ polarity: 'never' }] });
  });

  it('reads each, and what `and` adds to it as one condition', () => {
    expect(parsed('when { each a.where(x) as r } always { b }').when).toMatchObject({
      each: { selector: { steps: [{}] }, bound: { name: 'r' } },
      condition: null,
    });
    expect(parsed('when { each a as r and b or c } always { d }').when).toMatchObject({
      condition: { kind: 'or' },
    });
    expect(parsed('when { each a as r and b and c } always { d }').when).toMatchObject({
      condition: { kind: 'and' },
    });
  });

  it('knows the bound name in targets of the trigger and the clauses, and only unquoted', () => {
    const rule = parsed(
      'when { each a as r and b.after(r) } always { c.before(r).within(1s) and d.inside("r") and r.x }',
    );
    expect(rule.when?.condition).toMatchObject({
      selector: { steps: [{ target: { kind: 'bound', name: 'r' } }] },
    });
    expect(rule.clauses[0]?.condition).toMatchObject({
      terms: [
        { selector: { steps: [{ target: { kind: 'bound' }, within: { raw: '1s' } }] } },
        { selector: { steps: [{ target: { kind: 'selector' } }] } },
        { selector: { matcher: { name: 'r.x' } } },
      ],
    });
  });

  it('reads across with one attribute or several', () => {
    expect(parsed('across a.b within 10m { never { c } }').across).toMatchObject({
      key: [{ name: 'a.b' }],
      within: { nanos: 600_000_000_000n },
    });
    expect(parsed('across (a, "b c", span.service) within 5m { count(d) <= 1 }')).toMatchObject({
      across: { key: [{ name: 'a' }, { name: 'b c' }, { where: 'field', name: 'service' }] },
      condition: { kind: 'compare' },
    });
    expect(parsed('across (a) within 5m { when { b } always { c } }')).toMatchObject({
      when: {},
      clauses: [{}],
    });
  });

  it('has comments wherever blanks may stand', () => {
    const text = '// first\na // second\n// third\nand b.where( // fourth\n x) // last';
    expect(parsed(text).comments.map((comment) => comment.text)).toEqual([
      '// first',
      '// second',
      '// third',
      '// fourth',
      '// last',
    ]);
  });

  it.each([
    'a and b',
    'when { each a.where(x > 1) as r and not b } always { c.before(r).within(5s) } never { d.where(y == r.y) }',
    'across (a, b) within 5m { count(p.*).where(a == unique) <= 1 }',
    'a and x.where(y == this.resource."k/v" and resource."a b" exists)',
  ])('prints to the same tree: %s', (text) => {
    const rule = parsed(text);
    expect(shape(parsed(printRule(rule)))).toEqual(shape(rule));
  });
});

describe('limits', () => {
  it('takes 64 open parentheses and not one more', () => {
    const nested = (depth: number): string => `a and ${'('.repeat(depth)}b${')'.repeat(depth)}`;
    expect(parseRule({ name: 'rule', text: nested(64) }).diagnostics).toEqual([]);
    expect(parseRule({ name: 'rule', text: nested(65) }).diagnostics.map(({ code }) => code)).toEqual([
      'FL120',
    ]);
    const nots = (depth: number): string => `a and ${'not '.repeat(depth)}b`;
    expect(parseRule({ name: 'rule', text: nots(64) }).diagnostics).toEqual([]);
    expect(parseRule({ name: 'rule', text: nots(65) }).diagnostics.map(({ code }) => code)).toEqual([
      'FL120',
    ]);
    const steps = (depth: number): string => `a and ${'b.before('.repeat(depth)}c${')'.repeat(depth)}`;
    expect(parseRule({ name: 'rule', text: steps(64) }).diagnostics).toEqual([]);
    expect(parseRule({ name: 'rule', text: steps(65) }).diagnostics.map(({ code }) => code)).toEqual([
      'FL120',
    ]);
  });

  it('takes 64 KiB of UTF-8 and not a byte more', () => {
    const fill = (bytes: number): string => `a and "${'é'.repeat((bytes - 8) / 2)}"`;
    expect(new TextEncoder().encode(fill(LONGEST_TEXT))).toHaveLength(LONGEST_TEXT);
    expect(parseRule({ name: 'rule', text: fill(LONGEST_TEXT) }).diagnostics).toEqual([]);
    expect(
      parseRule({ name: 'rule', text: `${fill(LONGEST_TEXT)} ` }).diagnostics.map(({ code }) => code),
    ).toEqual(['FL119']);
  });

  it('does not count what stands side by side as nesting', () => {
    const text = `a and ${'(b) and not c and has(d).where((x)) and '.repeat(500)}e`;
    expect(parseRule({ name: 'rule', text }).diagnostics).toEqual([]);
    expect(parseRule({ name: 'rule', text: `a${'.where(x)'.repeat(1000)} and b` }).diagnostics).toEqual([]);
  });
});
