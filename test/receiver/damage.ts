/** Ways in which bytes are damaged on their way, for property tests. */
import fc from 'fast-check';

export const damage = fc.array(
  fc.record({
    at: fc.nat(),
    how: fc.constantFrom('flip', 'set', 'remove', 'insert', 'cut', 'repeat'),
    byte: fc.nat(255),
    length: fc.integer({ min: 1, max: 12 }),
  }),
  { minLength: 1, maxLength: 3 },
);

export type Damage = typeof damage extends fc.Arbitrary<infer T> ? T : never;

export function damaged(bytes: Uint8Array, changes: Damage): Uint8Array {
  let list = [...bytes];
  for (const { at, how, byte, length } of changes) {
    const index = list.length === 0 ? 0 : at % list.length;
    if (how === 'flip') list[index] = (list[index] ?? 0) ^ (1 << (byte % 8));
    else if (how === 'set') list[index] = byte;
    else if (how === 'remove') list.splice(index, length);
    else if (how === 'insert') list.splice(index, 0, byte);
    else if (how === 'cut') list = list.slice(0, index);
    else list.splice(index, 0, ...list.slice(index, index + length));
  }
  return Uint8Array.from(list);
}
