/** Mutants that no trace can tell from the evaluator, each with the reason. The mutation test fails for an entry that is out of date. */
export interface EquivalentMutant {
  /** `file: before => after`, as the mutation test prints it. */
  readonly change: string;
  readonly because: string;
}

const ENGINE = 'src/engine/reference';

const ONE_ORDER = 'two members of one sort never have equal names here';
const ANY_ORDER = 'both sides are sorted alike, and only whether they are equal counts';
const SAME_AT_EQUAL = 'at equality both branches give the same';

export const EQUIVALENT: readonly EquivalentMutant[] = [
  { change: `${ENGINE}/attribute.ts: a < b => (a) <= (b)`, because: ONE_ORDER },
  { change: `${ENGINE}/attribute.ts: a < b => (a) >= (b)`, because: ANY_ORDER },
  {
    change: `${ENGINE}/context.ts: a.attribute < b.attribute => (a.attribute) <= (b.attribute)`,
    because: ONE_ORDER,
  },
  {
    change: `${ENGINE}/eligibility.ts: true => false`,
    because: 'callers ask only where the rule names environments',
  },
  ...[
    'first === undefined || second === undefined => (first === undefined) && (second === undefined)',
    'left < right => (left) <= (right)',
    'left < right => (left) >= (right)',
    '-1 => 1',
    'left > right => (left) >= (right)',
    'left > right => (left) <= (right)',
  ].map((change) => ({
    change: `${ENGINE}/judge-across.ts: ${change}`,
    because: 'a group has a first span, and no two groups have the same one, so keys are never compared',
  })),
  {
    change: `${ENGINE}/judge.ts: own.length > 0 => (own.length) >= (0)`,
    because: 'a filter by no exceptions keeps every span',
  },
  ...['a.truth === false || b.truth === false => (a.truth === false) && (b.truth === false)'].map(
    (change) => ({
      change: `${ENGINE}/judge.ts: ${change}`,
      because:
        'what is false of an open scope is false of the closed one, and then there is no decision to make',
    }),
  ),
  {
    change: `${ENGINE}/nearest.ts: gap < 0n => (gap) <= (0n)`,
    because: SAME_AT_EQUAL,
  },
  {
    change: `${ENGINE}/order.ts: clockSkewNanos < clockResolutionNanos => (clockSkewNanos) <= (clockResolutionNanos)`,
    because: SAME_AT_EQUAL,
  },
  { change: `${ENGINE}/order.ts: nanos < 0n => (nanos) <= (0n)`, because: SAME_AT_EQUAL },
  {
    change: `${ENGINE}/predicate.ts: value !== undefined && isNumber(value) => (value !== undefined) || (isNumber(value))`,
    because: 'what is no number has no billionths either',
  },
  ...[
    'steps < longest => (steps) <= (longest)',
    'steps < longest && above !== null => (steps < longest) || (above !== null)',
  ].map((change) => ({
    change: `${ENGINE}/related-spans.ts: ${change}`,
    because: 'asked only of spans that have such an ancestor within reach',
  })),
  {
    change: `${ENGINE}/selector.ts: below.parentSpanId !== '' => (below.parentSpanId) === ('')`,
    because:
      'in an open scope a span that is not inside and one that may be come to the same, for the gaps leave both open',
  },
  {
    change: `${ENGINE}/selector.ts: predicate.right.kind === 'reference' && predicate.right.of !== 'this' => (predicate.right.kind === 'reference') || (predicate.right.of !== 'this')`,
    because: 'a selector taken for one that speaks of the bound span is only asked again',
  },
  {
    change: `${ENGINE}/selector.ts: false => true`,
    because: 'a selector taken for one that speaks of the bound span is only asked again',
  },
  ...[
    "polarity === 'always' => (polarity) !== ('always')",
    "truth ?? polarity === 'always' => (truth) && (polarity === 'always')",
  ].map((change) => ({
    change: `${ENGINE}/witness.ts: ${change}`,
    because:
      'no requirement of a satisfied rule is unknown, and what is collected of a condition asks its own truth',
  })),
  {
    change: 'src/trace/trace.ts: halves.length > 1 => (halves.length) >= (1)',
    because: 'a span that receives is no caller, so it does not find itself',
  },
  { change: 'src/trace/trace.ts: span.start < first => (span.start) <= (first)', because: SAME_AT_EQUAL },
  { change: 'src/trace/trace.ts: span.end > last => (span.end) >= (last)', because: SAME_AT_EQUAL },
  {
    change: 'src/trace/trace.ts: first === null || last === null => (first === null) && (last === null)',
    because: 'the two are null together: where there are no spans',
  },
  {
    change: 'src/trace/trace.ts: child.start > reached => (child.start) >= (reached)',
    because: SAME_AT_EQUAL,
  },
  { change: 'src/trace/trace.ts: child.end < span.end => (child.end) <= (span.end)', because: SAME_AT_EQUAL },
  {
    change: 'src/trace/trace.ts: to > from => (to) >= (from)',
    because: 'nothing is added where nothing is covered',
  },
  { change: 'src/trace/trace.ts: a[0] < b[0] => (a[0]) <= (b[0])', because: ONE_ORDER },
  { change: 'src/trace/trace.ts: a[0] < b[0] => (a[0]) >= (b[0])', because: ANY_ORDER },
  { change: 'src/trace/trace.ts: a[0] > b[0] => (a[0]) >= (b[0])', because: ONE_ORDER },
  { change: 'src/trace/trace.ts: a[0] > b[0] => (a[0]) <= (b[0])', because: ANY_ORDER },
  { change: 'src/base/decimal.ts: shift >= 0 => (shift) > (0)', because: SAME_AT_EQUAL },
  { change: 'src/base/decimal.ts: value < 0n => (value) <= (0n)', because: SAME_AT_EQUAL },
];
