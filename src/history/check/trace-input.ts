/**
 * What the check reads: records in batches, and what one record decodes to. The receiver's types satisfy these by shape;
 * history does not know the receiver.
 */
import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import type { Span } from '../../trace/span.ts';

export interface InputRecord {
  /** The file as the person named it. */
  readonly file: string;
  /** The record's first line or ordinal, from 1. */
  readonly line: number;
  /** `otlp-json` takes the fast path; everything else goes to the decoder. */
  readonly format: string;
  /** Never written again by whoever made it. The check may hold it until the traces in it have closed. */
  readonly bytes: Uint8Array;
}

export interface InputBatch<R extends InputRecord = InputRecord> {
  readonly records: readonly R[];
  readonly diagnostics: readonly Diagnostic[];
  /** Records lost to what `diagnostics` says. */
  readonly damaged: number;
  /** Bytes read so far, as they lie on disk, for progress. */
  readonly bytesRead: number;
}

export interface DecodedRecord {
  readonly spans: readonly Span[];
  readonly diagnostics: readonly Diagnostic[];
  /** What of the record could not be read: 1 for the whole, or 1 for each span. */
  readonly damaged: number;
  /** 1 when the record is well formed and holds no spans by its nature (metrics, logs). */
  readonly foreign: number;
  /** Spans whose end was missing or before their start, and was set to the start. */
  readonly mended?: number;
}
