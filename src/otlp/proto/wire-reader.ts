/**
 * Protobuf's wire format, read by hand: one pass over the bytes, no copies but of texts, and no way to read outside
 * of the message or to loop.
 *
 * Source: protobuf.dev, "Encoding".
 */

export const VARINT = 0;
export const FIXED64 = 1;
export const LENGTH = 2;
export const GROUP_START = 3;
export const GROUP_END = 4;
export const FIXED32 = 5;

const WIRE_NAMES = ['a varint', '64 bits', 'bytes', 'a group', 'the end of a group', '32 bits'];

/** The field by the name of the definition, the wire type that it is sent as, and the one that belongs there. */
export function wireMisfit(field: string, sent: number, expected: number): string {
  return `\`${field}\` is sent as ${WIRE_NAMES[sent] ?? `wire type ${sent}`}, where ${WIRE_NAMES[expected]} belong`;
}

export class WireError extends Error {
  override readonly name = 'WireError';
}

/** Reads fields one after another: `next()`, then one of the value methods or `skip()`. */
export class WireReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at: number;
  #end: number;
  /** Number and wire type of the field that `next` found. */
  field = 0;
  wire = 0;

  constructor(bytes: Uint8Array, from = 0, to = bytes.length) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = from;
    this.#end = to;
  }

  get at(): number {
    return this.#at;
  }

  /** Turns to other bytes of the same buffer. */
  reset(from: number, to: number): void {
    this.#at = from;
    this.#end = to;
  }

  /** Goes to the next field; false at the end of the message. */
  next(): boolean {
    if (this.#at >= this.#end) return false;
    const tag = this.#uint32('a tag');
    this.field = tag >>> 3;
    this.wire = tag & 7;
    if (this.field === 0) throw new WireError(`a field has the number 0, at byte ${this.#at}`);
    return true;
  }

  /** Says that the field has the wrong wire type unless it has this one. */
  expect(wire: number, name: string): void {
    if (this.wire !== wire) throw new WireError(wireMisfit(name, this.wire, wire));
  }

  /** Passes over the value of the field that `next` found. */
  skip(): void {
    switch (this.wire) {
      case VARINT:
        this.varint();
        return;
      case FIXED64:
        this.#advance(8);
        return;
      case LENGTH:
        this.#advance(this.length());
        return;
      case FIXED32:
        this.#advance(4);
        return;
      case GROUP_START:
      case GROUP_END:
        throw new WireError('groups are not part of OTLP');
      default:
        throw new WireError(`there is no wire type ${this.wire}`);
    }
  }

  /** The length of what follows, which lies within the message. */
  length(): number {
    const length = this.#uint32('a length');
    if (length > this.#end - this.#at) {
      throw new WireError(
        `a length of ${length} bytes passes the end of its message by ${length - (this.#end - this.#at)}`,
      );
    }
    return length;
  }

  /** A length-delimited value: its first byte; the reader goes behind it, to `at`. */
  span(): number {
    const length = this.length();
    const from = this.#at;
    this.#at += length;
    return from;
  }

  /** A varint of up to 64 bits, as an unsigned number. */
  varint(): bigint {
    let low = 0;
    let middle = 0;
    let high = 0;
    for (let index = 0; index < 10; index++) {
      if (this.#at >= this.#end) throw new WireError('a varint is cut off');
      const byte = this.#bytes[this.#at++] as number;
      const bits = byte & 0x7f;
      if (index < 4) low |= bits << (7 * index);
      else if (index < 8) middle |= bits << (7 * (index - 4));
      else high |= bits << (7 * (index - 8));
      if (byte < 0x80) {
        if (index < 4) return BigInt(low);
        const small = low + middle * 2 ** 28;
        // 53 bits are exact as a number.
        if (high === 0 && small <= Number.MAX_SAFE_INTEGER) return BigInt(small);
        return BigInt.asUintN(64, BigInt(low) | (BigInt(middle) << 28n) | (BigInt(high) << 56n));
      }
    }
    throw new WireError('a varint is longer than 10 bytes');
  }

  fixed64(): bigint {
    const at = this.#at;
    this.#advance(8);
    return this.#view.getBigUint64(at, true);
  }

  fixed32(): number {
    const at = this.#at;
    this.#advance(4);
    return this.#view.getUint32(at, true);
  }

  double(): number {
    const at = this.#at;
    this.#advance(8);
    return this.#view.getFloat64(at, true);
  }

  /** A tag or a length: a varint whose upper bits must be 0. */
  #uint32(what: string): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      if (this.#at >= this.#end) throw new WireError(`${what} is cut off`);
      const byte = this.#bytes[this.#at++] as number;
      if (shift === 28 && byte > 0x0f) break;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new WireError(`${what} is longer than 32 bits`);
  }

  #advance(count: number): void {
    if (count > this.#end - this.#at) throw new WireError('a value is cut off');
    this.#at += count;
  }
}
