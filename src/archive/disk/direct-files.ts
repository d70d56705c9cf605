/** Files of this machine that are written or read once, past the cache of the system where that can be. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { BLOCK, isAligned } from './aligned-bytes.ts';
import { DirectWriter, giveBuffer, takeBuffer } from './direct-writer.ts';
import { DiskError, type DiskFile } from './disk.ts';
import { NodeFile } from './node-file.ts';

/** What a file that is open is in the mode: itself, where there is no way past the cache. */
export async function pastTheCache(file: NodeFile, path: string, mode: 'stream' | 'scan'): Promise<DiskFile> {
  const direct = await openDirectly(path, mode);
  if (direct === null) return file;
  if (mode === 'scan') return new ScannedFile(file, direct);
  const buffer = takeBuffer();
  if (buffer !== null) return new StreamedFile(file, direct, buffer);
  await direct.close();
  return file;
}

/** A second handle of a file, past the cache; null where the system or the disk has no such thing. */
async function openDirectly(path: string, mode: 'stream' | 'scan'): Promise<NodeFile | null> {
  if (constants.O_DIRECT === undefined) return null;
  const flags = constants.O_DIRECT | (mode === 'scan' ? constants.O_RDONLY : constants.O_RDWR);
  try {
    return new NodeFile(path, await open(path, flags));
  } catch {
    return null;
  }
}

/** Whether a disk said that it does not read or write past the cache. */
function isUnsupported(error: unknown): boolean {
  return error instanceof DiskError && UNSUPPORTED.has(error.code);
}

const UNSUPPORTED: ReadonlySet<string> = new Set(['EINVAL', 'ENOTSUP', 'EOPNOTSUPP']);

/** A file in the mode `stream`. The first write shows whether the disk takes writes past the cache. */
export class StreamedFile implements DiskFile {
  readonly #file: DiskFile;
  readonly #direct: DiskFile;
  readonly #buffer: Uint8Array<ArrayBuffer>;
  readonly #writer: DirectWriter;
  #end = 0;
  #isDirect = true;
  #isClosed = false;

  constructor(file: DiskFile, direct: DiskFile, buffer: Uint8Array<ArrayBuffer>) {
    this.#file = file;
    this.#direct = direct;
    this.#buffer = buffer;
    this.#writer = new DirectWriter(buffer, (bytes, at) => direct.write([bytes], at));
  }

  async write(parts: readonly Uint8Array[], at: number): Promise<void> {
    if (at !== this.#end) throw new Error('a streamed file is written at its end only');
    const isFirst = at === 0;
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    try {
      if (this.#isDirect) await this.#writer.append(parts);
      else await this.#file.write(parts, at);
    } catch (error) {
      if (!isFirst || !this.#isDirect || !isUnsupported(error)) throw error;
      this.#isDirect = false;
      await this.#file.write(parts, at);
    }
    this.#end = at + length;
  }

  read(into: Uint8Array, at: number): Promise<number> {
    return this.#file.read(into, at);
  }

  /** By the handle that wrote: some file systems keep for each what was not synced. */
  sync(): Promise<void> {
    return (this.#isDirect ? this.#direct : this.#file).sync();
  }

  truncate(size: number): Promise<void> {
    return (this.#isDirect ? this.#direct : this.#file).truncate(size);
  }

  size(): Promise<number> {
    return this.#file.size();
  }

  isNamed(): Promise<boolean> {
    return this.#file.isNamed();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    giveBuffer(this.#buffer);
    try {
      if (this.#isDirect && this.#end % BLOCK !== 0) await this.#direct.truncate(this.#end);
    } finally {
      await this.#direct.close();
      await this.#file.close();
    }
  }
}

/** `readBlocks` may stop before the end of the file. */
export type BlockFile = Pick<NodeFile, 'readBlocks' | 'close'>;

/** A file in the mode `scan`. */
export class ScannedFile implements DiskFile {
  readonly #file: DiskFile;
  readonly #direct: BlockFile;

  constructor(file: DiskFile, direct: BlockFile) {
    this.#file = file;
    this.#direct = direct;
  }

  async read(into: Uint8Array, at: number): Promise<number> {
    if (at % BLOCK !== 0 || !isAligned(into)) return this.#file.read(into, at);
    let filled = 0;
    try {
      filled = await this.#direct.readBlocks(into, at);
    } catch (error) {
      if (!isUnsupported(error)) throw error;
    }
    // The end of the file, or a disk that stopped before it.
    return filled === into.length
      ? filled
      : filled + (await this.#file.read(into.subarray(filled), at + filled));
  }

  write(parts: readonly Uint8Array[], at: number): Promise<void> {
    return this.#file.write(parts, at);
  }

  sync(): Promise<void> {
    return this.#file.sync();
  }

  truncate(size: number): Promise<void> {
    return this.#file.truncate(size);
  }

  size(): Promise<number> {
    return this.#file.size();
  }

  isNamed(): Promise<boolean> {
    return this.#file.isNamed();
  }

  async close(): Promise<void> {
    await Promise.all([this.#direct.close(), this.#file.close()]);
  }
}
