/**
 * The spans of open and remembered traces as rows of eleven words, eight rows a chunk, each trace a chain of chunks: the rows of a trace lie
 * together, and nothing is allocated a span.
 */
import type { Nanos } from '../../base/nanos.ts';
import { timeOf } from '../../otlp/proto/projected-span.ts';

/** Words a row. */
export const HELD_ROW = 11;
export const H_SPAN_0 = 0;
export const H_SPAN_1 = 1;
/** Both words 0: a root. */
export const H_PARENT_0 = 2;
export const H_PARENT_1 = 3;
export const H_START_HIGH = 4;
export const H_START_LOW = 5;
export const H_END_HIGH = 6;
export const H_END_LOW = 7;
export const H_NAME = 8;
/** The traits of span-rows.ts in the lower half, the number of the service in the upper. */
export const H_TRAITS = 9;
/** Number of the span among the touched ones of its trace plus 1; 0: no rule reads it. */
export const H_TOUCHED = 10;

export const SERVICE_SHIFT = 16;
/** Services that have a number have a smaller one; the others share this, and each span of one counts as of a service of its own. */
export const UNTOLD_SERVICE = 65_535;

const CHUNK_BITS = 3;
/** Rows a chunk. */
export const CHUNK = 1 << CHUNK_BITS;

const FIRST_CHUNKS = 2048;

export class HeldRows {
  words = new Uint32Array(FIRST_CHUNKS * CHUNK * HELD_ROW);
  /** The chunk behind a chunk of the same trace, or of the chain of free ones; -1: none. */
  next = new Int32Array(FIRST_CHUNKS);
  #free = -1;
  #end = 0;

  /** A chunk that nothing is linked to yet. */
  takeChunk(): number {
    let chunk = this.#free;
    if (chunk >= 0) this.#free = this.next[chunk] as number;
    else {
      chunk = this.#end++;
      if (chunk === this.next.length) this.#grow();
    }
    this.next[chunk] = -1;
    return chunk;
  }

  /** Gives a chain of chunks back. */
  freeChain(head: number, tail: number): void {
    if (head < 0) return;
    this.next[tail] = this.#free;
    this.#free = head;
  }

  startOf(slot: number): Nanos {
    return this.#time(slot * HELD_ROW + H_START_HIGH);
  }

  endOf(slot: number): Nanos {
    return this.#time(slot * HELD_ROW + H_END_HIGH);
  }

  get bytes(): number {
    return this.words.byteLength + this.next.byteLength;
  }

  #time(place: number): Nanos {
    return timeOf(this.words[place] as number, this.words[place + 1] as number);
  }

  #grow(): void {
    const chunks = this.next.length * 2;
    const words = new Uint32Array(chunks * CHUNK * HELD_ROW);
    words.set(this.words);
    this.words = words;
    const next = new Int32Array(chunks);
    next.set(this.next);
    this.next = next;
  }
}

export function firstSlotOf(chunk: number): number {
  return chunk << CHUNK_BITS;
}
