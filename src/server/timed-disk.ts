/** A disk that tells how long the syncs of its files take. */
import type { Disk, DiskFile } from '../archive/disk/disk.ts';

/** Only files whose names end so are timed. Seconds. */
export function timedDisk(
  disk: Disk,
  ending: string,
  clock: () => number,
  onSync: (seconds: number) => void,
): Disk {
  return {
    list: (folder) => disk.list(folder),
    folders: (folder) => disk.folders(folder),
    makeFolder: (folder) => disk.makeFolder(folder),
    open: async (path, mode) => {
      const file = await disk.open(path, mode);
      return path.endsWith(ending) ? timedFile(file, clock, onSync) : file;
    },
    rename: (from, to) => disk.rename(from, to),
    renameFolder: (from, to) => disk.renameFolder(from, to),
    link: (from, to) => disk.link(from, to),
    remove: (path) => disk.remove(path),
    removeFolder: (folder) => disk.removeFolder(folder),
    syncFolder: (folder) => disk.syncFolder(folder),
    sizeOf: (path) => disk.sizeOf(path),
    freeBytes: (folder) => disk.freeBytes(folder),
  };
}

function timedFile(file: DiskFile, clock: () => number, onSync: (seconds: number) => void): DiskFile {
  return {
    write: (parts, at) => file.write(parts, at),
    read: (into, at) => file.read(into, at),
    sync: async () => {
      const from = clock();
      await file.sync();
      onSync((clock() - from) / 1000);
    },
    truncate: (size) => file.truncate(size),
    size: () => file.size(),
    isNamed: () => file.isNamed(),
    close: () => file.close(),
  };
}
