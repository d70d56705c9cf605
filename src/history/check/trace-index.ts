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

  /** Four words an id. */
  #ids = new Uint32Array(4096);
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
    this.#ids[trace * 4] = w0;
    this.#ids[trace * 4 + 1] = w1;
    this.#ids[trace * 4 + 2] = w2;
    this.#ids[trace * 4 + 3] = w3;
    this.state[trace] = FRESH;
    if (this.count * 3 > this.#slots.length * 2) this.#rehash();
    else this.#slots[slot] = trace + 1;
    return trace;
  }

  /** 32 hex digits. */
  idOf(trace: number): string {
    let id = '';
    for (let word = 0; word < 4; word++) id += hex8(this.#ids[trace * 4 + word] as number);
    return id;
  }

  #is(trace: number, w0: number, w1: number, w2: number, w3: number): boolean {
    const ids = this.#ids;
    const at = trace * 4;
    return ids[at + 3] === w3 && ids[at + 2] === w2 && ids[at + 1] === w1 && ids[at] === w0;
  }

  #grow(): void {
    const capacity = Math.ceil(this.state.length * 1.6);
    this.state = grown(this.state, capacity);
    this.outcome = grown(this.outcome, capacity);
    this.spans = grown(this.spans, capacity);
    this.identities = grown(this.identities, capacity);
    this.#ids = grown(this.#ids, capacity * 4);
  }

  #rehash(): void {
    this.#slots = new Int32Array(this.#slots.length * 2);
    const mask = this.#slots.length - 1;
    for (let trace = 0; trace < this.count; trace++) {
      const [w0, w1, w2, w3] = this.#ids.subarray(trace * 4, trace * 4 + 4) as unknown as Words;
      let slot = hashOf(w0, w1, w2, w3) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = trace + 1;
    }
  }
}

type Words = readonly [number, number, number, number];

function grown<T extends Int32Array | Uint32Array>(column: T, capacity: number): T {
  const larger = new (column.constructor as new (length: number) => T)(capacity);
  larger.set(column);
  return larger;
}

/** Ids are random in at least their last bytes, but not all producers' are in all of them. */
export function hashOf(w0: number, w1: number, w2: number, w3: number): number {
  let hash = Math.imul(w3 ^ Math.imul(w2, 0x85ebca6b), 0x9e3779b1) ^ Math.imul(w1, 0xc2b2ae35) ^ w0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  return (hash ^ (hash >>> 15)) >>> 0;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Eight hex digits. (Number's own toString takes a microsecond for words above 2^31.) */
export function hex8(word: number): string {
  return (
    (HEX[word >>> 24] as string) +
    (HEX[(word >>> 16) & 255] as string) +
    (HEX[(word >>> 8) & 255] as string) +
    (HEX[word & 255] as string)
  );
}
