/**
 * OTLP protobuf export requests to spans. The complete reader: every field that a span here has, any order of fields,
 * and a damaged span or attribute costs that span or attribute only.
 *
 * Source: opentelemetry-proto, trace/v1/trace.proto, common/v1/common.proto, resource/v1/resource.proto.
 */
import type { Nanos } from '../../base/nanos.ts';
import type { AttributeValue } from '../../trace/attribute-value.ts';
import { type Resource, SPAN_KINDS, SPAN_STATUSES, type SpanEvent } from '../../trace/span.ts';
import { hexOf } from '../span-id.ts';
import type { SpanSink } from '../span-sink.ts';
import { ProtoAttributes } from './attributes.ts';
import { foreignSignal } from './foreign-signal.ts';
import { FIXED64, LENGTH, VARINT, WireError, WireReader } from './wire-reader.ts';

/** Reads an ExportTraceServiceRequest (the same as TracesData) into the sink. Never throws, whatever the bytes. */
export function readProtoRequest(sink: SpanSink, bytes: Uint8Array): void {
  new RequestReader(sink, bytes).request();
}

interface Range {
  readonly from: number;
  readonly to: number;
}

class RequestReader {
  readonly #sink: SpanSink;
  readonly #bytes: Uint8Array;
  readonly #attributes: ProtoAttributes;

  constructor(sink: SpanSink, bytes: Uint8Array) {
    this.#sink = sink;
    this.#bytes = bytes;
    this.#attributes = new ProtoAttributes(sink, bytes);
  }

  request(): void {
    if (foreignSignal(this.#bytes)) {
      this.#sink.foreign++;
      return;
    }
    this.#message(0, this.#bytes.length, (reader) => {
      let index = 0;
      this.#sink.enter('resourceSpans');
      while (reader.next()) {
        if (reader.field === 1) {
          this.#sink.enter(index++);
          reader.expect(LENGTH, 'resource_spans');
          const from = reader.span();
          this.#message(from, reader.at, (inner) => this.#resourceSpans(inner));
          this.#sink.leave();
        } else reader.skip();
      }
      this.#sink.leave();
    });
  }

  /** Runs a reader over a part of the bytes. An error there is noted as damage, and what encloses the part goes on. */
  #message(from: number, to: number, read: (reader: WireReader) => void): void {
    const depth = this.#sink.depth;
    try {
      read(new WireReader(this.#bytes, from, to));
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#sink.leaveTo(depth);
      this.#sink.damaged++;
      this.#sink.fault('FL515', `is damaged: ${error.message}`);
    }
  }

  #resourceSpans(reader: WireReader): void {
    // The resource may stand behind the spans that it describes: it is looked for first.
    const scopes: Range[] = [];
    const attributes = new Map<string, AttributeValue>();
    const cut = this.#collect(reader, () => {
      if (reader.field === 1) {
        reader.expect(LENGTH, 'resource');
        const from = reader.span();
        this.#resource(from, reader.at, attributes);
      } else if (reader.field === 2 || reader.field === 1000) {
        reader.expect(LENGTH, 'scope_spans');
        scopes.push({ from: reader.span(), to: reader.at });
      } else reader.skip();
    });
    const service = attributes.get('service.name');
    const resource: Resource = { attributes, service: typeof service === 'string' ? service : '' };
    this.#sink.enter('scopeSpans');
    for (const [index, scope] of scopes.entries()) {
      this.#sink.enter(index);
      this.#message(scope.from, scope.to, (inner) => this.#scopeSpans(inner, resource));
      this.#sink.leave();
    }
    this.#sink.leave();
    if (cut !== null) throw cut;
  }

  /** Visits all fields; an error ends the visit and is returned, so that what was found before it can be used. */
  #collect(reader: WireReader, visit: () => void): WireError | null {
    try {
      while (reader.next()) visit();
      return null;
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      return error;
    }
  }

  #resource(from: number, to: number, attributes: Map<string, AttributeValue>): void {
    const before = this.#sink.faultCount;
    const damaged = this.#sink.damaged;
    this.#sink.enter('resource');
    this.#message(from, to, (reader) => {
      let index = 0;
      while (reader.next()) {
        if (reader.field === 1) this.#attributes.add(reader, attributes, index++);
        else reader.skip();
      }
    });
    this.#sink.leave();
    if (this.#sink.faultCount > before) this.#sink.damaged = damaged + 1;
  }

  #scopeSpans(reader: WireReader, resource: Resource): void {
    const spans: Range[] = [];
    let scope = '';
    const cut = this.#collect(reader, () => {
      if (reader.field === 1) {
        reader.expect(LENGTH, 'scope');
        const from = reader.span();
        scope = this.#scope(from, reader.at) ?? scope;
      } else if (reader.field === 2) {
        reader.expect(LENGTH, 'spans');
        spans.push({ from: reader.span(), to: reader.at });
      } else reader.skip();
    });
    this.#sink.enter('spans');
    for (let index = 0; index < spans.length; index++) {
      const span = spans[index] as Range;
      this.#sink.enter(index);
      this.#message(span.from, span.to, (inner) => this.#span(inner, resource, scope));
      this.#sink.leave();
    }
    this.#sink.leave();
    if (cut !== null) throw cut;
  }

  /** The scope's name; null where the message has none. */
  #scope(from: number, to: number): string | null {
    const before = this.#sink.faultCount;
    const { damaged } = this.#sink;
    let name: string | null = null;
    this.#sink.enter('scope');
    this.#message(from, to, (reader) => {
      while (reader.next()) {
        if (reader.field === 1) name = this.#text(reader, 'name');
        else reader.skip();
      }
    });
    this.#sink.leave();
    if (this.#sink.faultCount > before) this.#sink.damaged = damaged + 1;
    return name;
  }

  #span(reader: WireReader, resource: Resource, scope: string): void {
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
    let attributeIndex = 0;
    const attributes = new Map<string, AttributeValue>();
    const events: Range[] = [];
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
        case 15:
          reader.expect(LENGTH, 'status');
          status = this.#status(reader, status);
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
    this.#sink.add(
      {
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
      },
      before,
    );
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
      const cut = this.#collect(reader, () => {
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

  #status(outer: WireReader, before: number): number {
    const from = outer.span();
    const reader = new WireReader(this.#bytes, from, outer.at);
    let code = before;
    while (reader.next()) {
      if (reader.field === 3) {
        reader.expect(VARINT, 'code');
        code = enumOf(reader);
      } else reader.skip();
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

/** An enum's number; negative ones and those past 32 bits are nobody's. */
function enumOf(reader: WireReader): number {
  return Number(BigInt.asIntN(32, reader.varint()));
}
