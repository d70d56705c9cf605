/**
 * Which spans the traces had that closed last: a ring of 12 bytes a span, in which a trace's spans lie together. So a span
 * that is sent again after its trace has closed is known to be a repetition, and the trace need not be gone through again.
 */

import {
  DECODED,
  END_HIGH,
  END_LOW,
  IN_BYTES,
  NAME,
  PARENT_0,
  PARENT_1,
  START_HIGH,
  START_LOW,
  TRAITS,
} from '../../otlp/span-rows.ts';
import type { SpanPayload } from './record-reader.ts';
import type { SpanContext } from './span-context.ts';

const FIRST_CAPACITY = 1 << 14;
/** A larger trace that comes again is gone through again: cheaper than to search it for each of its spans. */
const LONGEST_SEARCH = 2048;

export class ClosedIdentities {
  readonly #most: number;
  #capacity = FIRST_CAPACITY;
  /** Three words a span: its id and its digest. */
  #words = new Uint32Array(FIRST_CAPACITY * 3);
  /** Spans written so far, modulo 2^32. */
  #position = 0;
  #written = 0;

  /** `most` spans are kept, the latest. */
  constructor(most: number) {
    let capacity = FIRST_CAPACITY;
    while (capacity < most) capacity *= 2;
    this.#most = capacity;
  }

  /** Where the next span will be: to be remembered of a trace before its spans are added. */
  get position(): number {
    return this.#position;
  }

  /** `digest` is of all that the span is; 0 stands for a span that is too much for a digest, and never known again. */
  add(id0: number, id1: number, digest: number): void {
    if (this.#written >= this.#capacity && this.#capacity < this.#most) this.#grow();
    const at = (this.#position & (this.#capacity - 1)) * 3;
    this.#words[at] = id0;
    this.#words[at + 1] = id1;
    this.#words[at + 2] = digest;
    this.#position = (this.#position + 1) >>> 0;
    this.#written++;
  }

  /** Whether exactly this span is among the `count` from `from` on. No, also where they were overwritten. */
  has(from: number, count: number, id0: number, id1: number, digest: number): boolean {
    const behind = (this.#position - from) >>> 0;
    if (digest === 0 || count > LONGEST_SEARCH || behind > Math.min(this.#capacity, this.#written))
      return false;
    const mask = this.#capacity - 1;
    const words = this.#words;
    for (let index = 0; index < count; index++) {
      const at = ((from + index) & mask) * 3;
      if (words[at + 1] === id1 && words[at] === id0 && words[at + 2] === digest) return true;
    }
    return false;
  }

  /** Called when the ring is full and the next place is its first: what it holds goes over in one piece. */
  #grow(): void {
    const to = (this.#position - this.#capacity) & (this.#capacity * 2 - 1);
    this.#capacity *= 2;
    const larger = new Uint32Array(this.#words.length * 2);
    larger.set(this.#words, to * 3);
    this.#words = larger;
  }
}

/**
 * All that a plain span is, in 32 bits; 0 for others, whose attributes would have to be read. A difference in one place always
 * makes another digest.
 */
export function digestOf(words: Uint32Array, row: number, payload: SpanPayload | null): number {
  const traits = words[row + TRAITS] as number;
  if ((traits & (IN_BYTES | DECODED)) !== 0) return 0;
  const start = (words[row + START_LOW] as number) ^ Math.imul(words[row + START_HIGH] as number, 0x9e3779b1);
  const end = (words[row + END_LOW] as number) ^ Math.imul(words[row + END_HIGH] as number, 0x85ebca6b);
  const parent = (words[row + PARENT_1] as number) ^ Math.imul(words[row + PARENT_0] as number, 0xc2b2ae35);
  const rest = traits ^ Math.imul(words[row + NAME] as number, 0x27d4eb2f);
  const digest =
    start ^
    ((end << 11) | (end >>> 21)) ^
    ((parent << 19) | (parent >>> 13)) ^
    Math.imul(rest ^ Math.imul((payload as SpanContext).serial, 0x7feb352d), 0x9e3779b1);
  return digest === 0 ? 1 : digest >>> 0;
}
