/** Traces that closed since somebody last looked, in typed arrays. */
import type { ClosedTraces } from './stream.ts';

const FIRST_CAPACITY = 1024;

export class ClosedList {
  #count = 0;
  #ids = new Uint32Array(FIRST_CAPACITY * 4);
  #positions = new Float64Array(FIRST_CAPACITY);

  /** Takes the four words of an id that stand at a place. */
  add(words: Int32Array, at: number, position: number): void {
    if (this.#count === this.#positions.length) this.#grow();
    for (let word = 0; word < 4; word++) this.#ids[this.#count * 4 + word] = words[at + word] as number;
    this.#positions[this.#count++] = position;
  }

  /** What was added since the last time. */
  take(): ClosedTraces {
    const count = this.#count;
    const ids = this.#ids.slice(0, count * 4);
    const firstPositions = this.#positions.slice(0, count);
    this.#count = 0;
    if (this.#positions.length > FIRST_CAPACITY * 16) {
      this.#ids = new Uint32Array(FIRST_CAPACITY * 4);
      this.#positions = new Float64Array(FIRST_CAPACITY);
    }
    return { count, ids, firstPositions };
  }

  #grow(): void {
    const ids = new Uint32Array(this.#ids.length * 2);
    ids.set(this.#ids);
    this.#ids = ids;
    const positions = new Float64Array(this.#positions.length * 2);
    positions.set(this.#positions);
    this.#positions = positions;
  }
}
