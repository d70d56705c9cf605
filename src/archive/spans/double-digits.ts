/**
 * Doubles as the shortest decimal that reads as the same double, written to bytes without making a text: what `String(value)` gives, for a third
 * of its cost.
 *
 * The value times a power of ten is known exactly as a sum of two doubles (Dekker's product). It is rounded to 15, 16, 17 digits until it
 * lies within half a unit of the double's last place. Where that is close to call, and for what is rare, the answer is to use `String`.
 */

/** Powers of ten that are exact doubles, in two halves of 26 bits. */
const POWERS = Float64Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));
const SPLITTER = 2 ** 27 + 1;
const HIGH_HALVES = POWERS.map((power) => SPLITTER * power - (SPLITTER * power - power));
const LOW_HALVES = POWERS.map((power, index) => power - (HIGH_HALVES[index] as number));
const LEAST = 1e-5;
const MOST = 1e15;
/** Beyond the errors of the last steps; in units of the 17th digit. */
const CLOSE = 1e-6;
const DIGIT_0 = 0x30;
const POINT = 0x2e;

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);
const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
const HIGH = isLittleEndian ? 1 : 0;
/** Half a unit of the last place, by the exponent as it is stored. */
const HALF_UNITS = Float64Array.from({ length: 2047 }, (_, exponent) => 2 ** (exponent - 1023 - 53));

/** Writes a positive value that is not whole; gives the end, or -1, with nothing to be kept, for values that `String` must write. Takes up to 24 bytes. */
export function writeDouble(value: number, out: Uint8Array, at: number): number {
  if (!(value >= LEAST && value < MOST)) return -1;
  double[0] = value;
  const high = words[HIGH] as number;
  // The double below a power of two is nearer than the one above.
  if ((high & 0xfffff) === 0 && words[1 - HIGH] === 0) return -1;
  // Of value = d.ddd * 10^exponent; may be too small by one.
  let exponent = Math.floor(((high >>> 20) - 1023) * 0.30102999566);
  let power = 16 - exponent;
  if (value * (POWERS[power] as number) >= 1e17) {
    exponent++;
    power--;
  }
  const scale = POWERS[power] as number;
  const product = value * scale;
  const split = SPLITTER * value;
  const highHalf = split - (split - value);
  const lowHalf = value - highHalf;
  const scaleHigh = HIGH_HALVES[power] as number;
  const scaleLow = LOW_HALVES[power] as number;
  const error =
    highHalf * scaleHigh - product + highHalf * scaleLow + lowHalf * scaleHigh + lowHalf * scaleLow;
  // Nine digits and eight; both steps are exact but for the last digits of the error.
  let front = Math.floor(product / 1e8);
  const back = product - front * 1e8 + error;
  if (product < 1e16 || product >= 1e17 || back < 0 || back >= 1e8) return -1;
  const half = (HALF_UNITS[high >>> 20] as number) * scale;
  let digits = 0;
  for (let step = 100; ; step /= 10) {
    digits = Math.round(back / step) * step;
    const distance = Math.abs(digits - back);
    if (Math.abs(distance - half) < CLOSE || Math.abs(distance - step / 2) < CLOSE) return -1;
    if (distance < half) break;
    if (step === 1) return -1;
  }
  if (digits === 1e8) {
    digits = 0;
    front++;
  }
  if (front >= 1e9) return -1;
  return writeDigits(front, digits, exponent, out, at);
}

/** The value `front` and `back`, of nine and eight digits, with the point behind digit number `exponent`. */
function writeDigits(front: number, back: number, exponent: number, out: Uint8Array, start: number): number {
  let at = start;
  if (exponent < 0) {
    out[at++] = DIGIT_0;
    out[at++] = POINT;
    for (let zero = exponent + 1; zero < 0; zero++) out[at++] = DIGIT_0;
  }
  // Leaves the place of the point free where it is within the digits.
  const point = exponent < 0 ? -1 : at + exponent + 1;
  let end = at + (exponent < 0 ? 17 : 18);
  let rest = back;
  let to = end - 1;
  let count = 0;
  for (; count < 8; count++) {
    if (to === point) out[to--] = POINT;
    const next = (rest / 10) | 0;
    out[to--] = DIGIT_0 + rest - next * 10;
    rest = next;
  }
  rest = front;
  for (; count < 17; count++) {
    if (to === point) out[to--] = POINT;
    const next = (rest / 10) | 0;
    out[to--] = DIGIT_0 + rest - next * 10;
    rest = next;
  }
  while (out[end - 1] === DIGIT_0) end--;
  return end;
}
