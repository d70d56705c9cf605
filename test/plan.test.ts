/** The plan of a rule, held against the evaluator: what the plan leaves out must make no difference. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JudgedRule } from '../src/engine/judged-rule.ts';
import { judgeTrace } from '../src/engine/reference/judge.ts';
import { compileRule } from '../src/language/compile.ts';
import type { CompiledRule, RuleScope } from '../src/language/compiled-rule.ts';
import { nameMatcher } from '../src/language/name-matcher.ts';
import { parseSelector } from '../src/language/parse.ts';
import { planOf } from '../src/language/plan.ts';
import { printRule } from '../src/language/print.ts';
import { arbitraryRule } from '../src/language/testing/arbitrary-rule.ts';
import type { AttributeValue } from '../src/trace/attribute-value.ts';
import type { Span } from '../src/trace/span.ts';
import { makeSpan } from '../src/trace/testing/make-span.ts';
import { buildTrace } from '../src/trace/trace.ts';

const paid = parseSelector({ name: 'macro', text: 'payment.charge.where(amount > 1)' }).selector;
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

/** Rules over one trace that the checker passes; most trees ask for what it refuses. */
const COMPILED: readonly CompiledRule[] = fc
  .sample(arbitraryRule, { seed: 3, numRuns: 2500 })
  .map((tree) => compileRule({ name: 'rule', text: printRule({ ...tree, across: null }) }, SCOPE).rule)
  .filter((rule) => rule !== null);

const arbitraryCompiled: fc.Arbitrary<CompiledRule> = fc.constantFrom(...COMPILED);

const NAMES = [
  'payment.charge',
  'inventory.reserve',
  'order.in',
  'count',
  'x-y',
  'POST /api/checkout',
  'aXb.c',
  'GET /v1/a',
  'other',
];
const ATTRIBUTES = ['amount', 'tenant_id', 'http/route', 'count', 'unasked'];

const attributeValue: fc.Arbitrary<AttributeValue> = fc.constantFrom<AttributeValue>(
  1,
  2,
  1000.25,
  'write',
  'phi',
  true,
  '1',
);

const arbitrarySpans: fc.Arbitrary<Span[]> = fc
  .array(
    fc.record({
      name: fc.constantFrom(...NAMES),
      parent: fc.nat(8),
      start: fc.nat(20),
      length: fc.nat(10),
      with: fc.dictionary(fc.constantFrom(...ATTRIBUTES), attributeValue, { maxKeys: 3 }),
    }),
    { maxLength: 8 },
  )
  .map((parts) =>
    parts.map(({ name, parent, start, length, with: attributes }, at) =>
      makeSpan({
        name,
        spanId: (at + 1).toString(16).padStart(16, '0'),
        parentSpanId: at === 0 ? '' : ((parent % at) + 1).toString(16).padStart(16, '0'),
        start: BigInt(start) * 1_000_000n,
        end: BigInt(start + length) * 1_000_000n,
        with: attributes,
      }),
    ),
  );

function judged(condition: CompiledRule): JudgedRule {
  return { id: 'r', condition, onIncomplete: 'inconclusive', environments: null, exceptions: [] };
}

describe('the plan', () => {
  it('names without which the rule does not apply, and no attribute is compared', () => {
    let skipped = 0;
    fc.assert(
      fc.property(arbitraryCompiled, arbitrarySpans, (rule, spans) => {
        const { triggerMatchers } = planOf(rule);
        if (triggerMatchers === null) return;
        const triggers = triggerMatchers.map(nameMatcher);
        const trace = buildTrace(spans.filter(({ name }) => !triggers.some((matches) => matches(name))));
        const judgment = judgeTrace(judged(rule), trace);
        expect(judgment.verdict).toBe('not_applicable');
        expect(judgment.unknownAttributes).toEqual([]);
        skipped++;
      }),
      { seed: 5, numRuns: 600 },
    );
    expect(skipped).toBeGreaterThan(100);
  });

  it('lists every attribute that can make a difference', () => {
    fc.assert(
      fc.property(arbitraryCompiled, arbitrarySpans, (rule, spans) => {
        const asked = new Set(planOf(rule).attributes.map(({ name }) => name));
        const projected = spans.map((span) => ({
          ...span,
          attributes: new Map([...span.attributes].filter(([name]) => asked.has(name))),
        }));
        const full = judgeTrace(judged(rule), buildTrace(spans));
        const narrow = judgeTrace(judged(rule), buildTrace(projected));
        expect(narrow.verdict).toBe(full.verdict);
        expect(narrow.unknownAttributes).toEqual(full.unknownAttributes);
      }),
      { seed: 6, numRuns: 600 },
    );
  });

  it('lists every name that can make a difference', () => {
    fc.assert(
      fc.property(arbitraryCompiled, arbitrarySpans, (rule, spans) => {
        const { matchers, usesParents, usesChildren, usesTraceDuration } = planOf(rule);
        if (usesParents || usesChildren || usesTraceDuration) return;
        const asked = matchers.map(nameMatcher);
        // Without parents, so that a trace with fewer spans is as complete as the whole one.
        const flat = spans.map((span) => ({ ...span, parentSpanId: '' as const }));
        const narrow = flat.filter(({ name }) => asked.some((matches) => matches(name)));
        expect(judgeTrace(judged(rule), buildTrace(narrow)).verdict).toBe(
          judgeTrace(judged(rule), buildTrace(flat)).verdict,
        );
      }),
      { seed: 7, numRuns: 600 },
    );
  });
});
