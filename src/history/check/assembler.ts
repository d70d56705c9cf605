/**
 * Puts spans together to traces and says when one is over. In input that is more or less in time order every trace closes
 * once. A span that comes after its trace has closed, and is no repetition, sends the trace to be gone through again (REDO),
 * as does want of memory: verdicts never depend on when a trace was closed, only the work does.
 *
 *     open ── two queues, by whether the root has ended; each in order of the last arrival
 *       │
 *       ├─ idle for long enough, and more spans held than may linger ──> closed
 *       └─ more spans or bytes held than memory allows ────────────────> REDO
 */
import {
  END_HIGH,
  PARENT_0,
  PARENT_1,
  ROW,
  SPAN_0,
  SPAN_1,
  TRACE_0,
  TRACE_1,
  TRACE_2,
  TRACE_3,
} from '../../otlp/span-rows.ts';
import { type ClosedIdentities, digestOf } from './closed-identities.ts';
import type { ClosingLimits, MemoryLimits } from './closing-limits.ts';
import type { ClosingTrace } from './closing-trace.ts';
import type { OpenSpans } from './open-spans.ts';
import { payloadOf, type RecordRows } from './record-reader.ts';
import { StreamClock } from './stream-clock.ts';
import { CLOSED, FRESH, REDO, type TraceIndex } from './trace-index.ts';

interface AssemblerParts {
  readonly index: TraceIndex;
  readonly pool: OpenSpans;
  readonly closing: ClosingTrace;
  readonly identities: ClosedIdentities;
  readonly limits: ClosingLimits;
  readonly memory: MemoryLimits;
  /** Which traces are taken, by the words of their ids; the spans of others are passed over. Absent: all. */
  readonly accepts?: (w0: number, w1: number, w2: number, w3: number) => boolean;
  /** Judges a trace that closes; returns the number of its outcome. */
  readonly close: (trace: ClosingTrace, number: number) => number;
  /** Takes back what `close` said of a trace. */
  readonly withdraw: (outcome: number, number: number) => void;
}

const UNROOTED = 0;
const ROOTED = 1;

export class Assembler {
  /** Distinct spans of closed traces, and conflicting ones. */
  distinct = 0;
  conflicting = 0;
  /** Spans that were handed over. */
  read = 0;
  /** Traces to be gone through again, and at least how many spans and bytes they have, repetitions included. */
  redoTraces = 0;
  redoSpans = 0;

  readonly #parts: AssemblerParts;
  readonly #clock = new StreamClock();
  readonly #conflictsOf = new Map<number, number>();
  readonly #beyondOf = new Map<number, number>();
  readonly #idle: readonly [number, number];
  #record = 0;

  // Open traces, by number.
  #openEnd = 0;
  #freeOpen: number[] = [];
  readonly #trace: number[] = [];
  readonly #head: number[] = [];
  readonly #tail: number[] = [];
  readonly #length: number[] = [];
  /** At this length the chain is gone through for repetitions. */
  readonly #compactAt: number[] = [];
  readonly #isCut: boolean[] = [];
  readonly #conflictingId: (string | null)[] = [];
  readonly #arrived: number[] = [];
  readonly #touched: number[] = [];
  readonly #queue: number[] = [];
  readonly #before: number[] = [];
  readonly #behind: number[] = [];
  readonly #first: [number, number] = [-1, -1];
  readonly #last: [number, number] = [-1, -1];

  constructor(parts: AssemblerParts) {
    this.#parts = parts;
    this.#idle = [Number(parts.limits.idle) / 1e9, Number(parts.limits.idleAfterRoot) / 1e9];
  }

