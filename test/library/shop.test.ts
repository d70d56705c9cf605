/** The recorded shop: the same bytes for the same seed, and the payment rules find exactly what was broken on purpose. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { libraryRules, ROOT } from './domains.ts';
import { judgeRecording, readRecording, withVerdict } from './judge-recording.ts';

const folder = mkdtempSync(join(tmpdir(), 'fluo-shop-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Which rule finds which request of the shop. */
const FOUND: Readonly<Record<string, readonly string[]>> = {
  'payment-requires-inventory': ['withoutReservation', 'chargeFirst'],
  'high-value-payment-requires-fraud-check': ['withoutFraudCheck'],
  'payment-intent-charged-once': ['twoWorkers'],
  'cart-charged-once': ['doubleClick', 'twoWorkers'],
  'payment-retry-reuses-intent': ['retryWithNewIntent'],
  'refund-requires-original-payment': ['blindRefund'],
};

function record(name: string, ...args: string[]): { bytes: Buffer; requests: Record<string, string[]> } {
  const file = join(folder, name);
  const output = execFileSync(process.execPath, [
    join(ROOT, 'examples/shop/record.mjs'),
    file,
    '--json',
    ...args,
  ]);
  return { bytes: readFileSync(file), requests: JSON.parse(output.toString()) as Record<string, string[]> };
}

test('the payment rules find what was broken, in the traces that were broken', () => {
  const { bytes, requests } = record('day.jsonl');
  const verdicts = judgeRecording(libraryRules('payments'), readRecording(bytes, 'otlp-json'));
  expect(withVerdict(verdicts, 'inconclusive')).toEqual([]);
  for (const { id, judgments } of verdicts) {
    const violated = judgments.filter(({ judgment }) => judgment.verdict === 'violated');
    const expected = (FOUND[id] ?? []).flatMap((request) => requests[request] ?? []);
    expect(violated.flatMap(({ traceIds }) => traceIds).sort(), id).toEqual(expected.sort());
  }
  expect(Object.keys(FOUND).sort()).toEqual(withVerdict(verdicts, 'violated'));
});

test('the same seed writes the same bytes, another seed other ones', () => {
  const args = ['--requests', '60'];
  const first = record('first.jsonl', ...args, '--seed', '3').bytes;
  expect(record('again.jsonl', ...args, '--seed', '3').bytes.equals(first)).toBe(true);
  expect(record('other.jsonl', ...args, '--seed', '4').bytes.equals(first)).toBe(false);
});
