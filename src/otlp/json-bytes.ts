/**
 * Strict reading of JSON's smallest parts from bytes, without making values. Each function takes an offset and returns the one
 * behind what it has read, or NO.
 */

/** Not what was asked for. */
export const NO = -1;

export const QUOTE = 0x22;
export const COMMA = 0x2c;
const COLON = 0x3a;
export const BRACE_OPEN = 0x7b;
export const BRACE_CLOSE = 0x7d;
export const BRACKET_OPEN = 0x5b;
export const BRACKET_CLOSE = 0x5d;
const BACKSLASH = 0x5c;
export const DIGIT_0 = 0x30;
/** The highest of JSON's white space. */
export const BLANK = 0x20;

const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const LETTER_U = 0x75;

/** An object's key with its quotes and colon, as bytes and as little-endian words; the last word overlaps the one before. */
export interface Key {
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
}

export function keyOf(name: string): Key {
  const bytes = new TextEncoder().encode(`"${name}":`);
  return { bytes, words: wordsOf(bytes) };
}

/** Little-endian words of at least four bytes: at 0, 4, 8 and so on, and the last four. */
export function wordsOf(bytes: Uint8Array): Int32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const words = new Int32Array(Math.ceil(bytes.length / 4));
  for (let index = 0; index < words.length; index++) {
    words[index] = view.getInt32(Math.min(index * 4, bytes.length - 4), true);
  }
  return words;
}

/** Whether exactly these bytes, `length` of them, stand at the offset. */
export function standsAt(view: DataView, at: number, words: Int32Array, length: number): boolean {
  const last = words.length - 1;
  // Names mostly begin alike and end in different ways.
  if (at + length > view.byteLength || view.getInt32(at + length - 4, true) !== words[last]) return false;
  for (let index = 0; index < last; index++) {
    if (view.getInt32(at + index * 4, true) !== words[index]) return false;
  }
  return true;
}

/** Bytes that stand for themselves in a string, ASCII only. */
export const PLAIN_TEXT = new Uint8Array(256);
for (let byte = 0x20; byte < 0x80; byte++) PLAIN_TEXT[byte] = byte === QUOTE || byte === BACKSLASH ? 0 : 1;

const SIMPLE_ESCAPE = new Uint8Array(256);
for (const letter of '"\\/bfnrt') SIMPLE_ESCAPE[letter.charCodeAt(0)] = 1;

/** By two characters as a little-endian word of 16 bits: their value in hex, or INVALID. */
const HEX_PAIRS = new Uint32Array(65536);
/** The same in decimal. */
const DECIMAL_PAIRS = new Uint32Array(65536);
const INVALID = 0x10000;

HEX_PAIRS.fill(INVALID);
DECIMAL_PAIRS.fill(INVALID);
for (const first of '0123456789abcdefABCDEF') {
  for (const second of '0123456789abcdefABCDEF') {
    const pair = first.charCodeAt(0) | (second.charCodeAt(0) << 8);
    HEX_PAIRS[pair] = Number.parseInt(first + second, 16);
    if (first <= '9' && second <= '9') DECIMAL_PAIRS[pair] = Number(first + second);
  }
}

/** Behind white space. */
export function blanks(bytes: Uint8Array, start: number): number {
  let at = start;
  for (;;) {
    const byte = bytes[at] as number;
    if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) at++;
    else return at;
  }
}

/** Behind an opening bracket and the white space around it. */
export function open(bytes: Uint8Array, start: number, bracket: number): number {
  let at = start;
  if (bytes[at] !== bracket) {
    at = blanks(bytes, at);
    if (bytes[at] !== bracket) return NO;
  }
  return (bytes[at + 1] as number) > BLANK ? at + 1 : blanks(bytes, at + 1);
}

/** Behind this key, its colon and the white space, at the value. */
export function readKey(bytes: Uint8Array, start: number, { bytes: expected }: Key): number {
  const colon = expected.length - 1;
  for (let index = 0; index < colon; index++) if (bytes[start + index] !== expected[index]) return NO;
  const at = blanks(bytes, start + colon);
  return bytes[at] === COLON ? blanks(bytes, at + 1) : NO;
}

/** Four hex digits; above 0xffff when one is none. */
export function hex4(view: DataView, at: number): number {
  return (
    ((HEX_PAIRS[view.getUint16(at, true)] as number) << 8) |
    (HEX_PAIRS[view.getUint16(at + 2, true)] as number)
  );
}

/** Two decimal digits; 0x10000 when one is none. */
export function decimal2(view: DataView, at: number): number {
  return DECIMAL_PAIRS[view.getUint16(at, true)] as number;
}

