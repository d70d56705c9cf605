/** A trace that has closed: a set of spans with their parent chains, and whether all of it is there. */
import type { Nanos } from '../base/nanos.ts';
import type { Attributes, AttributeValue } from './attribute-value.ts';
import {
  compareSpans,
  type Span,
  type SpanId,
  samplingThreshold,
  spanIdentity,
  type TraceId,
} from './span.ts';

/** A parent chain ends after so many parents, as at a cycle. */
export const LONGEST_PARENT_CHAIN = 256;

/** Stands among thresholds for spans whose flags say that the trace was not sampled. */
export const NOT_SAMPLED = 'not sampled';

/** Why the absence of a span from a scope proves nothing. */
export type IncompleteReason =
  | { readonly kind: 'missing-parent'; readonly span: Span }
  | { readonly kind: 'max-age' }
  | { readonly kind: 'max-spans' }
  /** In a running server: for want of memory it was dropped, or may be the rest of a trace that was. */
  | { readonly kind: 'forgotten' }
  | { readonly kind: 'sampled-apart'; readonly thresholds: readonly string[] }
  | { readonly kind: 'conflicting-spans'; readonly spanId: SpanId };

export interface Trace {
  readonly id: TraceId;
  /** Distinct spans in canonical order. */
  readonly spans: readonly Span[];
  /** Null when the trace is complete. */
  readonly incomplete: IncompleteReason | null;
  /** The span's parent, or null where the chain ends. Cost: O(1). */
  parentOf(span: Span): Span | null;
  /** The span's children, in canonical order. */
  childrenOf(span: Span): readonly Span[];
}

export interface TraceCut {
  /** The trace was closed by age before its root arrived: it stays incomplete unless a root is among the spans. */
  readonly maxAge?: boolean;
  /** Spans were dropped because the trace was larger than the limit. */
  readonly maxSpans?: boolean;
  /** A second, different span with the identity of one that is kept came and was dropped. */
  readonly conflictingSpanId?: SpanId;
}

/**
 * Makes a trace of spans in any order. Repeated identities: the first in `spans` is kept; if a later one differs, the trace is
 * incomplete (`conflicting-spans`). All spans must have the same trace id. Cost: O(n log n).
 */
export function buildTrace(spans: readonly Span[], cut: TraceCut = {}): Trace {
  const kept = new Map<string, Span>();
  let conflicting = cut.conflictingSpanId ?? null;
  for (const span of spans) {
    const identity = spanIdentity(span);
    const first = kept.get(identity);
    if (first === undefined) kept.set(identity, span);
    else if (!sameSpan(first, span)) conflicting ??= span.spanId;
  }
  return new ClosedTrace([...kept.values()].sort(compareSpans), cut, conflicting);
}

class ClosedTrace implements Trace {
  readonly id: TraceId;
  readonly spans: readonly Span[];
  readonly incomplete: IncompleteReason | null;
  readonly #byId = new Map<SpanId, Span[]>();
  #children: Map<Span, Span[]> | null = null;

  constructor(spans: readonly Span[], cut: TraceCut, conflicting: SpanId | null) {
    this.id = spans[0]?.traceId ?? '';
    this.spans = spans;
    for (const span of spans) {
      const same = this.#byId.get(span.spanId);
      if (same === undefined) this.#byId.set(span.spanId, [span]);
      else same.push(span);
    }
    this.incomplete = this.#incompleteness(cut, conflicting);
  }

  parentOf(span: Span): Span | null {
    // A Zipkin server span shares the id of the client span that called it: the client half is its parent.
    const halves = this.#byId.get(span.spanId) ?? [];
    if (halves.length > 1 && (span.kind === 'server' || span.kind === 'consumer')) {
      const caller = halves.find((half) => half.kind === 'client' || half.kind === 'producer');
      if (caller !== undefined) return caller;
    }
    if (span.parentSpanId === '') return null;
    const candidates = this.#byId.get(span.parentSpanId);
    if (candidates === undefined) return null;
    if (candidates.length === 1) return candidates[0] ?? null;
    return (
      candidates.find((parent) => parent.resource.service === span.resource.service) ??
      candidates.find((parent) => parent.kind === 'server' || parent.kind === 'consumer') ??
      candidates[0] ??
      null
    );
  }

