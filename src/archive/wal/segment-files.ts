/**
 * How segments of the write-ahead log are named: `000000000017.wal`, and `000000000017.archived.wal` once the archive has all of it. The name is
 * the mark, so that it changes in one step.
 */
import { basename } from 'node:path';
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
 * The requests of spans in a sealed segment, in order; damaged ones are left out (opening the log has said so). Reads the file at once: memory of
 * a segment. Rejects with a `DiskError`.
 */
export async function* readSpanRecords(disk: Disk, path: string): AsyncGenerator<WalRecord, void, undefined> {
  const name = parseSegmentName(basename(path));
  if (name === null) throw new Error(`no segment is named so: ${path}`);
  const bytes = await readFile(disk, path);
  if (bytes === null) throw new DiskError('missing', path, 'opening');
  for (const record of readSegment(bytes, name.sequence).records) if (record.kind === 'spans') yield record;
}
