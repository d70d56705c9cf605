/** A column of texts that repeat: each distinct one is stored once, and a row is an index of a few bits. */
import {
  type Column,
  type ColumnShape,
  compareBytes,
  type EncodedColumn,
  LONGEST_BOUND,
  MOST_KEPT_BYTES,
} from './column.ts';
import { GrowingBytes } from './growing-bytes.ts';
import { IndexList } from './index-list.ts';

const ENCODER = new TextEncoder();
const FIRST_SLOTS = 64;

/**
 * The distinct values live as long as the row group. Its size bounds them: where all rows differ, this is little larger than the
 * texts themselves.
 */
export class DictionaryColumn implements Column {
  readonly shape: ColumnShape;
  readonly #indices = new IndexList();
  /** The distinct values as PLAIN: length and bytes. */
  readonly #values = new GrowingBytes();
  /** Where each begins in `#values`. */
  #offsets = new Uint32Array(FIRST_SLOTS);
  #hashes = new Int32Array(FIRST_SLOTS);
  #size = 0;
  /** Open addressing: index + 1, or 0 for free. */
  #slots = new Uint32Array(FIRST_SLOTS * 2);

  constructor(name: string) {
    this.shape = { name, type: 'text', compressed: true };
  }

  get rows(): number {
    return this.#indices.length;
  }

  get heldBytes(): number {
    return this.#values.length + this.#indices.length * 4;
  }

  /** Distinct values so far. */
  get size(): number {
    return this.#size;
  }

  append(index: number): void {
    this.#indices.append(index);
  }

  appendRun(index: number, count: number): void {
    this.#indices.appendRun(index, count);
  }

  indexOfText(text: string): number {
    const utf8 = ENCODER.encode(text);
    return this.indexOf(utf8, 0, utf8.length);
  }

  /** The index of the text in `bytes[from, to)`, which must be UTF-8. Good until `clear`. */
  indexOf(bytes: Uint8Array, from: number, to: number): number {
    let hash = 0x811c9dc5 | 0;
    for (let at = from; at < to; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
    const mask = this.#slots.length - 1;
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (let entry = this.#slots[slot] as number; entry !== 0; entry = this.#slots[slot] as number) {
      if (this.#hashes[entry - 1] === hash && this.#equals(entry - 1, bytes, from, to)) return entry - 1;
      slot = (slot + 1) & mask;
    }
    return this.#add(bytes, from, to, hash, slot);
  }

  encode(): EncodedColumn {
    const dictionary = { bytes: this.#values.written(), count: this.#size };
    return { dictionary, pages: this.#indices.pages(this.#size), bounds: this.#bounds() };
  }

  clear(): void {
    this.#indices.clear();
    this.#values.clear(MOST_KEPT_BYTES);
    this.#size = 0;
    if (this.#slots.length > FIRST_SLOTS * 64) {
      this.#slots = new Uint32Array(FIRST_SLOTS * 2);
      this.#offsets = new Uint32Array(FIRST_SLOTS);
      this.#hashes = new Int32Array(FIRST_SLOTS);
    } else this.#slots.fill(0);
  }

  #equals(index: number, bytes: Uint8Array, from: number, to: number): boolean {
    const offset = this.#offsets[index] as number;
    const values = this.#values.bytes;
    if (this.#values.view.getUint32(offset, true) !== to - from) return false;
    for (let at = from, own = offset + 4; at < to; at++, own++) if (bytes[at] !== values[own]) return false;
    return true;
  }

  #add(bytes: Uint8Array, from: number, to: number, hash: number, slot: number): number {
    const index = this.#size++;
    if (index === this.#offsets.length) this.#grow();
    const values = this.#values;
    values.reserve(to - from + 4);
    this.#offsets[index] = values.length;
    this.#hashes[index] = hash;
    values.view.setUint32(values.length, to - from, true);
    values.bytes.set(bytes.subarray(from, to), values.length + 4);
    values.length += to - from + 4;
    this.#slots[slot] = index + 1;
    if (this.#size * 2 > this.#slots.length) this.#rehash();
    return index;
  }

  #grow(): void {
    const offsets = new Uint32Array(this.#offsets.length * 2);
    offsets.set(this.#offsets);
    this.#offsets = offsets;
    const hashes = new Int32Array(this.#hashes.length * 2);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
  }

  #rehash(): void {
    this.#slots = new Uint32Array(this.#slots.length * 2);
    const mask = this.#slots.length - 1;
    for (let index = 0; index < this.#size; index++) {
      const hash = this.#hashes[index] as number;
      let slot = (hash ^ (hash >>> 15)) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = index + 1;
    }
  }

  #bounds(): EncodedColumn['bounds'] {
    if (this.#size === 0) return null;
    let least = this.#valueAt(0);
    let greatest = least;
    for (let index = 1; index < this.#size; index++) {
      const value = this.#valueAt(index);
      if (compareBytes(value, least) < 0) least = value;
      else if (compareBytes(value, greatest) > 0) greatest = value;
    }
    return least.length > LONGEST_BOUND || greatest.length > LONGEST_BOUND ? null : { least, greatest };
  }

  #valueAt(index: number): Uint8Array {
    const offset = this.#offsets[index] as number;
    const length = this.#values.view.getUint32(offset, true);
    return this.#values.bytes.subarray(offset + 4, offset + 4 + length);
  }
}
