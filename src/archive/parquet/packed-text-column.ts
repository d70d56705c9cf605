/** A column of texts that is compressed while it is written, page by page, by what its writer knows of repetitions. */
import { type ColumnShape, type EncodedColumn, MOST_KEPT_BYTES, type Page } from './column.ts';
import { GrowingBytes } from './growing-bytes.ts';
import { Repeats } from './repeats.ts';
import { mostCompressed, snappyCompressRepeats } from './snappy.ts';
import type { WritableTexts } from './text-column.ts';

/** Small enough that a page is still in the processor's cache when it is compressed. */
const PACKED_PAGE_BYTES = 1 << 17;

export class PackedTextColumn implements WritableTexts {
  readonly shape: ColumnShape;
  /** The open page. */
  readonly out = new GrowingBytes();
  readonly repeats = new Repeats();
  rows = 0;
  #open = 0;
  #pageRow = 0;
  readonly #packed = new GrowingBytes();
  readonly #cuts: { readonly to: number; readonly count: number; readonly unpacked: number }[] = [];

  constructor(name: string) {
    this.shape = { name, type: 'text', compressed: true };
  }

  get heldBytes(): number {
    return this.#packed.length + this.out.length;
  }

  open(most: number): void {
    // The packer reads and writes whole words.
    this.out.reserve(most + 12);
    this.#open = this.out.length;
    this.out.length += 4;
  }

  close(): void {
    const { out } = this;
    out.view.setInt32(this.#open, out.length - this.#open - 4, true);
    this.rows++;
    if (out.length >= PACKED_PAGE_BYTES) this.#cut();
  }

  restart(): void {
    this.out.length = this.#open + 4;
  }

  encode(): EncodedColumn {
    if (this.#pageRow < this.rows) this.#cut();
    const pages: Page[] = [];
    let from = 0;
    for (const { to, count, unpacked } of this.#cuts) {
      pages.push({ bytes: this.#packed.bytes.subarray(from, to), count, unpacked });
      from = to;
    }
    return { dictionary: null, pages, bounds: null };
  }

  clear(): void {
    this.out.clear(MOST_KEPT_BYTES);
    this.#packed.clear(MOST_KEPT_BYTES);
    this.repeats.clear();
    this.rows = 0;
    this.#pageRow = 0;
    this.#cuts.length = 0;
  }

  #cut(): void {
    const { out, repeats } = this;
    const packed = this.#packed;
    packed.reserve(mostCompressed(out.length));
    packed.length = snappyCompressRepeats(out, repeats, packed);
    this.#cuts.push({ to: packed.length, count: this.rows - this.#pageRow, unpacked: out.length });
    this.#pageRow = this.rows;
    out.clear(MOST_KEPT_BYTES);
    repeats.clear();
  }
}
