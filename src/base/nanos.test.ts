import { expect, test } from 'vitest';
import { formatDuration, humanDuration, parseDuration } from './nanos.ts';

test.each([
  ['250ms', 250_000_000n, '250ms'],
  ['1.5s', 1_500_000_000n, '1500ms'],
  ['60s', 60_000_000_000n, '1m'],
  ['10m', 600_000_000_000n, '10m'],
  ['24h', 86_400_000_000_000n, '1d'],
  ['0s', 0n, '0s'],
  ['0.5ns', 0n, '0s'],
])('%s', (text, nanos, printed) => {
  expect(parseDuration(text)).toBe(nanos);
  expect(formatDuration(nanos)).toBe(printed);
});

test.each(['5', '5 s', 's', '5sec', '-5s', '1e3s', ''])('%j is no duration', (text) => {
  expect(parseDuration(text)).toBeNull();
});

test.each([
  [81_234_567n, '81.2ms'],
  [999n, '999ns'],
  [1_500n, '1.5us'],
  [-2_000_000n, '-2ms'],
  [123_456_000_000n, '2.06m'],
])('%s for a person is %s', (nanos, text) => {
  expect(humanDuration(nanos)).toBe(text);
});
