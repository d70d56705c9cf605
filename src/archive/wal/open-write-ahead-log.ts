/**
 * Finds what a write-ahead log holds, and makes it ready for appending. One pass over all segments: each is given to the caller while it is in memory.
 * What is damaged is left out, kept aside and said; it never keeps the log from opening.
 */
import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import { keepDamaged } from '../damaged-file.ts';
import { BLOCK } from '../disk/aligned-bytes.ts';
import { cutFile, ignoringFaults } from '../disk/cut-file.ts';
import { type Disk, DiskError, readFile } from '../disk/disk.ts';
import { parseSegmentName, type SegmentName } from './segment-files.ts';
import {
  HEADER_BYTES,
  readHeader,
  readSegment,
  type SegmentHeader,
  type SegmentReading,
  type WalRecord,
} from './segment-format.ts';
import { type WalOptions, type WalSegment, WriteAheadLog } from './write-ahead-log.ts';

export interface WalFloor {
  /** The least position and sequence that the next ones have: what was removed by hand must not be numbered again. */
  readonly position: number;
  readonly sequence: number;
}

export interface WalOpening {
  readonly log: WriteAheadLog;
  readonly problems: Diagnostic[];
  /** Of the first record that is there; null: there are none. */
  readonly firstPosition: number | null;
}

/** How far opening has come, in bytes. */
export interface WalProgress {
  readonly read: number;
  readonly total: number;
}

/**
 * `onSegment` gets each segment with records, in order, and is waited for. Rejects with a `DiskError` when the folder cannot be made or listed.
 */
export async function openWriteAheadLog(
  disk: Disk,
  folder: string,
  options: WalOptions,
  floor: WalFloor,
  onSegment: (
    segment: WalSegment,
    records: readonly WalRecord[],
    progress: WalProgress,
  ) => Promise<void> | void,
): Promise<WalOpening> {
  await disk.makeFolder(folder);
  const problems: Diagnostic[] = [];
  const files = await segmentFiles(disk, folder);
  const total = files.reduce((sum, { size }) => sum + size, 0);
  const segments: WalSegment[] = [];
  let nextPosition = floor.position;
  let read = 0;
  for (const [index, file] of files.entries()) {
    const next = files[index + 1]?.header ?? null;
    const found = await readOne(disk, folder, file, next, problems);
    read += file.size;
    if (found === null) continue;
    const { records, end, header } = found;
    const firstPosition = records[0]?.position ?? header?.firstPosition ?? nextPosition;
    const last = records.at(-1);
    const segment: WalSegment = {
      sequence: file.sequence,
      path: file.path,
      bytes: end,
      firstPosition,
      lastPosition: last?.position ?? firstPosition - 1,
      firstAt: records[0]?.at ?? segments.at(-1)?.lastAt ?? 0,
      lastAt: last?.at ?? segments.at(-1)?.lastAt ?? 0,
      isArchived: file.isArchived,
    };
    segments.push(segment);
    nextPosition = Math.max(nextPosition, segment.lastPosition + 1, header?.firstPosition ?? 0);
    if (records.length > 0) await onSegment(segment, records, { read, total });
  }
  const lastSequence = files.at(-1)?.sequence ?? 0;
  const nextSequence = Math.max(lastSequence + 1, floor.sequence);
  const log = new WriteAheadLog(disk, folder, options, { segments, nextPosition, nextSequence });
  const firstPosition = segments.find((one) => one.lastPosition >= one.firstPosition)?.firstPosition ?? null;
  return { log, problems, firstPosition };
}

interface SegmentFile extends SegmentName {
  readonly name: string;
  readonly path: string;
  readonly size: number;
  /** Null: damaged, or not there yet. */
  readonly header: SegmentHeader | null;
}

async function segmentFiles(disk: Disk, folder: string): Promise<SegmentFile[]> {
  const files: SegmentFile[] = [];
  for (const name of await disk.list(folder)) {
    const parsed = parseSegmentName(name);
    if (parsed === null) continue;
    const path = `${folder}/${name}`;
    const size = (await disk.sizeOf(path)) ?? 0;
    files.push({ ...parsed, name, path, size, header: await headerOf(disk, path, parsed.sequence) });
  }
  return files.sort((a, b) => a.sequence - b.sequence);
}

