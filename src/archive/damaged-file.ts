/** Keeps what cannot be trusted any more, so that a person can look at it. */
import { type Disk, DiskError, replaceFile } from './disk/disk.ts';

/** The folder, in that of the log. */
export const DAMAGED = 'damaged';

/**
 * Puts a copy of the bytes into the folder for damaged files. Gives its path; null where it could not be written, which must not keep anything from
 * starting.
 */
export async function keepDamaged(
  disk: Disk,
  folder: string,
  name: string,
  bytes: Uint8Array,
): Promise<string | null> {
  const kept = `${folder}/${DAMAGED}`;
  try {
    // The same damage is found at every start: one copy is enough.
    if ((await disk.sizeOf(`${kept}/${name}`)) !== bytes.length) {
      await disk.makeFolder(kept);
      await replaceFile(disk, kept, name, [bytes]);
    }
    return `${kept}/${name}`;
  } catch (error) {
    if (error instanceof DiskError) return null;
    throw error;
  }
}
