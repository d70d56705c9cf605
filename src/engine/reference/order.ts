/** Order of intervals. Overlapping spans are in no order; two clocks may leave the order unknown. */
import type { Span } from '../../trace/span.ts';
import type { Truth } from './truth.ts';

/** Whether `a` ended at or before the start of `b`. Unknown when two services' clocks may account for it. */
export function endedBefore(a: Span, b: Span, clockSkewNanos: bigint): Truth {
  const gap = b.start - a.end;
  if (a.resource.service !== b.resource.service && size(gap) < clockSkewNanos) return null;
  return gap >= 0n;
}

/** `before`: a, then b; `after`: b, then a. */
export function inOrder(relation: 'before' | 'after', a: Span, b: Span, clockSkewNanos: bigint): Truth {
  return relation === 'before' ? endedBefore(a, b, clockSkewNanos) : endedBefore(b, a, clockSkewNanos);
}

/** From the end of the earlier to the start of the later; negative where they overlap. */
export function gapBetween(relation: 'before' | 'after', a: Span, b: Span): bigint {
  return relation === 'before' ? b.start - a.end : a.start - b.end;
}

function size(nanos: bigint): bigint {
  return nanos < 0n ? -nanos : nanos;
}
