/** UTF-8 out of protobuf messages. */

const STRICT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const LENIENT = new TextDecoder('utf-8', { ignoreBOM: true });
/** Up to so many bytes a loop is faster than a call of the decoder. */
const SHORT = 64;
/** By length: where the bytes of a short text are put together. Used again and again. */
const CODES = Array.from({ length: SHORT + 1 }, (_, length) => new Array<number>(length).fill(0));

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

/** Null where some bytes are not ASCII. In one call: a text put together from parts keeps them all in memory. */
function asciiText(bytes: Uint8Array, from: number, to: number): string | null {
  const codes = CODES[to - from] as number[];
  let all = 0;
  for (let nth = 0; nth < codes.length; nth++) {
    const byte = bytes[from + nth] as number;
    codes[nth] = byte;
    all |= byte;
  }
  return all < 0x80 ? String.fromCharCode.apply(null, codes) : null;
}

/** The text, with U+FFFD for what is not UTF-8. */
export function lenientText(bytes: Uint8Array, from: number, to: number): string {
  return LENIENT.decode(bytes.subarray(from, to));
}
