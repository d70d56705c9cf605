/**
 * OTLP/JSON export requests to spans: the complete reader, which takes any order and spelling of the fields and says
 * what is wrong with which of them.
 *
 * Source: opentelemetry-proto, trace/v1/trace.proto, and the specification's section "JSON Protobuf Encoding".
 */
import type { JsonObject } from '../base/exact-json.ts';
import type { Nanos } from '../base/nanos.ts';
import {
  type Resource,
  SPAN_KINDS,
  SPAN_STATUSES,
  type Span,
  type SpanEvent,
  type SpanKind,
  type SpanStatus,
} from '../trace/span.ts';
import {
  attributesField,
  enumField,
  fieldOf,
  isObject,
  listField,
  textField,
  timeField,
  uint32Field,
} from './json-fields.ts';
import { isNoParent, normalSpanId, normalTraceId } from './span-id.ts';
import { found, type SpanSink } from './span-sink.ts';
import { isUnsampled } from './trace-flags.ts';

/** Keys of a request of another signal. */
const FOREIGN_KEYS = [
  'resourceLogs',
  'resourceMetrics',
  'resourceProfiles',
  'resource_logs',
  'resource_metrics',
  'resource_profiles',
];

/** Whether an object looks like an OTLP request, of any signal. An empty object is an empty request. */
export function isOtlpRequest(message: JsonObject): boolean {
  return isTraceRequest(message) || isForeignRequest(message) || Object.keys(message).length === 0;
}

export function isTraceRequest(message: JsonObject): boolean {
  return message['resourceSpans'] !== undefined || message['resource_spans'] !== undefined;
}

function isForeignRequest(message: JsonObject): boolean {
  return FOREIGN_KEYS.some((key) => message[key] !== undefined);
}

/** Reads an ExportTraceServiceRequest (the same as TracesData) into the sink. A request of another signal is counted as foreign. */
export function readJsonRequest(sink: SpanSink, request: JsonObject): void {
  if (!isTraceRequest(request) && isForeignRequest(request)) {
    sink.foreign++;
    return;
  }
  readEach(sink, request, 'resourceSpans', 'resource_spans', readResourceSpans);
}

function readResourceSpans(sink: SpanSink, message: JsonObject): void {
  const resource = readResource(sink, message);
  const readScopeSpans = (_: SpanSink, scopeSpans: JsonObject) => {
    const scope = readScope(sink, scopeSpans);
    readEach(sink, scopeSpans, 'spans', 'spans', (_, span) => readSpan(sink, span, resource, scope));
  };
  readEach(sink, message, 'scopeSpans', 'scope_spans', readScopeSpans);
  // Before OTLP 0.15 the scope was called so; writers of the time between sent both, one of them empty.
  readEach(sink, message, 'instrumentationLibrarySpans', 'instrumentation_library_spans', readScopeSpans);
}

function readEach(
  sink: SpanSink,
  message: JsonObject,
  name: string,
  snake: string,
  read: (sink: SpanSink, element: JsonObject) => void,
): void {
  const list = listField(sink, message, name, snake);
  sink.enter(message[name] === undefined ? snake : name);
  for (let index = 0; index < list.length; index++) {
    const element = list[index];
    sink.enter(index);
    if (isObject(element)) read(sink, element);
    else {
      sink.damaged++;
      sink.fault('FL523', `must be an object, but is ${found(element)}`);
    }
    sink.leave();
  }
  sink.leave();
}

function readResource(sink: SpanSink, message: JsonObject): Resource {
  const resource = message['resource'] ?? undefined;
  if (resource === undefined) return { attributes: new Map(), service: '' };
  const before = sink.faultCount;
  let attributes: Resource['attributes'] = new Map();
  if (isObject(resource)) {
    sink.enter('resource');
    attributes = attributesField(sink, resource);
    sink.leave();
  } else sink.fault('FL523', `must be an object, but is ${found(resource)}`, 'resource');
  if (sink.faultCount > before) sink.damaged++;
  const service = attributes.get('service.name');
  return { attributes, service: typeof service === 'string' ? service : '' };
}

function readScope(sink: SpanSink, scopeSpans: JsonObject): string {
  const name = scopeSpans['scope'] === undefined ? 'instrumentationLibrary' : 'scope';
  const scope = fieldOf(scopeSpans, name, name === 'scope' ? name : 'instrumentation_library');
  if (scope === undefined) return '';
  if (!isObject(scope)) {
    sink.damaged++;
    sink.fault('FL523', `must be an object, but is ${found(scope)}`, name);
    return '';
  }
  sink.enter(name);
  const text = textField(sink, scope, 'name');
  sink.leave();
  if (text === null) sink.damaged++;
  return text ?? '';
}

