import { describe, expect, it } from 'vitest';
import { compileRule, compileSelector } from './compile.ts';
import { type CompiledRule, hasTrigger, type RuleScope } from './compiled-rule.ts';
import { parseSelector } from './parse.ts';
import { printCondition, printSelector } from './print.ts';
import { walkRule } from './walk.ts';

function compiled(text: string, scope?: RuleScope): CompiledRule {
  const { rule, diagnostics } = compileRule({ name: 'rule', text }, scope);
  expect(diagnostics).toEqual([]);
  if (rule === null) throw new Error('no rule');
  return rule;
}

function told(text: string, scope?: RuleScope): string[] {
  return compileRule({ name: 'rule', text }, scope).diagnostics.map(
    ({ code, message }) => `${code} ${message}`,
  );
}

function scopeOf(
  macros: Record<string, string>,
  lists: Record<string, readonly (string | number | bigint | boolean)[]> = {},
): RuleScope {
  const parsed = new Map(
    Object.entries(macros).map(([name, text]) => {
      const { selector } = parseSelector({ name, text });
      if (selector === null) throw new Error(`macro ${name}`);
      return [name, selector] as const;
    }),
  );
  return { macros: parsed, lists: new Map(Object.entries(lists)) };
}

/** Trigger and requirements as text. */
function reading(text: string): { when: string | null; promises: string[] } {
  const rule = compiled(text);
  const trigger = rule.trigger === null ? null : printCondition(rule.trigger);
  const each = rule.each === null ? null : `each ${printSelector(rule.each.selector)} as ${rule.each.bound}`;
  return {
    when: [each, trigger].filter((part) => part !== null).join(' and ') || null,
    promises: rule.requirements.map(({ polarity, condition }) => `${polarity} ${printCondition(condition)}`),
  };
}

describe('the normal form', () => {
  it.each([
    ['a and b', 'a', ['always b']],
    ['(a and b)', 'a', ['always b']],
    ['a and b and c', 'a', ['always b', 'always c']],
    ['a and not b', 'a', ['never b']],
    ['a and not (b or c) and count(d) <= 1', 'a', ['never b or c', 'always count(d) <= 1']],
    ['a and not not b', 'a', ['never not b']],
    ['a and (b and c)', 'a', ['always b and c']],
    ['a and (b or c)', 'a', ['always b or c']],
    ['trace.has(a).where(x) and b', 'trace.has(a).where(x)', ['always b']],
    ['(a) and b', 'a', ['always b']],
    ['when { a } always { b }', 'a', ['always b']],
    ['when { a and b } never { c } always { d and e }', 'a and b', ['never c', 'always d and e']],
    ['when { not a } always { b }', 'not a', ['always b']],
    ['when { each a as r } always { b.before(r) }', 'each a as r', ['always b.before(r)']],
    ['when { each a as r and b or c } always { d }', 'each a as r and b or c', ['always d']],
    ['never { a }', null, ['never a']],
    [
      'never { a } never { b } always { count(c) <= 1 }',
      null,
      ['never a', 'never b', 'always count(c) <= 1'],
    ],
    ['count(a) <= 1', null, ['always count(a) <= 1']],
    ['not a', null, ['always not a']],
    ['not a and not b', null, ['always not a and not b']],
    ['not a or b', null, ['always not a or b']],
    ['count(a) <= 1 and not b', null, ['always count(a) <= 1 and not b']],
  ])('%s', (text, when, promises) => {
    expect(reading(text)).toEqual({ when, promises });
    expect(hasTrigger(compiled(text))).toBe(when !== null);
  });

  it('says where each requirement stands', () => {
    const short = 'a and not b and (c or d)';
    expect(compiled(short).requirements.map(({ range }) => short.slice(range.start, range.end))).toEqual([
      'not b',
      'c or d',
    ]);
    const long = 'when { a } always { b }\n  never { c }';
    expect(compiled(long).requirements.map(({ range }) => long.slice(range.start, range.end))).toEqual([
      'always { b }',
      'never { c }',
    ]);
    const none = ' count(a) <= 1 ';
    expect(compiled(none).requirements.map(({ range }) => none.slice(range.start, range.end))).toEqual([
      'count(a) <= 1',
    ]);
  });

  it('has the window of across in nanoseconds', () => {
    expect(compiled('across (a, resource.b) within 10m { c and d }')).toMatchObject({
      across: { key: [{ name: 'a' }, { where: 'resource', name: 'b' }], within: 600_000_000_000n },
      trigger: { kind: 'has' },
      requirements: [{ polarity: 'always' }],
    });
    expect(compiled('across a within 1h { never { b } }').across?.within).toBe(3_600_000_000_000n);
  });
});

