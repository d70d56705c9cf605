/** One span out of OTLP protobuf, with everything that a span here has. Damage inside of an attribute or event costs that part only. */
import type { Nanos } from '../../base/nanos.ts';
import type { AttributeValue } from '../../trace/attribute-value.ts';
import { type Resource, SPAN_KINDS, SPAN_STATUSES, type Span, type SpanEvent } from '../../trace/span.ts';
import { hexOf } from '../span-id.ts';
import type { SpanSink } from '../span-sink.ts';
import { isUnsampled } from '../trace-flags.ts';
import { ProtoAttributes } from './attributes.ts';
import { FIXED32, FIXED64, LENGTH, VARINT, WireError, WireReader } from './wire-reader.ts';

/** Offsets in the bytes of a request. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

export class SpanReader {
  readonly #sink: SpanSink;
  readonly #bytes: Uint8Array;
  readonly #attributes: ProtoAttributes;

  constructor(sink: SpanSink, bytes: Uint8Array) {
    this.#sink = sink;
    this.#bytes = bytes;
    this.#attributes = new ProtoAttributes(sink, bytes);
  }

  /** The attributes of a Resource message, added to those that are there. Throws a WireError where the message is damaged. */
  resourceAttributes(reader: WireReader, into: Map<string, AttributeValue>): void {
    let index = 0;
    while (reader.next()) {
      if (reader.field === 1) this.#attributes.add(reader, into, index++);
      else reader.skip();
    }
  }

  /** The name of an InstrumentationScope message. Throws a WireError where the message is damaged. */
  scopeName(reader: WireReader, before: string): string {
    let name = before;
    let index = 0;
    while (reader.next()) {
      if (reader.field === 1) name = this.#text(reader, 'name');
      else if (reader.field === 3) this.#attributes.add(reader, new Map(), index++);
      else {
        if (reader.field === 2) reader.expect(LENGTH, 'version');
        reader.skip();
      }
    }
    return name;
  }

  /** Puts the span into the sink, or notes why it cannot be one. Throws a WireError where the message is damaged. */
  span(reader: WireReader, resource: Resource, scope: string): void {
    const before = this.#sink.faultCount;
    let traceId: string | null = null;
    let spanId: string | null = null;
    let parentSpanId: string | null = '';
    let name = '';
    let kind = 0;
    let start: Nanos = 0n;
    let sentEnd: Nanos = 0n;
    let status = 0;
    let traceState = '';
    let unsampled = false;
    let attributeIndex = 0;
    const attributes = new Map<string, AttributeValue>();
    const events: Range[] = [];
    const links: Range[] = [];
    while (reader.next()) {
      switch (reader.field) {
        case 1:
          traceId = this.#id(reader, 'trace_id', 16);
          break;
        case 2:
          spanId = this.#id(reader, 'span_id', 8);
          break;
        case 3:
          traceState = this.#text(reader, 'trace_state');
          break;
        case 4:
          parentSpanId = this.#parentId(reader);
          break;
        case 5:
          name = this.#text(reader, 'name');
          break;
        case 6:
          reader.expect(VARINT, 'kind');
          kind = enumOf(reader);
          break;
        case 7:
          reader.expect(FIXED64, 'start_time_unix_nano');
          start = reader.fixed64();
          break;
        case 8:
          reader.expect(FIXED64, 'end_time_unix_nano');
          sentEnd = reader.fixed64();
          break;
        case 9:
          this.#attributes.add(reader, attributes, attributeIndex++);
          break;
        case 11:
          reader.expect(LENGTH, 'events');
          events.push({ from: reader.span(), to: reader.at });
          break;
        case 13:
          reader.expect(LENGTH, 'links');
          links.push({ from: reader.span(), to: reader.at });
          break;
        case 15:
          reader.expect(LENGTH, 'status');
          status = this.#status(reader, status);
          break;
        case 16:
          reader.expect(FIXED32, 'flags');
          unsampled = isUnsampled(reader.fixed32());
          break;
        default:
          reader.skip();
      }
    }
    if (traceId === null) this.#sink.fault('FL520', 'must be 16 bytes, not all zero', 'traceId');
    if (spanId === null) this.#sink.fault('FL521', 'must be 8 bytes, not all zero', 'spanId');
    if (parentSpanId === null) this.#sink.fault('FL521', 'must be 8 bytes or empty', 'parentSpanId');
    if (start === 0n) this.#sink.fault('FL522', 'must be there and not 0', 'startTimeUnixNano');
    if (traceId === null || spanId === null || parentSpanId === null || start === 0n) {
      this.#sink.damaged++;
      return;
    }
    if (sentEnd < start) this.#sink.mended++;
    const span: Span = {
      traceId,
      spanId,
      parentSpanId,
      name,
      kind: SPAN_KINDS[kind] ?? 'unspecified',
      start,
      end: sentEnd < start ? start : sentEnd,
      status: SPAN_STATUSES[status] ?? 'unset',
      attributes,
      resource,
      scope,
      events: this.#events(events, start),
      traceState,
    };
    this.#checkLinks(links);
    this.#sink.add(unsampled ? { ...span, sampled: false } : span, before);
  }

  #events(ranges: readonly Range[], start: Nanos): readonly SpanEvent[] {
    if (ranges.length === 0) return [];
    const events: SpanEvent[] = [];
    this.#sink.enter('events');
    for (const [index, { from, to }] of ranges.entries()) {
      this.#sink.enter(index);
      const reader = new WireReader(this.#bytes, from, to);
      const attributes = new Map<string, AttributeValue>();
      let time: Nanos = 0n;
      let name = '';
      let attributeIndex = 0;
      const cut = collectFields(reader, () => {
        if (reader.field === 1) {
          reader.expect(FIXED64, 'time_unix_nano');
          time = reader.fixed64();
        } else if (reader.field === 2) name = this.#text(reader, 'name');
        else if (reader.field === 3) this.#attributes.add(reader, attributes, attributeIndex++);
        else reader.skip();
      });
      if (cut === null) events.push({ name, time: time || start, attributes });
      else this.#sink.fault('FL515', `is damaged: ${cut.message}`);
      this.#sink.leave();
    }
    this.#sink.leave();
    return events;
  }

  /** Links are no part of a span here; whoever keeps them finds them whole. */
  #checkLinks(ranges: readonly Range[]): void {
    if (ranges.length === 0) return;
    this.#sink.enter('links');
    for (const [index, { from, to }] of ranges.entries()) {
      this.#sink.enter(index);
      const reader = new WireReader(this.#bytes, from, to);
      let attributeIndex = 0;
      const cut = collectFields(reader, () => {
        if (reader.field === 4) {
          this.#attributes.add(reader, new Map(), attributeIndex++);
          return;
        }
        const known = LINK_FIELDS[reader.field];
        if (known !== undefined && known !== null) reader.expect(known[1], known[0]);
        reader.skip();
      });
      if (cut !== null) this.#sink.fault('FL515', `is damaged: ${cut.message}`);
      this.#sink.leave();
    }
    this.#sink.leave();
  }

  #status(outer: WireReader, before: number): number {
    const from = outer.span();
    const reader = new WireReader(this.#bytes, from, outer.at);
    let code = before;
    while (reader.next()) {
      if (reader.field === 3) {
        reader.expect(VARINT, 'code');
        code = enumOf(reader);
        continue;
      }
      if (reader.field === 2) reader.expect(LENGTH, 'message');
      reader.skip();
    }
    return code;
  }

  #text(reader: WireReader, name: string): string {
    reader.expect(LENGTH, name);
    const from = reader.span();
    return this.#attributes.text(from, reader.at, name);
  }

  /** An id as hex; null when it has another length, or is all zero. */
  #id(reader: WireReader, name: string, length: 8 | 16): string | null {
    reader.expect(LENGTH, name);
    const from = reader.span();
    if (reader.at - from !== length) return null;
    for (let at = from; at < reader.at; at++) {
      if (this.#bytes[at] !== 0) return hexOf(this.#bytes, from, reader.at);
    }
    return null;
  }

  /** As `#id`, but empty and zeros stand for a root. */
  #parentId(reader: WireReader): string | null {
    reader.expect(LENGTH, 'parent_span_id');
    const from = reader.span();
    const id = hexOf(this.#bytes, from, reader.at);
    if (/^0*$/.test(id)) return '';
    return id.length === 16 ? id : null;
  }
}

/** By field number of a Link, without its attributes: name and wire type. */
export const LINK_FIELDS: readonly (readonly [string, number] | null)[] = [
  null,
  ['trace_id', LENGTH],
  ['span_id', LENGTH],
  ['trace_state', LENGTH],
  null,
  ['dropped_attributes_count', VARINT],
  ['flags', FIXED32],
];

/** An enum's number; negative ones and those past 32 bits are nobody's. */
function enumOf(reader: WireReader): number {
  return Number(BigInt.asIntN(32, reader.varint()));
}

/** Visits all fields; an error ends the visit and is returned, so that what was found before it can be used. */
export function collectFields(reader: WireReader, visit: () => void): WireError | null {
  try {
    while (reader.next()) visit();
    return null;
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return error;
  }
}
