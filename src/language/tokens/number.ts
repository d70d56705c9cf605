/** Numbers and durations as they are written: exactly, or not at all. */
import { type Nanos, parseDuration } from '../../base/nanos.ts';

type NumberReading =
  | { readonly ok: true; readonly value: number | bigint }
  /** `range`: larger or smaller than any attribute can be. `digits`: a double holds fewer digits. */
  | { readonly ok: false; readonly problem: 'range' | 'digits'; readonly nearest: number };

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
/** Decimal digits of the largest double. */
const MOST_DIGITS = 309;

/**
 * Reads a number that matches the grammar. Whole numbers past 2^53 become bigints, so that no digit is lost; a fraction must be
 * what a double says when it is printed with as many digits.
 */
export function readNumber(raw: string): NumberReading {
  const nearest = Number(raw);
  const [, sign = '', whole = '', fraction = '', exponentText = '0'] = NUMBER.exec(raw) ?? [];
  const exponent = Number(exponentText);
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return { ok: true, value: 0 };
  if (!Number.isFinite(nearest) || nearest === 0 || digits.length > 2 * MOST_DIGITS) {
    return { ok: false, problem: 'range', nearest };
  }
  // The value is `significant` × 10^scale.
  const scale = exponent - fraction.length + (digits.length - significant.length);
  if (scale >= 0) {
    if (Number.isSafeInteger(nearest)) return { ok: true, value: nearest };
    const value = BigInt(significant) * 10n ** BigInt(scale);
    return { ok: true, value: sign === '-' ? -value : value };
  }
  if (significant.length > 100) return { ok: false, problem: 'digits', nearest };
  const held = Math.abs(nearest)
    .toExponential(significant.length - 1)
    .split('e')[0]
    ?.replace('.', '');
  return held === significant ? { ok: true, value: nearest } : { ok: false, problem: 'digits', nearest };
}

/** Longest duration that fits in the signed 64-bit nanoseconds of OTLP and of stores. */
const LONGEST = 2n ** 63n - 1n;

/** Reads a duration; null when the text is none, is longer than 292 years, or has digits below a nanosecond. */
export function readDuration(raw: string): Nanos | null {
  if (raw.length > 40) return null;
  const nanos = parseDuration(raw);
  if (nanos === null || nanos > LONGEST) return null;
  const [, whole = '', fraction = '', unit = ''] = /^(\d+)(?:\.(\d+))?([a-z]+)$/.exec(raw) ?? [];
  // As many of the unit as there are steps in its last digit: the same length, unless digits were dropped.
  const scaled = parseDuration(`${whole}${fraction}${unit}`);
  return scaled === nanos * 10n ** BigInt(fraction.length) ? nanos : null;
}

/** What people write for a unit, by the unit of the language. */
const UNIT_SPELLINGS: Readonly<Record<string, readonly string[]>> = {
  ns: ['ns', 'nanos', 'nanosec', 'nanosecond', 'nanoseconds'],
  us: ['us', 'µs', 'μs', 'micros', 'usec', 'microsecond', 'microseconds'],
  ms: ['ms', 'millis', 'msec', 'msecs', 'milli', 'millisecond', 'milliseconds'],
  s: ['s', 'sec', 'secs', 'second', 'seconds'],
  m: ['m', 'min', 'mins', 'minute', 'minutes'],
  h: ['h', 'hr', 'hrs', 'hour', 'hours'],
  d: ['d', 'day', 'days'],
};

/** The unit that a word stands for (`sec` is `s`), or null. */
export function unitOf(word: string): string | null {
  const lower = word.toLowerCase();
  for (const [unit, spellings] of Object.entries(UNIT_SPELLINGS)) {
    if (spellings.includes(lower)) return unit;
  }
  return null;
}

/** The duration that `5sec`, `5 s` or `-5s` was probably to be, or null. */
export function durationMeant(text: string): string | null {
  const match = /^[-+]?(\d*\.?\d+)[\s_]*([^\s\d]+)$/.exec(text.slice(0, 60));
  const unit = unitOf(match?.[2] ?? '');
  return match === null || unit === null ? null : `${match[1]?.replace(/^\./, '0.')}${unit}`;
}