  childrenOf(span: Span): readonly Span[] {
    if (this.#children === null) {
      this.#children = new Map();
      for (const child of this.spans) {
        const parent = this.parentOf(child);
        if (parent === null) continue;
        const siblings = this.#children.get(parent);
        if (siblings === undefined) this.#children.set(parent, [child]);
        else siblings.push(child);
      }
    }
    return this.#children.get(span) ?? [];
  }

  #incompleteness(cut: TraceCut, conflicting: SpanId | null): IncompleteReason | null {
    if (cut.maxSpans === true) return { kind: 'max-spans' };
    if (conflicting !== null) return { kind: 'conflicting-spans', spanId: conflicting };
    const hasRoot = this.spans.some((span) => span.parentSpanId === '');
    if (cut.maxAge === true && !hasRoot) return { kind: 'max-age' };
    const thresholds = new Set<string>();
    for (const span of this.spans) {
      const threshold = samplingThreshold(span.traceState);
      if (threshold !== null) thresholds.add(threshold);
    }
    const isUnsampled = this.spans.some((span) => span.sampled === false);
    if (thresholds.size > 1 || isUnsampled) {
      const told = [...thresholds].sort();
      return { kind: 'sampled-apart', thresholds: isUnsampled ? [...told, NOT_SAMPLED] : told };
    }
    const orphans = this.spans.filter(
      (span) => span.parentSpanId !== '' && !this.#byId.has(span.parentSpanId),
    );
    const [first] = orphans;
    if (first === undefined) return null;
    // The caller passes the context on and exports elsewhere (a browser, a mesh, a customer): the daily case, and complete.
    const oneRemoteCaller =
      !hasRoot &&
      orphans.every(
        (span) =>
          span.parentSpanId === first.parentSpanId && (span.kind === 'server' || span.kind === 'consumer'),
      );
    return oneRemoteCaller ? null : { kind: 'missing-parent', span: first };
  }
}

/** From the first start to the last end; 0 for no spans. */
export function durationOf(spans: Iterable<Span>): Nanos {
  let first: Nanos | null = null;
  let last: Nanos | null = null;
  for (const span of spans) {
    if (first === null || span.start < first) first = span.start;
    if (last === null || span.end > last) last = span.end;
  }
  return first === null || last === null ? 0n : last - first;
}

/** The span's duration that none of its children covers. Children count only where they overlap the span. */
export function selfTime(span: Span, children: readonly Span[]): Nanos {
  let covered = 0n;
  let reached = span.start;
  for (const child of [...children].sort(compareSpans)) {
    const from = child.start > reached ? child.start : reached;
    const to = child.end < span.end ? child.end : span.end;
    if (to > from) {
      covered += to - from;
      reached = to;
    }
  }
  return span.end - span.start - covered;
}

/** Whether two spans of one identity are the same span told twice. What they carry counts by content, with its types. */
export function sameSpan(a: Span, b: Span): boolean {
  return (
    a === b ||
    (a.name === b.name &&
      a.start === b.start &&
      a.end === b.end &&
      a.parentSpanId === b.parentSpanId &&
      a.status === b.status &&
      a.scope === b.scope &&
      a.traceState === b.traceState &&
      a.sampled === b.sampled &&
      contentOf(a) === contentOf(b))
  );
}

function contentOf({ attributes, resource, events }: Span): string {
  return JSON.stringify([
    sorted(attributes),
    sorted(resource.attributes),
    events.map((event) => [event.name, String(event.time), sorted(event.attributes)]),
  ]);
}

function sorted(attributes: Attributes): unknown[] {
  return [...attributes].sort(byKey).map(([key, value]) => [key, withType(value)]);
}

/** JSON has one type of number, no bytes and no NaN: values keep theirs beside them. */
function withType(value: AttributeValue): unknown {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' || typeof value === 'bigint') return { number: String(value) };
  if (value instanceof Uint8Array) return { bytes: [...value] };
  if (Array.isArray(value)) return value.map(withType);
  return {
    map: Object.entries(value)
      .sort(byKey)
      .map(([key, item]) => [key, withType(item)]),
  };
}

function byKey(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0;
}
