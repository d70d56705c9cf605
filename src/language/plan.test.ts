import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRule } from './compile.ts';
import type { CompiledRule, RuleScope } from './compiled-rule.ts';
import { parseSelector } from './parse.ts';
import { matcherKey, planOf } from './plan.ts';
import { printMatcher, printRule } from './print.ts';
import { arbitraryRule } from './testing/arbitrary-rule.ts';

const paid = parseSelector({
  name: 'macro',
  text: 'payment.charge.where(span.status != error and currency == EUR).inside("POST /checkout")',
}).selector;
const SCOPE: RuleScope = {
  macros: new Map(
    paid === null
      ? []
      : [
          ['paid', paid],
          ['top-up', paid],
        ],
  ),
  lists: new Map([
    ['eu', ['de']],
    ['card_processors', ['stripe']],
  ]),
};

function compile(text: string): CompiledRule {
  const { rule, diagnostics } = compileRule({ name: 'rule', text }, SCOPE);
  if (rule === null) throw new Error(diagnostics.map((one) => one.message).join('\n'));
  return rule;
}

describe('planOf', () => {
  it('finds every name, attribute and field, in the order written, macros opened', () => {
    const plan = planOf(
      compile(
        `across (user.id, resource.zone) within 5m {
        when   { each $paid as c and order.*.before(c) }
        always { all(x.child_of(y), k > c.limit and k2 <= this.k3 or "http/route" exists) and sum(z, amount) > 1 and distinct(z, span.service) == 1 }
      }`,
      ),
    );
    expect(plan.matchers.map(printMatcher)).toEqual([
      'payment.charge',
      '"POST /checkout"',
      'order.*',
      'x',
      'y',
      'z',
    ]);
    expect(plan.attributes.map(({ where, name }) => `${where}:${name}`)).toEqual([
      'any:currency',
      'any:k',
      'any:limit',
      'any:k2',
      'any:k3',
      'any:http/route',
      'any:amount',
      'any:user.id',
      'resource:zone',
    ]);
    expect([...plan.fields]).toEqual(['status', 'service']);
    expect(plan).toMatchObject({ usesParents: true, usesChildren: false, usesTraceDuration: false });
  });

  it('sees what needs the whole trace', () => {
    expect(planOf(compile('when { a } always { trace.duration <= 2s }')).usesTraceDuration).toBe(true);
    expect(planOf(compile('when { a } always { all(b, span.self < 5ms) }')).usesChildren).toBe(true);
    expect(planOf(compile('when { a } always { b }')).usesParents).toBe(false);
    expect(planOf(compile('when { a } always { b.before(c.inside(d)) }')).usesParents).toBe(true);
  });

  const TRIGGERS: readonly (readonly [rule: string, names: readonly string[] | null])[] = [
    ['a and b', ['a']],
    ['a.where(x > 1) and b', ['a']],
    ['count(b) <= 1', null],
    ['when { each $paid as c and d } always { b }', ['payment.charge']],
    ['when { a and b and c } always { d }', ['a']],
    ['when { a or b.before(c) } always { d }', ['a', 'b']],
    ['when { a or not b } always { d }', null],
    ['when { not a } always { d }', null],
    ['when { not b and a } always { d }', null],
    ['when { a and not b } always { d }', ['a']],
    ['when { (a or b) and c } always { d }', ['a', 'b']],
    ['when { a or a.where(x > 1) } always { d }', ['a']],
    ['when { all(a, x > 1) } always { d }', null],
    ['when { trace.duration > 2s } always { d }', null],
    ['when { count(a) >= 1 } always { d }', ['a']],
    ['when { count(a) > 0 } always { d }', ['a']],
    ['when { count(a) == 2 } always { d }', ['a']],
    ['when { count(a) != 0 } always { d }', ['a']],
    ['when { count(a) == 0 } always { d }', null],
    ['when { count(a) <= 1 } always { d }', null],
    ['when { count(a) < 3 } always { d }', null],
    ['when { count(a) != 1 } always { d }', null],
    ['when { count(a) >= 0 } always { d }', null],
    ['when { sum(a, x) > -1 } always { d }', null],
    ['when { sum(a, x) < -1 } always { d }', ['a']],
    ['when { distinct(a, x) > 1 } always { d }', ['a']],
    ['when { count(a) > count(b) } always { d }', ['a', 'b']],
    ['when { count(a) >= count(b) } always { d }', null],
    ['when { matches "GET .*" or payment.* } always { d }', ['matches "GET .*"', 'payment.*']],
  ];
  it.each(TRIGGERS)('%s can be triggered only by %j', (text, names) => {
    expect(planOf(compile(text)).triggerMatchers?.map(printMatcher) ?? null).toEqual(names);
  });

  it('lists among the matchers whatever triggers', () => {
    fc.assert(
      fc.property(arbitraryRule, (tree) => {
        const { rule } = compileRule({ name: 'rule', text: printRule(tree) }, SCOPE);
        if (rule === null) return;
        const { matchers, triggerMatchers } = planOf(rule);
        const names = matchers.map(matcherKey);
        expect(new Set(names).size).toBe(names.length);
        for (const matcher of triggerMatchers ?? []) expect(names).toContain(matcherKey(matcher));
        expect(matchers.every((matcher) => matcher.kind !== 'macro')).toBe(true);
      }),
      { seed: 2, numRuns: 1000 },
    );
  });
});
