/**
 * Marks of traces that are held no more: 64 bits of the id each, so that a span that comes for one is known to be late and not taken for a new
 * trace, as long as there is room. The oldest mark goes first; one that goes before the late window of its trace is over leaves doubt about its trace.
 */
import { PushedOut } from './pushed-out.ts';
import { hashTraceId } from './trace-table.ts';

const FIRST_PLACES = 256;
/** From so many marks on, room is taken for all that there may be, at once: a server that has them will have all of them one day, and its memory is not to grow until then. */
const MANY_MARKS = 65_536;

export class GoneMarks {
  readonly #most: number;
  readonly #pushedOut: PushedOut;
  /** Marks in order, as a ring: two words of a fingerprint and the end of the late window. */
  #prints = new Int32Array(FIRST_PLACES);
  #until = new Float64Array(FIRST_PLACES / 2);
  #first = 0;
  count = 0;
  /** Index in the ring plus 1; 0 is free. Twice as many places as the ring has. */
  #places = new Int32Array(FIRST_PLACES);

  /** At most so many marks, at least one. */
  constructor(most: number) {
    this.#most = Math.max(1, most);
    this.#pushedOut = new PushedOut(this.#most);
  }

  has(w0: number, w1: number, w2: number, w3: number): boolean {
    if (this.count === 0) return false;
    return this.#find(hashTraceId(w0, w1, w2, w3), secondHash(w0, w1, w2, w3)) >= 0;
  }

  /** Whether the trace may be one whose mark had to go too early. */
  mayHaveLost(w0: number, w1: number, w2: number, w3: number, now: number): boolean {
    if (this.#pushedOut.isEmpty(now)) return false;
    return this.#pushedOut.mayHave(hashTraceId(w0, w1, w2, w3), secondHash(w0, w1, w2, w3), now);
  }

  /**
   * Marks a trace whose late window ends at `until`; one that is marked keeps the mark that it has. Whether the oldest mark had to go for it too
   * early.
   */
  add(w0: number, w1: number, w2: number, w3: number, until: number, now: number): boolean {
    const print0 = hashTraceId(w0, w1, w2, w3);
    const print1 = secondHash(w0, w1, w2, w3);
    if (this.#find(print0, print1) >= 0) return false;
    const isEarly = this.count === this.#most && this.#dropFirst(now);
    if (this.count === this.#until.length) this.#grow();
    const index = (this.#first + this.count++) % this.#until.length;
    this.#prints[index * 2] = print0;
    this.#prints[index * 2 + 1] = print1;
    this.#until[index] = until;
    this.#place(index);
    return isEarly;
  }

  get bytes(): number {
    return this.#prints.byteLength + this.#until.byteLength + this.#places.byteLength + this.#pushedOut.bytes;
  }

  /** Whether its late window was not over. */
  #dropFirst(now: number): boolean {
    const places = this.#places;
    const mask = places.length - 1;
    let hole = (this.#prints[this.#first * 2] as number) & mask;
    while (places[hole] !== this.#first + 1) hole = (hole + 1) & mask;
    for (let place = (hole + 1) & mask; places[place] !== 0; place = (place + 1) & mask) {
      const wanted = (this.#prints[((places[place] as number) - 1) * 2] as number) & mask;
      if (((place - wanted) & mask) < ((place - hole) & mask)) continue;
      places[hole] = places[place] as number;
      hole = place;
    }
    places[hole] = 0;
    const until = this.#until[this.#first] as number;
    const isEarly = until > now;
    if (isEarly) {
      const place = this.#first * 2;
      this.#pushedOut.add(this.#prints[place] as number, this.#prints[place + 1] as number, until, now);
    }
    this.#first = (this.#first + 1) % this.#until.length;
    this.count--;
    return isEarly;
  }

  #find(print0: number, print1: number): number {
    const places = this.#places;
    const mask = places.length - 1;
    for (let place = print0 & mask; ; place = (place + 1) & mask) {
      const index = (places[place] as number) - 1;
      if (index < 0) return -1;
      if (this.#prints[index * 2] === print0 && this.#prints[index * 2 + 1] === print1) return index;
    }
  }

  #place(index: number): void {
    const places = this.#places;
    const mask = places.length - 1;
    let place = (this.#prints[index * 2] as number) & mask;
    while (places[place] !== 0) place = (place + 1) & mask;
    places[place] = index + 1;
  }

  #grow(): void {
    let capacity = this.#until.length * 2;
    const takesAll = capacity > MANY_MARKS;
    if (takesAll) while (capacity < this.#most) capacity *= 2;
    const prints = new Int32Array(capacity * 2);
    const until = new Float64Array(capacity);
    // Pages that nobody has written to are no memory yet.
    if (takesAll) for (const words of [prints, until]) words.fill(0);
    for (let nth = 0; nth < this.count; nth++) {
      const index = (this.#first + nth) % this.#until.length;
      prints[nth * 2] = this.#prints[index * 2] as number;
      prints[nth * 2 + 1] = this.#prints[index * 2 + 1] as number;
      until[nth] = this.#until[index] as number;
    }
    this.#prints = prints;
    this.#until = until;
    this.#first = 0;
    this.#places = new Int32Array(capacity * 2);
    if (takesAll) this.#places.fill(0);
    for (let index = 0; index < this.count; index++) this.#place(index);
  }
}

function secondHash(w0: number, w1: number, w2: number, w3: number): number {
  let hash = Math.imul(w0 ^ Math.imul(w1, 0xcc9e2d51), 0x1b873593) ^ Math.imul(w2, 0xe6546b64) ^ w3;
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}
