/**
 * Memory for bodies of requests, used again and again: fresh memory for each would have the collector of garbage run all the time, since it
 * counts what lies outside of its heap.
 */

/** Smaller ones cost nothing to make. */
const LEAST = 32 * 1024;
/** Of one piece: larger requests are rare. */
const MOST = 8 * 1024 * 1024;
/** Of all pieces that nobody uses. */
const MOST_KEPT = 32 * 1024 * 1024;

export class BodyPool {
  /** By the power of two that the length of a piece is. */
  readonly #free: ArrayBuffer[][] = [];
  #keptBytes = 0;

  /** Bytes that are kept for the next requests. */
  get keptBytes(): number {
    return this.#keptBytes;
  }

  /** Memory of at least so many bytes, with whatever was in it. */
  take(bytes: number): Uint8Array {
    if (bytes < LEAST || bytes > MOST) return new Uint8Array(Buffer.allocUnsafeSlow(bytes).buffer);
    const size = 32 - Math.clz32(bytes - 1);
    const found = this.#free[size]?.pop();
    if (found === undefined) return new Uint8Array(Buffer.allocUnsafeSlow(2 ** size).buffer);
    this.#keptBytes -= found.byteLength;
    return new Uint8Array(found);
  }

  /** Nobody looks at it any more. */
  give({ buffer }: Uint8Array): void {
    const { byteLength } = buffer;
    const size = 31 - Math.clz32(byteLength);
    const isOurs = byteLength >= LEAST && byteLength <= MOST && byteLength === 2 ** size;
    if (!isOurs || !(buffer instanceof ArrayBuffer) || this.#keptBytes + byteLength > MOST_KEPT) return;
    this.#keptBytes += byteLength;
    this.#free[size] ??= [];
    this.#free[size].push(buffer);
  }
}
