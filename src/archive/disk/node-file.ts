/** An open file of this machine, and how its system's errors are told. */
import type { BigIntStats } from 'node:fs';
import { type FileHandle, stat } from 'node:fs/promises';
import { BLOCK } from './aligned-bytes.ts';
import { DiskError, type DiskFault, type DiskFile } from './disk.ts';

/** Bytes that are read past the cache in one call. */
const MOST_READ = 8 * 1024 * 1024;

/** Parts that go to the system in one call. */
const MOST_PARTS = 1024;

export class NodeFile implements DiskFile {
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

  /** As `read`, where only whole blocks can be read; may stop before the end of the file. */
  async readBlocks(into: Uint8Array, at: number): Promise<number> {
    for (let filled = 0; filled < into.length; ) {
      const wanted = Math.min(into.length - filled, MOST_READ);
      const { bytesRead } = await guarded(this.#path, 'reading', () =>
        this.#handle.read(into, filled, wanted, at + filled),
      );
      filled += bytesRead;
      // Behind a part of a block no whole one can be read.
      if (bytesRead === 0 || bytesRead % BLOCK !== 0) return filled;
    }
    return into.length;
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

  isNamed(): Promise<boolean> {
    return guarded(this.#path, 'looking at it', async () => {
      const [own, there] = await Promise.all([this.#handle.stat({ bigint: true }), found(this.#path)]);
      return there !== null && there.ino === own.ino && there.dev === own.dev;
    });
  }

  close(): Promise<void> {
    return guarded(this.#path, 'closing', () => this.#handle.close());
  }
}

/** Null: there is nothing at the path. */
async function found(path: string): Promise<BigIntStats | null> {
  try {
    return await stat(path, { bigint: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
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

export async function guarded<T>(path: string, operation: string, run: () => Promise<T>): Promise<T> {
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

export function diskError(error: unknown, path: string, operation: string): DiskError {
  if (error instanceof DiskError) return error;
  const code = (error as { code?: unknown } | null)?.code;
  // Without a code of the system it is a bug of ours.
  if (typeof code !== 'string' || code.startsWith('ERR_')) throw error;
  return new DiskError(FAULTS[code] ?? 'failed', path, operation, code);
}
