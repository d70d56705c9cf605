/**
 * Open and remembered traces: a record of typed words each, found by the four words of the id. Records are reused; nothing is allocated a trace but
 * what touched spans need.
 */

/** Words a record. */
export const TRACE = 24;
// Places in a record; the first four are the id.
export const T_FLAGS = 4;
/** Distinct spans that are held. */
export const T_SPANS = 5;
/** Parents that are not there, and of those the ones with a child that is no server or consumer. */
export const T_MISSING = 6;
export const T_LOCAL = 7;
/** Where the table of its span ids is, its size, and how many entries it uses. */
export const T_TABLE = 8;
export const T_SIZE = 9;
export const T_USED = 10;
/** Its first and last chunk of rows, or -1. */
export const T_HEAD = 11;
export const T_TAIL = 12;
/** Its neighbours in the queue of its state. */
export const T_BEFORE = 13;
export const T_BEHIND = 14;
/** Its neighbours among open traces in the order in which they opened. */
export const T_OLDER = 15;
export const T_YOUNGER = 16;
/** Its neighbours among all held traces in the order of their first position. */
export const T_ELDER = 17;
export const T_JUNIOR = 18;
/** Number of the rule set that it began with. */
export const T_RULES = 19;
/** Id of the first conflicting span. */
export const T_CONFLICT_0 = 20;
export const T_CONFLICT_1 = 21;
/** Number of the first sampling threshold seen; 0: none. */
export const T_THRESHOLD = 22;
/** The queue that it is in. */
export const T_QUEUE = 23;

/** Doubles a record. */
export const TIMES = 6;
/** Last arrival while open; when it closed, while remembered. */
export const T_LAST = 0;
/** When it opened, the last time. */
export const T_OPENED = 1;
export const T_POSITION = 2;
/** Start of the first span and end of the last in nanoseconds, to the precision of a double. */
export const T_START = 3;
export const T_END = 4;
export const T_CLOSINGS = 5;

export class TraceTable {
  words = new Int32Array(1024 * TRACE);
  times = new Float64Array(1024 * TIMES);
  count = 0;
  readonly #free: number[] = [];
  #end = 0;
  /** Two words a place: hash, number plus 1 (0 is free). */
  #places = new Int32Array(4096);

  /** The trace's number, or -1. */
  find(w0: number, w1: number, w2: number, w3: number): number {
    const places = this.#places;
    const mask = (places.length >> 1) - 1;
    const hash = hashTraceId(w0, w1, w2, w3);
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const number = (places[place * 2 + 1] as number) - 1;
      if (number < 0) return -1;
      if (places[place * 2] === hash && this.#is(number, w0, w1, w2, w3)) return number;
    }
  }

  /** Number of a new record with this id; all else in it is as it was left. The id must not be there. */
  add(w0: number, w1: number, w2: number, w3: number): number {
    const number = this.#free.pop() ?? this.#end++;
    if ((number + 1) * TRACE > this.words.length) this.#grow();
    const at = number * TRACE;
    this.words[at] = w0;
    this.words[at + 1] = w1;
    this.words[at + 2] = w2;
    this.words[at + 3] = w3;
    if (++this.count * 3 > this.#places.length) this.#rehash();
    this.#place(hashTraceId(w0, w1, w2, w3), number);
    return number;
  }

  /** Frees the record; its number will be another trace's. */
  remove(number: number): void {
    const places = this.#places;
    const mask = (places.length >> 1) - 1;
    const at = number * TRACE;
    const { words } = this;
    const hash = hashTraceId(
      words[at] as number,
      words[at + 1] as number,
      words[at + 2] as number,
      words[at + 3] as number,
    );
    let hole = hash & mask;
    while (places[hole * 2 + 1] !== number + 1) hole = (hole + 1) & mask;
    // Those behind the hole move up, so that no search ends too early.
    for (let place = (hole + 1) & mask; places[place * 2 + 1] !== 0; place = (place + 1) & mask) {
      const wanted = (places[place * 2] as number) & mask;
      if (((place - wanted) & mask) < ((place - hole) & mask)) continue;
      places[hole * 2] = places[place * 2] as number;
      places[hole * 2 + 1] = places[place * 2 + 1] as number;
      hole = place;
    }
    places[hole * 2] = 0;
    places[hole * 2 + 1] = 0;
    this.count--;
    this.#free.push(number);
  }

  /** 32 hex digits. */
  idOf(number: number): string {
    const at = number * TRACE;
    let id = '';
    for (let word = 0; word < 4; word++) id += hex8((this.words[at + word] as number) >>> 0);
    return id;
  }

  get bytes(): number {
    return this.words.byteLength + this.times.byteLength + this.#places.byteLength;
  }

  #is(number: number, w0: number, w1: number, w2: number, w3: number): boolean {
    const { words } = this;
    const at = number * TRACE;
    return (
      words[at + 3] === (w3 | 0) &&
      words[at + 2] === (w2 | 0) &&
      words[at + 1] === (w1 | 0) &&
      words[at] === (w0 | 0)
    );
  }

  #place(hash: number, number: number): void {
    const places = this.#places;
    const mask = (places.length >> 1) - 1;
    let place = hash & mask;
    while (places[place * 2 + 1] !== 0) place = (place + 1) & mask;
    places[place * 2] = hash;
    places[place * 2 + 1] = number + 1;
  }

  #rehash(): void {
    const old = this.#places;
    this.#places = new Int32Array(old.length * 2);
    for (let at = 0; at < old.length; at += 2) {
      const number = (old[at + 1] as number) - 1;
      if (number >= 0) this.#place(old[at] as number, number);
    }
  }

  #grow(): void {
    const capacity = (this.words.length / TRACE) * 2;
    const words = new Int32Array(capacity * TRACE);
    words.set(this.words);
    this.words = words;
    const times = new Float64Array(capacity * TIMES);
    times.set(this.times);
    this.times = times;
  }
}

/** Ids are random in at least their last bytes, but not all producers' are in all of them. */
export function hashTraceId(w0: number, w1: number, w2: number, w3: number): number {
  let hash = Math.imul(w3 ^ Math.imul(w2, 0x85ebca6b), 0x9e3779b1) ^ Math.imul(w1, 0xc2b2ae35) ^ w0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  return hash ^ (hash >>> 15);
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Eight hex digits of a word that is not negative. */
export function hex8(word: number): string {
  return (
    (HEX[word >>> 24] as string) +
    (HEX[(word >>> 16) & 255] as string) +
    (HEX[(word >>> 8) & 255] as string) +
    (HEX[word & 255] as string)
  );
}
