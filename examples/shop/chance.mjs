/** Chance that can be repeated. */

/**
 * Numbers from 0 up to 1, the same ones for the same seed (a Weyl sequence through a mixing function).
 *
 * @param {number} seed
 * @returns {() => number}
 */
export function seededRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    mixed ^= mixed >>> 15;
    return (mixed >>> 0) / 2 ** 32;
  };
}

/** Ids of traces and spans, for the SDK's `idGenerator`. */
export function seededIds(random) {
  const hex = (digits) => {
    let id = '';
    while (id.length < digits) {
      id += Math.floor(random() * 2 ** 32)
        .toString(16)
        .padStart(8, '0');
    }
    return id;
  };
  return { generateTraceId: () => hex(32), generateSpanId: () => hex(16) };
}
