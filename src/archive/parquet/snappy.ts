/**
 * Snappy's block format, written by hand: the compression that every reader of Parquet knows, at a speed that the hot path can pay.
 *
 * Source: google/snappy, format_description.txt.
 */

import type { GrowingBytes } from './growing-bytes.ts';
import type { Repeats } from './repeats.ts';

const BLOCK = 1 << 16;
const HASH_BITS = 14;
/** Behind a position so near to the end nothing is looked for. */
const MARGIN = 15;

const table = new Uint16Array(1 << HASH_BITS);

/** Room that the worst case needs. */
export function mostCompressed(length: number): number {
  return 32 + length + Math.ceil(length / 6);
}

/** Compresses all of `input` to `output` from `at` on, where `mostCompressed` bytes must be free; gives the end. */
export function snappyCompress(input: Uint8Array, output: Uint8Array, at: number): number {
  let to = writeLength(input.length, output, at);
  const view = new DataView(input.buffer, input.byteOffset, input.length);
  for (let from = 0; from < input.length; from += BLOCK) {
    to = compressBlock(input, view, from, Math.min(from + BLOCK, input.length), output, to);
  }
  return to;
}

/**
 * As `snappyCompress`, of what was written to `page`, to the end of `packed`; gives the new end. Looks for matches only where `repeats`
 * says. Both must have room for eight bytes more.
 */
export function snappyCompressRepeats(page: GrowingBytes, repeats: Repeats, packed: GrowingBytes): number {
  const input = page.bytes;
  const view = page.view;
  const output = packed.bytes;
  const outputView = packed.view;
  const end = page.length;
  const { pairs } = repeats;
  let to = writeLength(end, output, packed.length);
  let literal = 0;
  for (let pair = 0; pair < repeats.length; pair += 2) {
    let at = pairs[pair] as number;
    let match = pairs[pair + 1] as number;
    const offset = at - match;
    if (at < literal) {
      // Within the last match: what follows it may be the better one.
      at = literal;
      match = at - offset;
    }
    if (at + 4 > end || view.getInt32(at, true) !== view.getInt32(match, true)) continue;
    let behind = at + 4;
    // The buffer reaches beyond the page: what is the same there is taken back.
    for (; behind < end; behind += 4) {
      const unlike = view.getInt32(behind, true) ^ view.getInt32(behind - offset, true);
      if (unlike === 0) continue;
      behind += (31 - Math.clz32(unlike & -unlike)) >>> 3;
      break;
    }
    if (behind > end) behind = end;
    // The end of the value before is often the same too.
    while (match >= 4 && at > literal) {
      const unlike = view.getInt32(at - 4, true) ^ view.getInt32(match - 4, true);
      const same = Math.min(at - literal, unlike === 0 ? 4 : Math.clz32(unlike) >>> 3);
      at -= same;
      match -= same;
      if (same < 4) break;
    }
    if (at > literal) {
      const length = at - literal;
      if (length <= 60) {
        output[to++] = (length - 1) << 2;
        // Four bytes a step; what is written too much is written over.
        for (let from = literal, next = to; from < at; from += 4, next += 4)
          outputView.setInt32(next, view.getInt32(from, true), true);
        to += length;
      } else to = writeLiterals(input, literal, at, output, to);
    }
    to = writeCopy(offset, behind - at, output, to);
    literal = behind;
  }
  return writeLiterals(input, literal, end, output, to);
}

function writeLength(length: number, output: Uint8Array, at: number): number {
  let to = at;
  let rest = length;
  while (rest >= 128) {
    output[to++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  output[to++] = rest;
  return to;
}

function compressBlock(
  input: Uint8Array,
  view: DataView,
  from: number,
  end: number,
  output: Uint8Array,
  start: number,
): number {
  let to = start;
  let literal = from;
  const last = end - MARGIN;
  if (from < last) {
    table.fill(0);
    let at = from + 1;
    // The longer nothing repeats, the larger the steps: what cannot be compressed costs little.
    let misses = 32;
    while (at < last) {
      const word = view.getInt32(at, true);
      const hash = Math.imul(word, 0x1e35a7bd) >>> (32 - HASH_BITS);
      const candidate = from + (table[hash] as number);
      table[hash] = at - from;
      if (view.getInt32(candidate, true) !== word) {
        at += misses++ >>> 5;
        continue;
      }
      misses = 32;
      if (at > literal) to = writeLiteral(input, literal, at, output, to);
      let match = candidate + 4;
      let behind = at + 4;
      while (behind + 4 <= end && view.getInt32(behind, true) === view.getInt32(match, true)) {
        behind += 4;
        match += 4;
      }
      while (behind < end && input[behind] === input[match]) {
        behind++;
        match++;
      }
      to = writeCopy(at - candidate, behind - at, output, to);
      at = behind;
      literal = at;
      // What ends here is likely to be met again.
      if (at < last)
        table[Math.imul(view.getInt32(at - 1, true), 0x1e35a7bd) >>> (32 - HASH_BITS)] = at - 1 - from;
    }
  }
  return literal < end ? writeLiteral(input, literal, end, output, to) : to;
}

/** Of any length: each is of at most 64 KiB. */
function writeLiterals(
  input: Uint8Array,
  from: number,
  end: number,
  output: Uint8Array,
  start: number,
): number {
  let to = start;
  for (let at = from; at < end; at += BLOCK)
    to = writeLiteral(input, at, Math.min(at + BLOCK, end), output, to);
  return to;
}

function writeLiteral(
  input: Uint8Array,
  from: number,
  end: number,
  output: Uint8Array,
  start: number,
): number {
  let to = start;
  const count = end - from - 1;
  if (count < 60) output[to++] = count << 2;
  else if (count < 256) {
    output[to++] = 60 << 2;
    output[to++] = count;
  } else {
    output[to++] = 61 << 2;
    output[to++] = count & 0xff;
    output[to++] = count >>> 8;
  }
  if (count >= 200) {
    output.set(input.subarray(from, end), to);
    return to + count + 1;
  }
  for (let at = from; at < end; at++) output[to++] = input[at] as number;
  return to;
}

function writeCopy(offset: number, length: number, output: Uint8Array, start: number): number {
  let to = start;
  let rest = length;
  while (rest >= 68) {
    to = writeFarCopy(offset, 64, output, to);
    rest -= 64;
  }
  if (rest > 64) {
    to = writeFarCopy(offset, 60, output, to);
    rest -= 60;
  }
  if (rest >= 12 || offset >= 2048) return writeFarCopy(offset, rest, output, to);
  output[to++] = 1 | ((rest - 4) << 2) | ((offset >>> 8) << 5);
  output[to++] = offset & 0xff;
  return to;
}

function writeFarCopy(offset: number, length: number, output: Uint8Array, start: number): number {
  output[start] = 2 | ((length - 1) << 2);
  output[start + 1] = offset & 0xff;
  output[start + 2] = offset >>> 8;
  return start + 3;
}
