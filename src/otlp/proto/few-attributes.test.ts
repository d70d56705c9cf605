import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Attributes, AttributeValue } from '../../trace/attribute-value.ts';
import { FewAttributes } from './few-attributes.ts';

const keys = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k');

test('reads as the Map of the same attributes does, in its order', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(keys, fc.integer()), { minLength: 1, maxLength: 20 }), (pairs) => {
      const expected = new Map<string, AttributeValue>(pairs);
      const few = listOf(pairs);
      expect([...few]).toEqual([...expected]);
      expect([few.size, [...few.keys()], [...few.values()]]).toEqual([
        expected.size,
        [...expected.keys()],
        [...expected.values()],
      ]);
      for (const key of ['a', 'f', 'k', 'z']) {
        expect([few.get(key), few.has(key)]).toEqual([expected.get(key), expected.has(key)]);
      }
      const visited: unknown[] = [];
      few.forEach((value, key, map) => void visited.push([key, value, map === few]));
      expect(visited).toEqual([...expected].map(([key, value]) => [key, value, true]));
    }),
    { seed: 20261130 },
  );
});

function listOf(pairs: readonly (readonly [string, AttributeValue])[]): Attributes {
  const [[key, value] = ['', 0], ...rest] = pairs;
  let few: FewAttributes | Map<string, AttributeValue> = new FewAttributes(key, value);
  for (const [next, other] of rest) {
    few = few instanceof FewAttributes ? few.with(next, other) : few.set(next, other);
  }
  return few;
}