  /** Takes the spans of a record, and closes what is over. */
  add(record: RecordRows): void {
    const { index, accepts } = this.#parts;
    const { count } = record;
    const { words } = record.rows;
    this.#record++;
    this.read += count;
    let latest = 0;
    let trace = -1;
    let w0 = 0;
    let w1 = 0;
    let w2 = 0;
    let w3 = 0;
    for (let row = 0, at = 0; row < count; row++, at += ROW) {
      const end = words[at + END_HIGH] as number;
      if (end > latest) latest = end;
      if (
        row === 0 ||
        words[at + TRACE_3] !== w3 ||
        words[at + TRACE_2] !== w2 ||
        words[at + TRACE_1] !== w1 ||
        words[at + TRACE_0] !== w0
      ) {
        w0 = words[at + TRACE_0] as number;
        w1 = words[at + TRACE_1] as number;
        w2 = words[at + TRACE_2] as number;
        w3 = words[at + TRACE_3] as number;
        trace = accepts !== undefined && !accepts(w0, w1, w2, w3) ? -1 : index.findOrAdd(w0, w1, w2, w3);
      }
      if (trace < 0) continue;
      const state = index.state[trace] as number;
      if (state >= 0) this.#append(state, record, row);
      else if (state === FRESH) this.#append(this.#open(trace), record, row);
      else if (state === REDO) this.redoSpans++;
      else this.#late(trace, record, row);
    }
    // The upper word counts 4.29 s: enough to say when 10 s are over, give or take.
    if (count > 0) this.#clock.observe((latest * 4294967296) / 1e9);
    this.#closeIdle();
  }

  /** Closes all that is open. */
  finish(): void {
    for (const queue of [ROOTED, UNROOTED] as const) {
      while (this.#first[queue] >= 0) this.#close(this.#first[queue]);
    }
  }

  #open(trace: number): number {
    const open = this.#freeOpen.pop() ?? this.#openEnd++;
    this.#trace[open] = trace;
    this.#head[open] = -1;
    this.#tail[open] = -1;
    this.#length[open] = 0;
    this.#compactAt[open] = this.#parts.limits.maxSpans + 1;
    this.#isCut[open] = false;
    this.#conflictingId[open] = null;
    this.#touched[open] = -1;
    this.#enqueue(open, UNROOTED);
    this.#parts.index.state[trace] = open;
    return open;
  }

  #append(open: number, record: RecordRows, row: number): void {
    if (this.#touched[open] !== this.#record) this.#touch(open);
    if (this.#isCut[open] === true) {
      this.#countBeyond(this.#trace[open] as number);
      return;
    }
    const { pool } = this.#parts;
    const slot = pool.add(record, row);
    const tail = this.#tail[open] as number;
    if (tail < 0) this.#head[open] = slot;
    else pool.link[tail] = slot;
    this.#tail[open] = slot;
    const length = (this.#length[open] as number) + 1;
    this.#length[open] = length;
    const place = slot * ROW;
    if (
      this.#queue[open] === UNROOTED &&
      pool.words[place + PARENT_0] === 0 &&
      pool.words[place + PARENT_1] === 0
    ) {
      this.#dequeue(open);
      this.#enqueue(open, ROOTED);
    }
    if (length >= (this.#compactAt[open] as number)) this.#compact(open);
  }

  #touch(open: number): void {
    this.#touched[open] = this.#record;
    this.#arrived[open] = this.#clock.progress;
    const queue = this.#queue[open] as 0 | 1;
    if (this.#last[queue] === open) return;
    this.#dequeue(open);
    this.#enqueue(open, queue);
  }

  /** A span of a trace that has closed. */
  #late(trace: number, record: RecordRows, row: number): void {
    const { index, identities } = this.#parts;
    const { words } = record.rows;
    const isKnown = identities.has(
      index.identities[trace] as number,
      index.spans[trace] as number,
      words[row * ROW + SPAN_0] as number,
      words[row * ROW + SPAN_1] as number,
      digestOf(words, row * ROW, payloadOf(record, row)),
    );
    if (isKnown) return;
    this.#parts.withdraw(index.outcome[trace] as number, trace);
    this.distinct -= index.spans[trace] as number;
    this.redoSpans += (index.spans[trace] as number) + 1;
    this.#setRedo(trace);
  }

  /** A span of a trace that is larger than the limit: counted, without a look at whether it is a repetition. */
  #countBeyond(trace: number): void {
    this.distinct++;
    this.#beyondOf.set(trace, 1 + (this.#beyondOf.get(trace) ?? 0));
  }

  #countConflicts(trace: number, count: number): void {
    if (count === 0) return;
    this.conflicting += count;
    this.#conflictsOf.set(trace, count + (this.#conflictsOf.get(trace) ?? 0));
  }

