/**
 * Rules for property tests: syntax trees of every kind of node, as the parser would make them (but for the places in the text,
 * which are all empty). They are grammatical; whether the checker passes one is for the test to ask.
 */
import fc from 'fast-check';
import type { TextRange } from '../../diagnostic/diagnostic.ts';
import {
  type AttributeNode,
  type BoundNode,
  type ComparisonOperator,
  type ConditionNode,
  type DurationNode,
  type LeftNode,
  type ListNode,
  type MatcherNode,
  type MeasureNode,
  type PredicateNode,
  type RightNode,
  type RuleNode,
  type SelectorNode,
  SPAN_FIELDS,
  type StepNode,
  type ValueNode,
} from '../ast.ts';
import { readDuration, readNumber } from '../tokens/number.ts';

const range: TextRange = { start: 0, end: 0 };

/** Grammatical rules, with and without `across`, triggers, `each` and clauses. */
export const arbitraryRule: fc.Arbitrary<RuleNode> = fc.constant(null).chain(() => everyRule());

/** Made at first use, for its parts stand further down, and once, for making it costs more than using it. */
let made: fc.Arbitrary<RuleNode> | null = null;

function everyRule(): fc.Arbitrary<RuleNode> {
  made ??= fc.oneof(...[null, 'charge', 'r', 'span_of_it'].map(ruleWith));
  return made;
}

/** A condition in which `bound`, if it is a name, may be spoken of. */
function arbitraryCondition(bound: string | null = null, depth = 2): fc.Arbitrary<ConditionNode> {
  const leaf: fc.Arbitrary<ConditionNode> = fc.oneof(
    { weight: 4, arbitrary: hasNode(bound) },
    { weight: 1, arbitrary: allNode(bound) },
    { weight: 2, arbitrary: compareNode(bound) },
  );
  if (depth === 0) return leaf;
  const inner = fc.oneof(
    { weight: 3, arbitrary: leaf },
    { weight: 2, arbitrary: arbitraryCondition(bound, depth - 1) },
  );
  const terms = fc.array(inner, { minLength: 2, maxLength: 3 });
  return fc.oneof(
    { weight: 2, arbitrary: leaf },
    { weight: 2, arbitrary: terms.map((list): ConditionNode => ({ kind: 'and', terms: list, range })) },
    { weight: 1, arbitrary: terms.map((list): ConditionNode => ({ kind: 'or', terms: list, range })) },
    { weight: 1, arbitrary: inner.map((term): ConditionNode => ({ kind: 'not', term, range })) },
  );
}

/** A selector; its steps may speak of `bound`. */
function arbitrarySelector(bound: string | null = null, depth = 1): fc.Arbitrary<SelectorNode> {
  const steps = depth === 0 ? fc.constant([]) : fc.array(stepNode(bound, depth), { maxLength: 2 });
  return fc
    .record({ matcher: matcherNode(bound), steps })
    .map(({ matcher, steps: list }) => ({ kind: 'selector', matcher, steps: list, range }));
}

function arbitraryPredicate(bound: string | null = null, depth = 2): fc.Arbitrary<PredicateNode> {
  const leaf = testNode(bound);
  if (depth === 0) return leaf;
  const inner = fc.oneof(
    { weight: 3, arbitrary: leaf },
    { weight: 2, arbitrary: arbitraryPredicate(bound, depth - 1) },
  );
  const terms = fc.array(inner, { minLength: 2, maxLength: 3 });
  return fc.oneof(
    { weight: 4, arbitrary: leaf },
    { weight: 1, arbitrary: terms.map((list): PredicateNode => ({ kind: 'p-and', terms: list, range })) },
    { weight: 1, arbitrary: terms.map((list): PredicateNode => ({ kind: 'p-or', terms: list, range })) },
    { weight: 1, arbitrary: inner.map((term): PredicateNode => ({ kind: 'p-not', term, range })) },
  );
}

function ruleWith(bound: string | null): fc.Arbitrary<RuleNode> {
  const across = fc.option(
    fc
      .record({ key: fc.array(attributeNode, { minLength: 1, maxLength: 2 }), within: durationNode })
      .map((parts) => ({ kind: 'across' as const, ...parts, range })),
    { nil: null },
  );
  const short = arbitraryCondition().map((condition) => ({ when: null, clauses: [], condition }));
  const clauses = fc.array(
    fc
      .record({
        polarity: fc.constantFrom('always' as const, 'never' as const),
        condition: arbitraryCondition(bound),
      })
      .map((parts) => ({ kind: 'clause' as const, ...parts, range })),
    { minLength: 1, maxLength: 3 },
  );
  const each =
    bound === null
      ? fc.constant(null)
      : arbitrarySelector().map((selector) => ({
          kind: 'each' as const,
          selector,
          bound: boundNode(bound),
          range,
        }));
  const when = fc
    .record({ each, condition: fc.option(arbitraryCondition(bound), { nil: null }) })
    .map((parts) =>
      parts.each === null && parts.condition === null ? null : { kind: 'when' as const, ...parts, range },
    );
  const long = fc.record({ when, clauses }).map((parts) => ({ ...parts, condition: null }));
  const judged: fc.Arbitrary<Pick<RuleNode, 'when' | 'clauses' | 'condition'>> =
    bound === null ? fc.oneof(short, long) : long;
  return fc
    .record({ across, judged })
    .map((parts) => ({ kind: 'rule', across: parts.across, ...parts.judged, comments: [], range }));
}

