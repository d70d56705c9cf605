/**
 * The forms in which all producers send a KeyValue: a key, behind it a value, and nothing else. What has another form is for a reader that knows all of
 * them.
 */
import { FIXED64, LENGTH, VARINT } from './wire-reader.ts';

const KEY_TAG = 0x0a;
const VALUE_TAG = 0x12;
/** Of a span's attribute. */
export const ATTRIBUTE_TAG = (9 << 3) | LENGTH;

// Fields of an AnyValue.
export const STRING_TAG = (1 << 3) | LENGTH;
export const BOOL_TAG = (2 << 3) | VARINT;
export const INT_TAG = (3 << 3) | VARINT;
export const DOUBLE_TAG = (4 << 3) | FIXED64;

/** The four bytes of an attribute's tag and length, and of its key's, without the lengths. */
export const ATTRIBUTE_HEAD = ATTRIBUTE_TAG | (KEY_TAG << 16);
/** With a value, and so long that four bytes of it can be read. */
export const SHORTEST_ATTRIBUTE = 8;

/** Whether a KeyValue is a key of less than 128 bytes and behind it, to the end, one value of less than 16,384. */
export function isUsualPair(bytes: Uint8Array, from: number, to: number): boolean {
  const keyLength = bytes[from + 1] as number;
  const value = from + 2 + keyLength;
  if (to - from < 2 || bytes[from] !== KEY_TAG || keyLength >= 0x80 || value + 2 > to) return false;
  if (bytes[value] !== VALUE_TAG) return false;
  let length = bytes[value + 1] as number;
  let at = value + 2;
  if (length >= 0x80) {
    if (at >= to || (bytes[at] as number) >= 0x80) return false;
    length = (length & 0x7f) | ((bytes[at] as number) << 7);
    at++;
  }
  return at + length === to;
}

/** Where the value of such a pair begins: an AnyValue. */
export function valueOfPair(bytes: Uint8Array, from: number): number {
  const value = from + 2 + (bytes[from + 1] as number);
  return value + ((bytes[value + 1] as number) < 0x80 ? 2 : 3);
}

/**
 * Whether the bytes are a KeyValue of the usual form: a key and a single value that is no list, each with a length of one byte. The
 * walk that knows all forms is for the others.
 */
export function isPlainAttribute(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from < 4 || bytes[from] !== KEY_TAG) return false;
  const keyLength = bytes[from + 1] as number;
  const value = from + 2 + keyLength;
  if (keyLength >= 0x80 || to - value < 2 || bytes[value] !== VALUE_TAG) return false;
  const length = bytes[value + 1] as number;
  if (length >= 0x80 || value + 2 + length !== to) return false;
  if (length < 2) return length === 0;
  switch (bytes[value + 2]) {
    case STRING_TAG:
      return (bytes[value + 3] as number) === length - 2;
    case BOOL_TAG:
    case INT_TAG:
      return isVarint(bytes, value + 3, to);
    case DOUBLE_TAG:
      return length === 9;
    default:
      return false;
  }
}

/**
 * The same of what is behind a key: whether it is a single value to the end, with lengths of one byte. `head`: its first four bytes, all within.
 */
export function isPlainValue(bytes: Uint8Array, head: number, from: number, to: number): boolean {
  if ((head & 0xff) !== VALUE_TAG || from + 2 + ((head >>> 8) & 0xff) !== to) return false;
  switch ((head >>> 16) & 0xff) {
    case STRING_TAG:
      return head >>> 24 === to - from - 4;
    case BOOL_TAG:
    case INT_TAG:
      return isVarint(bytes, from + 3, to);
    case DOUBLE_TAG:
      return to - from === 11;
    default:
      return false;
  }
}

const SERVICE_NAME = new TextEncoder().encode('service.name');

/** Whether the key of a pair of the usual form is `service.name`. */
export function isServiceName(bytes: Uint8Array, from: number): boolean {
  if (bytes[from + 1] !== SERVICE_NAME.length) return false;
  for (let index = SERVICE_NAME.length - 1; index >= 0; index--) {
    if (bytes[from + 2 + index] !== SERVICE_NAME[index]) return false;
  }
  return true;
}

/** Whether a varint fills the range. */
function isVarint(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from > 10) return false;
  const last = to - 1;
  for (let at = from; at < last; at++) if ((bytes[at] as number) < 0x80) return false;
  return (bytes[last] as number) < 0x80;
}
