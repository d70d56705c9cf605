/** Traffic of a shop with carts: rules of a trace and across traces, over spans of a few traces and keys, near each other in time and far. */
import fc from 'fast-check';
import type { JudgedRule } from '../../src/engine/judged-rule.ts';
import { compileRule } from '../../src/language/compile.ts';
import type { Span } from '../../src/trace/span.ts';
import type { Request, Stream } from './arrivals.ts';

const EPOCH = 1_800_000_000_000_000_000n;
const SECOND = 1_000_000_000n;

const ACROSS = [
  'across cart within 10s { count(charge).where(span.status != error) <= 1 }',
  'across cart within 10s { when { charge } always { reserve } }',
  'across cart within 10s { when { each charge as c } always { reserve.before(c) } }',
  'across cart within 10s { never { charge.inside(reserve) } }',
  'across (cart, span.service) within 3s { distinct(charge, amount) <= 2 }',
  'across cart within 10s { sum(refund, amount) <= sum(charge, amount) }',
  'across cart within 10s { when { charge and not refund } always { all(charge, amount > 1) } }',
];

const OF_A_TRACE = [
  'when { charge } always { reserve }',
  'never { refund.where(amount > 2) }',
  'when { each charge as c } always { reserve.where(cart == c.cart).before(c) }',
  'count(charge) <= 2',
  'trace.duration <= 30s',
  'when { charge.inside(other) } never { refund }',
];

export const ACROSS_RULES = ACROSS.map((text, index) => ruleOf(`across-${index}`, text));
export const TRACE_RULES = OF_A_TRACE.map((text, index) => ruleOf(`trace-${index}`, text));

function ruleOf(id: string, text: string): JudgedRule {
  const { rule, diagnostics } = compileRule({ name: id, text });
  if (rule === null) throw new Error(diagnostics.map(({ message }) => message).join('; '));
  return { id, condition: rule, onIncomplete: 'inconclusive', environments: null, exceptions: [] };
}

/** Spans of a few traces and keys, near each other and far, in any order of arrival, some twice. */
export const arbitraryTraffic: fc.Arbitrary<Request[]> = fc
  .array(
    fc.record({
      trace: fc.integer({ min: 1, max: 4 }),
      name: fc.constantFrom('charge', 'charge', 'charge', 'reserve', 'refund', 'other'),
      cart: fc.constantFrom('a', 'a', 'a', 'a', 'a', 'a', 'b', 5, '', undefined),
      amount: fc.constantFrom(1, 2, 3, undefined),
      start: fc.integer({ min: 0, max: 70 }),
      length: fc.integer({ min: 0, max: 6 }),
      parent: fc.integer({ min: -40, max: 9 }),
      service: fc.constantFrom('shop', 'stock'),
      kind: fc.constantFrom('internal' as const, 'internal' as const, 'server' as const, 'consumer' as const),
      status: fc.constantFrom('ok' as const, 'ok' as const, 'error' as const),
      sampled: fc.integer({ min: 0, max: 60 }).map((one) => one === 0),
    }),
    { minLength: 1, maxLength: 18 },
  )
  .map((parts) =>
    parts.map((part, index): Span => {
      const parent = parts[part.parent];
      const start = EPOCH + BigInt(part.start) * SECOND;
      const attributes = new Map<string, string | number>();
      if (part.cart !== undefined) attributes.set('cart', part.cart);
      if (part.amount !== undefined) attributes.set('amount', part.amount);
      return {
        traceId: String(part.trace).padStart(32, '0'),
        spanId: hex(index),
        // A parent of another trace is not there: the trace is incomplete.
        parentSpanId: parent === undefined || part.parent === index ? '' : hex(part.parent),
        name: part.name,
        kind: part.kind,
        start,
        end: start + BigInt(part.length) * SECOND,
        status: part.status,
        attributes,
        resource: { attributes: new Map([['service.name', part.service]]), service: part.service },
        scope: '',
        events: [],
        traceState: part.sampled ? 'ot=th:8' : '',
      };
    }),
  )
  .chain((spans) =>
    fc
      .tuple(
        fc.array(fc.integer({ min: 0, max: spans.length - 1 }), { maxLength: 4 }),
        fc.constantFrom([0, 1], [0, 9_000], [0, 4_000, 12_000, 45_000], [50_000, 100_000]),
      )
      .chain(([again, waits]) => {
        const all = [...spans, ...again.map((index) => spans[index] as Span)];
        return fc
          .tuple(
            fc.shuffledSubarray([...all.keys()], { minLength: all.length }),
            fc.array(
              fc.record({
                size: fc.integer({ min: 1, max: 3 }),
                wait: fc.constantFrom(...waits),
                tick: fc.boolean(),
              }),
              { minLength: all.length, maxLength: all.length },
            ),
          )
          .map(([order, steps]) => {
            const requests: Request[] = [];
            let from = 0;
            for (const { size, wait, tick } of steps) {
              const part = order.slice(from, from + size).map((index) => all[index] as Span);
              if (part.length > 0) requests.push({ spans: part, wait, tick });
              from += size;
            }
            return requests;
          });
      }),
  );

function hex(index: number): string {
  return index.toString(16).padStart(16, 'a');
}

/** The traffic with all the rules. */
export const arbitraryShop: fc.Arbitrary<Stream> = arbitraryTraffic.map((requests) => ({
  rules: [...ACROSS_RULES, ...TRACE_RULES],
  requests,
}));
