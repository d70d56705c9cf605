/** Rules of the corpus and random ones, and random traces whose names and values come from the rule, so that they meet. */
import fc from 'fast-check';
import type { JudgedRule } from '../../src/engine/judged-rule.ts';
import { compileRule } from '../../src/language/compile.ts';
import type { CompiledRule, RuleScope } from '../../src/language/compiled-rule.ts';
import { parseSelector } from '../../src/language/parse.ts';
import { planOf } from '../../src/language/plan.ts';
import { printRule } from '../../src/language/print.ts';
import { arbitraryRule } from '../../src/language/testing/arbitrary-rule.ts';
import type { AttributeValue } from '../../src/trace/attribute-value.ts';
import { SPAN_KINDS, SPAN_STATUSES, type Span } from '../../src/trace/span.ts';
import { readCorpus } from './corpus.ts';
import { prepareCase } from './run-case.ts';

const MACROS = { paid: 'payment.charge.where(amount > 1)', 'top-up': '*.reserve' };

export const SCOPE: RuleScope = {
  macros: new Map(
    Object.entries(MACROS).map(([name, text]) => {
      const { selector } = parseSelector({ name, text });
      if (selector === null) throw new Error(name);
      return [name, selector] as const;
    }),
  ),
  lists: new Map([
    ['card_processors', ['write', 'phi']],
    ['eu', [1, 2]],
  ]),
};

/** Of the rules of the language's own generator about one of twenty passes the checker, so they are drawn once, for a fixed seed. */
function randomRules(): CompiledRule[] {
  return fc
    .sample(arbitraryRule, { numRuns: 1200, seed: 20260117 })
    .map((node) => compileRule({ name: 'rule', text: printRule(node) }, SCOPE).rule)
    .filter((rule) => rule !== null);
}

/** The rules of the corpus, each once. */
function corpusRules(): CompiledRule[] {
  const cases = new Map(readCorpus().verdicts.map((one) => [one.rule, one] as const));
  return [...cases.values()].map((one) => prepareCase({ ...one, trace: '' }).rule.condition);
}

const arbitraryCompiledRule: fc.Arbitrary<CompiledRule> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...corpusRules()) },
  { weight: 1, arbitrary: fc.constantFrom(...randomRules()) },
);

export function judged(
  condition: CompiledRule,
  onIncomplete: JudgedRule['onIncomplete'] = 'inconclusive',
): JudgedRule {
  return { id: 'random', condition, onIncomplete, environments: null, exceptions: [] };
}

/** A rule with spans of one trace, in any order, each once. */
export const arbitraryJudgement: fc.Arbitrary<{ rule: CompiledRule; spans: Span[] }> =
  arbitraryCompiledRule.chain((rule) => spansFor(rule).map((spans) => ({ rule, spans })));

const WILD_NAMES = [
  'payment.charge',
  'payment.refund',
  'inventory.reserve',
  'a.b.c',
  'GET /v1/x',
  '5"x"',
  'a',
];

const VALUES: readonly AttributeValue[] = [
  0,
  1,
  2,
  -1.5,
  1000,
  1000.25,
  9007199254740993n,
  'write',
  'phi',
  '1',
  '',
  true,
];
const MORE_VALUES: readonly AttributeValue[] = [false, ['write', 1], Number.NaN, 'us-east-1', 'a "b" \\ c'];

function spansFor(rule: CompiledRule): fc.Arbitrary<Span[]> {
  const plan = planOf(rule);
  const named = plan.matchers.flatMap((matcher) => (matcher.kind === 'exact' ? [matcher.name] : WILD_NAMES));
  const name = fc.constantFrom(...named, 'other');
  const keys = plan.attributes.map((attribute) => attribute.name);
  const value = fc.constantFrom(...VALUES, ...MORE_VALUES);
  const attributes = fc
    .array(fc.option(value, { nil: undefined, freq: 4 }), { minLength: keys.length, maxLength: keys.length })
    .map(
      (values) =>
        new Map(
          values.flatMap((item, index) => {
            const key = keys[index];
            return item === undefined || key === undefined ? [] : [[key, item] as const];
          }),
        ),
    );
  const span = fc.record({
    name,
    attributes,
    start: fc.integer({ min: 0, max: 12 }),
    length: fc.integer({ min: 0, max: 4 }),
    parent: fc.integer({ min: -3, max: 6 }),
    kind: fc.constantFrom(...SPAN_KINDS),
    status: fc.constantFrom(...SPAN_STATUSES),
    service: fc.constantFrom('shop', 'stock'),
  });
  return fc.array(span, { minLength: 0, maxLength: 7 }).map((parts) =>
    parts.map((part, index): Span => {
      const start = BigInt(part.start) * 1_000_000n;
      return {
        traceId: `${'0'.repeat(31)}1`,
        spanId: spanId(index),
        parentSpanId: part.parent < 0 || part.parent === index ? '' : spanId(part.parent),
        name: part.name,
        kind: part.kind,
        start,
        end: start + BigInt(part.length) * 1_000_000n,
        status: part.status,
        attributes: part.attributes,
        resource: { attributes: new Map([['service.name', part.service]]), service: part.service },
        scope: '',
        events: [],
        traceState: '',
      };
    }),
  );
}

function spanId(index: number): string {
  return index.toString(16).padStart(16, 'a');
}
