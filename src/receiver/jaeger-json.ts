/**
 * Jaeger's JSON, as its query service and its UI write it (and the documents in its Elasticsearch index), to spans.
 *
 * Source: jaeger, model/json/model.go; the OpenTelemetry specification, "OpenTelemetry to Jaeger Transformation".
 */
import type { JsonArray, JsonObject, JsonValue } from '../base/exact-json.ts';
import type { Nanos } from '../base/nanos.ts';
import { doubleOf, isObject, listField, smallest, textField, wholeNumber } from '../otlp/json-fields.ts';
import { fromBase64, isNoParent, paddedId } from '../otlp/span-id.ts';
import { found, type SpanSink } from '../otlp/span-sink.ts';
import { type AttributeValue, NO_ATTRIBUTES } from '../trace/attribute-value.ts';
import { type Resource, SPAN_KINDS, type SpanEvent, type SpanKind } from '../trace/span.ts';
import { microTime, takeStatus, takeText } from './span-tags.ts';

const NO_RESOURCE: Resource = { attributes: NO_ATTRIBUTES, service: '' };

/** Whether an object is a trace: spans with what belongs to all of them. */
export function isJaegerTrace(value: JsonObject): boolean {
  return Array.isArray(value['spans']) && ('traceID' in value || 'processes' in value);
}

/** Whether an object is a span that stands alone and brings its process along. */
export function isJaegerSpan(value: JsonObject): boolean {
  return 'traceID' in value && 'spanID' in value;
}

/** Reads one trace into the sink. */
export function readJaegerTrace(sink: SpanSink, trace: JsonObject): void {
  const processes = new Map<string, Resource>();
  const listed = trace['processes'] ?? {};
  sink.enter('processes');
  if (isObject(listed)) {
    for (const [id, process] of Object.entries(listed)) {
      sink.enter(id);
      processes.set(id, readProcess(sink, process));
      sink.leave();
    }
  } else sink.fault('FL523', `must be an object, but is ${found(listed)}`);
  sink.leave();
  const spans = listField(sink, trace, 'spans');
  sink.enter('spans');
  for (let index = 0; index < spans.length; index++) {
    const span = spans[index];
    sink.enter(index);
    if (isObject(span)) readJaegerSpan(sink, span, processes);
    else {
      sink.damaged++;
      sink.fault('FL523', `must be an object, but is ${found(span)}`);
    }
    sink.leave();
  }
  sink.leave();
}

/** Reads one span, with the processes of its trace by their ids. */
export function readJaegerSpan(
  sink: SpanSink,
  span: JsonObject,
  processes: ReadonlyMap<string, Resource>,
): void {
  const before = sink.faultCount;
  const traceId = readId(sink, span, 'traceID', 32);
  const spanId = readId(sink, span, 'spanID', 16);
  const parentSpanId = traceId === null ? null : parentOf(sink, span, traceId);
  const name = textField(sink, span, 'operationName');
  const start = microTime(sink, span, 'startTime');
  if (start === 0n) sink.fault('FL522', 'must be there and not 0', 'startTime');
  const duration = microTime(sink, span, 'duration');
  if (!traceId || !spanId || parentSpanId === null || name === null || !start || duration === null) {
    sink.damaged++;
    return;
  }
  if (span['duration'] === undefined || duration < 0n) sink.mended++;
  const attributes = tagsField(sink, span, 'tags');
  const resource = processOf(sink, span, processes);
  const events = readLogs(sink, span, start);
  const kind = takeText(attributes, 'span.kind')?.toLowerCase();
  sink.add(
    {
      traceId,
      spanId,
      parentSpanId,
      name,
      kind: SPAN_KINDS.find((known): known is SpanKind => known === kind) ?? 'unspecified',
      start,
      end: duration < 0n ? start : start + duration,
      status: takeStatus(attributes, (error) => error === true || error === 'true'),
      scope: takeText(attributes, 'otel.scope.name') ?? takeText(attributes, 'otel.library.name') ?? '',
      traceState: takeText(attributes, 'w3c.tracestate') ?? '',
      attributes,
      resource,
      events,
    },
    before,
  );
}

function readId(
  sink: SpanSink,
  span: JsonObject,
  field: 'traceID' | 'spanID' | 'parentSpanID',
  digits: 16 | 32,
): string | null {
  const sent = span[field];
  const id = typeof sent === 'string' ? paddedId(sent, digits) : null;
  if (id === null) {
    const code = field === 'traceID' ? 'FL520' : 'FL521';
    sink.fault(code, `must be up to ${digits} hex digits, not all zero, but is ${found(sent)}`, field);
  }
  return id;
}

/**
 * The first CHILD_OF within the trace, else the first FOLLOWS_FROM, else the older field `parentSpanID`. References to
 * other traces are links.
 */
