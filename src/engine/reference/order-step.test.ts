/** Steps of order over many spans against the plain way: looking at each span of the target. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Span } from '../../trace/span.ts';
import { buildTrace } from '../../trace/trace.ts';
import { simpleRule } from '../streaming/testing/simple-rule.ts';
import { DEFAULT_JUDGE_SETTINGS, type JudgeSettings } from '../verdict.ts';
import { judgeTrace } from './judge.ts';
import { gapBetween, inOrder } from './order.ts';

const EPOCH = 1_800_000_000_000_000_000n;

const arbitrarySpans = fc
  .array(
    fc.record({
      name: fc.constantFrom('a', 'b', 'b', 'root'),
      start: fc.integer({ min: 0, max: 30 }),
      length: fc.integer({ min: 0, max: 6 }),
      service: fc.constantFrom('one', 'two'),
    }),
    { minLength: 1, maxLength: 9 },
  )
  .map((drawn) => drawn.map((one, index) => spanOf(one, index + 1)));

function spanOf(
  { name, start, length, service }: { name: string; start: number; length: number; service: string },
  number: number,
): Span {
  return {
    traceId: '1'.padStart(32, '0'),
    spanId: number.toString(16).padStart(16, '0'),
    parentSpanId: number === 1 ? '' : '1'.padStart(16, '0'),
    name,
    kind: 'internal',
    start: EPOCH + BigInt(start),
    end: EPOCH + BigInt(start + length),
    status: 'unset',
    attributes: new Map(),
    resource: { attributes: new Map([['service.name', service]]), service },
    scope: '',
    events: [],
    traceState: '',
  };
}

/** The spans that belong to it for certain, and with those that may. */
function plainly(
  spans: readonly Span[],
  kind: 'before' | 'after',
  names: readonly [string, string],
  within: bigint | null,
  settings: JudgeSettings,
): readonly [number, number] {
  let sure = 0;
  let perhaps = 0;
  for (const span of spans.filter(({ name }) => name === names[0])) {
    const others = spans.filter((other) => other.name === names[1] && other !== span);
    const truths = others.map((other) => inOrder(kind, span, other, settings));
    const isNear = others.some((other) => within === null || gapBetween(kind, span, other) <= within);
    if (!isNear || truths.includes(false)) continue;
    perhaps++;
    if (!truths.includes(null)) sure++;
  }
  return [sure, perhaps];
}

test('a span is before or after all of the target exactly when each of it says so', () => {
  const met = { sure: 0, perhaps: 0, none: 0 };
  const nanos = fc.constantFrom(0n, 0n, 1n, 3n, 8n);
  const names = fc.constantFrom<[string, string]>(['a', 'b'], ['a', 'a'], ['b', 'a']);
  fc.assert(
    fc.property(
      arbitrarySpans,
      fc.constantFrom('before' as const, 'after' as const),
      names,
      fc.constantFrom(null, 2n, 9n),
      nanos,
      nanos,
      (spans, kind, [left, right], within, clockSkewNanos, clockResolutionNanos) => {
        const settings = { ...DEFAULT_JUDGE_SETTINGS, clockSkewNanos, clockResolutionNanos };
        const [sure, perhaps] = plainly(spans, kind, [left, right], within, settings);
        const selector = `${left}.${kind}(${right})${within === null ? '' : `.within(${within}ns)`}`;
        const verdictOf = (condition: string) =>
          judgeTrace(
            simpleRule('r', `when { count(root) >= 0 or ${left} } always { ${condition} }`),
            buildTrace(spans),
            settings,
          ).verdict;
        expect(verdictOf(`count(${selector}) >= ${sure}`)).toBe('satisfied');
        expect(verdictOf(`count(${selector}) <= ${perhaps}`)).toBe('satisfied');
        expect(verdictOf(`count(${selector}) > ${sure}`)).toBe(perhaps > sure ? 'inconclusive' : 'violated');
        if (sure > 0) met.sure++;
        else if (perhaps > 0) met.perhaps++;
        else met.none++;
      },
    ),
    { seed: 20261120, numRuns: 500 },
  );
  expect(Math.min(met.sure, met.perhaps, met.none)).toBeGreaterThan(30);
});
