/** How much one export request, and one span of it, may hold. */
import { DEEPEST_VALUE } from '../json-fields.ts';

export interface ScanLimits {
  /** Spans a request; one with more is refused as a whole. */
  readonly spans: number;
  /** Attributes of a span, of one of its events, or of a resource. A span with more is left out. */
  readonly attributesPerSpan: number;
  /** Bytes of one attribute, key and value, as sent. */
  readonly attributeBytes: number;
  /** Events of a span. */
  readonly eventsPerSpan: number;
  /** How deep the value of an attribute may nest; at most as deep as the complete reader goes. */
  readonly nesting: number;
}

export const DEFAULT_SCAN_LIMITS: ScanLimits = {
  spans: 200_000,
  attributesPerSpan: 1024,
  attributeBytes: 1024 * 1024,
  eventsPerSpan: 4096,
  nesting: DEEPEST_VALUE,
};
