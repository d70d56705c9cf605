/** Bytes as a number of 32 bits, to find them again: four bytes a step. */

/** Of `bytes[from, to)`; `view` is of the same bytes. */
export function hashBytes(bytes: Uint8Array, view: DataView, from: number, to: number): number {
  let hash = (to - from) ^ 0x811c9dc5;
  let at = from;
  for (; at + 4 <= to; at += 4) {
    hash = Math.imul(hash ^ view.getInt32(at, true), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  for (; at < to; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  return hash;
}

/** Whether `key` is what stands in `bytes[from, to)`; the views are of the same bytes. */
export function isSame(key: DataView, view: DataView, from: number, to: number): boolean {
  const length = key.byteLength;
  if (length !== to - from) return false;
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    if (key.getInt32(at, true) !== view.getInt32(from + at, true)) return false;
  }
  for (; at < length; at++) if (key.getUint8(at) !== view.getUint8(from + at)) return false;
  return true;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
