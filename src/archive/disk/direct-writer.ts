/**
 * Writing a file once, from front to back, past the cache of the system (O_DIRECT): nobody reads them soon, and a page of the cache
 * costs more than all else on the way to the disk, up to 3 ms of processor time a megabyte in a virtual machine that has not used the page before.
 *
 * The disk takes whole blocks only: what is written goes through a buffer of blocks, and the last one is filled up with zeros and written again with what
 * comes next. Until the file is closed, or cut, it is longer than what was written by less than a block of zeros.
 */
import { alignedBytes, BLOCK, roundedUp } from './aligned-bytes.ts';

/** Of a buffer. Larger writes go in so many bytes at a time. */
const BUFFER_BYTES = 4 * 1024 * 1024;
/** Files that are written at a time; each has a buffer. */
const MOST_BUFFERS = 4;

const free: Uint8Array<ArrayBuffer>[] = [];
let buffers = 0;

/** A buffer for `DirectWriter`; null: there are none, and the file is to be written as any other. */
export function takeBuffer(): Uint8Array<ArrayBuffer> | null {
  const known = free.pop();
  if (known !== undefined) return known;
  if (buffers === MOST_BUFFERS) return null;
  const made = alignedBytes(BUFFER_BYTES);
  if (made !== null) buffers++;
  return made;
}

export function giveBuffer(buffer: Uint8Array<ArrayBuffer>): void {
  free.push(buffer);
}

export class DirectWriter {
  readonly #write: (bytes: Uint8Array, at: number) => Promise<void>;
  readonly #buffer: Uint8Array<ArrayBuffer>;
  /** Bytes in the buffer that are on disk in a block that is not full, and where that block begins. */
  #held = 0;
  #blockAt = 0;

  /** `write` puts whole blocks to a place. */
  constructor(buffer: Uint8Array<ArrayBuffer>, write: (bytes: Uint8Array, at: number) => Promise<void>) {
    this.#buffer = buffer;
    this.#write = write;
  }

  /** So many bytes were written. */
  get end(): number {
    return this.#blockAt + this.#held;
  }

  /** Writes parts behind what was written. After it rejected, nothing may be written any more. */
  async append(parts: readonly Uint8Array[]): Promise<void> {
    const buffer = this.#buffer;
    let filled = this.#held;
    for (const part of parts) {
      for (let from = 0; from < part.length; ) {
        const count = Math.min(part.length - from, buffer.length - filled);
        buffer.set(count === part.length ? part : part.subarray(from, from + count), filled);
        from += count;
        filled += count;
        if (filled < buffer.length) continue;
        await this.#write(buffer, this.#blockAt);
        this.#blockAt += filled;
        filled = 0;
      }
    }
    const whole = roundedUp(filled);
    if (whole > 0) {
      buffer.fill(0, filled, whole);
      await this.#write(buffer.subarray(0, whole), this.#blockAt);
    }
    const tail = filled % BLOCK;
    buffer.copyWithin(0, filled - tail, filled);
    this.#blockAt += filled - tail;
    this.#held = tail;
  }
}
