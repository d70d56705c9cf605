/**
 * The traces with spans in a segment of the log. Asked of each segment that goes while something needs it still, which under load is twice a second:
 * nothing is made a span, and memory is used again.
 */
import type { Disk } from '../archive/disk/disk.ts';
import { spanRecordReader } from '../archive/wal/segment-files.ts';
import { TRACE, TraceTable } from '../engine/streaming/trace-table.ts';
import { NameTable } from '../otlp/name-table.ts';
import { RequestScanner } from '../otlp/proto/request-scanner.ts';
import type { ScanLimits } from '../otlp/proto/scan-limits.ts';
import { ScannedRequest } from '../otlp/proto/scanned-request.ts';
import { ROW, TRACE_0, TRACE_1, TRACE_2, TRACE_3 } from '../otlp/span-rows.ts';

export class SegmentTraceIds {
  readonly #disk: Disk;
  readonly #read = spanRecordReader();
  readonly #scanner: RequestScanner;
  readonly #request = new ScannedRequest();

  constructor(disk: Disk, limits: ScanLimits) {
    this.#disk = disk;
    this.#scanner = new RequestScanner(new NameTable(), limits);
  }

  /** Four words an id, each id once. Rejects with a `DiskError`. Cost: a read of the file and a walk over its bytes. One call at a time. */
  async of(path: string): Promise<Uint32Array> {
    const traces = new TraceTable();
    for await (const { bytes } of this.#read(this.#disk, path)) {
      if (this.#scanner.scan(bytes, this.#request) !== null) continue;
      const { words } = this.#request.rows;
      for (let row = 0, place = 0; row < this.#request.count; row++, place += ROW) {
        const w0 = words[place + TRACE_0] as number;
        const w1 = words[place + TRACE_1] as number;
        const w2 = words[place + TRACE_2] as number;
        const w3 = words[place + TRACE_3] as number;
        if (traces.find(w0, w1, w2, w3) < 0) traces.add(w0, w1, w2, w3);
      }
    }
    const ids = new Uint32Array(traces.count * 4);
    for (let number = 0; number < traces.count; number++) {
      ids.set(traces.words.subarray(number * TRACE, number * TRACE + 4), number * 4);
    }
    return ids;
  }
}
