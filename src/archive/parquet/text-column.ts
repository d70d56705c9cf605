/** A column of texts stored one behind the other (PLAIN). The writer of the rows may write into its bytes directly. */
import {
  type Column,
  type ColumnShape,
  type EncodedColumn,
  MOST_KEPT_BYTES,
  PAGE_BYTES,
  type Page,
} from './column.ts';
import { GrowingBytes } from './growing-bytes.ts';
import type { Repeats } from './repeats.ts';

/** Whoever writes a value calls `open`, writes to the end of `out`, and calls `close`. */
export interface WritableTexts extends Column {
  readonly out: GrowingBytes;
  /** Begins a value of at most `most` bytes: they go to `out.bytes` from `out.length` on. */
  open(most: number): void;
  /** Ends the value at `out.length`. */
  close(): void;
  /** Takes back what was written of the open value. */
  restart(): void;
  /** Where the value repeats earlier ones, for columns that want to know. */
  readonly repeats: Repeats | null;
}

export class TextColumn implements WritableTexts {
  readonly shape: ColumnShape;
  /** Each value is its length in four bytes, little-endian, and its UTF-8. */
  readonly out = new GrowingBytes();
  readonly repeats = null;
  rows = 0;
  #open = 0;
  #pageFrom = 0;
  #pageRow = 0;
  /** Where pages end, and how many rows are before. */
  readonly #cuts: { readonly at: number; readonly row: number }[] = [];

  constructor(name: string, compressed = true) {
    this.shape = { name, type: 'text', compressed };
  }

  get heldBytes(): number {
    return this.out.length;
  }

  open(most: number): void {
    this.out.reserve(most + 4);
    this.#open = this.out.length;
    this.out.length += 4;
  }

  close(): void {
    const out = this.out;
    out.view.setUint32(this.#open, out.length - this.#open - 4, true);
    this.rows++;
    if (out.length - this.#pageFrom >= PAGE_BYTES) this.#cut();
  }

  restart(): void {
    this.out.length = this.#open + 4;
  }

  append(utf8: Uint8Array): void {
    this.open(utf8.length);
    this.out.bytes.set(utf8, this.out.length);
    this.out.length += utf8.length;
    this.close();
  }

  encode(): EncodedColumn {
    if (this.#pageRow < this.rows) this.#cut();
    const pages: Page[] = [];
    let from = 0;
    let row = 0;
    for (const cut of this.#cuts) {
      pages.push({ bytes: this.out.bytes.subarray(from, cut.at), count: cut.row - row });
      from = cut.at;
      row = cut.row;
    }
    return { dictionary: null, pages, bounds: null };
  }

  clear(): void {
    this.out.clear(MOST_KEPT_BYTES);
    this.rows = 0;
    this.#pageFrom = 0;
    this.#pageRow = 0;
    this.#cuts.length = 0;
  }

  #cut(): void {
    this.#cuts.push({ at: this.out.length, row: this.rows });
    this.#pageFrom = this.out.length;
    this.#pageRow = this.rows;
  }
}
