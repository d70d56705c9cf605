/** What falls due when: a binary heap by time, and among equals by the number of what is due, so that the order is the same every time. */
import type { Millis } from '../stream.ts';

export interface Due {
  /** Unique, in the order of making. */
  readonly number: number;
  /** Infinite: never, as things stand. */
  dueAt: Millis;
  /** The time by which the queue knows it; infinite: it is not in the queue. Written by the queue only. */
  queuedAt: Millis;
}

export class DueQueue<Item extends Due> {
  /** An item may be in it more than once: only the place with its `queuedAt` counts. */
  readonly #heap: { at: Millis; item: Item }[] = [];

  /** Must be called when the item's `dueAt` has become earlier, and may be at any time. Cost: O(log n), nothing where it became later. */
  schedule(item: Item): void {
    if (item.dueAt >= item.queuedAt) return;
    item.queuedAt = item.dueAt;
    this.#push({ at: item.dueAt, item });
  }

  /** When the first item is due; null: nothing ever is. */
  next(): Millis | null {
    this.#settle();
    return this.#heap[0]?.at ?? null;
  }

  /** Takes the first item out if it is due at `at`. */
  take(at: Millis): Item | null {
    this.#settle();
    const first = this.#heap[0];
    if (first === undefined || first.at > at) return null;
    this.#pop();
    first.item.queuedAt = Number.POSITIVE_INFINITY;
    return first.item;
  }

  /** Moves everything that is due by so much. */
  shift(by: Millis): void {
    for (const place of this.#heap) place.at += by;
    for (const item of new Set(this.#heap.map((place) => place.item))) {
      item.dueAt += by;
      item.queuedAt += by;
    }
  }

  /** Brings the first place up to date: those that do not count any more go, those that became later sink. */
  #settle(): void {
    for (let first = this.#heap[0]; first !== undefined; first = this.#heap[0]) {
      const { at, item } = first;
      if (at === item.queuedAt && at === item.dueAt) return;
      this.#pop();
      if (at !== item.queuedAt) continue;
      item.queuedAt = Number.POSITIVE_INFINITY;
      if (item.dueAt !== Number.POSITIVE_INFINITY) this.schedule(item);
    }
  }

  #push(place: { at: Millis; item: Item }): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(place);
    while (index > 0) {
      const above = (index - 1) >> 1;
      if (!isBefore(place, heap[above] as { at: Millis; item: Item })) break;
      heap[index] = heap[above] as { at: Millis; item: Item };
      index = above;
    }
    heap[index] = place;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let below = index * 2 + 1;
      if (below >= heap.length) break;
      const right = heap[below + 1];
      if (right !== undefined && isBefore(right, heap[below] as { at: Millis; item: Item })) below++;
      if (!isBefore(heap[below] as { at: Millis; item: Item }, last)) break;
      heap[index] = heap[below] as { at: Millis; item: Item };
      index = below;
    }
    heap[index] = last;
  }
}

function isBefore(a: { at: Millis; item: Due }, b: { at: Millis; item: Due }): boolean {
  return a.at < b.at || (a.at === b.at && a.item.number < b.item.number);
}
