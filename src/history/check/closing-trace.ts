/**
 * A trace at the moment it closes, still as slots of the pool: its distinct spans, whether it is surely complete, and the
 * `Trace` that evaluators read, made only when one asks.
 */
import type { Nanos } from '../../base/nanos.ts';
import { HAS_TRACE_STATE } from '../../otlp/span-columns.ts';
import { compareSpans, type Span, type TraceId } from '../../trace/span.ts';
import { buildTrace, sameSpan, type Trace, type TraceCut } from '../../trace/trace.ts';
import type { OpenSpans } from './open-spans.ts';
import { isInBytes, isScanned } from './record-reader.ts';
import type { SpanContexts } from './span-context.ts';

const ROOT_KINDS = [2, 5] as const;

/** One is used again and again: `load` begins the next trace. */
export class ClosingTrace {
  id: TraceId = '';
  /** How many slots of `slots` are the trace's distinct spans, in order of arrival. */
  count = 0;
  slots = new Int32Array(256);
  /** Slots that were dropped: repetitions and conflicting spans. */
  dropped: number[] = [];
  conflicting = 0;

  readonly #pool: OpenSpans;
  readonly #contexts: SpanContexts;
  readonly #maxAgeSeconds: number;
  /** Open addressing by span id: index in `slots` plus 1, valid where the epoch is the current one. */
  #table = new Int32Array(1024);
  #epochs = new Int32Array(1024);
  #epoch = 0;
  /** Two spans of different kind share an id (Zipkin). */
  #hasTwins = false;
  #cut: TraceCut = {};
  #complete: boolean | null = null;
  #full: Trace | null = null;

  constructor(pool: OpenSpans, contexts: SpanContexts, maxAge: Nanos) {
    this.#pool = pool;
    this.#contexts = contexts;
    this.#maxAgeSeconds = Number(maxAge) / 1e9;
  }

  /** Takes the chain that begins at `head` and holds `length` slots. `cutBySize`: spans were dropped before. */
  load(
    head: number,
    length: number,
    id: () => TraceId,
    cutBySize: boolean,
    conflictingSlotId: string | null,
  ): void {
    this.#readId = id;
    this.id = '';
    this.count = 0;
    this.conflicting = 0;
    this.#hasTwins = false;
    this.#complete = null;
    this.#full = null;
    this.#cut = cutBySize ? { maxSpans: true } : {};
    if (conflictingSlotId !== null) this.#cut = { ...this.#cut, conflictingSpanId: conflictingSlotId };
    if (this.dropped.length > 0) this.dropped = [];
    if (this.slots.length < length) this.slots = new Int32Array(length * 2);
    this.#clearTable(length);
    const { link } = this.#pool;
    for (let slot = head; slot >= 0; slot = link[slot] as number) this.#take(slot);
  }

  #readId: () => TraceId = () => '';

  /** The id is made when it is needed: most traces never are. */
  traceId(): TraceId {
    if (this.id === '') this.id = this.#readId();
    return this.id;
  }

  /** The id of the first span that was dropped as conflicting, or null. */
  get conflictingSpanId(): string | null {
    return this.#cut.conflictingSpanId ?? null;
  }

  /** True only if the trace is complete; false: look at `full().incomplete`. */
  isSurelyComplete(): boolean {
    this.#complete ??= this.#findOutComplete();
    return this.#complete;
  }

  /** When its first span started. */
  firstStart(): Nanos {
    let first: Nanos | null = null;
    for (let index = 0; index < this.count; index++) {
      const start = this.#pool.startOf(this.slots[index] as number);
      if (first === null || start < first) first = start;
    }
    return first ?? 0n;
  }

  /** All spans. Cost: an object for each. */
  full(): Trace {
    if (this.#full === null) {
      const spans = this.#pool.spans(this.traceId(), this.slots.subarray(0, this.count), this.#contexts);
      this.#full = buildTrace(spans, { ...this.#cut, maxAge: this.#spansSeconds() > this.#maxAgeSeconds });
    }
    return this.#full;
  }

