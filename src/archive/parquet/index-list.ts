/** Indices into a dictionary, a row each, and their pages. */
import { bitWidthOf, packIndices } from './bit-packing.ts';
import { MOST_KEPT_BYTES, type Page } from './column.ts';
import { GrowingBytes } from './growing-bytes.ts';

const FIRST_ROWS = 128;
/** Rows a page: with 17 bits each a page is at most 1 MiB. */
const PAGE_ROWS = 1 << 19;

export class IndexList {
  #indices = new Uint32Array(0);
  length = 0;
  readonly #packed = new GrowingBytes();

  append(index: number): void {
    if (this.length === this.#indices.length) this.#reserve(1);
    this.#indices[this.length++] = index;
  }

  /** The same index for `count` rows. */
  appendRun(index: number, count: number): void {
    this.#reserve(count);
    const indices = this.#indices;
    const end = this.length + count;
    // Runs are mostly short: a loop beats a call.
    for (let row = this.length; row < end; row++) indices[row] = index;
    this.length = end;
  }

  /** The rows as pages: a byte for the width, then the hybrid of runs and bits. */
  pages(dictionarySize: number): Page[] {
    const width = bitWidthOf(Math.max(0, dictionarySize - 1));
    const packed = this.#packed;
    packed.clear();
    const cuts: { from: number; to: number; count: number }[] = [];
    for (let row = 0; row < this.length; row += PAGE_ROWS) {
      const end = Math.min(row + PAGE_ROWS, this.length);
      const from = packed.length;
      packed.reserve(1);
      packed.bytes[packed.length++] = width;
      packIndices(this.#indices, row, end, width, packed);
      cuts.push({ from, to: packed.length, count: end - row });
    }
    return cuts.map(({ from, to, count }) => ({ bytes: packed.bytes.subarray(from, to), count }));
  }

  clear(): void {
    this.length = 0;
    if (this.#indices.length * 4 > MOST_KEPT_BYTES) this.#indices = new Uint32Array(0);
    this.#packed.clear(MOST_KEPT_BYTES);
  }

  #reserve(count: number): void {
    const wanted = this.length + count;
    if (wanted <= this.#indices.length) return;
    const grown = new Uint32Array(Math.max(FIRST_ROWS, wanted, this.#indices.length * 2));
    grown.set(this.#indices.subarray(0, this.length));
    this.#indices = grown;
  }
}
