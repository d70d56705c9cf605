/**
 * Protobuf's wire format, written into one growing piece of memory. Messages in messages are written in place: room for a short length is
 * left before them, and what follows is moved when the length turns out longer.
 *
 * Source: protobuf.dev, "Encoding".
 */
import { FIXED32, FIXED64, LENGTH, VARINT } from './wire-reader.ts';

const FIRST_CAPACITY = 4096;
const encoder = new TextEncoder();
/** Up to so many characters a loop is faster than a call of the encoder. */
const SHORT = 64;
const SMALL = BigInt(Number.MAX_SAFE_INTEGER);
/** By character code of a hex digit. */
const HEX_VALUE = new Uint8Array(128);
for (const [value, digit] of [...'0123456789abcdef'].entries()) {
  HEX_VALUE[digit.charCodeAt(0)] = value;
  HEX_VALUE[digit.toUpperCase().charCodeAt(0)] = value;
}

export class WireWriter {
  #bytes = new Uint8Array(FIRST_CAPACITY);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;

  /** What was written, as a copy. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#at);
  }

  /** Where the next byte goes; `cutTo` goes back to it. */
  get at(): number {
    return this.#at;
  }

  /** Forgets what was written since. */
  cutTo(at: number): void {
    this.#at = at;
  }

  /** Begins a message in a field. Give what it returns to `close`. */
  open(field: number): number {
    this.#tag(field, LENGTH);
    this.#reserve(1);
    return ++this.#at;
  }

  close(start: number): void {
    const length = this.#at - start;
    const extra = varintLength(length) - 1;
    if (extra > 0) {
      this.#reserve(extra);
      this.#bytes.copyWithin(start + extra, start, this.#at);
    }
    this.#at = start - 1;
    this.#varint(length);
    this.#at += length;
  }

  text(field: number, text: string): void {
    this.#tag(field, LENGTH);
    // A UTF-16 unit takes three bytes at most.
    this.#reserve(5 + text.length * 3);
    if (text.length <= SHORT && this.#ascii(text)) return;
    const from = this.#at;
    const guess = varintLength(text.length);
    const { written } = encoder.encodeInto(text, this.#bytes.subarray(from + guess));
    const size = varintLength(written);
    if (size > guess) this.#bytes.copyWithin(from + size, from + guess, from + guess + written);
    this.#varint(written);
    this.#at += written;
  }

  bytes(field: number, bytes: Uint8Array): void {
    this.#tag(field, LENGTH);
    this.#reserve(5 + bytes.length);
    this.#varint(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  /** Bytes given as hex digits, two a byte. */
  hex(field: number, digits: string): void {
    this.#tag(field, LENGTH);
    const length = digits.length >>> 1;
    this.#reserve(5 + length);
    this.#varint(length);
    for (let index = 0; index < length; index++) {
      const high = HEX_VALUE[digits.charCodeAt(index * 2)] as number;
      this.#bytes[this.#at++] = (high << 4) | (HEX_VALUE[digits.charCodeAt(index * 2 + 1)] as number);
    }
  }

  /** A whole number of at most 32 bits, not negative. */
  uint32(field: number, value: number): void {
    this.#tag(field, VARINT);
    this.#reserve(5);
    this.#varint(value);
  }

  bool(field: number, value: boolean): void {
    this.uint32(field, value ? 1 : 0);
  }

  /** A signed whole number of 64 bits. */
  int64(field: number, value: bigint): void {
    this.#tag(field, VARINT);
    this.#reserve(10);
    if (value >= 0n && value <= SMALL) {
      this.#varint(Number(value));
      return;
    }
    let rest = BigInt.asUintN(64, value);
    for (; rest > 0x7fn; rest >>= 7n) this.#bytes[this.#at++] = Number(rest & 0x7fn) | 0x80;
    this.#bytes[this.#at++] = Number(rest);
  }

  fixed64(field: number, value: bigint): void {
    this.#tag(field, FIXED64);
    this.#reserve(8);
    this.#view.setBigUint64(this.#at, value, true);
    this.#at += 8;
  }

  fixed32(field: number, value: number): void {
    this.#tag(field, FIXED32);
    this.#reserve(4);
    this.#view.setUint32(this.#at, value, true);
    this.#at += 4;
  }

  double(field: number, value: number): void {
    this.#tag(field, FIXED64);
    this.#reserve(8);
    this.#view.setFloat64(this.#at, value, true);
    this.#at += 8;
  }

  /** Writes a short text with its length, if it is ASCII; if not, nothing is written. */
  #ascii(text: string): boolean {
    const bytes = this.#bytes;
    let at = this.#at;
    bytes[at++] = text.length;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code >= 0x80) return false;
      bytes[at++] = code;
    }
    this.#at = at;
    return true;
  }

  #tag(field: number, wire: number): void {
    this.#reserve(5);
    this.#varint((field << 3) | wire);
  }

  #varint(value: number): void {
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) this.#bytes[this.#at++] = (rest & 0x7f) | 0x80;
    this.#bytes[this.#at++] = rest;
  }

  #reserve(count: number): void {
    if (this.#at + count <= this.#bytes.length) return;
    const bytes = new Uint8Array(Math.max(this.#at + count, this.#bytes.length * 2));
    bytes.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
}

function varintLength(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x200000) return 3;
  return value < 0x10000000 ? 4 : 5;
}