function hasNode(bound: string | null): fc.Arbitrary<ConditionNode> {
  return fc
    .record({
      selector: arbitrarySelector(bound),
      spelling: fc.constantFrom('selector' as const, 'has' as const, 'trace.has' as const),
    })
    .map((parts) => ({ kind: 'has', ...parts, range }));
}

function allNode(bound: string | null): fc.Arbitrary<ConditionNode> {
  return fc
    .record({
      selector: arbitrarySelector(bound),
      predicate: arbitraryPredicate(bound),
      qualified: fc.boolean(),
    })
    .map((parts) => ({ kind: 'all', ...parts, range }));
}

function compareNode(bound: string | null): fc.Arbitrary<ConditionNode> {
  const measure = measureNode(bound);
  const ofNumbers = fc.record({
    left: measure,
    operator: comparison,
    right: fc.oneof(
      measure,
      number.map(({ value, raw }) => ({ kind: 'number' as const, value, raw, range })),
    ),
  });
  const ofDurations = fc.record({
    left: fc.constant<MeasureNode>({ kind: 'trace-duration', range }),
    operator: comparison,
    right: durationNode,
  });
  return fc
    .oneof({ weight: 4, arbitrary: ofNumbers }, { weight: 1, arbitrary: ofDurations })
    .map((parts) => ({ kind: 'compare', ...parts, range }));
}

function measureNode(bound: string | null): fc.Arbitrary<MeasureNode> {
  const selector = arbitrarySelector(bound);
  const qualified = fc.boolean();
  return fc.oneof(
    fc.record({ selector, qualified }).map((parts): MeasureNode => ({ kind: 'count', ...parts, range })),
    fc
      .record({
        selector,
        attribute: attributeNode,
        qualified,
        spelling: fc.constantFrom('distinct' as const, 'unique' as const),
      })
      .map((parts): MeasureNode => ({ kind: 'distinct', ...parts, range })),
    fc
      .record({ selector, attribute: attributeNode, qualified })
      .map((parts): MeasureNode => ({ kind: 'sum', ...parts, range })),
  );
}

const PLAIN_NAMES = [
  'payment.charge',
  'inventory.reserve',
  'order.in',
  'count',
  'search.where',
  'x-y',
  '_a1',
  'r2',
  'when_',
];
const ODD_NAMES = [
  'POST /api/checkout',
  '2fa.verify',
  'and',
  'matches',
  'trace.start',
  'a"b\\c',
  'payment.*',
  'größe',
  'r',
  '',
];

function matcherNode(bound: string | null): fc.Arbitrary<MatcherNode> {
  return fc.oneof(
    {
      weight: 5,
      arbitrary: fc
        .constantFrom(...PLAIN_NAMES)
        .filter((name) => name !== bound)
        .map((name): MatcherNode => ({ kind: 'exact', name, quoted: false, range })),
    },
    {
      weight: 2,
      arbitrary: fc
        .constantFrom(...ODD_NAMES, ...PLAIN_NAMES)
        .filter((name) => name !== '')
        .map((name): MatcherNode => ({ kind: 'exact', name, quoted: true, range })),
    },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom('*', 'payment.*', '*.charge', 'a*b.c')
        .map((pattern): MatcherNode => ({ kind: 'wildcard', pattern, range })),
    },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom('GET /v[12]/.*', '\\d+"x"', 'a|b')
        .map((pattern): MatcherNode => ({ kind: 'regex', pattern, range })),
    },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom('paid', 'top-up')
        .map((name): MatcherNode => ({ kind: 'macro', name, selector: null, range })),
    },
  );
}

function stepNode(bound: string | null, depth: number): fc.Arbitrary<StepNode> {
  const selector = arbitrarySelector(bound, depth - 1);
  const target = bound === null ? selector : fc.oneof(selector, fc.constant(boundNode(bound)));
  return fc.oneof(
    {
      weight: 3,
      arbitrary: arbitraryPredicate(bound).map(
        (predicate): StepNode => ({ kind: 'where', predicate, range }),
      ),
    },
    {
      weight: 1,
      arbitrary: fc
        .record({ kind: fc.constantFrom('child_of' as const, 'inside' as const), target })
        .map((parts): StepNode => ({ ...parts, range })),
    },
    {
      weight: 2,
      arbitrary: fc
        .record({
          kind: fc.constantFrom('before' as const, 'after' as const),
          target,
          within: fc.option(durationNode, { nil: null }),
        })
        .map((parts): StepNode => ({ ...parts, range })),
    },
  );
}

