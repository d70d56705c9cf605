/** Temporary files in a folder of their own, which goes away with the last of them, and when the process ends. */
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TempFile, TempStorage } from './temp-storage.ts';

const BUFFER = 64 * 1024;

/**
 * Nothing is made on disk before the first `create`. Files are readable by their owner only. Writing is synchronous: it is
 * the disk that a spilling check waits for. Throws what the file system throws (no room, no permission).
 */
export function diskStorage(parent: string = tmpdir()): TempStorage {
  let folder: string | null = null;
  let count = 0;
  const live = new Set<DiskFile>();
  const close = () => {
    for (const file of [...live]) file.remove();
    if (folder !== null) rmSync(folder, { recursive: true, force: true });
    folder = null;
    process.off('exit', close);
  };
  return {
    create() {
      if (folder === null) {
        folder = mkdtempSync(join(parent, 'fluo-check-'));
        process.on('exit', close);
      }
      const file = new DiskFile(join(folder, String(count++)), () => live.delete(file));
      live.add(file);
      return file;
    },
    close,
  };
}

class DiskFile implements TempFile {
  readonly #path: string;
  readonly #removed: () => void;
  #descriptor: number | null;
  #buffer: Uint8Array | null = null;
  #used = 0;

  constructor(path: string, removed: () => void) {
    this.#path = path;
    this.#removed = removed;
    this.#descriptor = openSync(path, 'wx+', 0o600);
  }

  append(bytes: Uint8Array): void {
    if (this.#used + bytes.length > BUFFER) this.#flush();
    if (bytes.length > BUFFER) {
      this.#write(bytes);
      return;
    }
    this.#buffer ??= new Uint8Array(BUFFER);
    this.#buffer.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  *read(): Iterable<Uint8Array> {
    this.#flush();
    this.#buffer = null;
    for (let at = 0; this.#descriptor !== null; ) {
      const piece = new Uint8Array(BUFFER);
      const length = readSync(this.#descriptor, piece, 0, BUFFER, at);
      if (length === 0) return;
      at += length;
      yield length === BUFFER ? piece : piece.subarray(0, length);
    }
  }

  remove(): void {
    if (this.#descriptor === null) return;
    closeSync(this.#descriptor);
    this.#descriptor = null;
    this.#buffer = null;
    this.#used = 0;
    rmSync(this.#path, { force: true });
    this.#removed();
  }

  #flush(): void {
    if (this.#used === 0 || this.#buffer === null) return;
    this.#write(this.#buffer.subarray(0, this.#used));
    this.#used = 0;
  }

  #write(bytes: Uint8Array): void {
    if (this.#descriptor === null) throw new Error('a temporary file was written after it had been removed');
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#descriptor, bytes, at);
  }
}
