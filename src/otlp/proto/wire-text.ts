/** UTF-8 out of protobuf messages. */

const STRICT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const LENIENT = new TextDecoder('utf-8', { ignoreBOM: true });
/** Up to so many bytes a loop is faster than a call of the decoder. */
const SHORT = 40;

/** The text, or null when the bytes are not UTF-8. */
export function strictText(bytes: Uint8Array, from: number, to: number): string | null {
  if (to - from <= SHORT) {
    const text = asciiText(bytes, from, to);
    if (text !== null) return text;
  }
  try {
    return STRICT.decode(bytes.subarray(from, to));
  } catch {
    return null;
  }
}

/** Eight bytes at a time; null where some are not ASCII. */
function asciiText(bytes: Uint8Array, from: number, to: number): string | null {
  let text = '';
  let all = 0;
  let at = from;
  for (; at + 8 <= to; at += 8) {
    const a = bytes[at] as number;
    const b = bytes[at + 1] as number;
    const c = bytes[at + 2] as number;
    const d = bytes[at + 3] as number;
    const e = bytes[at + 4] as number;
    const f = bytes[at + 5] as number;
    const g = bytes[at + 6] as number;
    const h = bytes[at + 7] as number;
    all |= a | b | c | d | e | f | g | h;
    text += String.fromCharCode(a, b, c, d, e, f, g, h);
  }
  for (; at < to; at++) {
    const byte = bytes[at] as number;
    all |= byte;
    text += String.fromCharCode(byte);
  }
  return all < 0x80 ? text : null;
}

/** The text, with U+FFFD for what is not UTF-8. */
export function lenientText(bytes: Uint8Array, from: number, to: number): string {
  return LENIENT.decode(bytes.subarray(from, to));
}
