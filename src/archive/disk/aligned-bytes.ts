/**
 * Memory that begins at the start of a page, as a system wants it that reads and writes past its cache. Arrays of JavaScript begin anywhere; the memory
 * of a WebAssembly instance, of which nothing else is used here, does not.
 */

/** Offsets, lengths and addresses are multiples of it. More than any disk asks for. */
export const BLOCK = 4096;

/** The types of Node.js have no names for it. */
const { Memory } = (
  globalThis as unknown as {
    WebAssembly: {
      Memory: new (pages: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
    };
  }
).WebAssembly;

const PAGE = 65_536;
const aligned = new WeakSet<ArrayBufferLike>();

/** At least so many bytes, zero; null where the machine has no such memory to give. Each takes room of its own in the address space: make few. */
export function alignedBytes(size: number): Uint8Array<ArrayBuffer> | null {
  try {
    const pages = Math.max(1, Math.ceil(size / PAGE));
    const { buffer } = new Memory({ initial: pages, maximum: pages });
    aligned.add(buffer);
    return new Uint8Array(buffer);
  } catch {
    return null;
  }
}

/** Whether the bytes may be read into past the cache: they begin at a block and are whole blocks. */
export function isAligned({ buffer, byteOffset, length }: Uint8Array): boolean {
  return aligned.has(buffer) && byteOffset % BLOCK === 0 && length % BLOCK === 0;
}

export function roundedUp(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}