  #setRedo(trace: number): void {
    this.conflicting -= this.#conflictsOf.get(trace) ?? 0;
    this.distinct -= this.#beyondOf.get(trace) ?? 0;
    this.#parts.index.state[trace] = REDO;
    this.redoTraces++;
  }

  #closeIdle(): void {
    const { pool, memory } = this.#parts;
    while (pool.used > memory.lingerSpans || pool.heldBytes > memory.lingerBytes) {
      if (this.#isOver(ROOTED)) this.#close(this.#first[ROOTED]);
      else if (this.#isOver(UNROOTED)) this.#close(this.#first[UNROOTED]);
      else break;
    }
    while (pool.used > memory.openSpans || pool.heldBytes > memory.openBytes) {
      const [unrooted, rooted] = this.#first;
      if (unrooted < 0 && rooted < 0) break;
      const isUnrootedOlder =
        rooted < 0 ||
        (unrooted >= 0 && (this.#touched[unrooted] as number) <= (this.#touched[rooted] as number));
      this.#giveUp(isUnrootedOlder ? unrooted : rooted);
    }
  }

  #isOver(queue: 0 | 1): boolean {
    const open = this.#first[queue];
    return open >= 0 && this.#clock.progress - (this.#arrived[open] as number) > this.#idle[queue];
  }

  #close(open: number): void {
    const { index, pool, closing, identities } = this.#parts;
    const trace = this.#trace[open] as number;
    index.identities[trace] = identities.position;
    this.#load(open, identities);
    index.spans[trace] = closing.count;
    this.distinct += closing.count;
    this.#countConflicts(trace, closing.conflicting);
    index.outcome[trace] = this.#parts.close(closing, trace);
    index.state[trace] = CLOSED;
    pool.freeChain(
      this.#head[open] as number,
      this.#tail[open] as number,
      closing.count + closing.dropped.length,
      closing.traits,
    );
    this.#forget(open);
  }

  /** Drops an open trace for want of memory: it will be gone through again. */
  #giveUp(open: number): void {
    const { pool } = this.#parts;
    const trace = this.#trace[open] as number;
    for (let slot = this.#head[open] as number; slot >= 0; ) {
      const next = pool.link[slot] as number;
      pool.free(slot);
      slot = next;
    }
    this.redoSpans += this.#length[open] as number;
    this.#setRedo(trace);
    this.#forget(open);
  }

  #load(open: number, identities: ClosedIdentities | null): void {
    const trace = this.#trace[open] as number;
    this.#parts.closing.load(
      this.#head[open] as number,
      this.#length[open] as number,
      () => this.#parts.index.idOf(trace),
      this.#isCut[open] as boolean,
      this.#conflictingId[open] as string | null,
      identities,
    );
  }

  /** Gives repetitions in an open trace back, and cuts it where it has more distinct spans than the limit. */
  #compact(open: number): void {
    const { pool, closing, limits } = this.#parts;
    this.#load(open, null);
    for (const slot of closing.dropped) pool.free(slot);
    const trace = this.#trace[open] as number;
    this.#countConflicts(trace, closing.conflicting);
    this.#conflictingId[open] = closing.conflictingSpanId;
    let kept = closing.count;
    while (kept > limits.maxSpans) {
      pool.free(closing.slots[--kept] as number);
      this.#countBeyond(trace);
      this.#isCut[open] = true;
    }
    for (let nth = 0; nth < kept; nth++) {
      pool.link[closing.slots[nth] as number] = nth + 1 < kept ? (closing.slots[nth + 1] as number) : -1;
    }
    this.#tail[open] = closing.slots[kept - 1] as number;
    this.#length[open] = kept;
    this.#compactAt[open] = kept + limits.maxSpans + 1;
  }

  #forget(open: number): void {
    this.#dequeue(open);
    this.#freeOpen.push(open);
  }

  #enqueue(open: number, queue: 0 | 1): void {
    this.#queue[open] = queue;
    const last = this.#last[queue];
    this.#before[open] = last;
    this.#behind[open] = -1;
    if (last < 0) this.#first[queue] = open;
    else this.#behind[last] = open;
    this.#last[queue] = open;
  }

  #dequeue(open: number): void {
    const queue = this.#queue[open] as 0 | 1;
    const before = this.#before[open] as number;
    const behind = this.#behind[open] as number;
    if (before < 0) this.#first[queue] = behind;
    else this.#behind[before] = behind;
    if (behind < 0) this.#last[queue] = before;
    else this.#before[behind] = before;
  }
}
