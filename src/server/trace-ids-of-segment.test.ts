import { expect, it } from 'vitest';
import { MemoryDisk } from '../archive/disk/memory-disk.ts';
import { segmentName } from '../archive/wal/segment-files.ts';
import { RECORD_BYTES, seedOf, segmentHeader, writeRecordHeader } from '../archive/wal/segment-format.ts';
import { encodeRequest } from '../otlp/proto/encode-request.ts';
import { DEFAULT_SCAN_LIMITS } from '../otlp/proto/scan-limits.ts';
import { makeSpan } from '../trace/testing/make-span.ts';
import { SegmentTraceIds } from './trace-ids-of-segment.ts';

const idOf = (nth: number) => `ff00${nth.toString(16).padStart(28, '0')}`;

it('gives each trace of a segment once, whatever its id', async () => {
  const disk = new MemoryDisk();
  const path = `/wal/${segmentName(3, true)}`;
  const requests = [0, 1, 2].map((from) =>
    encodeRequest(
      Array.from({ length: 700 }, (_, nth) =>
        makeSpan({ traceId: idOf(from * 500 + nth), start: 1n, end: 2n }),
      ),
    ),
  );
  const file = await disk.open(path, 'create');
  const parts = [segmentHeader(3, { firstPosition: 1, sequenceBefore: 0, lengthBefore: 0 })];
  for (const [nth, bytes] of requests.entries()) {
    const header = Buffer.alloc(RECORD_BYTES);
    writeRecordHeader(header, 0, seedOf(3), { kind: 'spans', position: nth + 1, at: 0, bytes });
    parts.push(header, bytes);
  }
  await file.write(parts, 0);
  const ids = new SegmentTraceIds(disk, DEFAULT_SCAN_LIMITS);
  for (let again = 0; again < 2; again++) {
    const words = await ids.of(path);
    const found = Array.from({ length: words.length / 4 }, (_, nth) =>
      [...words.subarray(nth * 4, nth * 4 + 4)].map((word) => word.toString(16).padStart(8, '0')).join(''),
    );
    expect(found.sort()).toEqual(Array.from({ length: 1700 }, (_, nth) => idOf(nth)));
  }
  await expect(ids.of(`/wal/${segmentName(4, true)}`)).rejects.toMatchObject({ fault: 'missing' });
});
