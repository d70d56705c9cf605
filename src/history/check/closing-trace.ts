/**
 * A trace at the moment it closes, still as slots of the pool: its distinct spans, whether it is surely complete, and the
 * `Trace` that evaluators read, made only when one asks.
 */
import type { Nanos } from '../../base/nanos.ts';
import {
  DECODED,
  END_HIGH,
  END_LOW,
  HAS_TRACE_STATE,
  IN_BYTES,
  KIND_MASK,
  NAME,
  PARENT_0,
  PARENT_1,
  ROW,
  SPAN_0,
  SPAN_1,
  START_HIGH,
  START_LOW,
  TRAITS,
  UNSAMPLED,
} from '../../otlp/span-rows.ts';
import { compareSpans, type Span, type TraceId } from '../../trace/span.ts';
import { buildTrace, sameSpan, type Trace, type TraceCut } from '../../trace/trace.ts';
import { type ClosedIdentities, digestOf } from './closed-identities.ts';
import type { OpenSpans } from './open-spans.ts';
import type { SpanContexts } from './span-context.ts';

// Indexes in SPAN_KINDS.
const SERVER = 2;
const CONSUMER = 5;

/** One is used again and again: `load` begins the next trace. */
export class ClosingTrace {
  id: TraceId = '';
  /** How many slots of `slots` are the trace's distinct spans, in order of arrival. */
  count = 0;
  slots = new Int32Array(256);
  /** Slots that were dropped: repetitions and conflicting spans. */
  dropped: number[] = [];
  conflicting = 0;
  /** The traits of all its slots, or-ed. */
  traits = 0;

  readonly #pool: OpenSpans;
  readonly #contexts: SpanContexts;
  readonly #maxAgeSeconds: number;
  /** Open addressing by span id: index in `slots` plus 1; 0 is free. The part up to `mask` is of this trace. */
  #table = new Int32Array(1024);
  #mask = 0;
  /** Two spans of different kind share an id (Zipkin). */
  #hasTwins = false;
  #cut: TraceCut = {};
  #complete: boolean | null = null;
  #full: Trace | null = null;
  #projection: { readonly isWanted: (name: number) => boolean; readonly trace: Trace } | null = null;

  constructor(pool: OpenSpans, contexts: SpanContexts, maxAge: Nanos) {
    this.#pool = pool;
    this.#contexts = contexts;
    this.#maxAgeSeconds = Number(maxAge) / 1e9;
  }

  /**
   * Takes the chain that begins at `head` and holds `length` slots. `cutBySize`: spans were dropped before. The identities of its distinct
   * spans go to `identities`, in the same walk: it is the memory that costs.
   */
  load(
    head: number,
    length: number,
    id: () => TraceId,
    cutBySize: boolean,
    conflictingSlotId: string | null,
    identities: ClosedIdentities | null,
  ): void {
    this.#identities = identities;
    this.#readId = id;
    this.id = '';
    this.count = 0;
    this.conflicting = 0;
    this.traits = 0;
    this.#hasTwins = false;
    this.#complete = null;
    this.#full = null;
    this.#projection = null;
    this.#cut = cutBySize ? { maxSpans: true } : {};
    if (conflictingSlotId !== null) this.#cut = { ...this.#cut, conflictingSpanId: conflictingSlotId };
    if (this.dropped.length > 0) this.dropped = [];
    if (this.slots.length < length) this.slots = new Int32Array(length * 2);
    this.#clearTable(length);
    const { link } = this.#pool;
    for (let slot = head; slot >= 0; slot = link[slot] as number) this.#take(slot);
  }

  #identities: ClosedIdentities | null = null;
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
    // All rules read one projection: what any of them names.
    if (this.#projection?.isWanted === isWanted) return this.#projection.trace;
    const trace = this.#project(isWanted);
    this.#projection = { isWanted, trace };
    return trace;
  }

