/** Bytes that grow at the end and are taken out anywhere, in one piece of memory. */

const SMALLEST = 64 * 1024;
/** More than this is given back when it is not needed. */
const KEPT = 4 * 1024 * 1024;

export class ByteStore {
  bytes = new Uint8Array(SMALLEST);
  length = 0;

  append(more: Uint8Array, from = 0, to = more.length): void {
    const needed = this.length + to - from;
    if (needed > this.bytes.length) {
      const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
      grown.set(this.bytes.subarray(0, this.length));
      this.bytes = grown;
    }
    this.bytes.set(from === 0 && to === more.length ? more : more.subarray(from, to), this.length);
    this.length = needed;
  }

  /** Takes `[from, to)` out; what is behind moves up. */
  remove(from: number, to: number): void {
    this.bytes.copyWithin(from, to, this.length);
    this.length -= to - from;
  }

  clear(): void {
    this.length = 0;
    if (this.bytes.length > KEPT) this.bytes = new Uint8Array(SMALLEST);
  }
}
