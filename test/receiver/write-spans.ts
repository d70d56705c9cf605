/** Writes one and the same list of spans in every format that the reader takes. */
import type { AttributeValue } from '../../src/trace/attribute-value.ts';
import { SPAN_KINDS, SPAN_STATUSES, type Span } from '../../src/trace/span.ts';
import { encode } from './otlp-schema.ts';

type Json = Record<string, unknown>;

/** JSON text with bigints as numbers. */
export function jsonText(value: unknown, indent?: number): string {
  const marked = JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? `\u0001${v}\u0001` : v), indent);
  return marked.replace(/"\\u0001(-?\d+)\\u0001"/g, '$1');
}

const SAMPLED_FLAGS: readonly Json[] = [{ flags: 0x100 }, { flags: 0 }, { flags: 0x101 }];

/** An export request with one resource and scope for each run of spans that share theirs. Ids in hex, 64-bit integers as text. */
export function otlpRequest(spans: readonly Span[]): Json {
  const resourceSpans: Json[] = [];
  let before: Span | null = null;
  let list: Json[] = [];
  for (const span of spans) {
    if (before === null || before.resource !== span.resource || before.scope !== span.scope) {
      list = [];
      resourceSpans.push({
        resource: { attributes: otlpAttributes(span.resource.attributes) },
        scopeSpans: [{ scope: { name: span.scope }, spans: list }],
      });
      before = span;
    }
    list.push(otlpSpan(span));
  }
  return { resourceSpans };
}

function otlpSpan(span: Span): Json {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.traceState === '' ? {} : { traceState: span.traceState }),
    parentSpanId: span.parentSpanId,
    name: span.name,
    kind: SPAN_KINDS.indexOf(span.kind),
    startTimeUnixNano: String(span.start),
    endTimeUnixNano: String(span.end),
    attributes: otlpAttributes(span.attributes),
    events: span.events.map((event) => ({
      timeUnixNano: String(event.time),
      name: event.name,
      attributes: otlpAttributes(event.attributes),
    })),
    status: { code: SPAN_STATUSES.indexOf(span.status) },
    // Those that are sampled say so, by flags that say something or not, or do not.
    ...(span.sampled === false ? { flags: 0x302 } : SAMPLED_FLAGS[span.name.length % 3]),
  };
}

function otlpAttributes(attributes: ReadonlyMap<string, AttributeValue>): Json[] {
  return [...attributes].map(([key, value]) => ({ key, value: anyValue(value) }));
}

export function anyValue(value: AttributeValue): Json {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'bigint') return { intValue: String(value) };
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) return { intValue: String(value) };
    return { doubleValue: Number.isFinite(value) ? value : String(value) };
  }
  if (value instanceof Uint8Array) return { bytesValue: Buffer.from(value).toString('base64') };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
  const values = Object.entries(value).map(([key, inner]) => ({
    key,
    value: anyValue(inner as AttributeValue),
  }));
  return { kvlistValue: { values } };
}

/** The request in protobuf. */
export function otlpProto(spans: readonly Span[]): Uint8Array {
  return encode('TracesData', protoForm(otlpRequest(spans)) as object);
}

/** Ids as bytes, and doubles that JSON has as text as numbers. */
function protoForm(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(protoForm);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (/^(traceId|spanId|parentSpanId)$/.test(key)) return [key, Buffer.from(String(inner), 'hex')];
      if (key === 'doubleValue') return [key, Number(inner)];
      return [key, protoForm(inner)];
    }),
  );
}

/** Messages with their lengths before them. */
export function framed(messages: readonly Uint8Array[], framing: 'be32' | 'varint'): Uint8Array {
  return Buffer.concat(
    messages.flatMap((message) => {
      const header: number[] = [];
      if (framing === 'be32')
        for (const shift of [24, 16, 8, 0]) header.push((message.length >>> shift) & 255);
      else {
        let rest = message.length;
        for (; rest > 127; rest >>>= 7) header.push((rest & 127) | 128);
        header.push(rest);
      }
      return [Uint8Array.from(header), message];
    }),
  );
}

/** Jaeger's traces, in the order of their first spans. */
export function jaegerTraces(spans: readonly Span[]): Json[] {
  const byTrace = new Map<string, Span[]>();
  for (const span of spans) byTrace.set(span.traceId, [...(byTrace.get(span.traceId) ?? []), span]);
  return [...byTrace].map(([traceID, members]) => {
    const resources = [...new Set(members.map((span) => span.resource))];
    return {
      traceID,
      spans: members.map((span) => jaegerSpan(span, `p${resources.indexOf(span.resource) + 1}`)),
      processes: Object.fromEntries(
        resources.map(({ service, attributes }, index) => [
          `p${index + 1}`,
          {
            serviceName: service,
            tags: jaegerTags([...attributes].filter(([key]) => key !== 'service.name')),
          },
        ]),
      ),
      warnings: null,
    };
  });
}

function jaegerSpan(span: Span, processID: string): Json {
  const extra: [string, AttributeValue][] = [];
  if (span.kind !== 'unspecified') extra.push(['span.kind', span.kind]);
  if (span.status !== 'unset') extra.push(['otel.status_code', span.status.toUpperCase()]);
  if (span.status === 'error') extra.push(['error', true]);
  if (span.scope !== '') extra.push(['otel.scope.name', span.scope]);
  if (span.traceState !== '') extra.push(['w3c.tracestate', span.traceState]);
  return {
    traceID: span.traceId,
    spanID: span.spanId,
    operationName: span.name,
    references:
      span.parentSpanId === ''
        ? []
        : [{ refType: 'CHILD_OF', traceID: span.traceId, spanID: span.parentSpanId }],
    startTime: span.start / 1000n,
    duration: (span.end - span.start) / 1000n,
    tags: jaegerTags([...span.attributes, ...extra]),
    logs: span.events.map((event) => ({
      timestamp: event.time / 1000n,
      fields: jaegerTags([['event', event.name], ...event.attributes]),
    })),
    processID,
  };
}

function jaegerTags(tags: readonly (readonly [string, AttributeValue])[]): Json[] {
  return tags.map(([key, value]) => {
    if (typeof value === 'boolean') return { key, type: 'bool', value };
    if (typeof value === 'bigint') return { key, type: 'int64', value: String(value) };
    if (typeof value === 'number')
      return { key, type: Number.isSafeInteger(value) ? 'int64' : 'float64', value };
    if (value instanceof Uint8Array) {
      return { key, type: 'binary', value: Buffer.from(value).toString('base64') };
    }
    return { key, type: 'string', value: value as string };
  });
}

/** Zipkin's spans: every attribute as text. */
export function zipkinSpans(spans: readonly Span[]): Json[] {
  return spans.map((span) => {
    const tags: [string, string][] = [...span.attributes].map(([key, value]) => [key, String(value)]);
    if (span.status !== 'unset') tags.push(['otel.status_code', span.status.toUpperCase()]);
    if (span.scope !== '') tags.push(['otel.scope.name', span.scope]);
    if (span.traceState !== '') tags.push(['w3c.tracestate', span.traceState]);
    return {
      traceId: span.traceId,
      id: span.spanId,
      ...(span.parentSpanId === '' ? {} : { parentId: span.parentSpanId }),
      name: span.name,
      ...(span.kind === 'internal' ? {} : { kind: span.kind.toUpperCase() }),
      timestamp: span.start / 1000n,
      duration: (span.end - span.start) / 1000n,
      localEndpoint: { serviceName: span.resource.service },
      annotations: span.events.map((event) => ({ timestamp: event.time / 1000n, value: event.name })),
      tags: Object.fromEntries(tags),
    };
  });
}
