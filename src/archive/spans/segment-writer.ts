/** A segment of the write-ahead log to Parquet: one file for each hour in which spans of it began. */
import { NameTable } from '../../otlp/name-table.ts';
import { RequestScanner } from '../../otlp/proto/request-scanner.ts';
import { DEFAULT_SCAN_LIMITS, type ScanLimits } from '../../otlp/proto/scan-limits.ts';
import { ScannedRequest } from '../../otlp/proto/scanned-request.ts';
import { ROW, START_HIGH, START_LOW } from '../../otlp/span-rows.ts';
import { ignoringFaults } from '../disk/cut-file.ts';
import type { Disk } from '../disk/disk.ts';
import { fileName, HOUR_MS, type Hour } from '../layout.ts';
import { type Codec, DEFAULT_CODEC } from '../parquet/codec.ts';
import { ParquetWriter, type WriterBuffers, writerBuffers } from '../parquet/parquet-writer.ts';
import { ArchiveFile } from '../put-file.ts';
import { ProtoJson } from './proto-json.ts';
import { ResourceTable } from './resource-table.ts';
import { SpanColumns } from './span-columns.ts';

/** An export request as the log keeps it. */
export interface ArchiveRecord {
  /** Its number in the log. */
  readonly position: number;
  /** When it came, in milliseconds since 1970. */
  readonly at: number;
  /** OTLP protobuf. Must stay until the next record is asked for. */
  readonly bytes: Uint8Array;
}

export interface WrittenFile {
  readonly path: string;
  readonly hour: Hour;
  readonly spans: number;
  readonly bytes: number;
}

export interface WrittenSegment {
  readonly spans: number;
  readonly files: readonly WrittenFile[];
  /** Spans left out as repetitions. */
  readonly repeated: number;
  /** Records that are no export requests: they cannot have been acknowledged. */
  readonly unreadable: number;
}

export interface SegmentWriterOptions {
  readonly disk: Disk;
  /** The folder `archive`. */
  readonly root: string;
  /** Those of the receiver: what it refused is not archived. */
  readonly limits?: ScanLimits;
  readonly codec?: Codec;
  /** Spans that began longer before they came, or later, lie in the hour of their arrival: a wrong clock makes no thousands of folders. */
  readonly mostBackHours?: number;
  readonly mostAheadHours?: number;
}

/** A row group is written at so many rows, or when all hours together hold so much. */
const GROUP_ROWS = 1 << 16;
const MOST_HELD_BYTES = 48 << 20;
const MOST_BACK_HOURS = 35 * 24;
const MOST_AHEAD_HOURS = 24;
/**
 * The hour that a segment begins with may hold all of it. Another one is written each time that it holds so much: at the turn of an hour there are two for
 * some seconds, and columns for both that were as large would stay for good.
 */
const MOST_ASIDE_BYTES = 2 << 20;
/** Columns of such hours that are kept for the next segment. */
const MOST_POOLED = 2;
export const CREATED_BY = 'fluo';
const NO_ORDINALS: readonly number[] = [];

/** Writes one segment after another; not two at a time. */
export class SegmentWriter {
  readonly #options: Required<SegmentWriterOptions>;
  readonly #names = new NameTable();
  readonly #scanner: RequestScanner;
  readonly #request = new ScannedRequest();
  readonly #json = new ProtoJson();
  readonly #resources = new ResourceTable(this.#json);
  /** Not in use: those of the first hour of a segment, and those of others. */
  #columns: SpanColumns | null = null;
  readonly #pool: SpanColumns[] = [];
  readonly #buffers: WriterBuffers;

