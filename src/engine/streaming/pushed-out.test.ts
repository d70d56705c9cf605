import { expect, test } from 'vitest';
import { PushedOut } from './pushed-out.ts';

function printsOf(number: number): [number, number] {
  return [Math.imul(number + 1, 0x9e3779b1), Math.imul(number + 7, 0x85ebca6b)];
}

test('finds what was added until it is over, and little else', () => {
  const pushed = new PushedOut(100);
  for (let number = 0; number < 500; number++) pushed.add(...printsOf(number), 1_000 + number, number);
  for (let number = 0; number < 500; number++) expect(pushed.mayHave(...printsOf(number), 999)).toBe(true);
  let wrong = 0;
  for (let number = 500; number < 5_500; number++) if (pushed.mayHave(...printsOf(number), 999)) wrong++;
  expect(wrong).toBeLessThan(250);
  expect(pushed.isEmpty(1_498)).toBe(false);
  expect(pushed.mayHave(...printsOf(499), 1_498)).toBe(true);
  expect(pushed.isEmpty(1_499)).toBe(true);
  expect(pushed.mayHave(...printsOf(499), 1_499)).toBe(false);
});

test('never misses one while it is made room for others', () => {
  const pushed = new PushedOut(10);
  for (let now = 0; now < 1_000; now++) {
    pushed.add(...printsOf(now), now + 100, now);
    for (let past = Math.max(0, now - 99); past <= now; past++) {
      expect(pushed.mayHave(...printsOf(past), now)).toBe(true);
    }
  }
  expect(pushed.mayHave(...printsOf(3), 999)).toBe(false);
});

test('takes no memory before it is needed', () => {
  const pushed = new PushedOut(1_000_000);
  expect([pushed.bytes, pushed.isEmpty(0)]).toEqual([0, true]);
});
