/** The spans of open traces: one pool of rows, in which each trace is a chain in order of arrival. */
import {
  DECODED,
  END_HIGH,
  END_LOW,
  FROM,
  IN_BYTES,
  KIND_MASK,
  NAME,
  PARENT_0,
  PARENT_1,
  ROW,
  SPAN_0,
  SPAN_1,
  SpanRows,
  START_HIGH,
  START_LOW,
  STATUS_SHIFT,
  TO,
  TRAITS,
} from '../../otlp/span-rows.ts';
import { NO_ATTRIBUTES } from '../../trace/attribute-value.ts';
import { SPAN_KINDS, SPAN_STATUSES, type Span } from '../../trace/span.ts';
import { payloadOf, type RecordRows, type SpanPayload } from './record-reader.ts';
import type { SpanContext, SpanContexts, SpanSource } from './span-context.ts';
import { hex8 } from './trace-index.ts';

export class OpenSpans extends SpanRows {
  /** Spans in use. */
  used = 0;
  /** Bytes of the memory that spans in use hold on to. */
  heldBytes = 0;
  readonly payload: (SpanPayload | null)[] = [];
  readonly #textOf: (name: number) => string;
  /** First of the chain of free slots. */
  #free = -1;
  #end = 0;

  /** `textOf` gives the text of a name's number. */
  constructor(textOf: (name: number) => string) {
    super();
    this.#textOf = textOf;
  }

  /** Copies a row into a slot of the pool and returns the slot. */
  add(record: RecordRows, row: number): number {
    let slot = this.#free;
    if (slot >= 0) this.#free = this.link[slot] as number;
    else {
      slot = this.#end++;
      if (slot >= this.capacity) this.reserve(slot + 1);
    }
    const from = record.rows.words;
    const to = this.words;
    const source = row * ROW;
    const target = slot * ROW;
    // The words of the trace's id are not needed any more. Each by itself: a loop takes twice as long.
    to[target + SPAN_0] = from[source + SPAN_0] as number;
    to[target + SPAN_1] = from[source + SPAN_1] as number;
    to[target + PARENT_0] = from[source + PARENT_0] as number;
    to[target + PARENT_1] = from[source + PARENT_1] as number;
    to[target + START_HIGH] = from[source + START_HIGH] as number;
    to[target + START_LOW] = from[source + START_LOW] as number;
    to[target + END_HIGH] = from[source + END_HIGH] as number;
    to[target + END_LOW] = from[source + END_LOW] as number;
    to[target + NAME] = from[source + NAME] as number;
    const traits = from[source + TRAITS] as number;
    to[target + TRAITS] = traits;
    const payload = payloadOf(record, row);
    if ((traits & IN_BYTES) !== 0) {
      to[target + FROM] = from[source + FROM] as number;
      to[target + TO] = from[source + TO] as number;
      const { memory } = (payload as SpanSource).record;
      if (memory.holders++ === 0) this.heldBytes += memory.buffer.byteLength;
    }
    // Often what was there before.
    if (this.payload[slot] !== payload) this.payload[slot] = payload;
    this.link[slot] = -1;
    this.used++;
    return slot;
  }

  /** Gives one slot back; its `link` is no longer its own. */
  free(slot: number): void {
    const traits = this.words[slot * ROW + TRAITS] as number;
    if ((traits & IN_BYTES) !== 0) {
      const { memory } = (this.payload[slot] as SpanSource).record;
      if (--memory.holders === 0) this.heldBytes -= memory.buffer.byteLength;
    }
    // A context lives on anyway.
    if ((traits & (IN_BYTES | DECODED)) !== 0) this.payload[slot] = null;
    this.link[slot] = this.#free;
    this.#free = slot;
    this.used--;
  }

  /** Gives a chain of `count` slots back; `traits` are those of its spans, or-ed. */
  freeChain(head: number, tail: number, count: number, traits: number): void {
    if ((traits & (IN_BYTES | DECODED)) !== 0) {
      for (let slot = head, left = count; left > 0; left--) {
        const next = this.link[slot] as number;
        this.free(slot);
        slot = next;
      }
      return;
    }
    this.link[tail] = this.#free;
    this.#free = head;
    this.used -= count;
  }

  /** When a span started. */
  startOf(slot: number): bigint {
    return this.#time(slot * ROW + START_HIGH);
  }

  /** The spans of some slots, in their order. Those that lie in one record under one resource are decoded together. */
  spans(traceId: string, slots: Int32Array, contexts: SpanContexts): Span[] {
    const spans: Span[] = new Array(slots.length);
    const inBytes = new Map<SpanSource, number[]>();
    for (let index = 0; index < slots.length; index++) {
      const slot = slots[index] as number;
      const traits = this.words[slot * ROW + TRAITS] as number;
      if ((traits & DECODED) !== 0) spans[index] = this.payload[slot] as Span;
      else if ((traits & IN_BYTES) !== 0) {
        const source = this.payload[slot] as SpanSource;
        const same = inBytes.get(source);
        if (same === undefined) inBytes.set(source, [index]);
        else same.push(index);
      } else spans[index] = this.#plain(traceId, slot);
    }
    for (const [source, indexes] of inBytes) {
      const ranges = indexes.map((index) => {
        const row = (slots[index] as number) * ROW;
        return { from: this.words[row + FROM] as number, to: this.words[row + TO] as number };
      });
      for (const [nth, span] of contexts.decode(source, ranges).entries())
        spans[indexes[nth] as number] = span;
    }
    return spans;
  }

  #plain(traceId: string, slot: number): Span {
    const { words } = this;
    const row = slot * ROW;
    const context = this.payload[slot] as SpanContext;
    const parent0 = words[row + PARENT_0] as number;
    const parent1 = words[row + PARENT_1] as number;
    const traits = words[row + TRAITS] as number;
    return {
      traceId,
      spanId: hex8(words[row + SPAN_0] as number) + hex8(words[row + SPAN_1] as number),
      parentSpanId: parent0 === 0 && parent1 === 0 ? '' : hex8(parent0) + hex8(parent1),
      name: this.#textOf(words[row + NAME] as number),
      kind: SPAN_KINDS[traits & KIND_MASK] as Span['kind'],
      start: this.#time(row + START_HIGH),
      end: this.#time(row + END_HIGH),
      status: SPAN_STATUSES[(traits >> STATUS_SHIFT) & 3] as Span['status'],
      attributes: NO_ATTRIBUTES,
      resource: context.resource,
      scope: context.scope,
      events: NO_EVENTS,
      traceState: '',
    };
  }

  /** Two words as one integer. */
  #time(place: number): bigint {
    WORDS[HIGH] = this.words[place] as number;
    WORDS[1 - HIGH] = this.words[place + 1] as number;
    return LONG[0] as bigint;
  }
}

const NO_EVENTS: Span['events'] = [];

const WORDS = new Uint32Array(2);
const LONG = new BigUint64Array(WORDS.buffer);
/** Where the higher word of a 64-bit integer lies on this machine. */
const HIGH = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;
