/** Keeps what cannot be trusted any more, so that a person can look at it. */
import { type Disk, DiskError, replaceFile } from './disk/disk.ts';

/** The folder, in that of the log. */
export const DAMAGED = 'damaged';

export interface DamagedLimits {
  readonly files: number;
  readonly bytes: number;
}

/** A disk that goes bad must not fill what is left of it with copies. */
export const DAMAGED_LIMITS: DamagedLimits = { files: 50, bytes: 256 * 1024 * 1024 };

/**
 * Puts a copy of the bytes into the folder for damaged files; beyond the limits those with the lowest names, which are the oldest, go. Gives its path; null where it could not be written, which must not keep anything from
 * starting.
 */
export async function keepDamaged(
  disk: Disk,
  folder: string,
  name: string,
  bytes: Uint8Array,
  limits: DamagedLimits = DAMAGED_LIMITS,
): Promise<string | null> {
  const kept = `${folder}/${DAMAGED}`;
  try {
    // The same damage is found at every start: one copy is enough.
    if ((await disk.sizeOf(`${kept}/${name}`)) !== bytes.length) {
      await disk.makeFolder(kept);
      await replaceFile(disk, kept, name, [bytes]);
      await removeOldest(disk, kept, name, limits);
    }
    return `${kept}/${name}`;
  } catch (error) {
    if (error instanceof DiskError) return null;
    throw error;
  }
}

/** Names begin with numbers that grow. The one that was just written stays. */
async function removeOldest(
  disk: Disk,
  folder: string,
  latest: string,
  limits: DamagedLimits,
): Promise<void> {
  const others = (await disk.list(folder)).filter((name) => name !== latest).sort();
  const sizes = new Map<string, number>();
  for (const name of [latest, ...others]) sizes.set(name, (await disk.sizeOf(`${folder}/${name}`)) ?? 0);
  let bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  let files = sizes.size;
  for (const name of others) {
    if (files <= limits.files && bytes <= limits.bytes) return;
    await disk.remove(`${folder}/${name}`);
    files--;
    bytes -= sizes.get(name) ?? 0;
  }
}
