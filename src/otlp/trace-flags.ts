/**
 * Bits of a span's `flags` (field 16).
 *
 * Source: opentelemetry-proto, trace/v1/trace.proto, SpanFlags; the lower eight are the W3C trace flags.
 */

export const FLAG_SAMPLED = 0x001;
/** Whoever sets this sets the other flags too; where it is absent, no flag says anything. */
export const FLAG_HAS_IS_REMOTE = 0x100;

/** Whether the flags say that the trace was not sampled: spans of services that keep to that are missing. */
export function isUnsampled(flags: number): boolean {
  return (flags & (FLAG_HAS_IS_REMOTE | FLAG_SAMPLED)) === FLAG_HAS_IS_REMOTE;
}
