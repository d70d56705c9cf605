/** Order of intervals. Overlapping spans are in no order; two clocks may leave the order unknown. */
import type { Span } from '../../trace/span.ts';
import type { JudgeSettings } from '../verdict.ts';
import type { Truth } from './truth.ts';

type Clocks = Pick<JudgeSettings, 'clockSkewNanos' | 'clockResolutionNanos'>;

/**
 * Whether `a` ended at or before the start of `b`. Unknown when the two times are nearer than what the clocks can tell
 * apart: the resolution within a service, the skew as well between two.
 */
function endedBefore(a: Span, b: Span, clocks: Clocks): Truth {
  const gap = b.start - a.end;
  if (size(gap) < marginBetween(a, b, clocks)) return null;
  return gap >= 0n;
}

/** `before`: a, then b; `after`: b, then a. */
export function inOrder(relation: 'before' | 'after', a: Span, b: Span, clocks: Clocks): Truth {
  return relation === 'before' ? endedBefore(a, b, clocks) : endedBefore(b, a, clocks);
}

/** From the end of the earlier to the start of the later; negative where they overlap. */
export function gapBetween(relation: 'before' | 'after', a: Span, b: Span): bigint {
  return relation === 'before' ? b.start - a.end : a.start - b.end;
}

function marginBetween(a: Span, b: Span, { clockSkewNanos, clockResolutionNanos }: Clocks): bigint {
  const oneClock = a.resource.service === b.resource.service;
  return oneClock || clockSkewNanos < clockResolutionNanos ? clockResolutionNanos : clockSkewNanos;
}

/** Times at least so far apart are in a known order, whosever clocks they are of. */
export function widestMargin({ clockSkewNanos, clockResolutionNanos }: Clocks): bigint {
  return clockSkewNanos > clockResolutionNanos ? clockSkewNanos : clockResolutionNanos;
}

function size(nanos: bigint): bigint {
  return nanos < 0n ? -nanos : nanos;
}
