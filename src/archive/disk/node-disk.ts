/** The disk of this machine. */
import { constants, type Dirent } from 'node:fs';
import { type FileHandle, link, mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Disk, DiskError, type DiskFault, type DiskFile, type OpenMode } from './disk.ts';

export function nodeDisk(): Disk {
  return new NodeDisk();
}

/** Parts that go to the system in one call. */
const MOST_PARTS = 1024;

const FLAGS: Readonly<Record<OpenMode, number>> = {
  create: constants.O_CREAT | constants.O_EXCL | constants.O_RDWR,
  write: constants.O_RDWR,
  read: constants.O_RDONLY,
};

class NodeDisk implements Disk {
  list(folder: string): Promise<readonly string[]> {
    return namesIn(folder, (entry) => entry.isFile());
  }

  async makeFolder(folder: string): Promise<void> {
    const first = await guarded(folder, 'making the folder', () => mkdir(folder, { recursive: true }));
    if (first === undefined) return;
    // Each new name lies in the folder above it.
    for (let made = folder; ; made = dirname(made)) {
      await this.syncFolder(dirname(made));
      if (made.length <= first.length || dirname(made) === made) return;
    }
  }

  async open(path: string, mode: OpenMode): Promise<DiskFile> {
    return new NodeFile(path, await guarded(path, 'opening', () => open(path, FLAGS[mode], 0o644)));
  }

  rename(from: string, to: string): Promise<void> {
    return guarded(from, 'renaming', () => rename(from, to));
  }

  remove(path: string): Promise<void> {
    return guarded(path, 'removing', () => rm(path, { force: true }));
  }

  async syncFolder(folder: string): Promise<void> {
    // Windows has no such thing: names are safe there with the file.
    if (process.platform === 'win32') return;
    await guarded(folder, 'syncing the folder', async () => {
      const handle = await open(folder, 'r');
      try {
        await handle.sync();
      } finally {
        await handle.close();
      }
    });
  }

  async sizeOf(path: string): Promise<number | null> {
    try {
      const found = await stat(path);
      return found.isFile() ? found.size : null;
    } catch (error) {
      const wrapped = diskError(error, path, 'looking at it');
      if (wrapped.fault === 'missing') return null;
      throw wrapped;
    }
  }

  folders(folder: string): Promise<readonly string[]> {
    return namesIn(folder, (entry) => entry.isDirectory());
  }

  renameFolder(from: string, to: string): Promise<void> {
    return guarded(from, 'renaming', () => rename(from, to));
  }

  removeFolder(folder: string): Promise<void> {
    return guarded(folder, 'removing', () => rm(folder, { recursive: true, force: true }));
  }

  link(from: string, to: string): Promise<void> {
    return guarded(from, 'linking', () => link(from, to));
  }

  async freeBytes(folder: string): Promise<number> {
    const { bavail, bsize } = await guarded(folder, 'asking for free room', () => statfs(folder));
    return bavail * bsize;
  }
}

class NodeFile implements DiskFile {
  readonly #path: string;
  readonly #handle: FileHandle;

  constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  async write(parts: readonly Uint8Array[], at: number): Promise<void> {
    let offset = at;
    let rest = parts.filter((part) => part.length > 0);
    while (rest.length > 0) {
      const batch = rest.slice(0, MOST_PARTS);
      const { bytesWritten } = await guarded(this.#path, 'writing', () => this.#handle.writev(batch, offset));
      // A disk that takes nothing and says nothing would be asked for ever.
      if (bytesWritten === 0) throw new DiskError('full', this.#path, 'writing');
      offset += bytesWritten;
      rest = behind(rest, bytesWritten);
    }
  }

  async read(into: Uint8Array, at: number): Promise<number> {
    let filled = 0;
    while (filled < into.length) {
      const wanted = into.length - filled;
      const { bytesRead } = await guarded(this.#path, 'reading', () =>
        this.#handle.read(into, filled, wanted, at + filled),
      );
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return filled;
  }

  sync(): Promise<void> {
    return guarded(this.#path, 'syncing', () => this.#handle.datasync());
  }

  truncate(size: number): Promise<void> {
    return guarded(this.#path, 'cutting', () => this.#handle.truncate(size));
  }

  async size(): Promise<number> {
    return (await guarded(this.#path, 'looking at it', () => this.#handle.stat())).size;
  }

  close(): Promise<void> {
    return guarded(this.#path, 'closing', () => this.#handle.close());
  }
}

/** The parts without their first bytes. */
function behind(parts: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let left = bytes;
  let index = 0;
  while (index < parts.length && left >= (parts[index] as Uint8Array).length) {
    left -= (parts[index++] as Uint8Array).length;
  }
  const rest = parts.slice(index);
  if (left > 0) rest[0] = (rest[0] as Uint8Array).subarray(left);
  return rest;
}

async function guarded<T>(path: string, operation: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw diskError(error, path, operation);
  }
}

const FAULTS: Readonly<Record<string, DiskFault>> = {
  ENOSPC: 'full',
  EDQUOT: 'full',
  EFBIG: 'full',
  EROFS: 'read-only',
  ENOENT: 'missing',
  EEXIST: 'exists',
  ENOTEMPTY: 'exists',
  EACCES: 'no-permission',
  EPERM: 'no-permission',
};

function diskError(error: unknown, path: string, operation: string): DiskError {
  if (error instanceof DiskError) return error;
  const code = (error as { code?: unknown } | null)?.code;
  // Without a code of the system it is a bug of ours.
  if (typeof code !== 'string' || code.startsWith('ERR_')) throw error;
  return new DiskError(FAULTS[code] ?? 'failed', path, operation, code);
}

/** Sorted; none where the folder is not there. */
async function namesIn(folder: string, isWanted: (entry: Dirent) => boolean): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter(isWanted)
      .map(({ name }) => name)
      .sort();
  } catch (error) {
    const wrapped = diskError(error, folder, 'listing');
    if (wrapped.fault === 'missing') return [];
    throw wrapped;
  }
}
