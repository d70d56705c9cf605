/**
 * What is asked of a disk by everything that must survive a crash: a few operations that say when they are safe. `node-disk.ts` is the real one,
 * `memory-disk.ts` its twin with faults; both pass `disk.contract.test.ts`.
 *
 * A file's bytes are safe after `sync`, its name after `syncFolder`. Paths are absolute, or relative to the process, with `/`. All methods reject with
 * `DiskError` only.
 */

export interface Disk {
  /** Names of the files in a folder (not of folders), sorted by code unit; none where the folder is not. */
  list(folder: string): Promise<readonly string[]>;
  /** Makes the folder and those above it that are missing, each name safe. */
  makeFolder(folder: string): Promise<void>;
  /**
   * `create`: a new file to write, which must not be there. `write`: one that is there. `read`: only to be read. The caller closes it.
   *
   * `stream`: as `create`, to be written from front to back and not read, past the cache of the system where that can be. Until it is closed it may be
   * longer than what was written, by zeros, less than a BLOCK of them; `truncate` to its length makes that safe. `scan`: as `read`, past the cache
   * where whole blocks are read into `alignedBytes`.
   */
  open(path: string, mode: OpenMode): Promise<DiskFile>;
  /** Puts a file in the place of another, or of none, in one step. */
  rename(from: string, to: string): Promise<void>;
  /** Removes a file; one that is not there is no error. */
  remove(path: string): Promise<void>;
  /** Makes the names in the folder safe: what was created, renamed and removed. */
  syncFolder(folder: string): Promise<void>;
  /** In bytes; null where no file is. */
  sizeOf(path: string): Promise<number | null>;
  /** Names of the folders in a folder, sorted; none where the folder is not. */
  folders(folder: string): Promise<readonly string[]>;
  /** Puts a folder with all that is in it in another place, in one step; `exists` where files are there. */
  renameFolder(from: string, to: string): Promise<void>;
  /** Removes a folder with all that is in it; one that is not there is no error. */
  removeFolder(folder: string): Promise<void>;
  /** Gives a file a second name, which must not be there. */
  link(from: string, to: string): Promise<void>;
  /** Room that is left to a program without privileges on the disk that the folder is on. */
  freeBytes(folder: string): Promise<number>;
}

export type OpenMode = 'create' | 'write' | 'read' | 'stream' | 'scan';

export interface DiskFile {
  /** Writes the parts one behind the other, from an offset on. When it rejects, any part of it may be written. */
  write(parts: readonly Uint8Array[], at: number): Promise<void>;
  /** Fills the array from an offset on; gives how many bytes there were, fewer only at the end of the file. */
  read(into: Uint8Array, at: number): Promise<number>;
  /** Resolves when all bytes that were written are safe. After it rejected, nothing is known of what was written since the last success. */
  sync(): Promise<void>;
  truncate(size: number): Promise<void>;
  size(): Promise<number>;
  /** Whether its path still leads to it: no longer when it was removed or renamed, or another file took its place. What is written to it is lost then. */
  isNamed(): Promise<boolean>;
  close(): Promise<void>;
}

export type DiskFault =
  /** No room, or a quota is used up. */
  | 'full'
  | 'read-only'
  | 'missing'
  /** Something is there already. */
  | 'exists'
  | 'no-permission'
  /** Anything else: the disk, or what is between, does not work. */
  | 'failed';

const CODES: Readonly<Record<DiskFault, string>> = {
  full: 'ENOSPC',
  'read-only': 'EROFS',
  missing: 'ENOENT',
  exists: 'EEXIST',
  'no-permission': 'EACCES',
  failed: 'EIO',
};

export class DiskError extends Error {
  override readonly name = 'DiskError';
  readonly fault: DiskFault;
  readonly path: string;
  /** As the operating system names it. */
  readonly code: string;

  constructor(fault: DiskFault, path: string, operation: string, code: string = CODES[fault]) {
    super(`\`${path}\`: ${operation} failed: ${code}`);
    this.fault = fault;
    this.path = path;
    this.code = code;
  }
}

/** What to do about a fault, imperative. */
export function remedyFor(fault: DiskFault): string {
  switch (fault) {
    case 'full':
      return 'make room on the disk of the data folder, shorten `archive.retention`, or set `archive.max_bytes`';
    case 'read-only':
      return 'mount the disk of the data folder so that it can be written';
    case 'missing':
      return 'files or folders of the data folder were removed: those that can be are made again within seconds. Stop the server before they are moved';
    case 'no-permission':
      return 'let the user that Fluo runs as write to the data folder';
    default:
      return 'look at the log of the operating system: the disk of the data folder does not work';
  }
}

/**
 * All bytes of a file; null where none is. `memoryFor`: memory for so many bytes, where the file is large and read once: it is used again by the caller.
 */
export async function readFile(
  disk: Disk,
  path: string,
  memoryFor: ((size: number) => Uint8Array) | null = null,
): Promise<Uint8Array | null> {
  let file: DiskFile;
  try {
    file = await disk.open(path, memoryFor === null ? 'read' : 'scan');
  } catch (error) {
    if (error instanceof DiskError && error.fault === 'missing') return null;
    throw error;
  }
  try {
    const size = await file.size();
    const bytes = memoryFor === null ? new Uint8Array(size) : memoryFor(size);
    const length = await file.read(bytes, 0);
    // Half of a file must not pass for all of it.
    if (length < size && length < (await file.size())) throw new DiskError('failed', path, 'reading');
    return bytes.subarray(0, length);
  } finally {
    await file.close();
  }
}

/** Puts a file with these bytes at a path in one step, safe when it resolves: a reader sees the old file or the new one. */
export async function replaceFile(
  disk: Disk,
  folder: string,
  name: string,
  parts: readonly Uint8Array[],
): Promise<void> {
  const temporary = `${folder}/${name}${PARTIAL}`;
  await disk.remove(temporary);
  const file = await disk.open(temporary, 'create');
  try {
    await file.write(parts, 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await disk.rename(temporary, `${folder}/${name}`);
  await disk.syncFolder(folder);
}

/** How names of files end that are not whole yet: of no worth after a crash. */
export const PARTIAL = '.partial';
