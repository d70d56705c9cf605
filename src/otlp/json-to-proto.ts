/**
 * OTLP/JSON export requests to OTLP protobuf, so that all that comes in by the network has one form. Everything of OTLP's definition of traces is
 * kept, also what Fluo does not look at itself; fields that the definition has not are passed over, as its JSON mapping asks for.
 *
 * Source: opentelemetry-proto, trace/v1/trace.proto, and the specification's section "JSON Protobuf Encoding".
 */
import { type JsonObject, type JsonValue, readJson } from '../base/exact-json.ts';
import { SPAN_KINDS, SPAN_STATUSES } from '../trace/span.ts';
import { enumField, fieldOf, isObject, listField, textField, timeField, uint32Field } from './json-fields.ts';
import { isOtlpRequest, isTraceRequest } from './json-request.ts';
import { writeAttributes } from './json-values.ts';
import { WireWriter } from './proto/wire-writer.ts';
import { isNoParent, normalSpanId, normalTraceId } from './span-id.ts';
import { found, type SpanFault, SpanSink } from './span-sink.ts';

export interface JsonConversion {
  /** An ExportTraceServiceRequest; null where the text is none, and `faults` say why. */
  readonly bytes: Uint8Array | null;
  /** The first faults. Those of attributes, events and links cost the part only; those of ids and times the span. */
  readonly faults: readonly SpanFault[];
  readonly faultCount: number;
  /** Spans that were left out. */
  readonly rejected: number;
}

/** Above the spans: nobody knows how many were lost, so nothing is taken. */
class BrokenFrame extends Error {}

const STRICT_UTF8 = new TextDecoder('utf-8', { fatal: true });
const LENIENT_UTF8 = new TextDecoder('utf-8');

/** Converts a request. Never throws, whatever the bytes. Cost: linear; some ten times that of the JSON text in memory. */
export function jsonToProto(bytes: Uint8Array): JsonConversion {
  const sink = new SpanSink();
  const writer = new RequestWriter(sink);
  let proto: Uint8Array | null = null;
  try {
    const request = readRequest(sink, bytes);
    if (request !== null) proto = writer.request(request);
  } catch (error) {
    if (!(error instanceof BrokenFrame)) throw error;
  }
  const { faults, faultCount } = sink;
  return { bytes: proto, faults, faultCount, rejected: proto === null ? 0 : writer.rejected };
}

/** The object that the text holds; null where it is no request of traces, and that was noted. */
function readRequest(sink: SpanSink, bytes: Uint8Array): JsonObject | null {
  const { value, faults } = readJson(textOf(sink, bytes));
  const [fault] = faults;
  if (fault !== undefined) {
    sink.fault('FL510', `is not valid JSON: ${fault.message}, at character ${fault.offset + 1}`);
    return null;
  }
  if (isObject(value) && isOtlpRequest(value)) {
    if (isTraceRequest(value) || Object.keys(value).length === 0) return value;
    sink.fault('FL514', 'holds logs, metrics or profiles, and Fluo takes traces only');
  } else sink.fault('FL514', `must be an object with \`resourceSpans\`, but is ${found(value)}`);
  return null;
}

function textOf(sink: SpanSink, bytes: Uint8Array): string {
  try {
    return STRICT_UTF8.decode(bytes);
  } catch {
    sink.fault('FL511', 'holds bytes that are not UTF-8, which are read as U+FFFD');
    return LENIENT_UTF8.decode(bytes);
  }
}

class RequestWriter {
  rejected = 0;
  readonly #sink: SpanSink;
  readonly #writer = new WireWriter();

  constructor(sink: SpanSink) {
    this.#sink = sink;
  }

