/** Doubles written to bytes against `String`. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { writeDouble } from './double-digits.ts';

const SEED = 20261120;
const OUT = new Uint8Array(64);

function written(value: number): string | null {
  const end = writeDouble(value, OUT, 3);
  return end < 0 ? null : Buffer.from(OUT.subarray(3, end)).toString();
}

const fraction = fc
  .oneof(
    fc.double({ min: 1e-5, max: 1e15, noNaN: true }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.tuple(fc.integer({ min: 1, max: 2 ** 31 }), fc.nat(12)).map(([whole, places]) => whole / 10 ** places),
    fc.tuple(fc.nat(2 ** 31), fc.nat(31)).map(([whole, bits]) => whole / 2 ** bits),
    fc.tuple(fc.integer({ min: -5, max: 14 }), fc.integer({ min: -3, max: 3 })).map(([power, units]) => {
      // Next to powers of ten.
      const bits = new DataView(new ArrayBuffer(8));
      bits.setFloat64(0, 10 ** power);
      bits.setBigInt64(0, bits.getBigInt64(0) + BigInt(units));
      return bits.getFloat64(0);
    }),
  )
  .filter((value) => value > 0 && !Number.isInteger(value));

test('a double is written as its shortest text', () => {
  fc.assert(
    fc.property(fraction, (value) => {
      const text = written(value);
      if (text !== null) expect(text).toBe(String(value));
    }),
    { seed: SEED, numRuns: 20_000 },
  );
});

test('hardly any is left to `String`', () => {
  const values = fc.sample(fc.double({ min: 1e-3, max: 1e9, noNaN: true }), { seed: SEED, numRuns: 2000 });
  const mixed = values.map((value, index) => (value % 1000) + (index + 1) / 7919);
  expect(mixed.filter((value) => written(value) === null).length).toBeLessThan(20);
});

test('what is out of range is left to `String`', () => {
  for (const value of [0, -1.5, 1e-7, 1e22, 0.5, 2 ** -10, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(written(value)).toBeNull();
  }
});
