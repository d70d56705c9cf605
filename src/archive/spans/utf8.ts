/** UTF-8 as it is sent: checked, and mended where it is none. Readers of Parquet refuse a file whose texts are not UTF-8. */
import { lenientText } from '../../otlp/proto/wire-text.ts';

const ENCODER = new TextEncoder();

/** Length of the well-formed character of several bytes that begins at `at` and ends before `to`; 0 where there is none. */
export function characterLength(bytes: Uint8Array, at: number, to: number): number {
  const first = bytes[at] as number;
  if (first < 0xc2 || first > 0xf4) return 0;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (to - at < length) return 0;
  const second = bytes[at + 1] as number;
  // No overlong forms, no surrogates, nothing past U+10FFFF.
  const least = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const most = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < least || second > most) return 0;
  for (let next = at + 2; next < at + length; next++) {
    if (((bytes[next] as number) & 0xc0) !== 0x80) return 0;
  }
  return length;
}

export function isUtf8(bytes: Uint8Array, from: number, to: number): boolean {
  let at = from;
  while (at < to) {
    if ((bytes[at] as number) < 0x80) at++;
    else {
      const length = characterLength(bytes, at, to);
      if (length === 0) return false;
      at += length;
    }
  }
  return true;
}

/** The bytes with U+FFFD for what is not UTF-8, as the complete reader has it. */
export function mendedUtf8(bytes: Uint8Array, from: number, to: number): Uint8Array {
  return ENCODER.encode(lenientText(bytes, from, to));
}