async function headerOf(disk: Disk, path: string, sequence: number): Promise<SegmentHeader | null> {
  const bytes = new Uint8Array(HEADER_BYTES);
  try {
    const file = await disk.open(path, 'read');
    try {
      return readHeader(bytes.subarray(0, await file.read(bytes, 0)), sequence);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof DiskError) return null;
    throw error;
  }
}

/** Null: there is nothing in it that counts. */
async function readOne(
  disk: Disk,
  folder: string,
  file: SegmentFile,
  next: SegmentHeader | null,
  problems: Diagnostic[],
): Promise<SegmentReading | null> {
  if (next !== null && next.sequenceBefore < file.sequence) {
    // Begun on a failing disk and given up: nothing in it was acknowledged.
    await ignoringFaults(disk.remove(file.path));
    return null;
  }
  let bytes: Uint8Array;
  try {
    bytes = (await readFile(disk, file.path)) ?? new Uint8Array(0);
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    problems.push(unreadable(file, error));
    return null;
  }
  const synced = next !== null && next.sequenceBefore === file.sequence ? next.lengthBefore : null;
  if (synced !== null && bytes.length > synced) {
    // What a failed write left behind was not acknowledged.
    bytes = bytes.subarray(0, synced);
    await ignoringFaults(cutFile(disk, file.path, synced));
  }
  const reading = readSegment(bytes, file.sequence);
  const tail = bytes.length - reading.end;
  const isHeaderDamaged = reading.header === null && (reading.records.length > 0 || synced !== null);
  const isTailLost = synced !== null ? reading.end < synced : tail > 0 && reading.isTailWhole;
  if (reading.damaged.length > 0 || isHeaderDamaged || isTailLost) {
    const kept = await keepDamaged(disk, folder, file.name, bytes);
    problems.push(damage(file, reading, bytes.length, synced, next, kept));
  } else if (tail > 0 && synced === null && !isPadding(bytes.subarray(reading.end))) {
    problems.push(tornTail(file, tail));
  }
  if (tail > 0 && synced === null) await ignoringFaults(cutFile(disk, file.path, reading.end));
  const isEmpty = reading.records.length === 0 && reading.header === null;
  if (isEmpty && !isTailLost) await ignoringFaults(disk.remove(file.path));
  return isEmpty ? null : reading;
}

/** What a disk of whole blocks has behind the last record until the file is closed. */
function isPadding(tail: Uint8Array): boolean {
  return tail.length < BLOCK && tail.every((byte) => byte === 0);
}

function unreadable(file: SegmentFile, error: DiskError): Diagnostic {
  return {
    code: 'FL823',
    severity: 'error',
    message: `a segment of the write-ahead log cannot be read (${error.code})`,
    file: file.path,
    notes: [
      file.isArchived
        ? 'its spans are in the archive; open traces that begin in it are not rebuilt'
        : 'its spans are not in the archive',
    ],
    help: 'check the disk; once the file can be read again, the next start takes it up',
  };
}

function damage(
  file: SegmentFile,
  reading: SegmentReading,
  size: number,
  synced: number | null,
  next: SegmentHeader | null,
  kept: string | null,
): Diagnostic {
  const { records, header } = reading;
  // Positions are contiguous: what is missing between them is what was lost.
  const from = header?.firstPosition ?? records[0]?.position ?? 0;
  const to = next?.firstPosition ?? (records.at(-1)?.position ?? from - 1) + 1;
  const lost = Math.max(0, to - from - records.length);
  const isShort = synced !== null && size < synced;
  const notes = [
    lost > 0
      ? `${lost} of ${to - from} records, with positions from ${from} to ${to - 1}, are lost; ${records.length} can be trusted and are used`
      : `${records.length} records can be trusted and are used`,
    ...(file.isArchived ? ['the segment was archived before: only open traces are concerned'] : []),
    ...(kept === null ? [] : [`a copy is kept in \`${kept}\``]),
  ];
  return {
    code: isShort ? 'FL823' : 'FL821',
    severity: 'error',
    message: isShort
      ? `a segment of the write-ahead log has ${size} bytes, and ${synced} were synced`
      : 'a segment of the write-ahead log is damaged',
    file: file.path,
    notes,
    help: 'check the disk and the memory of the machine',
  };
}

function tornTail(file: SegmentFile, bytes: number): Diagnostic {
  return {
    code: 'FL820',
    severity: 'info',
    message: `the half-written end of the write-ahead log, ${bytes} bytes, was cut off`,
    file: file.path,
    help: 'nothing has to be done: nothing that was acknowledged is in it',
  };
}
