/** Trace and span ids as they are sent, to the one form that the rest of the program knows: lower-case hex. */

const HEX_32 = /^[0-9a-f]{32}$/;
const HEX_16 = /^[0-9a-f]{16}$/;
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;
const ZERO_TRACE = '0'.repeat(32);
const ZERO_SPAN = '0'.repeat(16);

/** 32 hex digits of any case, or 16 bytes in base64 as protobuf's own JSON mapping writes them; null for others and for zeros. */
export function normalTraceId(id: string): string | null {
  return normalId(id, HEX_32, 16, ZERO_TRACE);
}

/** 16 hex digits of any case, or 8 bytes in base64; null for others and for zeros. */
export function normalSpanId(id: string): string | null {
  return normalId(id, HEX_16, 8, ZERO_SPAN);
}

/** Jaeger and Zipkin leave leading zeros out and have trace ids of 64 bits: up to `digits` hex digits, filled from the left. */
export function paddedId(id: string, digits: 16 | 32): string | null {
  if (id.length === 0 || id.length > digits) return null;
  const full = id.toLowerCase().padStart(digits, '0');
  const valid = digits === 32 ? HEX_32.test(full) : HEX_16.test(full);
  return valid && full !== (digits === 32 ? ZERO_TRACE : ZERO_SPAN) ? full : null;
}

/** Whether a parent's id says that there is no parent: no text, or zeros. */
export function isNoParent(id: string): boolean {
  return id === '' || /^0+$/.test(id);
}

const HEX_PAIRS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Bytes as lower-case hex. */
export function hexOf(bytes: Uint8Array, from = 0, to = bytes.length): string {
  let hex = '';
  for (let at = from; at < to; at++) hex += HEX_PAIRS[bytes[at] as number];
  return hex;
}

function normalId(id: string, hex: RegExp, bytes: number, zero: string): string | null {
  let normal: string;
  if (hex.test(id)) normal = id;
  else if (id.length === bytes * 2) {
    normal = id.toLowerCase();
    if (!hex.test(normal)) return null;
  } else {
    const decoded = fromBase64(id);
    if (decoded === null || decoded.length !== bytes) return null;
    normal = hexOf(decoded);
  }
  return normal === zero ? null : normal;
}

/** Bytes of base64 text, of either alphabet, padded or not; null when it is none. */
export function fromBase64(text: string): Uint8Array | null {
  if (text === '') return new Uint8Array(0);
  if (!BASE64.test(text)) return null;
  const bare = text.replace(/=+$/, '');
  if (bare.length % 4 === 1) return null;
  if (text.length !== bare.length && text.length % 4 !== 0) return null;
  return new Uint8Array(Buffer.from(bare, 'base64'));
}
