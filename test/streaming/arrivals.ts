/** Rules with spans of several traces, and how these spans arrive: in any order, in requests of any size, some twice, with time between. */
import fc from 'fast-check';
import type { JudgedRule } from '../../src/engine/judged-rule.ts';
import type { Span } from '../../src/trace/span.ts';
import { arbitraryJudgement, judged } from '../conformance/arbitrary-judgement.ts';

export interface Request {
  readonly spans: readonly Span[];
  /** Milliseconds since the request before. */
  readonly wait: number;
  /** Whether the clock is told in between. */
  readonly tick: boolean;
}

export interface Stream {
  readonly rules: readonly JudgedRule[];
  readonly requests: readonly Request[];
}

/** OTLP has no span that starts at 0. */
const EPOCH = 1_800_000_000_000_000_000n;
/** Groups are nearer to each other than minutes and further than milliseconds. */
const STRETCH = 2_000n;

/** `waits` are those between requests. */
export function arbitraryStream(
  waits: readonly number[],
  rules: 'all' | 'across' = 'all',
): fc.Arbitrary<Stream> {
  return arbitraryJudgement
    .filter(({ rule, spans }) => spans.length > 0 && (rules === 'all' || rule.across !== null))
    .chain(({ rule, spans }) =>
      fc
        .record({
          traces: fc.integer({ min: 1, max: 3 }),
          onIncomplete: fc.constantFrom('inconclusive' as const, 'inconclusive' as const, 'judge' as const),
          environments: fc.constantFrom(null, null, null, ['production']),
          exceptions: fc.constantFrom([], [], [...ONE_VALUE], [...ANYWHERE]),
        })
        .chain(({ traces, ...settings }) =>
          arrivalOf(
            spans.map((span, index) => apart(span, index, traces)),
            waits,
          ).map((requests) => ({ rules: [{ ...judged(rule), ...settings }], requests })),
        ),
    );
}

const ONE_VALUE: JudgedRule['exceptions'] = [
  { name: 'one', fields: ['amount'], values: [[1]], anywhere: false },
];
const ANYWHERE: JudgedRule['exceptions'] = [
  { name: 'phi', fields: ['amount'], values: [['phi']], anywhere: true },
];

/** The spans of one drawing, divided among traces: a parent in another trace never arrives. */
function apart(span: Span, index: number, traces: number): Span {
  const parent = span.parentSpanId;
  const parentIndex = parent === '' ? index : Number.parseInt(parent.replace(/^a+/, ''), 16);
  return {
    ...span,
    traceId: String((index % traces) + 1).padStart(32, '0'),
    // Most are roots: a trace that is not whole proves little.
    parentSpanId: parentIndex % traces === index % traces || index % 5 === 0 ? parent : '',
    start: EPOCH + span.start * STRETCH,
    end: EPOCH + span.end * STRETCH,
  };
}

function arrivalOf(spans: readonly Span[], waits: readonly number[]): fc.Arbitrary<Request[]> {
  const repeats = fc.array(fc.integer({ min: 0, max: spans.length - 1 }), { maxLength: 3 });
  return repeats
    .chain((again) => {
      const indexes = [...spans.keys(), ...again];
      return fc.shuffledSubarray(indexes, { minLength: indexes.length });
    })
    .chain((order) =>
      fc
        .array(
          fc.record({
            size: fc.integer({ min: 1, max: 4 }),
            wait: fc.constantFrom(...waits),
            tick: fc.boolean(),
          }),
          { minLength: order.length, maxLength: order.length },
        )
        .map((steps) => {
          const requests: Request[] = [];
          let from = 0;
          for (const { size, wait, tick } of steps) {
            const part = order.slice(from, from + size).map((index) => spans[index] as Span);
            if (part.length > 0) requests.push({ spans: part, wait, tick });
            from += size;
          }
          return requests;
        }),
    );
}
