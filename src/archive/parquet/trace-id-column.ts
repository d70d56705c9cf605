/** The column of trace ids: hex text, each distinct one stored once. Found by the words of the id, without making the text. */
import {
  type Column,
  type ColumnShape,
  compareBytes,
  type EncodedColumn,
  MOST_KEPT_BYTES,
} from './column.ts';
import { GrowingBytes } from './growing-bytes.ts';
import { IndexList } from './index-list.ts';

const FIRST_SLOTS = 256;
const DIGITS = 32;
/** By byte: its two digits, the first one in the low byte. */
const HEX_PAIRS = new Uint16Array(256);
for (let byte = 0; byte < 256; byte++) {
  const text = byte.toString(16).padStart(2, '0');
  HEX_PAIRS[byte] = text.charCodeAt(0) | (text.charCodeAt(1) << 8);
}

export class TraceIdColumn implements Column {
  readonly shape: ColumnShape;
  readonly #indices = new IndexList();
  readonly #values = new GrowingBytes();
  /** Four words an id. */
  #words = new Uint32Array(FIRST_SLOTS * 4);
  #slots = new Uint32Array(FIRST_SLOTS * 2);
  #size = 0;
  #last = -1;

  constructor(name: string) {
    this.shape = { name, type: 'text', compressed: false };
  }

  get rows(): number {
    return this.#indices.length;
  }

  get heldBytes(): number {
    return this.#values.length + this.#indices.length * 4;
  }

  /** Takes the id at `words[at, at + 4)`, the most significant word first. */
  append(words: Uint32Array, at: number): void {
    this.#indices.append(this.#indexOf(words, at));
  }

  encode(): EncodedColumn {
    const dictionary = { bytes: this.#values.written(), count: this.#size };
    return { dictionary, pages: this.#indices.pages(this.#size), bounds: this.#bounds() };
  }

  clear(): void {
    this.#indices.clear();
    this.#values.clear(MOST_KEPT_BYTES);
    this.#size = 0;
    this.#last = -1;
    this.#slots.fill(0);
  }

  #indexOf(words: Uint32Array, at: number): number {
    // Spans of a trace often come together.
    if (this.#last >= 0 && this.#equals(this.#last, words, at)) return this.#last;
    const mask = this.#slots.length - 1;
    let slot = hashOf(words, at) & mask;
    for (let entry = this.#slots[slot] as number; entry !== 0; entry = this.#slots[slot] as number) {
      if (this.#equals(entry - 1, words, at)) {
        this.#last = entry - 1;
        return entry - 1;
      }
      slot = (slot + 1) & mask;
    }
    return this.#add(words, at, slot);
  }

  #equals(index: number, words: Uint32Array, at: number): boolean {
    const own = index * 4;
    return (
      this.#words[own + 3] === words[at + 3] &&
      this.#words[own + 2] === words[at + 2] &&
      this.#words[own + 1] === words[at + 1] &&
      this.#words[own] === words[at]
    );
  }

  #add(words: Uint32Array, at: number, slot: number): number {
    const index = this.#size++;
    if (index * 4 === this.#words.length) {
      const grown = new Uint32Array(this.#words.length * 2);
      grown.set(this.#words);
      this.#words = grown;
    }
    this.#values.reserve(DIGITS + 4);
    this.#values.view.setUint32(this.#values.length, DIGITS, true);
    this.#values.length += 4;
    for (let word = 0; word < 4; word++) {
      const value = words[at + word] as number;
      this.#words[index * 4 + word] = value;
      writeHexWord(value, this.#values.view, this.#values.length);
      this.#values.length += 8;
    }
    this.#slots[slot] = index + 1;
    if (this.#size * 2 > this.#slots.length) this.#rehash();
    this.#last = index;
    return index;
  }

  #rehash(): void {
    this.#slots = new Uint32Array(this.#slots.length * 2);
    const mask = this.#slots.length - 1;
    for (let index = 0; index < this.#size; index++) {
      let slot = hashOf(this.#words, index * 4) & mask;
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
    return { least, greatest };
  }

  #valueAt(index: number): Uint8Array {
    const from = index * (DIGITS + 4) + 4;
    return this.#values.bytes.subarray(from, from + DIGITS);
  }
}

/** Writes a word as eight hex digits. */
export function writeHexWord(word: number, out: DataView, at: number): void {
  const first = HEX_PAIRS[word >>> 24] as number;
  const third = HEX_PAIRS[(word >>> 8) & 255] as number;
  out.setInt32(at, first | ((HEX_PAIRS[(word >>> 16) & 255] as number) << 16), true);
  out.setInt32(at + 4, third | ((HEX_PAIRS[word & 255] as number) << 16), true);
}

/** Ids may be sequential, or random in some words only: all four count. */
function hashOf(words: Uint32Array, at: number): number {
  let hash = Math.imul((words[at + 3] as number) ^ 0x9e3779b9, 0x85ebca6b);
  hash = Math.imul((hash ^ (hash >>> 15)) + (words[at + 2] as number), 0xc2b2ae35);
  hash = Math.imul((hash ^ (hash >>> 13)) + (words[at + 1] as number), 0x27d4eb2f);
  hash = Math.imul((hash ^ (hash >>> 15)) + (words[at] as number), 0x85ebca6b);
  return (hash ^ (hash >>> 16)) >>> 0;
}