function parentOf(sink: SpanSink, span: JsonObject, traceId: string): string | null {
  const depth = sink.depth;
  let follows: string | null = null;
  const references = listField(sink, span, 'references');
  try {
    for (let index = 0; index < references.length; index++) {
      const reference = references[index];
      if (!isObject(reference)) {
        sink.fault('FL523', `must hold objects, but holds ${found(reference)}`, 'references');
        return null;
      }
      const sentTrace = reference['traceID'];
      if (typeof sentTrace !== 'string' || paddedId(sentTrace, 32) !== traceId) continue;
      sink.enter('references');
      sink.enter(index);
      const id = readId(sink, reference, 'spanID', 16);
      sink.leaveTo(depth);
      if (id === null || reference['refType'] === 'CHILD_OF') return id;
      if (reference['refType'] === 'FOLLOWS_FROM') follows ??= id;
    }
  } finally {
    sink.leaveTo(depth);
  }
  if (follows !== null) return follows;
  const parent = span['parentSpanID'];
  if (parent === undefined || parent === null) return '';
  return typeof parent === 'string' && isNoParent(parent) ? '' : readId(sink, span, 'parentSpanID', 16);
}

function processOf(sink: SpanSink, span: JsonObject, processes: ReadonlyMap<string, Resource>): Resource {
  const inline = span['process'];
  if (isObject(inline)) {
    sink.enter('process');
    const resource = readProcess(sink, inline);
    sink.leave();
    return resource;
  }
  const id = span['processID'];
  const known = typeof id === 'string' ? processes.get(id) : undefined;
  if (known !== undefined) return known;
  sink.fault('FL526', `must be one of the trace's \`processes\`, but is ${found(id)}`, 'processID');
  return NO_RESOURCE;
}

function readProcess(sink: SpanSink, process: JsonValue | undefined): Resource {
  if (!isObject(process)) {
    sink.fault('FL523', `must be an object, but is ${found(process)}`);
    return NO_RESOURCE;
  }
  const service = textField(sink, process, 'serviceName') ?? '';
  const attributes = new Map<string, AttributeValue>();
  if (service !== '') attributes.set('service.name', service);
  for (const [key, value] of tagsField(sink, process, 'tags')) attributes.set(key, value);
  return { attributes, service };
}

/** Tags, also those of a log. One that cannot be read is noted and left out. */
function tagsField(
  sink: SpanSink,
  holder: JsonObject,
  field: 'tags' | 'fields',
): Map<string, AttributeValue> {
  const tags: JsonArray = listField(sink, holder, field);
  const attributes = new Map<string, AttributeValue>();
  if (tags.length === 0) return attributes;
  sink.enter(field);
  for (let index = 0; index < tags.length; index++) {
    const tag = tags[index];
    sink.enter(index);
    if (!isObject(tag)) sink.fault('FL524', `must be an object, but is ${found(tag)}`);
    else if (typeof tag['key'] !== 'string')
      sink.fault('FL524', `must be text, but is ${found(tag['key'])}`, 'key');
    else {
      const value = tagValue(tag['type'], tag['value']);
      if (value !== null) attributes.set(tag['key'], value);
      else {
        const type =
          typeof tag['type'] === 'string'
            ? `a value of type \`${tag['type']}\``
            : 'a text, number or boolean';
        sink.fault('FL524', `must be ${type}, but is ${found(tag['value'])}`, 'value');
      }
    }
    sink.leave();
  }
  sink.leave();
  return attributes;
}

/** A tag's value by its type; all types may be sent as text. Without a type, or with an unknown one, as it is; null for a misfit. */
function tagValue(type: JsonValue | undefined, value: JsonValue | undefined): AttributeValue | null {
  if (value === undefined || value === null) return null;
  switch (typeof type === 'string' ? type.toLowerCase() : '') {
    case 'string':
      return typeof value === 'string' ? value : null;
    case 'bool':
      if (typeof value === 'boolean') return value;
      return value === 'true' ? true : value === 'false' ? false : null;
    case 'int64': {
      const whole = wholeNumber(value);
      return whole === null || BigInt.asIntN(64, whole) !== whole ? null : smallest(whole);
    }
    case 'float64':
      return doubleOf(value);
    case 'binary':
      return typeof value === 'string' ? fromBase64(value) : null;
    default:
      return typeof value === 'object' ? null : value;
  }
}

function readLogs(sink: SpanSink, span: JsonObject, start: Nanos): readonly SpanEvent[] {
  const logs = listField(sink, span, 'logs');
  if (logs.length === 0) return [];
  const events: SpanEvent[] = [];
  sink.enter('logs');
  for (let index = 0; index < logs.length; index++) {
    const log = logs[index];
    sink.enter(index);
    if (isObject(log)) {
      const attributes = tagsField(sink, log, 'fields');
      const name = takeText(attributes, 'event') ?? '';
      events.push({ name, time: microTime(sink, log, 'timestamp') || start, attributes });
    } else sink.fault('FL523', `must be an object, but is ${found(log)}`);
    sink.leave();
  }
  sink.leave();
  return events;
}
