/** Gunzip that runs beside the reader: the next chunk is unpacked on another thread while this one is read. */
import { createGunzip, type Gunzip } from 'node:zlib';

export interface Chunk {
  readonly bytes: Uint8Array;
  /** Bytes of the file read so far, as they lie on disk. */
  readonly bytesRead: number;
}

const OUTPUT_BYTES = 1024 * 1024;
/** Compressed bytes given to zlib at once: what they unpack to is held. */
const INPUT_BYTES = 128 * 1024;
/** With so much unpacked and not taken, no more is given. */
const READ_AHEAD = 4 * 1024 * 1024;

export class GzipError extends Error {
  override readonly name = 'GzipError';
}

/**
 * Unpacks a gzip stream of one or more members. Throws `GzipError` for damage, after what could be unpacked before it.
 * Errors of the source pass through.
 */
export async function* gunzip(source: AsyncIterable<Chunk>): AsyncGenerator<Chunk> {
  const unpacker = new Unpacker();
  const feeding = unpacker.feed(source);
  try {
    for (;;) {
      const chunk = await unpacker.next();
      if (chunk === null) break;
      yield chunk;
    }
    await feeding;
  } finally {
    unpacker.stop();
    await feeding.catch(() => {});
  }
}

/** A zlib stream with a queue behind it. Its own buffer is never used: an error would discard what is in it. */
class Unpacker {
  readonly #zlib: Gunzip = createGunzip({ chunkSize: OUTPUT_BYTES });
  readonly #queue: Chunk[] = [];
  #queued = 0;
  #read = 0;
  #over = false;
  #stopped = false;
  #wakeReader: () => void = () => {};
  #wakeFeeder: () => void = () => {};

  constructor() {
    this.#zlib.on('data', (bytes: Uint8Array) => {
      this.#queue.push({ bytes, bytesRead: this.#read });
      this.#queued += bytes.length;
      this.#wakeReader();
    });
  }

  /** The next unpacked chunk; null at the end or where unpacking failed. */
  async next(): Promise<Chunk | null> {
    while (this.#queue.length === 0 && !this.#over) {
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve;
      });
    }
    const chunk = this.#queue.shift();
    if (chunk === undefined) return null;
    this.#queued -= chunk.bytes.length;
    this.#wakeFeeder();
    return chunk;
  }

  stop(): void {
    this.#stopped = true;
    this.#wakeFeeder();
    this.#zlib.destroy();
  }

  async feed(source: AsyncIterable<Chunk>): Promise<void> {
    const ended = new Promise<void>((resolve, reject) => {
      this.#zlib.once('end', resolve);
      this.#zlib.once('close', resolve);
      this.#zlib.once('error', (error) => reject(new GzipError(error.message)));
    });
    ended.catch(() => {});
    // One write waits behind the one that is being unpacked: zlib goes on to it by itself while the reader is busy.
    let before: Promise<void> = Promise.resolve();
    try {
      for await (const { bytes, bytesRead } of source) {
        for (let at = 0; at < bytes.length && !this.#stopped; at += INPUT_BYTES) {
          await this.#room();
          this.#read = bytesRead;
          const writing = this.#write(bytes.subarray(at, at + INPUT_BYTES));
          writing.catch(() => {});
          await Promise.race([before, ended]);
          before = writing;
        }
        if (this.#stopped || this.#zlib.destroyed || this.#zlib.readableEnded) break;
      }
      if (!this.#stopped) this.#zlib.end();
      await ended;
    } finally {
      this.#over = true;
      this.#wakeReader();
    }
  }

  async #room(): Promise<void> {
    while (this.#queued > READ_AHEAD && !this.#stopped) {
      await new Promise<void>((resolve) => {
        this.#wakeFeeder = resolve;
      });
    }
  }

  #write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#zlib.write(bytes, (error) => {
        if (error) reject(new GzipError(error.message));
        else resolve();
      });
    });
  }
}
