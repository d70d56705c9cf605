import { expect, test } from 'vitest';
import { hashText, hexHash } from './text-hash.ts';

test('the hash of a text is the same on every machine and in every version', () => {
  expect([hexHash(''), hexHash('a'), hexHash('payment/é/✓')]).toMatchInlineSnapshot(`
    [
      "21598f5d1ac2f9e5ab9d0b889114d281",
      "f812f4db5f087fdbc90720318d610596",
      "e78400147de7607f7749cb717ae6c796",
    ]
  `);
});

test('texts that differ little have hashes that differ in about half of the bits', () => {
  const seen = new Set<string>();
  let differing = 0;
  let pairs = 0;
  for (let nth = 0; nth < 20_000; nth++) {
    const text = `rule/["cart-${nth}"]/${'0'.repeat(nth % 7)}`;
    seen.add(hexHash(text));
    if (nth % 20 !== 0) continue;
    const other = hashText(`${text}1`);
    const words = hashText(text);
    words.forEach((word, index) => {
      differing += bitsOf(word ^ (other[index] as number));
    });
    pairs++;
  }
  expect(seen.size).toBe(20_000);
  expect(differing / pairs).toBeGreaterThan(60);
  expect(differing / pairs).toBeLessThan(68);
});

test('each of the four words alone tells texts apart', () => {
  for (const index of [0, 1, 2, 3] as const) {
    const words = new Set<number>();
    for (let nth = 0; nth < 20_000; nth++) words.add(hashText(`key-${nth}`)[index]);
    // By chance alone 0.05 of them would meet.
    expect(words.size).toBeGreaterThanOrEqual(19_998);
  }
});

function bitsOf(word: number): number {
  let count = 0;
  for (let rest = word >>> 0; rest !== 0; rest &= rest - 1) count++;
  return count;
}
