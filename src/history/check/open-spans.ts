/** The spans of open traces: one pool of columns, in which each trace is a chain in order of arrival. */

import { SpanColumns } from '../../otlp/span-columns.ts';
import { NO_ATTRIBUTES } from '../../trace/attribute-value.ts';
import { SPAN_KINDS, SPAN_STATUSES, type Span } from '../../trace/span.ts';
import { isInBytes, isScanned, type SpanPayload, type SpanRows } from './record-reader.ts';
import type { SpanContext, SpanContexts, SpanSource } from './span-context.ts';
import { hex8 } from './trace-index.ts';

export class OpenSpans extends SpanColumns {
  /** Spans in use. */
  used = 0;
  /** Bytes of the records that spans in use hold on to. */
  heldBytes = 0;
  readonly payload: (SpanPayload | null)[] = [];
  /** First of the chain of free slots. */
  #free = -1;
  #end = 0;

  /** Copies a row into a slot of the pool and returns the slot. */
  add(rows: SpanRows, row: number): number {
    let slot = this.#free;
    if (slot >= 0) this.#free = this.link[slot] as number;
    else {
      slot = this.#end++;
      if (slot >= this.capacity) this.reserve(slot + 1);
    }
    const from = rows.columns;
    this.span0[slot] = from.span0[row] as number;
    this.span1[slot] = from.span1[row] as number;
    this.parent0[slot] = from.parent0[row] as number;
    this.parent1[slot] = from.parent1[row] as number;
    this.startHigh[slot] = from.startHigh[row] as number;
    this.startLow[slot] = from.startLow[row] as number;
    this.endHigh[slot] = from.endHigh[row] as number;
    this.endLow[slot] = from.endLow[row] as number;
    this.name[slot] = from.name[row] as number;
    this.kindAndStatus[slot] = from.kindAndStatus[row] as number;
    const form = from.form[row] as number;
    this.form[slot] = form;
    const payload = rows.payloadOf(row);
    if (isInBytes(form)) {
      this.from[slot] = from.from[row] as number;
      this.to[slot] = from.to[row] as number;
      const { memory } = (payload as SpanSource).record;
      if (memory.holders++ === 0) this.heldBytes += memory.buffer.byteLength;
    }
    this.payload[slot] = payload;
    this.link[slot] = -1;
    this.used++;
    return slot;
  }

  /** Gives one slot back; its `link` is no longer its own. */
  free(slot: number): void {
    if (isInBytes(this.form[slot] as number)) {
      const { memory } = (this.payload[slot] as SpanSource).record;
      if (--memory.holders === 0) this.heldBytes -= memory.buffer.byteLength;
    }
    this.payload[slot] = null;
    this.link[slot] = this.#free;
    this.#free = slot;
    this.used--;
  }

  /**
   * The spans of some slots, in their order. Those that lie in one record under one resource are decoded together.
   */
  spans(traceId: string, slots: Int32Array, contexts: SpanContexts): Span[] {
    const spans: Span[] = new Array(slots.length);
    const inBytes = new Map<SpanSource, number[]>();
    for (let index = 0; index < slots.length; index++) {
      const slot = slots[index] as number;
      const form = this.form[slot] as number;
      if (!isScanned(form)) spans[index] = this.payload[slot] as Span;
      else if (isInBytes(form)) {
        const source = this.payload[slot] as SpanSource;
        const same = inBytes.get(source);
        if (same === undefined) inBytes.set(source, [index]);
        else same.push(index);
      } else spans[index] = this.#plain(traceId, slot);
    }
    for (const [source, indexes] of inBytes) {
      const ranges = indexes.map((index) => {
        const slot = slots[index] as number;
        return { from: this.from[slot] as number, to: this.to[slot] as number };
      });
      for (const [nth, span] of contexts.decode(source, ranges).entries())
        spans[indexes[nth] as number] = span;
    }
    return spans;
  }

  #plain(traceId: string, slot: number): Span {
    const context = this.payload[slot] as SpanContext;
    const parent0 = this.parent0[slot] as number;
    const parent1 = this.parent1[slot] as number;
    const kindAndStatus = this.kindAndStatus[slot] as number;
    return {
      traceId,
      spanId: hex8(this.span0[slot] as number) + hex8(this.span1[slot] as number),
      parentSpanId: parent0 === 0 && parent1 === 0 ? '' : hex8(parent0) + hex8(parent1),
      name: this.nameOf(slot),
      kind: SPAN_KINDS[kindAndStatus & 7] as Span['kind'],
      start: this.startOf(slot),
      end: join(this.endHigh[slot] as number, this.endLow[slot] as number),
      status: SPAN_STATUSES[kindAndStatus >> 3] as Span['status'],
      attributes: NO_ATTRIBUTES,
      resource: context.resource,
      scope: context.scope,
      events: NO_EVENTS,
      traceState: '',
    };
  }

  startOf(slot: number): bigint {
    return join(this.startHigh[slot] as number, this.startLow[slot] as number);
  }

  readonly nameOf: (slot: number) => string;

  /** `textOf` gives the text of a name's number. */
  constructor(textOf: (name: number) => string) {
    super();
    this.nameOf = (slot) => textOf(this.name[slot] as number);
  }
}

const NO_EVENTS: Span['events'] = [];

const WORDS = new Uint32Array(2);
const LONG = new BigUint64Array(WORDS.buffer);
const HIGH = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;

/** Two words as one integer. */
function join(high: number, low: number): bigint {
  WORDS[HIGH] = high;
  WORDS[1 - HIGH] = low;
  return LONG[0] as bigint;
}
