/** The disk of this machine. */
import { constants, type Dirent } from 'node:fs';
import { link, mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pastTheCache } from './direct-files.ts';
import type { Disk, DiskFile, OpenMode } from './disk.ts';
import { diskError, guarded, NodeFile } from './node-file.ts';

export function nodeDisk(): Disk {
  return new NodeDisk();
}

const FLAGS: Readonly<Record<OpenMode, number>> = {
  create: constants.O_CREAT | constants.O_EXCL | constants.O_RDWR,
  stream: constants.O_CREAT | constants.O_EXCL | constants.O_RDWR,
  scan: constants.O_RDONLY,
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
    const file = new NodeFile(path, await guarded(path, 'opening', () => open(path, FLAGS[mode], 0o644)));
    return mode === 'stream' || mode === 'scan' ? pastTheCache(file, path, mode) : file;
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
