/** A 128-bit hash of a text, for ids that must be equal on every machine and after every restart. */

/**
 * Four words. Equal texts have equal hashes; of any two others they are equal by chance only. It is no protection from one who makes texts on purpose
 * that collide. Cost: a few multiplications for each UTF-16 unit.
 */
export function hashText(text: string): readonly [number, number, number, number] {
  let a = 0x2545f491;
  let b = 0x6c8e9cf5;
  let c = 0x1b56c4e9;
  let d = 0x7f4a7c15;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    // Each lane takes in the unit and the lane beside it, so that a change reaches all four within three units.
    a = Math.imul(a ^ unit ^ (d >>> 13), 0x9e3779b1);
    b = Math.imul(b ^ unit ^ (a >>> 15), 0x85ebca6b);
    c = Math.imul(c ^ unit ^ (b >>> 14), 0xc2b2ae35);
    d = Math.imul(d ^ unit ^ (c >>> 16), 0x27d4eb2f);
  }
  a ^= text.length;
  for (let round = 0; round < 3; round++) {
    a = mixed(a ^ d);
    b = mixed(b ^ a);
    c = mixed(c ^ b);
    d = mixed(d ^ c);
  }
  return [a >>> 0, b >>> 0, c >>> 0, d >>> 0];
}

/** 32 hex digits. */
export function hexHash(text: string): string {
  return hashText(text)
    .map((word) => word.toString(16).padStart(8, '0'))
    .join('');
}

function mixed(word: number): number {
  let value = Math.imul(word ^ (word >>> 16), 0x45d9f3b);
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d);
  return value ^ (value >>> 16);
}