describe('rules as people write them', () => {
  it.each([
    'trace.has(payment.charge).where(amount > 1000)\n  and trace.has(payment.fraud_check)',
    'trace.has(payment.charge).where(attempt > 1)\n  and trace.count(payment.charge).where(payment_intent_id == unique) == 1',
    'trace.has(database.query).where(table contains "tenant_data")\n  and trace.has(database.query).where(tenant_filter == true)',
    'trace.has(api.request).where(tenant_id == tenant_a)\n  and not trace.has(database.query).where(tenant_id == tenant_b)',
    'trace.has(database.write).where(data_type == phi)\n  and trace.has(encryption.at_rest)',
    'trace.has(api.request).where(endpoint matches "/api/v2/.*")\n  and trace.has(auth.check)',
    '// Payment requires inventory reservation\ntrace.has(payment.charge)\n  and trace.has(inventory.reserve)',
    'when { payment.charge.where(amount > 1000) and not customer.verified }\nalways { payment.fraud_check and inventory.reserve.before(payment.charge) }\nnever { payment.bypass_validation }',
    'when { each payment.charge.where(amount > 1000) as charge }\nalways { payment.fraud_check.where(payment_intent_id == charge.payment_intent_id).before(charge) }',
    'when { each api.request.where(tenant_id exists) as r }\nnever { database.query.where(tenant_id not exists or tenant_id != r.tenant_id) }',
    'count(transaction.start) == count(transaction.commit)',
    'sum(payment.refund, amount) <= sum(payment.charge, amount)',
    'across payment_intent_id within 10m { count(payment.charge).where(span.status != error) <= 1 }',
    'across (tenant_id, cart.id) within 5m { distinct(payment.charge, payment_intent_id) <= 1 }',
    'when { "hipstershop.CheckoutService/PlaceOrder" } always { *.Charge and matches ".*/ShipOrder" }',
    'never { *.where(span.start < this.span.start or span.kind == server and span.self > 250ms) }',
    'when { each a as r } always { b.where(span.start >= r.span.end and span.service != r.span.service) }',
  ])('%s', (text) => {
    expect(told(text)).toEqual([]);
  });
});

describe('a rule without a trigger', () => {
  it.each([
    'never { a }',
    'always { not a }',
    'count(a) <= 1',
    'count(a) == 0',
    'count(a) < 1',
    'count(a) != 3',
    'count(a) >= 0',
    'count(a) == count(b)',
    'sum(a, x) <= sum(b, x)',
    'distinct(a, x) <= 1',
    'count(a).where(x == unique) <= 1',
    'sum(a, x) >= -1',
    'all(a, x == 1)',
    'trace.duration <= 2s',
    'not a or b',
    'count(a) <= 1 and not b',
    'all(a, x) and all(b, y)',
    'never { a and b }',
    'not (a and not b)',
  ])('is fine where it is true of an empty trace: %s', (text) => {
    expect(told(text)).toEqual([]);
  });

  it.each([
    ['a', 'when { the.span.that.makes.it.due } always { a }'],
    ['trace.has(a).where(x)', 'when { the.span.that.makes.it.due } always { trace.has(a).where(x) }'],
    ['a or b', 'when { the.span.that.makes.it.due } always { a or b }'],
    ['count(payment.charge) == 1', 'when { payment.charge } always { count(payment.charge) == 1 }'],
    ['count(a).where(x > 1) == 1', 'when { a.where(x > 1) } always { count(a).where(x > 1) == 1 }'],
    ['count(a.where(x)) >= 1', 'when { a.where(x) } always { count(a.where(x)) >= 1 }'],
    ['count(a) != count(b) and c', 'when { count(a) != count(b) } always { c }'],
    ['count(a) > count(b)', 'when { a } always { count(a) > count(b) }'],
    ['sum(a, x) > 5', 'when { a } always { sum(a, x) > 5 }'],
    ['(a or b) and c', 'when { a or b } always { c }'],
    ['(a and b) and c', 'when { a and b } always { c }'],
    ['a and b or c', 'when { a } always { b or c }'],
    ['a and b and (c or d) or e', 'when { a } always { b and (c or d) or e }'],
    ['not a and b', 'when { b } never { a }'],
    ['count(a) <= 1 and b', 'when { b } always { count(a) <= 1 }'],
    ['all(a, x) and b and not c', 'when { b } always { all(a, x) } never { c }'],
    ['not all(a, x)', 'when { the.span.that.makes.it.due } never { all(a, x) }'],
    ['trace.duration > 2s', 'when { the.span.that.makes.it.due } always { trace.duration > 2s }'],
    ['always { a }', 'when { the.span.that.makes.it.due } always { a }'],
    ['never { not a }', 'when { the.span.that.makes.it.due } never { not a }'],
    ['never { count(a) <= 1 }', 'when { the.span.that.makes.it.due } never { count(a) <= 1 }'],
    ['across k within 5m { a or b }', 'when { the.span.that.makes.it.due } always { a or b }'],
  ])('%s is false of an empty trace; proposed: %s', (text, proposal) => {
    const { rule, diagnostics } = compileRule({ name: 'rule', text });
    expect(rule).toBeNull();
    expect(diagnostics.map(({ code }) => code)).toEqual(['FL207']);
    expect(diagnostics[0]?.help.split('; ')[0]).toBe(`say when it is due: \`${proposal}\``);
    expect(told(proposal)).toEqual([]);
  });

  it.each([
    ['a or b', 'or does one of the two demand the other? Then `when { a } always { b }`'],
    ['a and b or c', '`and` binds tighter than `or`, and this was read as `(a and b) or c`'],
    ['a or b and c', '`and` binds tighter than `or`, and this was read as `a or (b and c)`'],
    ['always { a or (b and c) }', '`and` binds tighter than `or`, and this was read as `a or (b and c)`'],
    ['a or b or c', undefined],
    ['(a or b) and c', undefined],
  ])('%s: says what else it may mean, or how it was read', (text, reading) => {
    const [diagnostic] = compileRule({ name: 'rule', text }).diagnostics;
    expect(diagnostic?.help.split('; ')[1]).toBe(reading);
  });

  it('tells each clause by itself', () => {
    expect(told('always { a } never { b } always { c }')).toHaveLength(2);
  });
});