/** Behind the four digits of an escape. */
function hexEscape(bytes: Uint8Array, start: number): number {
  for (let at = start; at < start + 4; at += 2) {
    const pair = (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
    if (HEX_PAIRS[pair] === INVALID) return NO;
  }
  return start + 4;
}

/**
 * A string with its quotes, in which any bytes from 0x80 may stand: whether they are UTF-8 is for the caller to see to.
 */
export function text(bytes: Uint8Array, start: number): number {
  if (bytes[start] !== QUOTE) return NO;
  let at = start + 1;
  for (;;) {
    let byte = bytes[at] as number;
    while (PLAIN_TEXT[byte] === 1) byte = bytes[++at] as number;
    if (byte === QUOTE) return at + 1;
    if (byte >= 0x80) at++;
    else if (byte !== BACKSLASH) return NO;
    else if (SIMPLE_ESCAPE[bytes[at + 1] as number] === 1) at += 2;
    else if (bytes[at + 1] === LETTER_U) {
      at = hexEscape(bytes, at + 2);
      if (at === NO) return NO;
    } else return NO;
  }
}

/** A string of so many hex digits that are not all zero. */
export function hexText(bytes: Uint8Array, start: number, digits: number): number {
  if (bytes[start] !== QUOTE || bytes[start + digits + 1] !== QUOTE) return NO;
  let isZero = true;
  for (let at = start + 1; at <= start + digits; at += 2) {
    const value = HEX_PAIRS[(bytes[at] as number) | ((bytes[at + 1] as number) << 8)];
    if (value === INVALID) return NO;
    if (value !== 0) isZero = false;
  }
  return isZero ? NO : start + digits + 2;
}

/** A string of 19 digits, the first not 0: nanoseconds from September 2001 to 2286. */
export function nanosText(bytes: Uint8Array, start: number): number {
  if (bytes[start] !== QUOTE || bytes[start + 20] !== QUOTE || bytes[start + 1] === DIGIT_0) return NO;
  for (let at = start + 1; at < start + 20; at++) if (!isDigit(bytes[at])) return NO;
  return start + 21;
}

/** A count of at most nine digits. */
export function smallCount(bytes: Uint8Array, start: number): number {
  const at = digits(bytes, start);
  return at - start > 9 || continuesNumber(bytes[at]) ? NO : at;
}

/** The value of a count that `smallCount` has read. */
export function countAt(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at++) count = count * 10 + (bytes[at] as number) - DIGIT_0;
  return count;
}

/** An integer, as a number or in quotes, of at most fifteen digits. */
export function integer(bytes: Uint8Array, start: number): number {
  const isQuoted = bytes[start] === QUOTE;
  let at = isQuoted ? start + 1 : start;
  const isNegative = bytes[at] === MINUS;
  if (isNegative) at++;
  const first = at;
  at = digits(bytes, first);
  // -0 is a double.
  if (at === NO || at - first > 15 || (isNegative && bytes[first] === DIGIT_0)) return NO;
  if (isQuoted) return bytes[at] === QUOTE ? at + 1 : NO;
  return continuesNumber(bytes[at]) ? NO : at;
}

/** A number. */
export function number(bytes: Uint8Array, start: number): number {
  let at = digits(bytes, bytes[start] === MINUS ? start + 1 : start);
  if (at === NO) return NO;
  if (bytes[at] === POINT) {
    const fraction = ++at;
    while (isDigit(bytes[at])) at++;
    if (at === fraction) return NO;
  }
  if (bytes[at] === 0x65 || bytes[at] === 0x45) {
    at++;
    if (bytes[at] === MINUS || bytes[at] === PLUS) at++;
    const exponent = at;
    while (isDigit(bytes[at])) at++;
    if (at === exponent) return NO;
  }
  return at;
}

const TRUE = new TextEncoder().encode('true');
const FALSE = new TextEncoder().encode('false');

export function boolean(bytes: Uint8Array, start: number): number {
  const word = bytes[start] === TRUE[0] ? TRUE : FALSE;
  for (let index = 0; index < word.length; index++) if (bytes[start + index] !== word[index]) return NO;
  return start + word.length;
}

/**
 * An object by its brackets and strings alone, ASCII: whoever decodes it finds out whether it is JSON, and if it is, this is its end.
 */
export function roughObject(bytes: Uint8Array, start: number): number {
  if (bytes[start] !== BRACE_OPEN) return NO;
  let depth = 0;
  for (let at = start; at < bytes.length; ) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) {
      at = text(bytes, at);
      if (at === NO) return NO;
      continue;
    }
    at++;
    if (byte === BRACE_OPEN || byte === BRACKET_OPEN) depth++;
    else if (byte === BRACE_CLOSE || byte === BRACKET_CLOSE) {
      if (--depth === 0) return at;
    } else if (byte >= 0x80) return NO;
  }
  return NO;
}

/** Whether a number that has been read would go on with this byte. */
export function continuesNumber(byte: number | undefined): boolean {
  return isDigit(byte) || byte === POINT || byte === 0x65 || byte === 0x45;
}

/** The digits of a number's whole part: at least one, no leading zero. */
function digits(bytes: Uint8Array, start: number): number {
  let at = start;
  while (isDigit(bytes[at])) at++;
  return at === start || (at - start > 1 && bytes[start] === DIGIT_0) ? NO : at;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= DIGIT_0 && byte <= 0x39;
}
