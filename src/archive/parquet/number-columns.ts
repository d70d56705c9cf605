/** Columns of whole numbers, stored one behind the other (PLAIN). */
import {
  type Column,
  type ColumnShape,
  type EncodedColumn,
  MOST_KEPT_BYTES,
  PAGE_BYTES,
  type Page,
} from './column.ts';
import { GrowingBytes } from './growing-bytes.ts';

export class Int32Column implements Column {
  readonly shape: ColumnShape;
  readonly #out = new GrowingBytes();

  constructor(name: string, compressed = true) {
    this.shape = { name, type: 'int32', compressed };
  }

  get rows(): number {
    return this.#out.length / 4;
  }

  get heldBytes(): number {
    return this.#out.length;
  }

  append(value: number): void {
    const out = this.#out;
    if (out.length + 4 > out.bytes.length) out.reserve(4);
    out.view.setInt32(out.length, value, true);
    out.length += 4;
  }

  encode(): EncodedColumn {
    const { view, length } = this.#out;
    let least = 0x7fffffff;
    let greatest = -0x80000000;
    for (let at = 0; at < length; at += 4) {
      const value = view.getInt32(at, true);
      if (value < least) least = value;
      if (value > greatest) greatest = value;
    }
    const bound = (value: number) => new Uint8Array(Int32Array.of(value).buffer);
    const bounds = length === 0 ? null : { least: bound(least), greatest: bound(greatest) };
    return { dictionary: null, pages: pagesOf(this.#out.written(), 4), bounds };
  }

  clear(): void {
    this.#out.clear(MOST_KEPT_BYTES);
  }
}

/** Signed numbers of 64 bits, as two words. */
export class Int64Column implements Column {
  readonly shape: ColumnShape;
  readonly #out = new GrowingBytes();

  constructor(name: string, type: 'int64' | 'micros' = 'int64', compressed = false) {
    this.shape = { name, type, compressed };
  }

  get rows(): number {
    return this.#out.length / 8;
  }

  get heldBytes(): number {
    return this.#out.length;
  }

  append(high: number, low: number): void {
    const out = this.#out;
    if (out.length + 8 > out.bytes.length) out.reserve(8);
    const { view, length } = out;
    view.setInt32(length, low, true);
    view.setInt32(length + 4, high, true);
    out.length = length + 8;
  }

  /** A whole number within 2^53. */
  appendNumber(value: number): void {
    const high = Math.floor(value / 2 ** 32);
    this.append(high, value - high * 2 ** 32);
  }

  encode(): EncodedColumn {
    const out = this.#out;
    let least = 0;
    let greatest = 0;
    for (let at = 8; at < out.length; at += 8) {
      if (this.#isLess(at, least)) least = at;
      else if (this.#isLess(greatest, at)) greatest = at;
    }
    const bounds =
      out.length === 0
        ? null
        : { least: out.bytes.slice(least, least + 8), greatest: out.bytes.slice(greatest, greatest + 8) };
    return { dictionary: null, pages: pagesOf(out.written(), 8), bounds };
  }

  clear(): void {
    this.#out.clear(MOST_KEPT_BYTES);
  }

  #isLess(a: number, b: number): boolean {
    const view = this.#out.view;
    const highA = view.getInt32(a + 4, true);
    const highB = view.getInt32(b + 4, true);
    return highA < highB || (highA === highB && view.getUint32(a, true) < view.getUint32(b, true));
  }
}

function pagesOf(bytes: Uint8Array, width: number): Page[] {
  const pages: Page[] = [];
  for (let from = 0; from < bytes.length; from += PAGE_BYTES) {
    const page = bytes.subarray(from, Math.min(from + PAGE_BYTES, bytes.length));
    pages.push({ bytes: page, count: page.length / width });
  }
  return pages;
}
