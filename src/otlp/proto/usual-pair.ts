/** The form in which all producers send a KeyValue: a key, behind it a value, and nothing else. */

const KEY_TAG = 0x0a;
const VALUE_TAG = 0x12;

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