describe('macros and lists', () => {
  const scope = scopeOf(
    {
      paid: 'payment.charge.where(span.status != error)',
      paid_by_card: '$paid.where(processor in $cards)',
      before_paid: 'inventory.reserve.before($paid_by_card)',
    },
    { cards: ['stripe', 'square'], sizes: [1, 9007199254740993n, true] },
  );

  it('are written in, within each other and within steps', () => {
    const rule = compiled('$before_paid.where(ok) and x.after($paid).where(y in $sizes)', scope);
    const matchers: string[] = [];
    const values: unknown[] = [];
    walkRule(rule, {
      selector: ({ matcher }) => matchers.push(matcher.kind === 'exact' ? matcher.name : matcher.kind),
      test: (test) => {
        if (test.kind === 'in') values.push(test.list.values?.map(({ value }) => value));
      },
    });
    expect(matchers).toEqual(['inventory.reserve', 'payment.charge', 'x', 'payment.charge']);
    expect(values).toEqual([
      ['stripe', 'square'],
      [1, 9007199254740993n, true],
    ]);
    expect(rule.ast.condition).toMatchObject({
      terms: [{ selector: { matcher: { kind: 'macro', name: 'before_paid' } } }, {}],
    });
  });

  it('leave the parsed macros as they are', () => {
    compiled('$before_paid and x', scope);
    expect(scope.macros.get('before_paid')).toMatchObject({
      steps: [{ target: { matcher: { kind: 'macro', selector: null } } }],
    });
  });

  it.each([
    ['a and $piad', 'FL201 no macro of this file is called `$piad`: did you mean `$paid`?'],
    ['a and $cards', 'FL201 `$cards` is a list, and a selector belongs here'],
    ['a and b.where(x in $card)', 'FL202 no list of this file is called `$card`: did you mean `$cards`?'],
    ['a and b.where(x in $paid)', 'FL202 `$paid` is a macro, and a list belongs behind `in`'],
    [
      'a and b.where(number(x) in $cards)',
      'FL226 `number(x)` is a number, and `"stripe"` is a text: they are never equal',
    ],
    ['a and b.where(span.status in $cards)', 'FL218 `span.status` is never `"stripe"`'],
  ])('%s', (text, message) => {
    expect(told(text, scope)[0]).toBe(message);
  });

  it('that are empty, broken, or lead back to themselves are told where they are used', () => {
    const wrong = scopeOf(
      {
        self: '$self.where(x)',
        one: 'a.before($two)',
        two: 'b.inside($one)',
        to_cycle: '$one',
        regex: 'matches "("',
        reference: 'a.where(x == r.y)',
        missing: 'a.before($nowhere)',
        deep: '$regex.where(x)',
        listed: 'a.where(x in $nowhere)',
      },
      { none: [] },
    );
    expect(told('a and b.where(x in $none)', wrong)).toEqual([
      'FL224 the list `$none` is empty, and no attribute is in it',
    ]);
    expect(told('a and $self', wrong)).toEqual(['FL203 the macro `$self` uses itself: `$self` uses `$self`']);
    expect(told('a and $one', wrong)).toEqual([
      'FL203 the macro `$one` uses itself: `$one` uses `$two` uses `$one`',
    ]);
    expect(told('a and $to_cycle', wrong)[0]).toMatch(
      /^FL203 the macro `\$to_cycle` uses a macro that uses itself/,
    );
    expect(told('a and $regex', wrong)[0]).toMatch(
      /^FL204 the macro `\$regex` has an error: `\(` is no regular expression/,
    );
    expect(told('a and $reference', wrong)[0]).toMatch(/^FL204 .*nothing binds `r`/);
    expect(told('a and $missing', wrong)[0]).toBe(
      'FL204 the macro `$missing` has an error: in `$nowhere`, which is not there',
    );
    expect(told('a and $deep', wrong)[0]).toMatch(
      /^FL204 the macro `\$deep` has an error: in `\$regex`, `\(` is no/,
    );
    expect(told('a and $listed', wrong)[0]).toMatch(/^FL204 .*no list of this file is called `\$nowhere`/);
    // A bound name of the rule does not reach into a macro.
    expect(told('when { each a as r } always { $reference }', wrong)[0]).toMatch(/^FL204/);
  });

  it('do not grow beyond bounds', () => {
    const doubling: Record<string, string> = { m0: 'a' };
    for (let at = 1; at <= 40; at++) doubling[`m${at}`] = `$m${at - 1}.before($m${at - 1})`;
    const large = scopeOf(doubling);
    expect(told('x and $m10', large)).toEqual([]);
    expect(told('x and $m14', large)).toEqual([expect.stringMatching(/^FL205/)]);
    expect(told('x and $m40', large)).toEqual([expect.stringMatching(/^FL205/)]);
    expect(told(`x and ${'$m10 and '.repeat(10)}y`, large)).toEqual([expect.stringMatching(/^FL205/)]);
    const chain: Record<string, string> = { c0: 'a' };
    for (let at = 1; at <= 20; at++) chain[`c${at}`] = `$c${at - 1}.where(x)`;
    expect(told('x and $c15', scopeOf(chain))).toEqual([]);
    expect(told('x and $c16', scopeOf(chain))).toEqual([expect.stringMatching(/^FL205/)]);
    expect(told('x and $c20 and $c15', scopeOf(chain))).toEqual([
      expect.stringMatching(/^FL205 the macro `\$c20`/),
    ]);
  });
});

