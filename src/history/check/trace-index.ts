/**
 * Every trace that was seen, by its 128-bit id: about 40 bytes each, for the whole run, so that a span that comes late is
 * known to be late. Open addressing over typed columns.
 */

/** Values of `state` below zero. Zero and above: the number of the open trace. */
export const FRESH = -1;
export const CLOSED = -2;
/** To be gone through again from the start of the input. */
export const REDO = -3;

export class TraceIndex {
  count = 0;
  /** FRESH, CLOSED, REDO, or the number of the open trace. */
  state = new Int32Array(1024);
  /** Of a closed trace: the number of its outcome. */
  outcome = new Int32Array(1024);
  /** Of a closed trace: its distinct spans. */
  spans = new Uint32Array(1024);
  /** Of a closed trace: where its spans' identities are (see ClosedIdentities). */
  identities = new Uint32Array(1024);

  #word0 = new Uint32Array(1024);
  #word1 = new Uint32Array(1024);
  #word2 = new Uint32Array(1024);
  #word3 = new Uint32Array(1024);
  /** Trace number plus 1; 0 is free. */
  #slots = new Int32Array(2048);

  /** The trace's number, or -1. */
  find(w0: number, w1: number, w2: number, w3: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = hashOf(w0, w1, w2, w3) & mask; ; slot = (slot + 1) & mask) {
      const trace = (this.#slots[slot] as number) - 1;
      if (trace < 0 || this.#is(trace, w0, w1, w2, w3)) return trace;
    }
  }

  /** The trace's number; one that was not seen before is FRESH. */
  findOrAdd(w0: number, w1: number, w2: number, w3: number): number {
    const mask = this.#slots.length - 1;
    let slot = hashOf(w0, w1, w2, w3) & mask;
    for (; ; slot = (slot + 1) & mask) {
      const trace = (this.#slots[slot] as number) - 1;
      if (trace < 0) break;
      if (this.#is(trace, w0, w1, w2, w3)) return trace;
    }
    const trace = this.count;
    if (trace === this.state.length) this.#grow();
    this.count++;
    this.#word0[trace] = w0;
    this.#word1[trace] = w1;
    this.#word2[trace] = w2;
    this.#word3[trace] = w3;
    this.state[trace] = FRESH;
    if (this.count * 3 > this.#slots.length * 2) this.#rehash();
    else this.#slots[slot] = trace + 1;
    return trace;
  }

  /** 32 hex digits. */
  idOf(trace: number): string {
    return (
      hex8(this.#word0[trace] as number) +
      hex8(this.#word1[trace] as number) +
      hex8(this.#word2[trace] as number) +
      hex8(this.#word3[trace] as number)
    );
  }

  #is(trace: number, w0: number, w1: number, w2: number, w3: number): boolean {
    return (
      this.#word3[trace] === w3 &&
      this.#word2[trace] === w2 &&
      this.#word1[trace] === w1 &&
      this.#word0[trace] === w0
    );
  }

  #grow(): void {
    const capacity = Math.ceil(this.state.length * 1.6);
    const grown = <T extends Int32Array | Uint32Array>(column: T): T => {
      const larger = new (column.constructor as new (length: number) => T)(capacity);
      larger.set(column);
      return larger;
    };
    this.state = grown(this.state);
    this.outcome = grown(this.outcome);
    this.spans = grown(this.spans);
    this.identities = grown(this.identities);
    this.#word0 = grown(this.#word0);
    this.#word1 = grown(this.#word1);
    this.#word2 = grown(this.#word2);
    this.#word3 = grown(this.#word3);
  }

  #rehash(): void {
    this.#slots = new Int32Array(this.#slots.length * 2);
    const mask = this.#slots.length - 1;
    for (let trace = 0; trace < this.count; trace++) {
      let slot =
        hashOf(
          this.#word0[trace] as number,
          this.#word1[trace] as number,
          this.#word2[trace] as number,
          this.#word3[trace] as number,
        ) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = trace + 1;
    }
  }
}

/** Ids are random in at least their last bytes, but not all producers' are in all of them. */
export function hashOf(w0: number, w1: number, w2: number, w3: number): number {
  let hash = Math.imul(w3 ^ Math.imul(w2, 0x85ebca6b), 0x9e3779b1) ^ Math.imul(w1, 0xc2b2ae35) ^ w0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  return (hash ^ (hash >>> 15)) >>> 0;
}

export function hex8(word: number): string {
  return (word + 0x100000000).toString(16).slice(1);
}
