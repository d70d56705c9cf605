/** Limits that are too narrow, and spans that come too late. */
import fc from 'fast-check';
import type { StreamLimits } from '../../src/engine/streaming/stream.ts';
import type { Stream } from './arrivals.ts';

/** Little room of all kinds; spans and members up to about `most`. */
export function fewOf(most: number): fc.Arbitrary<Partial<StreamLimits>> {
  return fc.record({
    heldSpans: fc.integer({ min: 1, max: most }),
    touchedSpans: fc.integer({ min: 1, max: most }),
    openTraces: fc.constantFrom(1, 2, 3, 1_000),
    goneTraces: fc.constantFrom(1, 2, 1_000),
    groupMembers: fc.integer({ min: 1, max: most * 2 }),
    groups: fc.integer({ min: 1, max: most }),
  });
}

/** Room for few traces, and often for hardly a mark of them while their late windows are not over. */
export const forgetful: fc.Arbitrary<Partial<StreamLimits>> = fc.record({
  heldSpans: fc.constantFrom(1, 2, 4, 8, 1_000),
  openTraces: fc.constantFrom(1, 2, 1_000),
  goneTraces: fc.constantFrom(1, 2, 1_000),
  lateWindow: fc.constant(100_000_000),
});

const LATE = [0, 0, 1, 5_000, 50_000];
export const LATE_WAITS: readonly number[] = LATE;

/** As the stream, but some of its requests come when all that came before was judged. */
export function withLateSpans({ rules, requests }: Stream): Stream {
  return {
    rules,
    requests: requests.map((request, index) => ({
      ...request,
      wait: LATE[(index * 7 + request.spans.length) % 5] ?? 0,
    })),
  };
}
