import { expect, test } from 'vitest';
import { formatBillionths, toBillionths } from './decimal.ts';

test.each([
  [0, '0'],
  [59.99, '59.99'],
  [-0.1, '-0.1'],
  [1e-9, '0.000000001'],
  [4e-10, '0'],
  [5e-10, '0.000000001'],
  [-5e-10, '-0.000000001'],
  [1e21, '1000000000000000000000'],
  [9007199254740993n, '9007199254740993'],
  [123456.7891234567, '123456.789123457'],
])('%s is %s', (value, text) => {
  expect(formatBillionths(toBillionths(value) ?? -1n)).toBe(text);
});

test('0.1 + 0.2 is 0.3', () => {
  expect((toBillionths(0.1) ?? 0n) + (toBillionths(0.2) ?? 0n)).toBe(toBillionths(0.3));
});

test('what is not finite is no decimal', () => {
  expect([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map(toBillionths)).toEqual([
    null,
    null,
    null,
  ]);
});
