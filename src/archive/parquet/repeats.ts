/**
 * Where a text that is being written repeats an earlier one, as told by who writes it: the keys of JSON, and whole values. To look there only
 * costs a tenth of what looking everywhere costs, and finds nearly as much.
 */

const SLOTS = 1 << 12;
/** What snappy reaches back in three bytes. */
const FARTHEST = 0xffff;
const FIRST_PAIRS = 1 << 10;

/** Positions are of one page. What is noted may be overwritten later: whoever uses a pair compares. */
export class Repeats {
  /** By hash: position of the last text of it, plus 1. */
  readonly #last = new Int32Array(SLOTS);
  /** `length` numbers: a position, and the earlier one that it may repeat. */
  pairs = new Int32Array(FIRST_PAIRS * 2);
  length = 0;

  /** A text of this hash begins at a position. */
  note(hash: number, at: number): void {
    const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    const before = (this.#last[slot] as number) - 1;
    this.#last[slot] = at + 1;
    if (before < 0 || before >= at || at - before > FARTHEST) return;
    if (this.length === this.pairs.length) this.#grow();
    this.pairs[this.length] = at;
    this.pairs[this.length + 1] = before;
    this.length += 2;
  }

  clear(): void {
    this.#last.fill(0);
    this.length = 0;
  }

  #grow(): void {
    const grown = new Int32Array(this.pairs.length * 2);
    grown.set(this.pairs);
    this.pairs = grown;
  }
}
