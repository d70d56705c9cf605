/** Records to rows: by the scanner where it takes the record, else by the decoder. */
import { JsonScanner } from '../../otlp/json-scanner.ts';
import type { NameTable } from '../../otlp/name-table.ts';
import { DECODED, HAS_TRACE_STATE, IN_BYTES, PLAIN, SpanColumns } from '../../otlp/span-columns.ts';
import { SPAN_KINDS, SPAN_STATUSES, type Span } from '../../trace/span.ts';
import {
  type HeldMemory,
  type HeldRecord,
  type SpanContext,
  SpanContexts,
  type SpanSource,
} from './span-context.ts';
import type { DecodedRecord, InputRecord } from './trace-input.ts';

/** Where the rest of a row is: of PLAIN its context, of IN_BYTES its source, of DECODED the span. */
export type SpanPayload = SpanContext | SpanSource | Span;

/** The spans of one record. Written over when the next is read. */
export interface SpanRows {
  readonly columns: SpanColumns;
  readonly count: number;
  payloadOf(row: number): SpanPayload;
  /** Null where the spans were decoded already. */
  readonly sourceOf: ((row: number) => SpanSource) | null;
}

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
  readonly #scannedRows: SpanRows;
  readonly #columns = new SpanColumns();
  #memory: HeldMemory = { buffer: new ArrayBuffer(0), holders: 0 };

  constructor(names: NameTable, decode: (record: R) => DecodedRecord) {
    this.#names = names;
    this.#decode = decode;
    const scanner = new JsonScanner(names);
    this.#scanner = scanner;
    this.contexts = new SpanContexts((record) => decode(record as R));
    const sources = this.#sources;
    const sourceOf = (row: number): SpanSource => sources[scanner.columns.link[row] as number] as SpanSource;
    this.#scannedRows = {
      columns: scanner.columns,
      sourceOf,
      get count() {
        return scanner.count;
      },
      payloadOf(row) {
        const source = sourceOf(row);
        return scanner.columns.form[row] === PLAIN ? source.context : source;
      },
    };
  }

  read(record: R): SpanRows {
    if (record.format === 'otlp-json' && this.#scanner.scan(record.bytes) && this.#findContexts(record)) {
      this.scanned++;
      this.remarks = null;
      return this.#scannedRows;
    }
    this.decoded++;
    const decoded = this.#decode(record);
    this.remarks = decoded;
    return this.rowsOf(decoded.spans);
  }

  /** Rows of spans that are decoded already. */
  rowsOf(spans: readonly Span[]): SpanRows {
    this.#columns.reserve(spans.length);
    for (const [row, span] of spans.entries()) this.#write(row, span);
    return {
      columns: this.#columns,
      count: spans.length,
      payloadOf: (row) => spans[row] as Span,
      sourceOf: null,
    };
  }

  #findContexts(record: R): boolean {
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
    const columns = this.#columns;
    columns.trace0[row] = word(span.traceId, 0);
    columns.trace1[row] = word(span.traceId, 8);
    columns.trace2[row] = word(span.traceId, 16);
    columns.trace3[row] = word(span.traceId, 24);
    columns.span0[row] = word(span.spanId, 0);
    columns.span1[row] = word(span.spanId, 8);
    columns.parent0[row] = span.parentSpanId === '' ? 0 : word(span.parentSpanId, 0);
    columns.parent1[row] = span.parentSpanId === '' ? 0 : word(span.parentSpanId, 8);
    columns.startHigh[row] = Number(BigInt.asUintN(32, span.start >> 32n));
    columns.startLow[row] = Number(BigInt.asUintN(32, span.start));
    columns.endHigh[row] = Number(BigInt.asUintN(32, span.end >> 32n));
    columns.endLow[row] = Number(BigInt.asUintN(32, span.end));
    columns.name[row] = this.#names.idOfText(span.name);
    columns.kindAndStatus[row] = SPAN_KINDS.indexOf(span.kind) + 8 * SPAN_STATUSES.indexOf(span.status);
    columns.form[row] = DECODED + (span.traceState === '' ? 0 : HAS_TRACE_STATE);
  }
}

export function isScanned(form: number): boolean {
  return (form & DECODED) === 0;
}

export function isInBytes(form: number): boolean {
  return (form & IN_BYTES) !== 0;
}

function word(hex: string, from: number): number {
  return Number.parseInt(hex.slice(from, from + 8), 16);
}
