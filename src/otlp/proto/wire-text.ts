/** UTF-8 out of protobuf messages. */

const STRICT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const LENIENT = new TextDecoder('utf-8', { ignoreBOM: true });
/** Up to so many bytes a loop is faster than a call of the decoder. */
const SHORT = 8;

/** The text, or null when the bytes are not UTF-8. */
export function strictText(bytes: Uint8Array, from: number, to: number): string | null {
  if (to - from <= SHORT) {
    let text = '';
    let at = from;
    for (; at < to; at++) {
      const byte = bytes[at] as number;
      if (byte >= 0x80) break;
      text += String.fromCharCode(byte);
    }
    if (at === to) return text;
  }
  try {
    return STRICT.decode(bytes.subarray(from, to));
  } catch {
    return null;
  }
}

/** The text, with U+FFFD for what is not UTF-8. */
export function lenientText(bytes: Uint8Array, from: number, to: number): string {
  return LENIENT.decode(bytes.subarray(from, to));
}
