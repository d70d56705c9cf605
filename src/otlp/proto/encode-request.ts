/** Spans to an OTLP protobuf export request. What it writes, the readers read back as equal spans. */
import type { Attributes, AttributeValue } from '../../trace/attribute-value.ts';
import { SPAN_KINDS, SPAN_STATUSES, type Span, type SpanEvent } from '../../trace/span.ts';
import { FLAG_HAS_IS_REMOTE, FLAG_RANDOM } from '../trace-flags.ts';
import { WireWriter } from './wire-writer.ts';

const INT64_LEAST = -(2n ** 63n);
const INT64_MOST = 2n ** 63n - 1n;

/**
 * An ExportTraceServiceRequest of the spans in their order: a ResourceSpans for each run of spans of one resource (the same object), a ScopeSpans for
 * each run of one scope. Whole numbers of doubles become integers, for a span does not tell them apart. Cost: linear.
 */
export function encodeRequest(spans: readonly Span[]): Uint8Array {
  const writer = new WireWriter();
  for (let from = 0; from < spans.length; ) {
    const { resource } = spans[from] as Span;
    let to = from + 1;
    while (to < spans.length && spans[to]?.resource === resource) to++;
    const list = writer.open(1);
    const part = writer.open(1);
    writeAttributes(writer, 1, resource.attributes);
    writer.close(part);
    writeScopes(writer, spans, from, to);
    writer.close(list);
    from = to;
  }
  return writer.finish();
}

function writeScopes(writer: WireWriter, spans: readonly Span[], start: number, end: number): void {
  for (let from = start; from < end; ) {
    const { scope } = spans[from] as Span;
    let to = from + 1;
    while (to < end && spans[to]?.scope === scope) to++;
    const list = writer.open(2);
    const part = writer.open(1);
    if (scope !== '') writer.text(1, scope);
    writer.close(part);
    for (let index = from; index < to; index++) writeSpan(writer, spans[index] as Span);
    writer.close(list);
    from = to;
  }
}

function writeSpan(writer: WireWriter, span: Span): void {
  const start = writer.open(2);
  writer.hex(1, span.traceId);
  writer.hex(2, span.spanId);
  if (span.traceState !== '') writer.text(3, span.traceState);
  if (span.parentSpanId !== '') writer.hex(4, span.parentSpanId);
  if (span.name !== '') writer.text(5, span.name);
  const kind = SPAN_KINDS.indexOf(span.kind);
  if (kind > 0) writer.uint32(6, kind);
  writer.fixed64(7, span.start);
  writer.fixed64(8, span.end);
  writeAttributes(writer, 9, span.attributes);
  for (const event of span.events) writeEvent(writer, event);
  if (span.status !== 'unset') {
    const status = writer.open(15);
    writer.uint32(3, SPAN_STATUSES.indexOf(span.status));
    writer.close(status);
  }
  if (span.sampled === false) writer.fixed32(16, FLAG_HAS_IS_REMOTE | FLAG_RANDOM);
  writer.close(start);
}

function writeEvent(writer: WireWriter, { name, time, attributes }: SpanEvent): void {
  const start = writer.open(11);
  writer.fixed64(1, time);
  if (name !== '') writer.text(2, name);
  writeAttributes(writer, 3, attributes);
  writer.close(start);
}

function writeAttributes(writer: WireWriter, field: number, attributes: Attributes): void {
  for (const [key, value] of attributes) writePair(writer, field, key, value);
}

function writePair(writer: WireWriter, field: number, key: string, value: AttributeValue): void {
  const start = writer.open(field);
  writer.text(1, key);
  writeValue(writer, 2, value);
  writer.close(start);
}

function writeValue(writer: WireWriter, field: number, value: AttributeValue): void {
  const start = writer.open(field);
  if (typeof value === 'string') writer.text(1, value);
  else if (typeof value === 'boolean') writer.bool(2, value);
  else if (typeof value === 'number') writeNumber(writer, value);
  else if (typeof value === 'bigint') {
    if (value >= INT64_LEAST && value <= INT64_MOST) writer.int64(3, value);
    else writer.double(4, Number(value));
  } else if (value instanceof Uint8Array) writer.bytes(7, value);
  else if (Array.isArray(value)) {
    const list = writer.open(5);
    for (const element of value) writeValue(writer, 1, element);
    writer.close(list);
  } else {
    const list = writer.open(6);
    for (const [key, inner] of Object.entries(value)) writePair(writer, 1, key, inner as AttributeValue);
    writer.close(list);
  }
  writer.close(start);
}

function writeNumber(writer: WireWriter, value: number): void {
  // An integer has no sign of its zero.
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) writer.int64(3, BigInt(value));
  else writer.double(4, value);
}
