/**
 * What the projection decoder makes of one export request: a row of numbers a span, and where the rest of it lies in the
 * bytes. Reused from request to request, so that the hot path allocates nothing a span.
 */

import { SpanRows } from '../span-rows.ts';
import type { SpanFault } from '../span-sink.ts';

/** Spans under one resource and one scope. Ranges are offsets in the request's bytes; -1 where the part is absent. */
export interface ScannedList {
  /** Of the Resource message, without its tag and length. */
  resourceFrom: number;
  resourceTo: number;
  /** Of the InstrumentationScope message. */
  scopeFrom: number;
  scopeTo: number;
  /**
   * The text of the resource's `service.name`, an empty range where it has none; -1 where it comes in an unusual form and only decoding the resource
   * tells.
   */
  serviceFrom: number;
  serviceTo: number;
}

export class ScannedRequest {
  /**
   * The decompressed ExportTraceServiceRequest (protobuf) that the rows point into. Not the bytes that came but equal in meaning where a
   * resource or scope came in several parts.
   */
  bytes: Uint8Array = new Uint8Array(0);
  /** Another one for each scan in this process: what is remembered of the request before is not of this one. */
  serial = 0;
  /**
   * `count` rows of span-rows.ts. FROM and TO are the range of the Span message in `bytes`; `link` is the index of its list.
   * TRAITS has HAS_TRACE_STATE and UNSAMPLED where they apply, and IN_BYTES always.
   */
  readonly rows = new SpanRows();
  count = 0;
  /** The first `listCount` are of this request. */
  readonly lists: ScannedList[] = [];
  listCount = 0;
  /** Spans that were left out for a fault of their own: the `rejected_spans` of a partial success. */
  rejected = 0;
  /** The first faults, for the answer and the log. */
  readonly faults: SpanFault[] = [];
  /** Spans whose end was missing or before their start, and was set to the start. */
  mended = 0;
}
