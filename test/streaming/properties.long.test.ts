/** The properties of the short suite over many more streams, from a seed that the environment may change (FLUO_SEED). */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arbitraryStream } from './arrivals.ts';
import {
  checkAgainstReference,
  checkForgotten,
  checkShards,
  checkWithoutMemory,
  nothingMet,
} from './check-stream.ts';
import { fewOf, forgetful, LATE_WAITS, withLateSpans } from './limits.ts';
import { arbitraryShop } from './traffic.ts';

const LONG = process.env['FLUO_LONG'] === '1';
const SEED = Number(process.env['FLUO_SEED'] ?? '61120261');
const WAITS = [0, 1, 5_000, 12_000, 45_000];

const streams = fc.oneof(arbitraryStream(WAITS), arbitraryStream(WAITS, 'across'), arbitraryShop);

test.skipIf(!LONG)(
  'verdicts after closing are those of the reference (FLUO_LONG=1)',
  { timeout: 900_000 },
  () => {
    const met = nothingMet();
    fc.assert(
      fc.property(streams, (stream) => checkAgainstReference(stream, met)),
      { seed: SEED, numRuns: 20_000 },
    );
    expect(met.reopened).toBeGreaterThan(10_000);
    expect(met.joined).toBeGreaterThan(40);
    expect(met.retracted).toBeGreaterThan(1_000);
    expect(met.early).toBeGreaterThan(5_000);
    expect(met.late).toBeGreaterThan(5_000);
  },
);

test.skipIf(!LONG)('1, 2 and 8 shards say the same (FLUO_LONG=1)', { timeout: 900_000 }, () => {
  const met = nothingMet();
  fc.assert(
    fc.property(streams, (stream) => checkShards(stream, met)),
    { seed: SEED, numRuns: 4_000 },
  );
  expect(met.joined).toBeGreaterThan(3);
});

test.skipIf(!LONG)(
  'want of memory leads to nothing but inconclusive (FLUO_LONG=1)',
  { timeout: 900_000 },
  () => {
    const met = nothingMet();
    const soon = streams.map(({ rules, requests }) => ({
      rules,
      requests: requests.map((request) => ({ ...request, wait: Math.min(request.wait, 20) })),
    }));
    fc.assert(
      fc.property(soon, fewOf(14), (stream, few) => checkWithoutMemory(stream, few, met)),
      { seed: SEED, numRuns: 20_000 },
    );
    expect(met.shed).toBeGreaterThan(30_000);
  },
);

test.skipIf(!LONG)(
  'spans of forgotten traces lead to nothing that is not so (FLUO_LONG=1)',
  { timeout: 900_000 },
  () => {
    const met = nothingMet();
    const late = fc.oneof(arbitraryStream(LATE_WAITS), arbitraryShop.map(withLateSpans));
    fc.assert(
      fc.property(late, forgetful, (stream, limits) => checkForgotten(stream, limits, met)),
      { seed: SEED, numRuns: 20_000 },
    );
    expect(met.forgotten).toBeGreaterThan(5_000);
    expect(met.lateSpans).toBeGreaterThan(20_000);
  },
);
