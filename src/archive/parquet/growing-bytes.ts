/** Bytes that grow at the end and are used again: what a column writes into. */

const FIRST_BYTES = 512;
/** Beyond, it grows by a quarter: what is used again and again is to be little larger than the most that it ever held. */
const MANY_BYTES = 1 << 20;

export class GrowingBytes {
  /** `bytes[0, length)` is what was written. Replaced when it grows: read it anew behind `reserve`. */
  bytes: Uint8Array = NONE;
  view: DataView = NO_VIEW;
  length = 0;

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    const wanted = this.length + count;
    if (wanted <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(FIRST_BYTES, wanted, grownLength(this.bytes.length)));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }

  append(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  written(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  /** Forgets what was written; keeps the room unless it is more than `most` bytes. */
  clear(most = Number.POSITIVE_INFINITY): void {
    this.length = 0;
    if (this.bytes.length <= most) return;
    this.bytes = NONE;
    this.view = NO_VIEW;
  }
}

function grownLength(length: number): number {
  return length < MANY_BYTES ? length * 2 : Math.ceil(length * 1.25);
}

const NONE = new Uint8Array(0);
const NO_VIEW = new DataView(new ArrayBuffer(0));
