/**
 * How segments of the write-ahead log are named: `000000000017.wal`, and `000000000017.archived.wal` once the archive has all of it. The name is
 * the mark, so that it changes in one step.
 */
import { basename } from 'node:path';
import { alignedBytes, roundedUp } from '../disk/aligned-bytes.ts';
import { type Disk, DiskError, readFile } from '../disk/disk.ts';
import { readSegment, type WalRecord } from './segment-format.ts';

export interface SegmentName {
  readonly sequence: number;
  readonly isArchived: boolean;
}

const OPEN = '.wal';
const ARCHIVED = '.archived.wal';

export function segmentName(sequence: number, isArchived: boolean): string {
  return `${String(sequence).padStart(12, '0')}${isArchived ? ARCHIVED : OPEN}`;
}

/** Null: no segment is named so. */
export function parseSegmentName(name: string): SegmentName | null {
  const match = /^(\d{12})(\.archived)?\.wal$/.exec(name);
  return match === null ? null : { sequence: Number(match[1]), isArchived: match[2] !== undefined };
}

/**
 * Reads the requests of spans in a sealed segment, in order; damaged ones are left out (opening the log has said so). Reads the file at once, into
 * memory of a segment that is used again: the records are good until the next call. Rejects with a `DiskError`.
 */
export function spanRecordReader(): (disk: Disk, path: string) => AsyncGenerator<WalRecord, void, undefined> {
  let memory = new Uint8Array(0);
  return (disk, path) =>
    readSpanRecords(disk, path, (size) => {
      if (memory.length < size) memory = roomFor(Math.max(size, USUAL_SEGMENT));
      return memory.subarray(0, roundedUp(size));
    });
}

/** A segment of the size at which the log begins another, with what goes into it at once. */
const USUAL_SEGMENT = 72 * 1024 * 1024;

function roomFor(size: number): Uint8Array<ArrayBuffer> {
  return alignedBytes(size) ?? new Uint8Array(roundedUp(size));
}

/** The same once, in memory of its own. */
export async function* readSpanRecords(
  disk: Disk,
  path: string,
  memoryFor: ((size: number) => Uint8Array) | null = null,
): AsyncGenerator<WalRecord, void, undefined> {
  const name = parseSegmentName(basename(path));
  if (name === null) throw new Error(`no segment is named so: ${path}`);
  const bytes = await readFile(disk, path, memoryFor);
  if (bytes === null) throw new DiskError('missing', path, 'opening');
  for (const record of readSegment(bytes, name.sequence).records) if (record.kind === 'spans') yield record;
}
