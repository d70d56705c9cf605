/** The orders in which traces wait: for quiet, for old age, to be forgotten; and the order in which they were born. All are linked lists in the records. */
import {
  T_BEFORE,
  T_BEHIND,
  T_ELDER,
  T_JUNIOR,
  T_OLDER,
  T_QUEUE,
  T_YOUNGER,
  TRACE,
  type TraceTable,
} from './trace-table.ts';

/** Queues. Each is in order of its traces' T_LAST. */
export const OPEN_UNROOTED = 0;
export const OPEN_ROOTED = 1;
export const REMEMBERED = 2;

export class TraceQueues {
  open = 0;
  remembered = 0;
  readonly #traces: TraceTable;
  readonly #first = Int32Array.of(-1, -1, -1);
  readonly #last = Int32Array.of(-1, -1, -1);
  /** Open traces, by when they opened. */
  #oldest = -1;
  #youngest = -1;
  /** Held traces, by their first position. */
  #eldest = -1;
  #junior = -1;

  constructor(traces: TraceTable) {
    this.#traces = traces;
  }

  get oldest(): number {
    return this.#oldest;
  }

  get eldest(): number {
    return this.#eldest;
  }

  /** The first of a queue, or -1. */
  firstOf(queue: number): number {
    return this.#first[queue] as number;
  }

  born(number: number): void {
    const { words } = this.#traces;
    const at = number * TRACE;
    words[at + T_ELDER] = this.#junior;
    words[at + T_JUNIOR] = -1;
    if (this.#junior < 0) this.#eldest = number;
    else words[this.#junior * TRACE + T_JUNIOR] = number;
    this.#junior = number;
    this.open++;
    this.#enqueue(number, OPEN_UNROOTED);
    this.#addYoungest(number);
  }

  /** Puts an open trace behind all others of a queue of open ones. */
  moveToEnd(number: number, queue: number): void {
    if (this.#last[queue] === number) return;
    this.#dequeue(number);
    this.#enqueue(number, queue);
  }

  closed(number: number): void {
    this.#dequeue(number);
    this.#removeFromAges(number);
    this.#enqueue(number, REMEMBERED);
    this.open--;
    this.remembered++;
  }

  reopen(number: number, queue: number): void {
    this.#dequeue(number);
    this.#enqueue(number, queue);
    this.#addYoungest(number);
    this.open++;
    this.remembered--;
  }

  gone(number: number): void {
    const { words } = this.#traces;
    const at = number * TRACE;
    if (words[at + T_QUEUE] === REMEMBERED) this.remembered--;
    else {
      this.open--;
      this.#removeFromAges(number);
    }
    this.#dequeue(number);
    const elder = words[at + T_ELDER] as number;
    const junior = words[at + T_JUNIOR] as number;
    if (elder < 0) this.#eldest = junior;
    else words[elder * TRACE + T_JUNIOR] = junior;
    if (junior < 0) this.#junior = elder;
    else words[junior * TRACE + T_ELDER] = elder;
  }

  #enqueue(number: number, queue: number): void {
    const { words } = this.#traces;
    const at = number * TRACE;
    const last = this.#last[queue] as number;
    words[at + T_QUEUE] = queue;
    words[at + T_BEFORE] = last;
    words[at + T_BEHIND] = -1;
    if (last < 0) this.#first[queue] = number;
    else words[last * TRACE + T_BEHIND] = number;
    this.#last[queue] = number;
  }

  #dequeue(number: number): void {
    const { words } = this.#traces;
    const at = number * TRACE;
    const queue = words[at + T_QUEUE] as number;
    const before = words[at + T_BEFORE] as number;
    const behind = words[at + T_BEHIND] as number;
    if (before < 0) this.#first[queue] = behind;
    else words[before * TRACE + T_BEHIND] = behind;
    if (behind < 0) this.#last[queue] = before;
    else words[behind * TRACE + T_BEFORE] = before;
  }

  #addYoungest(number: number): void {
    const { words } = this.#traces;
    const at = number * TRACE;
    words[at + T_OLDER] = this.#youngest;
    words[at + T_YOUNGER] = -1;
    if (this.#youngest < 0) this.#oldest = number;
    else words[this.#youngest * TRACE + T_YOUNGER] = number;
    this.#youngest = number;
  }

  #removeFromAges(number: number): void {
    const { words } = this.#traces;
    const at = number * TRACE;
    const older = words[at + T_OLDER] as number;
    const younger = words[at + T_YOUNGER] as number;
    if (older < 0) this.#oldest = younger;
    else words[older * TRACE + T_YOUNGER] = younger;
    if (younger < 0) this.#youngest = older;
    else words[younger * TRACE + T_OLDER] = older;
  }
}
