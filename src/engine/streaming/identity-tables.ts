/**
 * For each trace a small open-addressing table of its span ids, all in one array: to know a repetition by, and a parent that is not there. An entry is
 * two words: the hash of the id, and what it stands for. Tables are given back whole, so that forgetting a trace costs nothing a span.
 *
 *     value   0 free · slot + 1 of the span · with MISSING, slot + 1 of a span whose parent has the id and is not there
 */

/** The entry stands for a span that is not there; its low bits are a child of it. */
export const MISSING = 0x40000000;
/** Some child of the missing span is no server or consumer. */
export const LOCAL_CHILD = 0x20000000;
export const SLOT_MASK = 0x1fffffff;

/** Entries of the smallest table. */
const SMALLEST = 16;
const SIZES = 24;

export class IdentityTables {
  entries = new Int32Array(1 << 16);
  #end = 0;
  /** First free table of each size (its offset in words), or -1; a free table's first word is the next one. */
  readonly #free = new Int32Array(SIZES).fill(-1);
  /** Odd: what the words of an id are multiplied by. */
  readonly #factor0: number;
  readonly #factor1: number;

  /** `seed`: who does not know it cannot make ids up that share their places. */
  constructor(seed: number) {
    this.#factor0 = mixed(seed) | 1;
    this.#factor1 = mixed(seed ^ 0x9e3779b1) | 1;
  }

  /** Of a span id. */
  hash(id0: number, id1: number): number {
    let hash = Math.imul(id0, this.#factor0) ^ Math.imul(id1, this.#factor1);
    hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
    return hash ^ (hash >>> 15);
  }

  /** Offset of an empty table of the smallest size times two to the `size`. */
  take(size: number): number {
    const free = this.#free[size] as number;
    const words = wordsOf(size);
    if (free >= 0) {
      this.#free[size] = this.entries[free] as number;
      this.entries.fill(0, free, free + words);
      return free;
    }
    const offset = this.#end;
    this.#end += words;
    if (this.#end > this.entries.length) {
      const entries = new Int32Array(Math.max(this.#end, this.entries.length * 2));
      entries.set(this.entries);
      this.entries = entries;
    }
    return offset;
  }

  give(offset: number, size: number): void {
    this.entries[offset] = this.#free[size] as number;
    this.#free[size] = offset;
  }

  /** A table of the next size with the same entries; the old one is given back. */
  enlarge(offset: number, size: number): number {
    const target = this.take(size + 1);
    const { entries } = this;
    const mask = maskOf(size + 1);
    for (let at = offset, end = offset + wordsOf(size); at < end; at += 2) {
      const value = entries[at + 1] as number;
      if (value === 0) continue;
      const hash = entries[at] as number;
      let place = hash & mask;
      while (entries[target + place * 2 + 1] !== 0) place = (place + 1) & mask;
      entries[target + place * 2] = hash;
      entries[target + place * 2 + 1] = value;
    }
    this.give(offset, size);
    return target;
  }

  get bytes(): number {
    return this.entries.byteLength;
  }
}

/** The last index of an entry, for the places of a table. */
export function maskOf(size: number): number {
  return (SMALLEST << size) - 1;
}

/** So many entries may be used before the table must grow. */
export function roomOf(size: number): number {
  return (SMALLEST << size) - ((SMALLEST << size) >> 2);
}

function wordsOf(size: number): number {
  return SMALLEST * 2 * 2 ** size;
}

function mixed(seed: number): number {
  let hash = Math.imul(seed ^ (seed >>> 16), 0x7feb352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  return hash ^ (hash >>> 16);
}
