/**
 * What a file of traces is cut into: records, each a piece of text or bytes that is decoded on its own. A batch is what
 * came of about one chunk of input, so that nobody waits once a line.
 */
import type { Diagnostic } from '../diagnostic/diagnostic.ts';

const TRACE_FORMATS = ['otlp-json', 'otlp-proto', 'jaeger-json', 'zipkin-json'] as const;
export type TraceFormat = (typeof TRACE_FORMATS)[number];

export interface TraceRecord {
  /** The file as the person named it; `<stdin>` for standard input. */
  readonly file: string;
  /** The record's first line, from 1; of protobuf the message's ordinal, from 1. */
  readonly line: number;
  readonly format: TraceFormat;
  /**
   * One JSON value in UTF-8, or one protobuf message (an export request). JSON is any of the documents that the format has: an
   * OTLP request or an array of them, a Jaeger trace, `{"data":[...]}` or an array of traces, a Zipkin span or an array of spans. Of
   * a document that is too large to be held, the elements come in several records, each a document with a part of them.
   * A view into a larger buffer that is never written again: keep it as long as you like, but it keeps the buffer alive.
   */
  readonly bytes: Uint8Array;
}

export interface RecordBatch {
  /** In the order of the file. May be empty (a chunk without an end of a record in it). */
  readonly records: readonly TraceRecord[];
  /** What the reader had to object to since the batch before: damaged framing, oversized records, truncated gzip. */
  readonly diagnostics: readonly Diagnostic[];
  /** How many records were lost to what `diagnostics` says. */
  readonly damaged: number;
  /** Bytes of the file read so far, as they lie on disk (compressed), for progress. */
  readonly bytesRead: number;
}
