/** What a rule is judged over: the spans of a trace, or of a group across traces. */
import type { Nanos } from '../../base/nanos.ts';
import type { Span, TraceId } from '../../trace/span.ts';
import type { Trace } from '../../trace/trace.ts';
import type { InconclusiveReason } from '../verdict.ts';

export interface Scope {
  /** Distinct spans in canonical order. */
  readonly spans: readonly Span[];
  /** Why absence proves nothing here; empty for a complete scope. */
  readonly gaps: readonly InconclusiveReason[];
  parentOf(span: Span): Span | null;
  childrenOf(span: Span): readonly Span[];
  /** From the first start to the last end, where `spans` are not all spans of the trace; absent: as of `spans`. */
  duration?(): Nanos;
}

export function traceScope(trace: Trace): Scope {
  return {
    spans: trace.spans,
    gaps: trace.incomplete === null ? [] : [incompleteTrace(trace.id, trace.incomplete)],
    parentOf: (span) => trace.parentOf(span),
    childrenOf: (span) => trace.childrenOf(span),
  };
}

export function incompleteTrace(
  traceId: TraceId,
  reason: NonNullable<Trace['incomplete']>,
): InconclusiveReason {
  return { kind: 'incomplete', reason, traceId };
}