  #project(isWanted: (name: number) => boolean): Trace {
    const wanted = new Int32Array(this.count);
    let count = 0;
    for (let index = 0; index < this.count; index++) {
      const slot = this.slots[index] as number;
      if (isWanted(this.#pool.words[slot * ROW + NAME] as number)) wanted[count++] = slot;
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
    let capacity = 16;
    while (capacity < length * 2) capacity *= 2;
    this.#mask = capacity - 1;
    if (capacity > this.#table.length) this.#table = new Int32Array(capacity);
    else this.#table.fill(0, 0, capacity);
  }

  /** Keeps the slot's span if it is the first of its identity. */
  #take(slot: number): void {
    const { words } = this.#pool;
    const row = slot * ROW;
    const id0 = words[row + SPAN_0] as number;
    const id1 = words[row + SPAN_1] as number;
    const traits = words[row + TRAITS] as number;
    this.traits |= traits;
    const table = this.#table;
    const mask = this.#mask;
    let at = hashId(id0, id1) & mask;
    for (; table[at] !== 0; at = (at + 1) & mask) {
      const other = this.slots[(table[at] as number) - 1] as number;
      if (words[other * ROW + SPAN_1] !== id1 || words[other * ROW + SPAN_0] !== id0) continue;
      if ((((words[other * ROW + TRAITS] as number) ^ traits) & KIND_MASK) !== 0) {
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
    table[at] = this.count;
    this.#identities?.add(id0, id1, digestOf(words, row, this.#pool.payload[slot] ?? null));
  }

  #isSame(a: number, b: number): boolean {
    const { words, payload } = this.#pool;
    // Everything up to the name, and the status: what a decoded span and a scanned one have in common.
    for (let word = PARENT_0; word <= NAME; word++) {
      if (words[a * ROW + word] !== words[b * ROW + word]) return false;
    }
    const traits = words[a * ROW + TRAITS] as number;
    const isPlain = (traits & (IN_BYTES | DECODED)) === 0;
    if (isPlain && traits === words[b * ROW + TRAITS] && payload[a] === payload[b]) return true;
    return sameSpan(this.#spanAt(a), this.#spanAt(b));
  }

  #spanAt(slot: number): Span {
    const [span] = this.#pool.spans(this.traceId(), Int32Array.of(slot), this.#contexts);
    return span as Span;
  }

  /** The slot of a span's parent where ids are unique, or -1. */
  #parentOf(slot: number): number {
    const { words } = this.#pool;
    const id0 = words[slot * ROW + PARENT_0] as number;
    const id1 = words[slot * ROW + PARENT_1] as number;
    return id0 === 0 && id1 === 0 ? -1 : this.#slotOfId(id0, id1);
  }

  #slotOfId(id0: number, id1: number): number {
    const { words } = this.#pool;
    const table = this.#table;
    const mask = this.#mask;
    for (let at = hashId(id0, id1) & mask; table[at] !== 0; at = (at + 1) & mask) {
      const other = this.slots[(table[at] as number) - 1] as number;
      if (words[other * ROW + SPAN_1] === id1 && words[other * ROW + SPAN_0] === id0) return other;
    }
    return -1;
  }

  /** As `buildTrace` would find, for what can be seen in rows. */
  #findOutComplete(): boolean {
    if (this.#cut.maxSpans === true || this.#cut.conflictingSpanId !== undefined) return false;
    const { words } = this.#pool;
    let hasRoot = false;
    let orphan = -1;
    for (let index = 0; index < this.count; index++) {
      const row = (this.slots[index] as number) * ROW;
      const traits = words[row + TRAITS] as number;
      if ((traits & (HAS_TRACE_STATE | UNSAMPLED)) !== 0) return false;
      const parent0 = words[row + PARENT_0] as number;
      const parent1 = words[row + PARENT_1] as number;
      if (parent0 === 0 && parent1 === 0) hasRoot = true;
      else if (this.#slotOfId(parent0, parent1) < 0) {
        const kind = traits & KIND_MASK;
        if (kind !== SERVER && kind !== CONSUMER) return false;
        if (orphan >= 0 && (words[orphan + PARENT_0] !== parent0 || words[orphan + PARENT_1] !== parent1)) {
          return false;
        }
        orphan = row;
      }
    }
    if (orphan >= 0 && hasRoot) return false;
    return hasRoot || this.#spansSeconds() <= this.#maxAgeSeconds;
  }

  /** From the first start to the last end. */
  #spansSeconds(): number {
    const { words } = this.#pool;
    let first = Number.POSITIVE_INFINITY;
    let last = 0;
    for (let index = 0; index < this.count; index++) {
      const row = (this.slots[index] as number) * ROW;
      first = Math.min(first, seconds(words[row + START_HIGH] as number, words[row + START_LOW] as number));
      last = Math.max(last, seconds(words[row + END_HIGH] as number, words[row + END_LOW] as number));
    }
    return last - first;
  }
}

function seconds(high: number, low: number): number {
  return (high * 4294967296 + low) / 1e9;
}

function hashId(id0: number, id1: number): number {
  const hash = Math.imul(id1 ^ Math.imul(id0, 0x9e3779b1), 0x85ebca6b);
  return (hash ^ (hash >>> 15)) >>> 0;
}
