import { expect, test } from 'vitest';
import { IdentityTables } from './identity-tables.ts';

const MASK = 1023;

test.each([0, 1, 0x5eed, 0xffffffff])('ids that differ in few bits do not share places: seed %i', (seed) => {
  const tables = new IdentityTables(seed);
  for (let shift = 0; shift <= 20; shift++) {
    const low = Array.from({ length: 1024 }, (_, id) => tables.hash(0, (id << shift) >>> 0));
    const high = Array.from({ length: 1024 }, (_, id) => tables.hash((id << shift) >>> 0, 7));
    expect(fullest(low)).toBeLessThan(16);
    expect(fullest(high)).toBeLessThan(16);
  }
});

test('ids that share a place with one seed do not with another', () => {
  const known = new IdentityTables(1);
  const crafted: number[] = [];
  for (let id = 1; crafted.length < 200; id++) if ((known.hash(id, id) & MASK) === 0) crafted.push(id);
  for (const seed of [2, 3, 1 << 31]) {
    const other = new IdentityTables(seed);
    expect(fullest(crafted.map((id) => other.hash(id, id)))).toBeLessThan(8);
  }
});

test('boxed and unboxed words give one hash', () => {
  const tables = new IdentityTables(9);
  expect(tables.hash(0xffffffff, 0x80000000)).toBe(tables.hash(-1, -0x80000000));
});

/** Hashes in the fullest place of a table. */
function fullest(hashes: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const hash of hashes) counts.set(hash & MASK, 1 + (counts.get(hash & MASK) ?? 0));
  return Math.max(...counts.values());
}
