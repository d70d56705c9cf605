/** Records to rows: by the scanner where it takes the record, else by the decoder. */
import { JsonScanner } from '../../otlp/json-scanner.ts';
import type { NameTable } from '../../otlp/name-table.ts';
import {
  DECODED,
  END_HIGH,
  END_LOW,
  HAS_TRACE_STATE,
  IN_BYTES,
  NAME,
  PARENT_0,
  PARENT_1,
  ROW,
  SPAN_0,
  SPAN_1,
  SpanRows,
  START_HIGH,
  START_LOW,
  STATUS_SHIFT,
  TRACE_0,
  TRAITS,
  UNSAMPLED,
} from '../../otlp/span-rows.ts';
import { SPAN_KINDS, SPAN_STATUSES, type Span } from '../../trace/span.ts';
import {
  type HeldMemory,
  type HeldRecord,
  type SpanContext,
  SpanContexts,
  type SpanSource,
} from './span-context.ts';
import type { DecodedRecord, InputRecord } from './trace-input.ts';

/** Where the rest of a row is: IN_BYTES its source, DECODED the span, else its context. */
export type SpanPayload = SpanContext | SpanSource | Span;

/** The spans of one record. Written over when the next is read. */
export interface RecordRows {
  readonly rows: SpanRows;
  readonly count: number;
  /** Of scanned spans, by `rows.link`; null where the spans were decoded. */
  readonly sources: readonly SpanSource[] | null;
  readonly spans: readonly Span[];
}

export function payloadOf({ rows, sources, spans }: RecordRows, row: number): SpanPayload {
  if (sources === null) return spans[row] as Span;
  const source = sources[rows.link[row] as number] as SpanSource;
  return ((rows.words[row * ROW + TRAITS] as number) & IN_BYTES) === 0 ? source.context : source;
}

const NO_SPANS: readonly Span[] = [];

export class RecordReader<R extends InputRecord> {
  readonly contexts: SpanContexts;
  scanned = 0;
  decoded = 0;
  /** What the decoder said of the last record; null when it was scanned. */
  remarks: DecodedRecord | null = null;

  readonly #names: NameTable;
  readonly #scanner: JsonScanner;
  readonly #decode: (record: R) => DecodedRecord;
  readonly #sources: SpanSource[] = [];
  readonly #rows = new SpanRows();
  #memory: HeldMemory = { buffer: new ArrayBuffer(0), holders: 0 };

  constructor(names: NameTable, decode: (record: R) => DecodedRecord) {
    this.#names = names;
    this.#decode = decode;
    this.#scanner = new JsonScanner(names);
    this.contexts = new SpanContexts((record) => decode(record as R));
  }

  read(record: R): RecordRows {
    const scanner = this.#scanner;
    if (record.format === 'otlp-json' && scanner.scan(record.bytes) && this.#findSources(record)) {
      this.scanned++;
      this.remarks = null;
      return { rows: scanner.rows, count: scanner.count, sources: this.#sources, spans: NO_SPANS };
    }
    this.decoded++;
    const decoded = this.#decode(record);
    this.remarks = decoded;
    return this.rowsOf(decoded.spans);
  }

  /** Rows of spans that are decoded already. */
  rowsOf(spans: readonly Span[]): RecordRows {
    this.#rows.reserve(spans.length);
    for (let row = 0; row < spans.length; row++) this.#write(row * ROW, spans[row] as Span);
    return { rows: this.#rows, count: spans.length, sources: null, spans };
  }

  #findSources(record: R): boolean {
    const { bytes, file, line } = record;
    // Records follow each other in memory: one count for all that share it.
    if (this.#memory.buffer !== bytes.buffer) this.#memory = { buffer: bytes.buffer, holders: 0 };
    const held: HeldRecord = { bytes, file, line, memory: this.#memory };
    for (let index = 0; index < this.#scanner.listCount; index++) {
      const list = this.#scanner.lists[index];
      const context = list === undefined ? null : this.contexts.of(bytes, list);
      if (context === null) return false;
      this.#sources[index] = { context, record: held };
    }
    return true;
  }

  #write(row: number, span: Span): void {
    const { words } = this.#rows;
    for (let word = 0; word < 4; word++) words[row + TRACE_0 + word] = wordAt(span.traceId, word * 8);
    words[row + SPAN_0] = wordAt(span.spanId, 0);
    words[row + SPAN_1] = wordAt(span.spanId, 8);
    words[row + PARENT_0] = span.parentSpanId === '' ? 0 : wordAt(span.parentSpanId, 0);
    words[row + PARENT_1] = span.parentSpanId === '' ? 0 : wordAt(span.parentSpanId, 8);
    words[row + START_HIGH] = Number(BigInt.asUintN(32, span.start >> 32n));
    words[row + START_LOW] = Number(BigInt.asUintN(32, span.start));
    words[row + END_HIGH] = Number(BigInt.asUintN(32, span.end >> 32n));
    words[row + END_LOW] = Number(BigInt.asUintN(32, span.end));
    words[row + NAME] = this.#names.idOfText(span.name);
    words[row + TRAITS] =
      SPAN_KINDS.indexOf(span.kind) |
      (SPAN_STATUSES.indexOf(span.status) << STATUS_SHIFT) |
      DECODED |
      (span.traceState === '' ? 0 : HAS_TRACE_STATE) |
      (span.sampled === false ? UNSAMPLED : 0);
  }
}

function wordAt(hex: string, from: number): number {
  return Number.parseInt(hex.slice(from, from + 8), 16);
}