function boundNode(name: string): BoundNode {
  return { kind: 'bound', name, range };
}

const comparison = fc.constantFrom<ComparisonOperator>('==', '!=', '>', '>=', '<', '<=');

const durationNode: fc.Arbitrary<DurationNode> = fc
  .constantFrom('250ms', '5s', '10m', '1.5h', '1d', '7us', '1ns')
  .map((raw) => ({ kind: 'duration', nanos: readDuration(raw) ?? 0n, raw, range }));

const number = fc.constantFrom('0', '1', '2', '-1.5', '1e3', '1000.25', '9007199254740993').map((raw) => {
  const reading = readNumber(raw);
  return { value: reading.ok ? reading.value : 0, raw };
});

const attributeNode: fc.Arbitrary<AttributeNode> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .constantFrom(
        'amount',
        'tenant_id',
        'http.response.status_code',
        'count',
        'where',
        'item-count',
        'order.in',
      )
      .map((name): AttributeNode => ({ kind: 'attribute', where: 'any', name, quoted: false, range })),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom('http/route', 'span.status', 'resource.host', 'in', 'a b', 'amount', 'trace.id')
      .map((name): AttributeNode => ({ kind: 'attribute', where: 'any', name, quoted: true, range })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ name: fc.constantFrom('service.version', 'k8s.pod'), quoted: fc.boolean() })
      .map((parts): AttributeNode => ({ kind: 'attribute', where: 'resource', ...parts, range })),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(...SPAN_FIELDS)
      .map((name): AttributeNode => ({ kind: 'attribute', where: 'field', name, quoted: false, range })),
  },
);

const leftNode: fc.Arbitrary<LeftNode> = fc
  .record({
    attribute: attributeNode,
    convert: fc.oneof(
      { weight: 4, arbitrary: fc.constant(null) },
      { weight: 1, arbitrary: fc.constantFrom('number' as const, 'text' as const) },
    ),
  })
  .map((parts) => ({ kind: 'left', ...parts, range }));

const textNode: fc.Arbitrary<ValueNode> = fc.oneof(
  fc
    .constantFrom('write', 'us-east-1', '_x', 'phi')
    .map((value): ValueNode => ({ kind: 'value', value, raw: value, bare: true, range })),
  fc
    .constantFrom(
      '/api/v2/.*',
      '',
      'true',
      'and',
      'count',
      'a "b" \\ c',
      'tenant.a',
      '12',
      'none',
      'this',
      'é',
    )
    .map((value): ValueNode => ({ kind: 'value', value, raw: value, bare: false, range })),
);

const valueNode: fc.Arbitrary<ValueNode> = fc.oneof(
  textNode,
  number.map((parts): ValueNode => ({ kind: 'value', ...parts, bare: false, range })),
  fc.boolean().map((value): ValueNode => ({ kind: 'value', value, raw: String(value), bare: false, range })),
);

const listNode: fc.Arbitrary<ListNode> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .array(valueNode, { minLength: 1, maxLength: 12 })
      .map((values): ListNode => ({ kind: 'list', values, range })),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('card_processors', 'eu')
      .map((name): ListNode => ({ kind: 'list-macro', name, values: null, range })),
  },
);

function testNode(bound: string | null): fc.Arbitrary<PredicateNode> {
  const of = bound === null ? fc.constant('this') : fc.constantFrom('this', bound);
  const reference = fc
    .record({ of, attribute: attributeNode })
    .map((parts): RightNode => ({ kind: 'reference', ...parts, range }));
  return fc.oneof(
    {
      weight: 4,
      arbitrary: fc
        .record({
          left: leftNode,
          operator: comparison,
          right: fc.oneof<fc.Arbitrary<RightNode>[]>(valueNode, reference, durationNode),
        })
        .map((parts): PredicateNode => ({ kind: 'test', ...parts, range })),
    },
    {
      weight: 2,
      arbitrary: fc
        .record({
          left: leftNode,
          operator: fc.constantFrom(
            'matches' as const,
            'contains' as const,
            'starts_with' as const,
            'ends_with' as const,
          ),
          right: fc.oneof<fc.Arbitrary<RightNode>[]>(textNode, reference),
        })
        .map((parts): PredicateNode => ({ kind: 'test', ...parts, range })),
    },
    {
      weight: 2,
      arbitrary: fc
        .record({ left: leftNode, negated: fc.boolean(), list: listNode })
        .map((parts): PredicateNode => ({ kind: 'in', ...parts, range })),
    },
    {
      weight: 1,
      arbitrary: fc
        .record({ left: leftNode, negated: fc.boolean() })
        .map((parts): PredicateNode => ({ kind: 'exists', ...parts, range })),
    },
    { weight: 1, arbitrary: leftNode.map((left): PredicateNode => ({ kind: 'is-true', left, range })) },
  );
}