  request(request: JsonObject): Uint8Array {
    this.#frames(request, 'resourceSpans', 'resource_spans', (element) => {
      const start = this.#writer.open(1);
      this.#resourceSpans(element);
      this.#writer.close(start);
    });
    return this.#writer.finish();
  }

  #resourceSpans(message: JsonObject): void {
    const writer = this.#writer;
    const resource = this.#part(message, 'resource');
    if (resource !== null) {
      const start = writer.open(1);
      this.#sink.enter('resource');
      writeAttributes(this.#sink, resource, writer, 1);
      this.#count(resource, 2, 'droppedAttributesCount', 'dropped_attributes_count');
      this.#sink.leave();
      writer.close(start);
    }
    const scopeSpans = (element: JsonObject) => {
      const start = writer.open(2);
      this.#scopeSpans(element);
      writer.close(start);
    };
    this.#frames(message, 'scopeSpans', 'scope_spans', scopeSpans);
    // Before OTLP 0.15 the scope was called so.
    this.#frames(message, 'instrumentationLibrarySpans', 'instrumentation_library_spans', scopeSpans);
    this.#text(message, 3, 'schemaUrl', 'schema_url');
  }

  #scopeSpans(message: JsonObject): void {
    const writer = this.#writer;
    const isOld = message['scope'] === undefined;
    const name = isOld ? 'instrumentationLibrary' : 'scope';
    const scope = this.#part(message, name, isOld ? 'instrumentation_library' : name);
    if (scope !== null) {
      const start = writer.open(1);
      this.#sink.enter(name);
      this.#text(scope, 1, 'name');
      this.#text(scope, 2, 'version');
      writeAttributes(this.#sink, scope, writer, 3);
      this.#count(scope, 4, 'droppedAttributesCount', 'dropped_attributes_count');
      this.#sink.leave();
      writer.close(start);
    }
    this.#sink.enter('spans');
    const spans = this.#frameList(message, 'spans', 'spans');
    for (let index = 0; index < spans.length; index++) {
      this.#sink.enter(index);
      this.#span(spans[index]);
      this.#sink.leave();
    }
    this.#sink.leave();
    this.#text(message, 3, 'schemaUrl', 'schema_url');
  }

  #span(message: JsonValue | undefined): void {
    const sink = this.#sink;
    const writer = this.#writer;
    if (!isObject(message)) {
      sink.fault('FL523', `must be an object, but is ${found(message)}`);
      this.rejected++;
      return;
    }
    const traceId = this.#traceId(message);
    const spanId = this.#spanId(message);
    const parentSpanId = this.#parentId(message);
    const name = textField(sink, message, 'name');
    const start = this.#start(message);
    const end = timeField(sink, message, 'endTimeUnixNano', 'end_time_unix_nano');
    if (
      traceId === null ||
      spanId === null ||
      parentSpanId === null ||
      name === null ||
      start === null ||
      end === null
    ) {
      this.rejected++;
      return;
    }
    const span = writer.open(2);
    writer.hex(1, traceId);
    writer.hex(2, spanId);
    this.#text(message, 3, 'traceState', 'trace_state');
    if (parentSpanId !== '') writer.hex(4, parentSpanId);
    if (name !== '') writer.text(5, name);
    this.#enum(message, 6, 'kind', 'SPAN_KIND_', SPAN_KINDS);
    writer.fixed64(7, start);
    writer.fixed64(8, end);
    writeAttributes(sink, message, writer, 9);
    this.#count(message, 10, 'droppedAttributesCount', 'dropped_attributes_count');
    this.#parts(message, 'events', (event) => this.#event(event));
    this.#count(message, 12, 'droppedEventsCount', 'dropped_events_count');
    this.#parts(message, 'links', (link) => this.#link(link));
    this.#count(message, 14, 'droppedLinksCount', 'dropped_links_count');
    this.#status(message);
    this.#flags(message, 16);
    writer.close(span);
  }

  #traceId(message: JsonObject): string | null {
    const sent = fieldOf(message, 'traceId', 'trace_id');
    const id = typeof sent === 'string' ? normalTraceId(sent) : null;
    if (id === null) {
      this.#sink.fault('FL520', `must be 32 hex digits, not all zero, but is ${found(sent)}`, 'traceId');
    }
    return id;
  }

  #spanId(message: JsonObject): string | null {
    const sent = fieldOf(message, 'spanId', 'span_id');
    const id = typeof sent === 'string' ? normalSpanId(sent) : null;
    if (id === null) {
      this.#sink.fault('FL521', `must be 16 hex digits, not all zero, but is ${found(sent)}`, 'spanId');
    }
    return id;
  }

  #parentId(message: JsonObject): string | null {
    const sent = fieldOf(message, 'parentSpanId', 'parent_span_id');
    if (sent === undefined || (typeof sent === 'string' && isNoParent(sent))) return '';
    const id = typeof sent === 'string' ? normalSpanId(sent) : null;
    if (id === null) {
      this.#sink.fault('FL521', `must be 16 hex digits or empty, but is ${found(sent)}`, 'parentSpanId');
    }
    return id;
  }

  #start(message: JsonObject): bigint | null {
    const start = timeField(this.#sink, message, 'startTimeUnixNano', 'start_time_unix_nano');
    if (start !== 0n) return start;
    this.#sink.fault('FL522', 'must be there and not 0', 'startTimeUnixNano');
    return null;
  }

  #event(event: JsonObject): void {
    const writer = this.#writer;
    const start = writer.open(11);
    const time = timeField(this.#sink, event, 'timeUnixNano', 'time_unix_nano');
    if (time !== null && time !== 0n) writer.fixed64(1, time);
    this.#text(event, 2, 'name');
    writeAttributes(this.#sink, event, writer, 3);
    this.#count(event, 4, 'droppedAttributesCount', 'dropped_attributes_count');
    writer.close(start);
  }

  #link(link: JsonObject): void {
    const writer = this.#writer;
    const traceId = this.#traceId(link);
    const spanId = this.#spanId(link);
    if (traceId === null || spanId === null) return;
    const start = writer.open(13);
    writer.hex(1, traceId);
    writer.hex(2, spanId);
    this.#text(link, 3, 'traceState', 'trace_state');
    writeAttributes(this.#sink, link, writer, 4);
    this.#count(link, 5, 'droppedAttributesCount', 'dropped_attributes_count');
    this.#flags(link, 6);
    writer.close(start);
  }

  #status(message: JsonObject): void {
    const status = this.#part(message, 'status');
    if (status === null) return;
    const start = this.#writer.open(15);
    this.#sink.enter('status');
    this.#text(status, 2, 'message');
    this.#enum(status, 3, 'code', 'STATUS_CODE_', SPAN_STATUSES);
    this.#sink.leave();
    this.#writer.close(start);
  }

  /** A message in a field; null for absent, and for what is none, which was noted. */
  #part(message: JsonObject, name: string, snake = name): JsonObject | null {
    const part = fieldOf(message, name, snake);
    if (part === undefined) return null;
    if (isObject(part)) return part;
    this.#sink.fault('FL523', `must be an object, but is ${found(part)}`, name);
    return null;
  }

  /** Messages in a list of which each may be left out. */
  #parts(message: JsonObject, name: string, write: (element: JsonObject) => void): void {
    const sink = this.#sink;
    const list = listField(sink, message, name);
    if (list.length === 0) return;
    sink.enter(name);
    for (let index = 0; index < list.length; index++) {
      const element = list[index];
      sink.enter(index);
      if (isObject(element)) write(element);
      else sink.fault('FL523', `must be an object, but is ${found(element)}`);
      sink.leave();
    }
    sink.leave();
  }

  /** Messages that hold spans. */
  #frames(message: JsonObject, name: string, snake: string, write: (element: JsonObject) => void): void {
    const sink = this.#sink;
    sink.enter(message[name] === undefined ? snake : name);
    const list = this.#frameList(message, name, snake);
    for (let index = 0; index < list.length; index++) {
      const element = list[index];
      sink.enter(index);
      if (!isObject(element)) {
        sink.fault('FL523', `must be an object, but is ${found(element)}`);
        throw new BrokenFrame();
      }
      write(element);
      sink.leave();
    }
    sink.leave();
  }

  #frameList(message: JsonObject, name: string, snake: string): readonly JsonValue[] {
    const list = fieldOf(message, name, snake) ?? [];
    if (Array.isArray(list)) return list;
    this.#sink.fault('FL523', `must be an array, but is ${found(list)}`);
    throw new BrokenFrame();
  }

  #text(message: JsonObject, field: number, name: string, snake = name): void {
    const text = textField(this.#sink, message, name, snake);
    if (text !== null && text !== '') this.#writer.text(field, text);
  }

  #count(message: JsonObject, field: number, name: string, snake: string): void {
    const count = uint32Field(this.#sink, message, name, snake);
    if (count !== 0) this.#writer.uint32(field, count);
  }

  #flags(message: JsonObject, field: number): void {
    const flags = uint32Field(this.#sink, message, 'flags');
    if (flags !== 0) this.#writer.fixed32(field, flags);
  }

  #enum(message: JsonObject, field: number, name: string, prefix: string, names: readonly string[]): void {
    const number = enumField(this.#sink, message, name, prefix, names);
    // What does not fit into an enum of 32 bits has no meaning.
    if (number !== 0 && number === (number | 0)) this.#writer.int64(field, BigInt(number));
  }
}
