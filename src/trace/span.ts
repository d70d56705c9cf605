/** The span as OpenTelemetry has it, reduced to what rules, witnesses and reports look at. */
import type { Nanos } from '../base/nanos.ts';
import type { Attributes } from './attribute-value.ts';

/** 32 lower-case hex digits. */
export type TraceId = string;
/** 16 lower-case hex digits. */
export type SpanId = string;

export const SPAN_KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;
export type SpanKind = (typeof SPAN_KINDS)[number];

export const SPAN_STATUSES = ['unset', 'ok', 'error'] as const;
export type SpanStatus = (typeof SPAN_STATUSES)[number];

/** Shared by all spans of one export that came from the same process; compare by content, not by identity. */
export interface Resource {
  readonly attributes: Attributes;
  /** The attribute `service.name`, or the empty text. */
  readonly service: string;
}

export interface SpanEvent {
  readonly name: string;
  readonly time: Nanos;
  readonly attributes: Attributes;
}

export interface Span {
  readonly traceId: TraceId;
  readonly spanId: SpanId;
  /** The empty text for a root. */
  readonly parentSpanId: SpanId | '';
  readonly name: string;
  readonly kind: SpanKind;
  readonly start: Nanos;
  /** Never before `start`: readers set an earlier end to the start and count it. */
  readonly end: Nanos;
  readonly status: SpanStatus;
  readonly attributes: Attributes;
  readonly resource: Resource;
  /** Name of the instrumentation scope, or the empty text. */
  readonly scope: string;
  readonly events: readonly SpanEvent[];
  /** W3C tracestate as sent, or the empty text. */
  readonly traceState: string;
  /**
   * There only where the producer's trace flags say that the trace was not sampled, and this span was recorded nevertheless: services
   * that keep to the flag sent nothing.
   */
  readonly sampled?: false;
}

/** What tells spans apart within a trace: at-least-once delivery repeats it. */
export function spanIdentity(span: Span): string {
  return `${span.spanId}/${span.kind}`;
}

/** The canonical order of spans: by start, end, id, kind, then trace. Equal sets of spans have one such order. */
export function compareSpans(a: Span, b: Span): number {
  if (a.start !== b.start) return a.start < b.start ? -1 : 1;
  if (a.end !== b.end) return a.end < b.end ? -1 : 1;
  if (a.spanId !== b.spanId) return a.spanId < b.spanId ? -1 : 1;
  if (a.kind !== b.kind) return a.kind < b.kind ? -1 : 1;
  return a.traceId < b.traceId ? -1 : a.traceId > b.traceId ? 1 : 0;
}

/** The value of `ot=th:...` in a tracestate: the threshold of consistent probability sampling; null when there is none. */
export function samplingThreshold(traceState: string): string | null {
  if (traceState === '') return null;
  for (const member of traceState.split(',')) {
    const [vendor, fields] = member.trim().split('=', 2);
    if (vendor !== 'ot' || fields === undefined) continue;
    for (const field of fields.split(';')) {
      if (field.startsWith('th:')) return field.slice(3);
    }
  }
  return null;
}
