/**
 * Removes what is too old, or too much. Only files that Fluo named itself, in folders that it named: what else lies there stays, and keeps
 * its folder. A query that runs meanwhile over an hour that is removed fails with "no such file".
 */
import type { Disk } from './disk/disk.ts';
import { type ArchiveTable, HOUR_MS, type Hour, hourFolder, hourOf, rangeOf, tableFolder } from './layout.ts';

export interface RetentionLimits {
  /** An hour goes when it ended longer ago. */
  readonly mostAgeMs: number;
  /** Of all files of the table; the oldest hours go first. The hour that is now never goes for this. */
  readonly mostBytes: number;
}

export const DEFAULT_RETENTION: RetentionLimits = {
  mostAgeMs: 35 * 24 * HOUR_MS,
  mostBytes: Number.POSITIVE_INFINITY,
};

export interface RemovedHour {
  readonly table: ArchiveTable;
  readonly hour: Hour;
  readonly files: number;
  readonly bytes: number;
  readonly reason: 'age' | 'bytes';
}

interface StoredHour {
  readonly hour: Hour;
  readonly folder: string;
  readonly names: readonly string[];
  readonly bytes: number;
}

/** Gives what was removed. Not to be called while an hour is compacted. Rejects with `DiskError`; what was removed until then is gone. */
export async function applyRetention(
  disk: Disk,
  root: string,
  table: ArchiveTable,
  limits: RetentionLimits,
  now: number,
): Promise<RemovedHour[]> {
  const stored = await storedHours(disk, root, table);
  let bytes = stored.reduce((sum, hour) => sum + hour.bytes, 0);
  const removed: RemovedHour[] = [];
  for (const { hour, folder, names, bytes: hourBytes } of stored) {
    const isOld = now - (hour + 1) * HOUR_MS > limits.mostAgeMs;
    const isTooMuch = bytes > limits.mostBytes && (hour + 1) * HOUR_MS <= now;
    if (!isOld && !isTooMuch) continue;
    for (const name of names) await disk.remove(`${folder}/${name}`);
    await disk.syncFolder(folder);
    await removeIfEmpty(disk, folder);
    await removeIfEmpty(disk, folder.slice(0, folder.lastIndexOf('/')));
    bytes -= hourBytes;
    removed.push({ table, hour, files: names.length, bytes: hourBytes, reason: isOld ? 'age' : 'bytes' });
  }
  return removed;
}

/** Bytes of a table's files. */
export async function archivedBytes(disk: Disk, root: string, table: ArchiveTable): Promise<number> {
  return (await storedHours(disk, root, table)).reduce((sum, hour) => sum + hour.bytes, 0);
}

/** The newest hour of a table that has files; null: none has. */
export async function newestHour(disk: Disk, root: string, table: ArchiveTable): Promise<Hour | null> {
  return (await storedHours(disk, root, table)).at(-1)?.hour ?? null;
}

/** The oldest first. */
async function storedHours(disk: Disk, root: string, table: ArchiveTable): Promise<StoredHour[]> {
  const stored: StoredHour[] = [];
  for (const date of await disk.folders(tableFolder(root, table))) {
    for (const name of await disk.folders(`${tableFolder(root, table)}/${date}`)) {
      const hour = hourOf(date, name);
      if (hour === null) continue;
      const folder = hourFolder(root, table, hour);
      const names = (await disk.list(folder)).filter((file) => rangeOf(file) !== null);
      let bytes = 0;
      for (const file of names) bytes += (await disk.sizeOf(`${folder}/${file}`)) ?? 0;
      if (names.length > 0) stored.push({ hour, folder, names, bytes });
    }
  }
  return stored.sort((a, b) => a.hour - b.hour);
}

async function removeIfEmpty(disk: Disk, folder: string): Promise<void> {
  if ((await disk.list(folder)).length > 0 || (await disk.folders(folder)).length > 0) return;
  await disk.removeFolder(folder);
}