  /**
   * The trace with only those spans listed whose name number passes; parents and children are found nevertheless. For rules that look
   * at spans by the names of their selectors alone: they cannot tell it from the full one.
   */
  projected(isWanted: (name: number) => boolean): Trace {
    if (this.#hasTwins || !this.isSurelyComplete() || this.#full !== null) return this.full();
    const wanted = new Int32Array(this.count);
    let count = 0;
    for (let index = 0; index < this.count; index++) {
      const slot = this.slots[index] as number;
      if (isWanted(this.#pool.name[slot] as number)) wanted[count++] = slot;
    }
    const spans = this.#pool.spans(this.traceId(), wanted.subarray(0, count), this.#contexts);
    const bySlot = new Map<number, Span>();
    const slotOf = new Map<Span, number>();
    for (let index = 0; index < count; index++) {
      bySlot.set(wanted[index] as number, spans[index] as Span);
      slotOf.set(spans[index] as Span, wanted[index] as number);
    }
    const spanAt = (slot: number): Span => {
      let span = bySlot.get(slot);
      if (span === undefined) {
        [span] = this.#pool.spans(this.traceId(), Int32Array.of(slot), this.#contexts) as [Span];
        bySlot.set(slot, span);
        slotOf.set(span, slot);
      }
      return span;
    };
    const childrenOf = new Map<number, number[]>();
    return {
      id: this.traceId(),
      spans: spans.sort(compareSpans),
      incomplete: null,
      parentOf: (span) => {
        const slot = slotOf.get(span);
        const parent = slot === undefined ? -1 : this.#parentOf(slot);
        return parent < 0 ? null : spanAt(parent);
      },
      childrenOf: (span) => {
        const slot = slotOf.get(span);
        if (slot === undefined) return [];
        if (childrenOf.size === 0) {
          for (let index = 0; index < this.count; index++) {
            const child = this.slots[index] as number;
            const parent = this.#parentOf(child);
            const siblings = childrenOf.get(parent);
            if (siblings === undefined) childrenOf.set(parent, [child]);
            else siblings.push(child);
          }
        }
        return (childrenOf.get(slot) ?? []).map(spanAt).sort(compareSpans);
      },
    };
  }

  #clearTable(length: number): void {
    this.#epoch++;
    if (length * 2 > this.#table.length) {
      let capacity = this.#table.length;
      while (capacity < length * 2) capacity *= 2;
      this.#table = new Int32Array(capacity);
      this.#epochs = new Int32Array(capacity);
    }
  }

  /** Keeps the slot's span if it is the first of its identity. */
  #take(slot: number): void {
    const pool = this.#pool;
    const id0 = pool.span0[slot] as number;
    const id1 = pool.span1[slot] as number;
    const kind = (pool.kindAndStatus[slot] as number) & 7;
    const mask = this.#table.length - 1;
    let at = hashId(id0, id1) & mask;
    for (; this.#epochs[at] === this.#epoch; at = (at + 1) & mask) {
      const other = this.slots[(this.#table[at] as number) - 1] as number;
      if (pool.span1[other] !== id1 || pool.span0[other] !== id0) continue;
      if (((pool.kindAndStatus[other] as number) & 7) !== kind) {
        this.#hasTwins = true;
        continue;
      }
      if (!this.#isSame(other, slot)) {
        this.conflicting++;
        if (this.#cut.conflictingSpanId === undefined) {
          this.#cut = { ...this.#cut, conflictingSpanId: this.#spanAt(slot).spanId };
        }
      }
      this.dropped.push(slot);
      return;
    }
    this.slots[this.count++] = slot;
    this.#table[at] = this.count;
    this.#epochs[at] = this.#epoch;
  }

  #isSame(a: number, b: number): boolean {
    const pool = this.#pool;
    if (
      pool.name[a] !== pool.name[b] ||
      pool.startLow[a] !== pool.startLow[b] ||
      pool.startHigh[a] !== pool.startHigh[b] ||
      pool.endLow[a] !== pool.endLow[b] ||
      pool.endHigh[a] !== pool.endHigh[b] ||
      pool.parent0[a] !== pool.parent0[b] ||
      pool.parent1[a] !== pool.parent1[b] ||
      pool.kindAndStatus[a] !== pool.kindAndStatus[b]
    ) {
      return false;
    }
    const bothPlain = [a, b].every(
      (slot) => isScanned(pool.form[slot] as number) && !isInBytes(pool.form[slot] as number),
    );
    if (bothPlain && pool.payload[a] === pool.payload[b]) return true;
    return sameSpan(this.#spanAt(a), this.#spanAt(b));
  }

  #spanAt(slot: number): Span {
    const [span] = this.#pool.spans(this.traceId(), Int32Array.of(slot), this.#contexts);
    return span as Span;
  }

  /** The slot of a span's parent where ids are unique, or -1. */
  #parentOf(slot: number): number {
    const id0 = this.#pool.parent0[slot] as number;
    const id1 = this.#pool.parent1[slot] as number;
    return id0 === 0 && id1 === 0 ? -1 : this.#slotOfId(id0, id1);
  }

  #slotOfId(id0: number, id1: number): number {
    const pool = this.#pool;
    const mask = this.#table.length - 1;
    for (let at = hashId(id0, id1) & mask; this.#epochs[at] === this.#epoch; at = (at + 1) & mask) {
      const other = this.slots[(this.#table[at] as number) - 1] as number;
      if (pool.span1[other] === id1 && pool.span0[other] === id0) return other;
    }
    return -1;
  }

  /** As `buildTrace` would find, for what can be seen in columns. */
  #findOutComplete(): boolean {
    if (this.#cut.maxSpans === true || this.#cut.conflictingSpanId !== undefined) return false;
    const pool = this.#pool;
    let hasRoot = false;
    let orphan = -1;
    let oneCaller = true;
    for (let index = 0; index < this.count; index++) {
      const slot = this.slots[index] as number;
      if (((pool.form[slot] as number) & HAS_TRACE_STATE) !== 0) return false;
      const parent0 = pool.parent0[slot] as number;
      const parent1 = pool.parent1[slot] as number;
      if (parent0 === 0 && parent1 === 0) hasRoot = true;
      else if (this.#slotOfId(parent0, parent1) < 0) {
        const kind = (pool.kindAndStatus[slot] as number) & 7;
        if (kind !== ROOT_KINDS[0] && kind !== ROOT_KINDS[1]) return false;
        if (orphan >= 0) oneCaller &&= pool.parent0[orphan] === parent0 && pool.parent1[orphan] === parent1;
        orphan = slot;
      }
    }
    if (orphan >= 0 && (hasRoot || !oneCaller)) return false;
    return hasRoot || this.#spansSeconds() <= this.#maxAgeSeconds;
  }

  /** From the first start to the last end. */
  #spansSeconds(): number {
    const pool = this.#pool;
    let first = Number.POSITIVE_INFINITY;
    let last = 0;
    for (let index = 0; index < this.count; index++) {
      const slot = this.slots[index] as number;
      const start = ((pool.startHigh[slot] as number) * 4294967296 + (pool.startLow[slot] as number)) / 1e9;
      const end = ((pool.endHigh[slot] as number) * 4294967296 + (pool.endLow[slot] as number)) / 1e9;
      if (start < first) first = start;
      if (end > last) last = end;
    }
    return last - first;
  }
}

function hashId(id0: number, id1: number): number {
  const hash = Math.imul(id1 ^ Math.imul(id0, 0x9e3779b1), 0x85ebca6b);
  return (hash ^ (hash >>> 15)) >>> 0;
}
