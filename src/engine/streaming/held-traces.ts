/**
 * What is held of traces, as numbers only: their records, the rows of their spans, and which span ids are there or missing. Whether a trace is
 * complete is known at any time without a walk over its spans.
 */

import {
  END_HIGH,
  END_LOW,
  HAS_TRACE_STATE,
  KIND_MASK,
  NAME,
  PARENT_0,
  PARENT_1,
  SPAN_0,
  SPAN_1,
  START_HIGH,
  START_LOW,
  STATUS_SHIFT,
  TRAITS,
  UNSAMPLED,
} from '../../otlp/span-rows.ts';
import { SPAN_KINDS } from '../../trace/span.ts';
import {
  CHUNK,
  firstSlotOf,
  H_END_HIGH,
  H_END_LOW,
  H_NAME,
  H_PARENT_0,
  H_PARENT_1,
  H_SPAN_0,
  H_SPAN_1,
  H_START_HIGH,
  H_START_LOW,
  H_TOUCHED,
  H_TRAITS,
  HELD_ROW,
  HeldRows,
  SERVICE_SHIFT,
  UNTOLD_SERVICE,
} from './held-rows.ts';
import { IdentityTables, LOCAL_CHILD, MISSING, maskOf, roomOf, SLOT_MASK } from './identity-tables.ts';
import {
  T_END,
  T_FLAGS,
  T_HEAD,
  T_LOCAL,
  T_MISSING,
  T_SIZE,
  T_SPANS,
  T_START,
  T_TABLE,
  T_TAIL,
  T_USED,
  TIMES,
  TRACE,
  TraceTable,
} from './trace-table.ts';

// Flags of a trace.
export const F_ROOT = 1;
/** Larger than the limit. */
export const F_CUT = 2;
/** It was closed by age once. */
export const F_AGED = 4;
export const F_CONFLICT = 8;
export const F_UNSAMPLED = 16;
/** Spans with different sampling thresholds. */
export const F_APART = 32;
/** Two spans of different kind share an id. */
export const F_TWINS = 64;
/** Its verdicts have been counted, and as those of a complete trace. */
export const F_COUNTED = 128;
export const F_COUNTED_COMPLETE = 256;
/** Waits for a look at early verdicts. */
export const F_DIRTY = 512;
/** It may be the rest of a trace that was forgotten for want of memory. */
export const F_FORGOTTEN = 1024;

// Indexes in SPAN_KINDS.
const SERVER = 2;
const CLIENT = 3;
const PRODUCER = 4;
const CONSUMER = 5;

/** What two tellings of one span have in common. */
const COMPARED_TRAITS = KIND_MASK | (3 << STATUS_SHIFT) | HAS_TRACE_STATE | UNSAMPLED;

export class HeldTraces {
  readonly traces = new TraceTable();
  readonly rows = new HeldRows();
  readonly tables: IdentityTables;
  /** Spans held. */
  spans = 0;

  readonly #maxAgeNanos: number;
  // What the last `find` met: a span with the id and another kind; the entry of a missing parent with the id, or the free one at its end; the hash of the
  // id.
  #metTwin = false;
  #entry = 0;
  #hash = 0;

  constructor(maxAgeMillis: number, seed: number) {
    this.tables = new IdentityTables(seed);
    this.#maxAgeNanos = maxAgeMillis * 1e6;
  }

  /** Sets what belongs to a trace without spans. */
  begin(number: number): void {
    const { words, times } = this.traces;
    const at = number * TRACE;
    words[at + T_FLAGS] = 0;
    words[at + T_SPANS] = 0;
    words[at + T_MISSING] = 0;
    words[at + T_LOCAL] = 0;
    words[at + T_TABLE] = this.tables.take(0);
    words[at + T_SIZE] = 0;
    words[at + T_USED] = 0;
    words[at + T_HEAD] = -1;
    words[at + T_TAIL] = -1;
    times[number * TIMES + T_START] = Number.POSITIVE_INFINITY;
    times[number * TIMES + T_END] = 0;
  }

  /** Frees all that the trace holds, its number too. */
  remove(number: number): void {
    const { words } = this.traces;
    const at = number * TRACE;
    this.tables.give(words[at + T_TABLE] as number, words[at + T_SIZE] as number);
    this.rows.freeChain(words[at + T_HEAD] as number, words[at + T_TAIL] as number);
    this.spans -= words[at + T_SPANS] as number;
    this.traces.remove(number);
  }

