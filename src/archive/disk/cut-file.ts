/** What logs do to files that a crash or a fault left behind. */
import { type Disk, DiskError } from './disk.ts';

/** Shortens a file, synced. */
export async function cutFile(disk: Disk, path: string, size: number): Promise<void> {
  const file = await disk.open(path, 'write');
  try {
    await file.truncate(size);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** For what makes things tidy and is not needed: a log can be read on a disk that cannot be written. */
export async function ignoringFaults(done: Promise<void>): Promise<void> {
  try {
    await done;
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
  }
}
