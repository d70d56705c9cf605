/** Decimal sums: adding in any order gives the same result, and 0.1 + 0.2 is 0.3. */

/** Places behind the point that a sum keeps. */
const PLACES = 9;
const SCALE = 10n ** BigInt(PLACES);

/** A decimal as a whole number of billionths. */
type Billionths = bigint;

/**
 * The shortest decimal that a double prints as, or an integer, in billionths; digits past the ninth place are rounded half
 * away from zero. Null for NaN and the infinities.
 */
export function toBillionths(value: number | bigint): Billionths | null {
  if (typeof value === 'bigint') return value * SCALE;
  if (!Number.isFinite(value)) return null;
  if (Number.isSafeInteger(value)) return BigInt(value) * SCALE;
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value));
  if (match === null) return null;
  const [, sign = '', whole = '0', fraction = '', exponent = '0'] = match;
  const digits = BigInt(whole + fraction);
  const shift = Number(exponent) - fraction.length + PLACES;
  const scaled = shift >= 0 ? digits * 10n ** BigInt(shift) : roundedQuotient(digits, 10n ** BigInt(-shift));
  return sign === '-' ? -scaled : scaled;
}

/** Writes billionths as decimal digits without trailing zeros. */
export function formatBillionths(value: Billionths): string {
  const sign = value < 0n ? '-' : '';
  const size = value < 0n ? -value : value;
  const fraction = String(size % SCALE)
    .padStart(PLACES, '0')
    .replace(/0+$/, '');
  return `${sign}${size / SCALE}${fraction === '' ? '' : `.${fraction}`}`;
}

function roundedQuotient(value: bigint, divisor: bigint): bigint {
  return (value + divisor / 2n) / divisor;
}