function readSpan(sink: SpanSink, message: JsonObject, resource: Resource, scope: string): void {
  const before = sink.faultCount;
  const traceId = readTraceId(sink, message);
  const spanId = readSpanId(sink, message);
  const parentSpanId = readParentId(sink, message);
  const name = textField(sink, message, 'name');
  const start = startOf(sink, message);
  const sentEnd = timeField(sink, message, 'endTimeUnixNano', 'end_time_unix_nano');
  if (
    traceId === null ||
    spanId === null ||
    parentSpanId === null ||
    name === null ||
    start === null ||
    sentEnd === null
  ) {
    sink.damaged++;
    return;
  }
  if (sentEnd < start) sink.mended++;
  const span: Span = {
    traceId,
    spanId,
    parentSpanId,
    name,
    kind: readKind(sink, message),
    start,
    end: sentEnd < start ? start : sentEnd,
    status: readStatus(sink, message),
    attributes: attributesField(sink, message),
    resource,
    scope,
    events: readEvents(sink, message, start),
    traceState: textField(sink, message, 'traceState', 'trace_state') ?? '',
  };
  const flags = uint32Field(sink, message, 'flags');
  sink.add(isUnsampled(flags) ? { ...span, sampled: false } : span, before);
}

function readTraceId(sink: SpanSink, message: JsonObject): string | null {
  const sent = fieldOf(message, 'traceId', 'trace_id');
  const id = typeof sent === 'string' ? normalTraceId(sent) : null;
  if (id === null)
    sink.fault('FL520', `must be 32 hex digits, not all zero, but is ${found(sent)}`, 'traceId');
  return id;
}

function readSpanId(sink: SpanSink, message: JsonObject): string | null {
  const sent = fieldOf(message, 'spanId', 'span_id');
  const id = typeof sent === 'string' ? normalSpanId(sent) : null;
  if (id === null)
    sink.fault('FL521', `must be 16 hex digits, not all zero, but is ${found(sent)}`, 'spanId');
  return id;
}

function readParentId(sink: SpanSink, message: JsonObject): string | null {
  const sent = fieldOf(message, 'parentSpanId', 'parent_span_id');
  if (sent === undefined || (typeof sent === 'string' && isNoParent(sent))) return '';
  const id = typeof sent === 'string' ? normalSpanId(sent) : null;
  if (id === null)
    sink.fault('FL521', `must be 16 hex digits or empty, but is ${found(sent)}`, 'parentSpanId');
  return id;
}

function startOf(sink: SpanSink, message: JsonObject): Nanos | null {
  const start = timeField(sink, message, 'startTimeUnixNano', 'start_time_unix_nano');
  if (start !== 0n) return start;
  sink.fault('FL522', 'must be there and not 0', 'startTimeUnixNano');
  return null;
}

function readKind(sink: SpanSink, message: JsonObject): SpanKind {
  // A number that a later version may have given a meaning is read as the default.
  return SPAN_KINDS[enumField(sink, message, 'kind', 'SPAN_KIND_', SPAN_KINDS)] ?? 'unspecified';
}

function readStatus(sink: SpanSink, message: JsonObject): SpanStatus {
  const status = message['status'] ?? undefined;
  if (status === undefined) return 'unset';
  if (!isObject(status)) {
    sink.fault('FL523', `must be an object, but is ${found(status)}`, 'status');
    return 'unset';
  }
  sink.enter('status');
  const code = SPAN_STATUSES[enumField(sink, status, 'code', 'STATUS_CODE_', SPAN_STATUSES)] ?? 'unset';
  sink.leave();
  return code;
}

function readEvents(sink: SpanSink, message: JsonObject, start: Nanos): readonly SpanEvent[] {
  const list = listField(sink, message, 'events');
  if (list.length === 0) return [];
  const events: SpanEvent[] = [];
  sink.enter('events');
  for (let index = 0; index < list.length; index++) {
    const event = list[index];
    sink.enter(index);
    if (isObject(event)) {
      const time = timeField(sink, event, 'timeUnixNano', 'time_unix_nano');
      const name = textField(sink, event, 'name');
      events.push({ name: name ?? '', time: time || start, attributes: attributesField(sink, event) });
    } else sink.fault('FL523', `must be an object, but is ${found(event)}`);
    sink.leave();
  }
  sink.leave();
  return events;
}
