/** Sorted sources, taken from as one. Sources can be added on the way. */

export class MergeQueue<T> {
  readonly #compare: (a: T, b: T) => number;
  /** By their first values, the smallest last. */
  readonly #sources: { first: T; readonly rest: Iterator<T> }[] = [];

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  /** The smallest value that is left. */
  get first(): T | undefined {
    return this.#sources.at(-1)?.first;
  }

  add(sorted: Iterable<T>): void {
    this.#put(sorted[Symbol.iterator]());
  }

  /** Takes the smallest value. Cost: the logarithm of the number of sources, and moving some of their places. */
  take(): T | undefined {
    const source = this.#sources.pop();
    if (source !== undefined) this.#put(source.rest);
    return source?.first;
  }

  #put(rest: Iterator<T>): void {
    const next = rest.next();
    if (next.done === true) return;
    let from = 0;
    let to = this.#sources.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (this.#compare((this.#sources[middle] as { first: T }).first, next.value) > 0) from = middle + 1;
      else to = middle;
    }
    this.#sources.splice(from, 0, { first: next.value, rest });
  }
}
