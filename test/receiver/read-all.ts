/** Reads bytes through the whole of the receiver: recognised, cut and decoded. */
import { gzipSync } from 'node:zlib';
import type { Diagnostic } from '../../src/diagnostic/diagnostic.ts';
import { decodeRecord } from '../../src/receiver/decode-record.ts';
import type { Disk } from '../../src/receiver/disk.ts';
import { INPUT_LIMITS, type InputLimits } from '../../src/receiver/input-limits.ts';
import { memoryDisk } from '../../src/receiver/memory-disk.ts';
import type { TraceFormat } from '../../src/receiver/record.ts';
import { openInput } from '../../src/receiver/trace-input.ts';
import type { Span } from '../../src/trace/span.ts';

export interface Reading {
  spans: Span[];
  formats: Set<TraceFormat>;
  diagnostics: Diagnostic[];
  records: number;
  largest: number;
  damaged: number;
  foreign: number;
  mended: number;
  bytesRead: number;
}

export interface ReadOptions {
  chunkBytes?: number;
  gzip?: boolean;
  limits?: Partial<InputLimits>;
}

/** Reads one file that holds these bytes. */
export async function readBytes(content: Uint8Array | string, options: ReadOptions = {}): Promise<Reading> {
  const bytes = options.gzip === true ? gzipSync(content) : content;
  const disk = memoryDisk({ traces: bytes }, { chunkBytes: options.chunkBytes ?? 1024 * 1024 });
  return readFile('traces', disk, options.limits);
}

export async function readFile(
  path: string,
  disk: Disk,
  limits: Partial<InputLimits> = {},
): Promise<Reading> {
  const reading: Reading = {
    spans: [],
    formats: new Set(),
    diagnostics: [],
    records: 0,
    largest: 0,
    damaged: 0,
    foreign: 0,
    mended: 0,
    bytesRead: 0,
  };
  for await (const batch of openInput(path, disk, { ...INPUT_LIMITS, ...limits })) {
    reading.bytesRead = batch.bytesRead;
    reading.damaged += batch.damaged;
    reading.diagnostics.push(...batch.diagnostics);
    for (const record of batch.records) {
      const decoded = decodeRecord(record);
      reading.records++;
      reading.largest = Math.max(reading.largest, record.bytes.length);
      reading.formats.add(record.format);
      reading.spans.push(...decoded.spans);
      reading.diagnostics.push(...decoded.diagnostics);
      reading.damaged += decoded.damaged;
      reading.foreign += decoded.foreign;
      reading.mended += decoded.mended;
    }
  }
  return reading;
}

/** The codes and lines of diagnostics, `FL510:3`. */
export function places(reading: Reading): string[] {
  return reading.diagnostics.map(({ code, line }) => (line === undefined ? code : `${code}:${line}`));
}