describe('compileSelector', () => {
  const compile = (text: string, scope?: RuleScope): string[] =>
    compileSelector({ name: 'macro', text }, scope).diagnostics.map(
      ({ code, range }) => `${code} ${text.slice(range?.start, range?.end)}`,
    );

  it('checks the text of a macro where it stands', () => {
    expect(compile('payment.charge.where(amount > 1000)')).toEqual([]);
    expect(compile('a.where(x > "1" and y == r.z and span.status == okay)')).toEqual([
      'FL214 "1"',
      'FL208 r.z',
      'FL218 okay',
    ]);
    expect(compile('matches "(".before(matches "[")')).toEqual(['FL206 matches "("', 'FL206 matches "["']);
    expect(compile('a.wher(x)')).toEqual(['FL116 wher']);
    expect(compile('has(a)')).toEqual(['FL130 has']);
    expect(compile('a.where(x == this.y)')).toEqual([]);
  });

  it('tells a cycle where it closes', () => {
    const scope = scopeOf({ one: 'a.before($two)', two: 'b.inside($one)' });
    expect(compile('a.before($two)', scope)).toEqual(['FL203 $two']);
    expect(compile('a.before($three)', scope)).toEqual(['FL201 $three']);
  });

  it('gives the selector with what it names written in', () => {
    const scope = scopeOf({ paid: 'payment.charge' }, { l: [1] });
    const { selector } = compileSelector({ name: 'macro', text: '$paid.where(x in $l)' }, scope);
    expect(selector).toMatchObject({
      matcher: { kind: 'macro', selector: { matcher: { name: 'payment.charge' } } },
      steps: [{ predicate: { list: { values: [{ value: 1 }] } } }],
    });
  });
});
