/**
 * Bits of a span's `flags` (field 16).
 *
 * Source: opentelemetry-proto, trace/v1/trace.proto, SpanFlags; the lower eight are the W3C trace flags.
 */

export const FLAG_SAMPLED = 0x001;
/** Whoever sets this sets the other flags too; where it is absent, no flag says anything. */
export const FLAG_HAS_IS_REMOTE = 0x100;

/** Of the W3C trace flags of level 2: the trace id is random. */
export const FLAG_RANDOM = 0x002;
const TRACE_FLAGS = 0x0ff;

/**
 * Whether the flags say that the trace was not sampled: spans of services that keep to that are missing. Trace flags that are all zero say
 * nothing: the SDK for Python sends `is remote` and leaves them out, sampled or not.
 */
export function isUnsampled(flags: number): boolean {
  return (flags & FLAG_HAS_IS_REMOTE) !== 0 && (flags & FLAG_SAMPLED) === 0 && (flags & TRACE_FLAGS) !== 0;
}
