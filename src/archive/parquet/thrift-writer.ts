/**
 * Thrift's compact protocol, as far as Parquet's page headers and footer use it.
 *
 * Source: thrift-compact-protocol.md of Apache Thrift.
 */
import { GrowingBytes } from './growing-bytes.ts';

const TRUE = 1;
const FALSE = 2;
const INT_16 = 4;
const INT_32 = 5;
const INT_64 = 6;
const BINARY = 8;
const LIST = 9;
const STRUCT = 12;

export type ListOf = 'int32' | 'binary' | 'struct';
const ELEMENTS = { int32: INT_32, binary: BINARY, struct: STRUCT } as const;
const ENCODER = new TextEncoder();

/** Fields must come in the order of their numbers. Integers must be safe ones. */
export class ThriftWriter {
  readonly #out = new GrowingBytes();
  /** Number of the last field of each open struct. */
  readonly #last: number[] = [0];

  int16(field: number, value: number): void {
    this.#header(field, INT_16);
    this.#zigzag(value);
  }

  int32(field: number, value: number): void {
    this.#header(field, INT_32);
    this.#zigzag(value);
  }

  int64(field: number, value: number): void {
    this.#header(field, INT_64);
    this.#zigzag(value);
  }

  boolean(field: number, value: boolean): void {
    this.#header(field, value ? TRUE : FALSE);
  }

  binary(field: number, value: Uint8Array): void {
    this.#header(field, BINARY);
    this.#bytes(value);
  }

  text(field: number, value: string): void {
    this.binary(field, ENCODER.encode(value));
  }

  struct(field: number, write: () => void): void {
    this.#header(field, STRUCT);
    this.element(write);
  }

  /** A list; its elements follow with the `element` methods. */
  list(field: number, of: ListOf, count: number): void {
    this.#header(field, LIST);
    const type = ELEMENTS[of];
    if (count < 15) this.#byte((count << 4) | type);
    else {
      this.#byte(0xf0 | type);
      this.#varint(count);
    }
  }

  /** A struct without a number before it: an element of a list, or the outermost one. */
  element(write: () => void): void {
    this.#last.push(0);
    write();
    this.#last.pop();
    this.#byte(0);
  }

  int32Element(value: number): void {
    this.#zigzag(value);
  }

  textElement(value: string): void {
    this.#bytes(ENCODER.encode(value));
  }

  /** The bytes so far, and begins anew. The view holds until the next write. */
  take(): Uint8Array {
    const written = this.#out.written();
    this.#out.clear();
    return written;
  }

  #header(field: number, type: number): void {
    const top = this.#last.length - 1;
    const step = field - (this.#last[top] as number);
    this.#last[top] = field;
    if (step > 0 && step < 16) this.#byte((step << 4) | type);
    else {
      this.#byte(type);
      this.#zigzag(field);
    }
  }

  #bytes(value: Uint8Array): void {
    this.#varint(value.length);
    this.#out.append(value);
  }

  #zigzag(value: number): void {
    this.#varint(value < 0 ? -value * 2 - 1 : value * 2);
  }

  #varint(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.#byte((rest % 128) | 128);
      rest = Math.floor(rest / 128);
    }
    this.#byte(rest);
  }

  #byte(value: number): void {
    this.#out.reserve(1);
    this.#out.bytes[this.#out.length++] = value;
  }
}
