/** Where inputs lie: the file system and standard input, or their twin in memory. */
import { createReadStream } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';

export interface Disk {
  /** What lies at a path. Rejects with a `NodeJS.ErrnoException` where nothing does. */
  stat(path: string): Promise<{ readonly kind: 'file' | 'folder' | 'other'; readonly size: number }>;
  /** The path without links. Rejects where nothing is. */
  realPath(path: string): Promise<string>;
  /** Names in a folder, in any order. */
  list(folder: string): Promise<readonly string[]>;
  /** The bytes of a file in chunks that are not written again. Fails with a `NodeJS.ErrnoException`. */
  read(path: string): AsyncIterable<Uint8Array>;
  /** The bytes of standard input. */
  readStandardInput(): AsyncIterable<Uint8Array>;
}

const CHUNK_BYTES = 1024 * 1024;

/** The machine's own disk and standard input. */
export function machineDisk(standardInput: AsyncIterable<Uint8Array> = process.stdin): Disk {
  return {
    async stat(path) {
      const found = await stat(path);
      return { kind: found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'other', size: found.size };
    },
    realPath: (path) => realpath(path),
    list: (folder) => readdir(folder),
    read: (path) => createReadStream(path, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Uint8Array>,
    readStandardInput: () => standardInput,
  };
}