  constructor(options: SegmentWriterOptions) {
    this.#options = {
      limits: DEFAULT_SCAN_LIMITS,
      codec: DEFAULT_CODEC,
      mostBackHours: MOST_BACK_HOURS,
      mostAheadHours: MOST_AHEAD_HOURS,
      ...options,
    };
    this.#scanner = new RequestScanner(this.#names, this.#options.limits);
    this.#buffers = writerBuffers(this.#options.codec);
  }

  /**
   * Writes the files of a segment; resolves when they are safe. The same segment gives the same files with the same bytes, over those
   * of an earlier try. `skips`: by position, the ordinals of spans that repeat others, ascending or not. Rejects with the error of the disk.
   * Memory: 48 MiB of columns, what is kept of buffers, and a record.
   */
  async write(
    sequence: number,
    records: AsyncIterable<ArchiveRecord> | Iterable<ArchiveRecord>,
    skips: ReadonlyMap<number, readonly number[]> = new Map(),
  ): Promise<WrittenSegment> {
    const parts = new Map<Hour, Part>();
    try {
      let repeated = 0;
      let unreadable = 0;
      for await (const record of records) {
        const request = this.#request;
        const { buffer, byteOffset, length } = record.bytes;
        // `slice` of a Buffer is a view: what is remembered of a request would keep the segment that it came in.
        if (this.#scanner.scan(new Uint8Array(buffer, byteOffset, length), request) !== null) {
          unreadable++;
          continue;
        }
        const skipped = skips.get(record.position) ?? NO_ORDINALS;
        repeated += this.#addRecord(parts, sequence, record, skipped);
        await this.#relieve(parts);
      }
      const files: WrittenFile[] = [];
      for (const part of [...parts.values()].sort((a, b) => a.hour - b.hour)) {
        files.push(await this.#finish(part));
      }
      return { spans: files.reduce((sum, file) => sum + file.spans, 0), files, repeated, unreadable };
    } finally {
      // Of a file that could not be written.
      this.#buffers.out.clear();
      for (const { columns, file, isFirst } of parts.values()) {
        this.#release(columns, isFirst);
        // Those that were put in place are closed; what a disk says of another, it said when it was written.
        await ignoringFaults(file.close());
      }
    }
  }

  /** Gives how many spans were left out. */
  #addRecord(
    parts: Map<Hour, Part>,
    sequence: number,
    record: ArchiveRecord,
    skipped: readonly number[],
  ): number {
    const request = this.#request;
    const { words } = request.rows;
    const { mostBackHours, mostAheadHours } = this.#options;
    const arrival = Math.floor(record.at / HOUR_MS);
    const skip = skipped.length === 0 ? null : new Set(skipped);
    let left = 0;
    let part: Part | null = null;
    this.#json.read(request.bytes);
    this.#resources.read(request.bytes);
    for (let row = 0; row < request.count; row++) {
      if (skip?.has(row)) {
        left++;
        continue;
      }
      const began = hourOfStart(
        words[row * ROW + START_HIGH] as number,
        words[row * ROW + START_LOW] as number,
      );
      const isNear = began >= arrival - mostBackHours && began <= arrival + mostAheadHours;
      const hour = isNear ? began : arrival;
      if (part === null || part.hour !== hour) {
        part = parts.get(hour) ?? this.#begin(parts, sequence, hour);
      }
      part.columns.add(request, row, record.position);
    }
    return left;
  }

  #begin(parts: Map<Hour, Part>, sequence: number, hour: Hour): Part {
    const { disk, root, codec } = this.#options;
    const isFirst = parts.size === 0;
    const columns =
      (isFirst ? this.#columns : this.#pool.pop()) ??
      new SpanColumns({ names: this.#names, json: this.#json, resources: this.#resources }, codec);
    if (isFirst) this.#columns = null;
    const writer = new ParquetWriter(
      columns.columns.map((column) => column.shape),
      { codec, createdBy: CREATED_BY, buffers: this.#buffers },
    );
    const file = new ArchiveFile(disk, { root, table: 'spans', hour, name: fileName(sequence) }, 'stream');
    const part: Part = { hour, isFirst, columns, writer, file };
    parts.set(hour, part);
    return part;
  }

  /** Writes row groups while too much is held. */
  async #relieve(parts: Map<Hour, Part>): Promise<void> {
    let held = 0;
    let largest: Part | null = null;
    let most = -1;
    for (const part of parts.values()) {
      if (part.columns.rows >= GROUP_ROWS || (!part.isFirst && part.columns.heldBytes >= MOST_ASIDE_BYTES)) {
        await this.#writeGroup(part);
      }
      const bytes = part.columns.heldBytes;
      held += bytes;
      if (bytes > most) {
        most = bytes;
        largest = part;
      }
    }
    if (held < MOST_HELD_BYTES || largest === null) return;
    await this.#writeGroup(largest);
  }

  async #writeGroup(part: Part): Promise<void> {
    part.writer.addRowGroup(part.columns.complete());
    part.columns.cleared();
    await part.file.append(part.writer.take());
  }

  async #finish({ hour, columns, writer, file }: Part): Promise<WrittenFile> {
    writer.addRowGroup(columns.complete());
    await file.append(writer.finish());
    return { path: await file.put(), hour, spans: writer.rows, bytes: file.bytes };
  }

  #release(columns: SpanColumns, isFirst: boolean): void {
    if (!isFirst && this.#pool.length >= MOST_POOLED) return;
    for (const column of columns.columns) column.clear();
    columns.cleared();
    if (isFirst) this.#columns = columns;
    else this.#pool.push(columns);
  }
}

/** An hour's file while it is written. */
interface Part {
  readonly hour: Hour;
  readonly isFirst: boolean;
  readonly columns: SpanColumns;
  readonly writer: ParquetWriter;
  readonly file: ArchiveFile;
}

/** Of nanoseconds since 1970 in two words. */
function hourOfStart(high: number, low: number): Hour {
  // Exact to the microsecond, as the column start_time.
  const microsHigh = Math.floor(high / 1000);
  const microsLow = Math.floor(((high - microsHigh * 1000) * 2 ** 32 + low) / 1000);
  return Math.floor((microsHigh * 2 ** 32 + microsLow) / (HOUR_MS * 1000));
}
