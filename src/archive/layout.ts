/**
 * Where things lie in the archive:
 *
 *     archive/spans/date=2026-11-20/hour=19/000000000042.parquet        a segment of the log, as it was archived
 *                                           000000000001-000000000041.parquet   several, put together
 *     archive/verdicts/date=.../hour=.../000000000007.parquet
 *     archive/signals/date=.../hour=.../000000000007.parquet
 *     archive/tmp/                                                      files that are being written: readers never look here
 *
 * All times are UTC.
 */
import { join } from 'node:path/posix';

export const ARCHIVE_TABLES = ['spans', 'verdicts', 'signals'] as const;
export type ArchiveTable = (typeof ARCHIVE_TABLES)[number];

/** Hours since 1970. */
export type Hour = number;

export const HOUR_MS = 3_600_000;
const DIGITS = 12;

export function tableFolder(root: string, table: ArchiveTable): string {
  return join(root, table);
}

/** Where files are written before they are given their name. */
export function temporaryFolder(root: string): string {
  return join(root, 'tmp');
}

export function hourFolder(root: string, table: ArchiveTable, hour: Hour): string {
  return join(tableFolder(root, table), ...hourPath(hour));
}

/** `date=2026-11-20`, `hour=19`. */
export function hourPath(hour: Hour): [string, string] {
  const iso = new Date(hour * HOUR_MS).toISOString();
  return [`date=${iso.slice(0, 10)}`, `hour=${iso.slice(11, 13)}`];
}

/** The hour of two folder names; null where they are not ours. */
export function hourOf(dateFolder: string, hourFolderName: string): Hour | null {
  const date = /^date=(\d{4}-\d{2}-\d{2})$/.exec(dateFolder)?.[1];
  const hour = /^hour=(\d{2})$/.exec(hourFolderName)?.[1];
  if (date === undefined || hour === undefined) return null;
  const time = Date.parse(`${date}T${hour}:00:00Z`);
  return Number.isNaN(time) ? null : time / HOUR_MS;
}

/** Which numbers (of segments, for spans) a file holds. */
export interface FileRange {
  readonly first: number;
  readonly last: number;
  /** Several files may hold a range together; -1: it is not of compaction. */
  readonly part: number;
}

export function fileName(sequence: number): string {
  return `${digits(sequence)}.parquet`;
}

/** The name of a file that compaction made of the files of a range. */
export function compactedName({ first, last, part }: FileRange): string {
  return `${digits(first)}-${digits(last)}-${part}.parquet`;
}

/** What a file's name says; null where it is not ours. */
export function rangeOf(name: string): FileRange | null {
  const match = /^(\d{12,})(?:-(\d{12,})-(\d+))?\.parquet$/.exec(name);
  if (match === null) return null;
  const first = Number(match[1]);
  return match[2] === undefined
    ? { first, last: first, part: -1 }
    : { first, last: Number(match[2]), part: Number(match[3]) };
}

function digits(sequence: number): string {
  return String(sequence).padStart(DIGITS, '0');
}
