/**
 * Fingerprints of traces whose marks had to go before their late windows were over, as a set that may find what was never added and never misses
 * what was: two bit fields, of which the older is emptied when the last that it holds is over.
 */

/** Places of a fingerprint in a field. */
const PLACES = 4;
/** A field has so many bits for each mark that there is room for: one in fifty is found wrongly when eight times as many are in it. */
const BITS_A_MARK = 64;
const FEWEST_BITS = 1024;
const MOST_BITS = 2 ** 30;

interface Field {
  /** Made when it is first needed. */
  words: Int32Array | null;
  until: number;
}

export class PushedOut {
  readonly #bits: number;
  #newer: Field = { words: null, until: Number.NEGATIVE_INFINITY };
  #older: Field = { words: null, until: Number.NEGATIVE_INFINITY };

  /** For an owner that holds so many marks itself. */
  constructor(marks: number) {
    let bits = FEWEST_BITS;
    while (bits < marks * BITS_A_MARK && bits < MOST_BITS) bits *= 2;
    this.#bits = bits;
  }

  /** `until` lies behind `now`. */
  add(print0: number, print1: number, until: number, now: number): void {
    if (this.#older.until <= now && this.#newer.until > now) {
      const emptied = this.#older;
      emptied.words?.fill(0);
      emptied.until = Number.NEGATIVE_INFINITY;
      this.#older = this.#newer;
      this.#newer = emptied;
    } else if (this.#newer.until <= now) this.#newer.words?.fill(0);
    const field = this.#newer;
    field.words ??= new Int32Array(this.#bits / 32);
    field.until = Math.max(field.until, until);
    for (let nth = 0; nth < PLACES; nth++) {
      const bit = this.#place(print0, print1, nth);
      field.words[bit >>> 5] = (field.words[bit >>> 5] as number) | (1 << (bit & 31));
    }
  }

  /** False: it was not added, or is over. */
  mayHave(print0: number, print1: number, now: number): boolean {
    return this.#isIn(this.#newer, print0, print1, now) || this.#isIn(this.#older, print0, print1, now);
  }

  /** Whether anything can be found. */
  isEmpty(now: number): boolean {
    return this.#newer.until <= now && this.#older.until <= now;
  }

  get bytes(): number {
    return (this.#newer.words?.byteLength ?? 0) + (this.#older.words?.byteLength ?? 0);
  }

  #isIn({ words, until }: Field, print0: number, print1: number, now: number): boolean {
    if (words === null || until <= now) return false;
    for (let nth = 0; nth < PLACES; nth++) {
      const bit = this.#place(print0, print1, nth);
      if (((words[bit >>> 5] as number) & (1 << (bit & 31))) === 0) return false;
    }
    return true;
  }

  #place(print0: number, print1: number, nth: number): number {
    // An odd step reaches all places.
    return (print0 + Math.imul(nth, print1 | 1)) & (this.#bits - 1);
  }
}
