/** The whole streaming engine against the reference evaluator: rules of the corpus and random ones, spans in any order, repeated, late. */
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

const SEED = 20261120;
const WAITS = [0, 1, 5_000, 12_000, 45_000];

test('verdicts after closing, net of what was taken back, are those of the reference; what is told early is proved', () => {
  const met = nothingMet();
  const check = fc.property(
    fc.oneof(arbitraryStream(WAITS), arbitraryStream(WAITS, 'across'), arbitraryShop),
    (stream) => checkAgainstReference(stream, met),
  );
  fc.assert(check, { seed: SEED, numRuns: 330 });
  expect(met.reopened).toBeGreaterThan(120);
  expect(met.joined).toBeGreaterThan(0);
  expect(met.retracted).toBeGreaterThan(15);
  expect(met.early).toBeGreaterThan(40);
  expect(met.late).toBeGreaterThan(40);
  expect(met.shed).toBe(0);
});

test('1, 2 and 8 shards say the same', () => {
  const met = nothingMet();
  const check = fc.property(
    fc.oneof(arbitraryStream(WAITS), arbitraryStream(WAITS, 'across'), arbitraryShop),
    (stream) => checkShards(stream, met),
  );
  fc.assert(check, { seed: SEED, numRuns: 70 });
  expect(met.reopened).toBeGreaterThan(30);
  expect(met.retracted).toBeGreaterThan(10);
  expect(met.early).toBeGreaterThan(20);
  expect(met.late).toBeGreaterThan(20);
});

test('want of memory leads to nothing but inconclusive and uncounted', () => {
  const met = nothingMet();
  const check = fc.property(
    fc.oneof(
      arbitraryStream([0, 1, 20]),
      arbitraryStream([0, 1, 20], 'across'),
      arbitraryShop.map(({ rules, requests }) => ({
        rules,
        requests: requests.map((request) => ({ ...request, wait: Math.min(request.wait, 20) })),
      })),
    ),
    fewOf(12),
    (stream, limits) => checkWithoutMemory(stream, limits, met),
  );
  fc.assert(check, { seed: SEED, numRuns: 300 });
  expect(met.shed).toBeGreaterThan(400);
  expect(met.inconclusive).toBeGreaterThan(150);
  expect(met.early + met.late).toBeGreaterThan(20);
});

test('spans of traces that were forgotten, and whose marks were, lead to nothing that is not so', () => {
  const met = nothingMet();
  const check = fc.property(
    fc.oneof(arbitraryStream(LATE_WAITS), arbitraryShop.map(withLateSpans)),
    forgetful,
    (stream, limits) => checkForgotten(stream, limits, met),
  );
  fc.assert(check, { seed: SEED, numRuns: 400 });
  expect(met.forgotten).toBeGreaterThan(100);
  expect(met.lateSpans).toBeGreaterThan(400);
  expect(met.inconclusive).toBeGreaterThan(100);
  expect(met.early + met.late).toBeGreaterThan(40);
});
