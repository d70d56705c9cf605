/** Segments of made-up spans, and their file form for tests: the length, position and time of each record before its bytes. */

import { encodeRequest } from '../../otlp/proto/encode-request.ts';
import type { Span } from '../../trace/span.ts';
import type { ReadSegment } from '../archiver.ts';
import { readFile } from '../disk/disk.ts';
import type { ArchiveRecord } from '../spans/segment-writer.ts';

export const ARRIVAL = Date.parse('2026-11-20T19:30:00Z');

const digits = (value: number, length: number) => value.toString(16).padStart(length, '0');

/** `count` spans of traces of five; every number of `first` gives other ids. */
export function sampleSpans(first: number, count: number): Span[] {
  return Array.from({ length: count }, (_, index) => {
    const number = first + index;
    const start = BigInt(ARRIVAL) * 1_000_000n + BigInt(number) * 1_001n;
    return {
      traceId: digits(Math.imul(1 + Math.floor(number / 5), 0x9e3779b1) >>> 0, 32),
      spanId: digits(number + 1, 16),
      parentSpanId: number % 5 === 0 ? '' : digits(number, 16),
      name: `operation.${number % 30}`,
      kind: 'server',
      start,
      end: start + 2_000n,
      status: 'ok',
      attributes: new Map<string, string | number>([
        ['user.id', `user-${number % 977}`],
        ['amount', number / 100],
      ]),
      resource: { service: 'shop', attributes: new Map([['service.name', 'shop']]) },
      scope: 'lib',
      events: [],
      traceState: '',
    };
  });
}

export function sampleRecord(position: number, first: number, count: number): ArchiveRecord {
  return { position, at: ARRIVAL, bytes: encodeRequest(sampleSpans(first, count)) };
}

export function segmentFile(records: readonly ArchiveRecord[]): Uint8Array {
  return Buffer.concat(
    records.flatMap(({ position, at, bytes }) => {
      const header = Buffer.alloc(24);
      header.writeDoubleLE(bytes.length, 0);
      header.writeDoubleLE(position, 8);
      header.writeDoubleLE(at, 16);
      return [header, bytes];
    }),
  );
}

export const readSegmentFile: ReadSegment = async function* (disk, path) {
  const file = await readFile(disk, path);
  if (file === null) throw new Error(`no ${path}`);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  for (let at = 0; at < file.length; ) {
    const length = view.getFloat64(at, true);
    const bytes = file.subarray(at + 24, at + 24 + length);
    yield { position: view.getFloat64(at + 8, true), at: view.getFloat64(at + 16, true), bytes };
    at += 24 + length;
  }
};
