/**
 * Parquet's hybrid of run lengths and packed bits, for the indices of a dictionary.
 *
 * Source: apache/parquet-format, Encodings.md, "Run Length Encoding / Bit-Packing Hybrid".
 */
import type { GrowingBytes } from './growing-bytes.ts';

/** A run shorter than this is packed with its neighbours. */
const SHORTEST_RUN = 16;

/** Bits that the largest index needs; 0 for a dictionary of one value. */
export function bitWidthOf(largest: number): number {
  return 32 - Math.clz32(largest);
}

/** Writes `values[from, to)`, each of `width` bits, at most 24. */
export function packIndices(
  values: Uint32Array,
  from: number,
  to: number,
  width: number,
  out: GrowingBytes,
): void {
  // A run takes at most 10 bytes and stands for at least 16 values; packed groups take `width` bytes each.
  out.reserve(16 + Math.ceil((to - from) / 8) * (width + 1));
  let packedFrom = from;
  let at = from;
  while (at < to) {
    const value = values[at] as number;
    let end = at + 1;
    while (end < to && values[end] === value) end++;
    // Groups are of eight values: the run lends the open group what it lacks.
    const lent = (8 - ((at - packedFrom) & 7)) & 7;
    if (end - at - lent >= SHORTEST_RUN || (end === to && at === packedFrom)) {
      if (at > packedFrom) packGroups(values, packedFrom, at + lent, width, out);
      writeRun(value, end - at - lent, width, out);
      packedFrom = end;
    }
    at = end;
  }
  if (packedFrom < to) packGroups(values, packedFrom, to, width, out);
}

function writeRun(value: number, count: number, width: number, out: GrowingBytes): void {
  writeVarint(count * 2, out);
  out.reserve(4);
  for (let bits = 0; bits < width; bits += 8) out.bytes[out.length++] = (value >>> bits) & 0xff;
}

/** Whole groups of eight, the last filled with zeros. */
function packGroups(values: Uint32Array, from: number, to: number, width: number, out: GrowingBytes): void {
  const groups = Math.ceil((to - from) / 8);
  writeVarint(groups * 2 + 1, out);
  out.reserve(groups * width + 8);
  const bytes = out.bytes;
  let length = out.length;
  let held = 0;
  let bits = 0;
  for (let at = from; at < from + groups * 8; at++) {
    if (at < to) held |= (values[at] as number) << bits;
    bits += width;
    while (bits >= 8) {
      bytes[length++] = held & 0xff;
      held >>>= 8;
      bits -= 8;
    }
  }
  out.length = length;
}

function writeVarint(value: number, out: GrowingBytes): void {
  out.reserve(6);
  let rest = value;
  while (rest >= 128) {
    out.bytes[out.length++] = (rest % 128) | 128;
    rest = Math.floor(rest / 128);
  }
  out.bytes[out.length++] = rest;
}