  /** The slot of the span with the id and kind of a scanned row, or -1. Words of ids are read where they are used: as arguments many would be boxed. */
  find(number: number, from: Uint32Array, source: number): number {
    const id0 = from[source + SPAN_0] as number;
    const id1 = from[source + SPAN_1] as number;
    const kind = (from[source + TRAITS] as number) & KIND_MASK;
    const { words } = this.traces;
    const at = number * TRACE;
    const table = words[at + T_TABLE] as number;
    const mask = maskOf(words[at + T_SIZE] as number);
    const { entries } = this.tables;
    const hash = this.tables.hash(id0, id1);
    this.#metTwin = false;
    this.#hash = hash;
    let missing = -1;
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const entry = table + place * 2;
      const value = entries[entry + 1] as number;
      if (value === 0) {
        this.#entry = missing < 0 ? entry : missing;
        return -1;
      }
      if (entries[entry] !== hash) continue;
      const slot = (value & SLOT_MASK) - 1;
      const held = this.rows.words;
      const row = slot * HELD_ROW;
      if ((value & MISSING) !== 0) {
        if (held[row + H_PARENT_1] === id1 && held[row + H_PARENT_0] === id0) missing = entry;
        continue;
      }
      if (held[row + H_SPAN_1] !== id1 || held[row + H_SPAN_0] !== id0) continue;
      if (((held[row + H_TRAITS] as number) & KIND_MASK) === kind) return slot;
      this.#metTwin = true;
    }
  }

  /** Takes a row that the last `find` did not find. Returns its slot. */
  append(number: number, from: Uint32Array, source: number, service: number): number {
    const { words, times } = this.traces;
    const { rows } = this;
    const at = number * TRACE;
    const count = words[at + T_SPANS] as number;
    const slot = this.#takeSlot(at, count);
    words[at + T_SPANS] = count + 1;
    this.spans++;
    const to = rows.words;
    const target = slot * HELD_ROW;
    const id0 = from[source + SPAN_0] as number;
    const id1 = from[source + SPAN_1] as number;
    const parent0 = from[source + PARENT_0] as number;
    const parent1 = from[source + PARENT_1] as number;
    const startHigh = from[source + START_HIGH] as number;
    const startLow = from[source + START_LOW] as number;
    const endHigh = from[source + END_HIGH] as number;
    const endLow = from[source + END_LOW] as number;
    const traits = from[source + TRAITS] as number;
    to[target + H_SPAN_0] = id0;
    to[target + H_SPAN_1] = id1;
    to[target + H_PARENT_0] = parent0;
    to[target + H_PARENT_1] = parent1;
    to[target + H_START_HIGH] = startHigh;
    to[target + H_START_LOW] = startLow;
    to[target + H_END_HIGH] = endHigh;
    to[target + H_END_LOW] = endLow;
    to[target + H_NAME] = from[source + NAME] as number;
    to[target + H_TRAITS] = (traits & COMPARED_TRAITS) | (service << SERVICE_SHIFT);
    to[target + H_TOUCHED] = 0;

    const time = number * TIMES;
    const start = startHigh * 4294967296 + startLow;
    const end = endHigh * 4294967296 + endLow;
    if (start < (times[time + T_START] as number)) times[time + T_START] = start;
    if (end > (times[time + T_END] as number)) times[time + T_END] = end;

    let flags = words[at + T_FLAGS] as number;
    if ((traits & UNSAMPLED) !== 0) flags |= F_UNSAMPLED;
    if (this.#metTwin) flags |= F_TWINS;
    this.#list(at, slot);
    if (parent0 === 0 && parent1 === 0) flags |= F_ROOT;
    else this.#expect(at, slot, traits & KIND_MASK, parent0 | 0, parent1 | 0);
    words[at + T_FLAGS] = flags;
    // Room for another span and for a parent that is not there.
    const size = words[at + T_SIZE] as number;
    if ((words[at + T_USED] as number) + 2 > roomOf(size)) {
      words[at + T_TABLE] = this.tables.enlarge(words[at + T_TABLE] as number, size);
      words[at + T_SIZE] = size + 1;
    }
    return slot;
  }

  /** Whether a scanned row is the span in the slot told again. */
  isSame(slot: number, from: Uint32Array, source: number): boolean {
    const held = this.rows.words;
    const row = slot * HELD_ROW;
    return (
      held[row + H_START_LOW] === from[source + START_LOW] &&
      held[row + H_START_HIGH] === from[source + START_HIGH] &&
      held[row + H_END_LOW] === from[source + END_LOW] &&
      held[row + H_END_HIGH] === from[source + END_HIGH] &&
      held[row + H_PARENT_0] === from[source + PARENT_0] &&
      held[row + H_PARENT_1] === from[source + PARENT_1] &&
      held[row + H_NAME] === from[source + NAME] &&
      ((held[row + H_TRAITS] as number) & COMPARED_TRAITS) ===
        ((from[source + TRAITS] as number) & COMPARED_TRAITS)
    );
  }

  /** As `buildTrace` finds, for a trace whose spans are these. */
  isComplete(number: number): boolean {
    const { words } = this.traces;
    const at = number * TRACE;
    const flags = words[at + T_FLAGS] as number;
    if ((flags & (F_CUT | F_CONFLICT | F_UNSAMPLED | F_APART | F_FORGOTTEN)) !== 0) return false;
    if ((flags & F_ROOT) !== 0) return words[at + T_MISSING] === 0;
    if ((flags & F_AGED) !== 0 || this.durationOf(number) > this.#maxAgeNanos) return false;
    // One caller that exports elsewhere.
    return (words[at + T_MISSING] as number) <= 1 && words[at + T_LOCAL] === 0;
  }

  /** It may be the rest of a trace that was forgotten. */
  isForgotten(number: number): boolean {
    return ((this.traces.words[number * TRACE + T_FLAGS] as number) & F_FORGOTTEN) !== 0;
  }

  isOverAge(number: number): boolean {
    const flags = this.traces.words[number * TRACE + T_FLAGS] as number;
    return (flags & F_ROOT) === 0 && ((flags & F_AGED) !== 0 || this.durationOf(number) > this.#maxAgeNanos);
  }

  /** From the first start to the last end, in nanoseconds to the precision of a double. */
  durationOf(number: number): number {
    const { times } = this.traces;
    return (times[number * TIMES + T_END] as number) - (times[number * TIMES + T_START] as number);
  }

  /** Calls for each slot of the trace, in order of arrival. */
  forEach(number: number, visit: (slot: number) => void): void {
    const { words } = this.traces;
    let left = words[number * TRACE + T_SPANS] as number;
    for (let chunk = words[number * TRACE + T_HEAD] as number; left > 0; ) {
      const first = firstSlotOf(chunk);
      const end = first + Math.min(left, CHUNK);
      for (let slot = first; slot < end; slot++) visit(slot);
      left -= CHUNK;
      chunk = this.rows.next[chunk] as number;
    }
  }

  /** The slot of the span's parent, or -1. */
  parentOf(number: number, slot: number): number {
    const held = this.rows.words;
    const row = slot * HELD_ROW;
    const parent0 = held[row + H_PARENT_0] as number;
    const parent1 = held[row + H_PARENT_1] as number;
    if (((this.traces.words[number * TRACE + T_FLAGS] as number) & F_TWINS) !== 0) {
      return this.#parentAmongTwins(number, slot, parent0, parent1);
    }
    return parent0 === 0 && parent1 === 0 ? -1 : this.#firstWithId(number, parent0, parent1);
  }

  /** A span whose parent is not there, the first in canonical order; -1: none. */
  firstOrphan(number: number): number {
    let first = -1;
    this.forEach(number, (slot) => {
      const held = this.rows.words;
      const row = slot * HELD_ROW;
      const parent0 = held[row + H_PARENT_0] as number;
      const parent1 = held[row + H_PARENT_1] as number;
      if (parent0 === 0 && parent1 === 0) return;
      if (this.#firstWithId(number, parent0, parent1) >= 0) return;
      if (first < 0 || this.compare(slot, first) < 0) first = slot;
    });
    return first;
  }

  /** The canonical order of spans: see `compareSpans`. */
  compare(a: number, b: number): number {
    const held = this.rows.words;
    const left = a * HELD_ROW;
    const right = b * HELD_ROW;
    for (const place of CANONICAL) {
      const x = held[left + place] as number;
      const y = held[right + place] as number;
      if (x !== y) return x < y ? -1 : 1;
    }
    const kindOfA = SPAN_KINDS[(held[left + H_TRAITS] as number) & KIND_MASK] ?? '';
    const kindOfB = SPAN_KINDS[(held[right + H_TRAITS] as number) & KIND_MASK] ?? '';
    return kindOfA < kindOfB ? -1 : kindOfA > kindOfB ? 1 : 0;
  }

  #takeSlot(at: number, count: number): number {
    const { words } = this.traces;
    const place = count & (CHUNK - 1);
    if (place !== 0) return firstSlotOf(words[at + T_TAIL] as number) + place;
    const chunk = this.rows.takeChunk();
    if (count === 0) words[at + T_HEAD] = chunk;
    else this.rows.next[words[at + T_TAIL] as number] = chunk;
    words[at + T_TAIL] = chunk;
    return firstSlotOf(chunk);
  }

  /** Enters a span that has come where the last `find` ended, perhaps in the place of one that was missing. */
  #list(at: number, slot: number): void {
    const { words } = this.traces;
    const { entries } = this.tables;
    const entry = this.#entry;
    const value = entries[entry + 1] as number;
    entries[entry] = this.#hash;
    entries[entry + 1] = slot + 1;
    if (value === 0) {
      words[at + T_USED] = (words[at + T_USED] as number) + 1;
      return;
    }
    words[at + T_MISSING] = (words[at + T_MISSING] as number) - 1;
    if ((value & LOCAL_CHILD) !== 0) words[at + T_LOCAL] = (words[at + T_LOCAL] as number) - 1;
  }

  /** Notes a parent, unless it is there. */
  #expect(at: number, child: number, kind: number, signed0: number, signed1: number): void {
    const { words } = this.traces;
    const held = this.rows.words;
    // With their signs, for as arguments many would be boxed without.
    const id0 = signed0 >>> 0;
    const id1 = signed1 >>> 0;
    const table = words[at + T_TABLE] as number;
    const mask = maskOf(words[at + T_SIZE] as number);
    const { entries } = this.tables;
    const hash = this.tables.hash(signed0, signed1);
    const isLocal = kind !== SERVER && kind !== CONSUMER;
    let place = hash & mask;
    for (; ; place = (place + 1) & mask) {
      const value = entries[table + place * 2 + 1] as number;
      if (value === 0) break;
      if (entries[table + place * 2] !== hash) continue;
      const row = ((value & SLOT_MASK) - 1) * HELD_ROW;
      if ((value & MISSING) === 0) {
        if (held[row + H_SPAN_1] === id1 && held[row + H_SPAN_0] === id0) return;
      } else if (held[row + H_PARENT_1] === id1 && held[row + H_PARENT_0] === id0) {
        if (isLocal && (value & LOCAL_CHILD) === 0) {
          entries[table + place * 2 + 1] = value | LOCAL_CHILD;
          words[at + T_LOCAL] = (words[at + T_LOCAL] as number) + 1;
        }
        return;
      }
    }
    entries[table + place * 2] = hash;
    entries[table + place * 2 + 1] = (child + 1) | MISSING | (isLocal ? LOCAL_CHILD : 0);
    words[at + T_USED] = (words[at + T_USED] as number) + 1;
    words[at + T_MISSING] = (words[at + T_MISSING] as number) + 1;
    if (isLocal) words[at + T_LOCAL] = (words[at + T_LOCAL] as number) + 1;
  }

  #firstWithId(number: number, id0: number, id1: number): number {
    const { words } = this.traces;
    const at = number * TRACE;
    const table = words[at + T_TABLE] as number;
    const mask = maskOf(words[at + T_SIZE] as number);
    const { entries } = this.tables;
    const hash = this.tables.hash(id0, id1);
    const held = this.rows.words;
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const value = entries[table + place * 2 + 1] as number;
      if (value === 0) return -1;
      if (entries[table + place * 2] !== hash || (value & MISSING) !== 0) continue;
      const slot = (value & SLOT_MASK) - 1;
      const row = slot * HELD_ROW;
      if (held[row + H_SPAN_1] === id1 && held[row + H_SPAN_0] === id0) return slot;
    }
  }

  /** All spans with an id, in canonical order. */
  #allWithId(number: number, id0: number, id1: number): number[] {
    const found: number[] = [];
    this.forEach(number, (slot) => {
      const held = this.rows.words;
      const row = slot * HELD_ROW;
      if (held[row + H_SPAN_1] === id1 && held[row + H_SPAN_0] === id0) found.push(slot);
    });
    return found.sort((a, b) => this.compare(a, b));
  }

  /** A Zipkin server span shares the id of the client span that called it: the client half is its parent. */
  #parentAmongTwins(number: number, slot: number, parent0: number, parent1: number): number {
    const held = this.rows.words;
    const row = slot * HELD_ROW;
    const kind = this.#kindOf(slot);
    if (kind === SERVER || kind === CONSUMER) {
      const halves = this.#allWithId(number, held[row + H_SPAN_0] as number, held[row + H_SPAN_1] as number);
      const caller = halves.find((half) => {
        const other = this.#kindOf(half);
        return other === CLIENT || other === PRODUCER;
      });
      if (caller !== undefined) return caller;
    }
    if (parent0 === 0 && parent1 === 0) return -1;
    const candidates = this.#allWithId(number, parent0, parent1);
    if (candidates.length < 2) return candidates[0] ?? -1;
    const service = (held[row + H_TRAITS] as number) >>> SERVICE_SHIFT;
    const isOfService = (one: number): boolean =>
      service !== UNTOLD_SERVICE && (held[one * HELD_ROW + H_TRAITS] as number) >>> SERVICE_SHIFT === service;
    return (
      candidates.find(isOfService) ??
      candidates.find((one) => this.#kindOf(one) === SERVER || this.#kindOf(one) === CONSUMER) ??
      candidates[0] ??
      -1
    );
  }

  #kindOf(slot: number): number {
    return (this.rows.words[slot * HELD_ROW + H_TRAITS] as number) & KIND_MASK;
  }
}

const CANONICAL = [H_START_HIGH, H_START_LOW, H_END_HIGH, H_END_LOW, H_SPAN_0, H_SPAN_1] as const;
