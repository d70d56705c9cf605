import { describe, expect, it } from 'vitest';
import { BodyPool } from './body-pool.ts';

describe('the pool of bodies', () => {
  it('gives memory again that was given back', () => {
    const pool = new BodyPool();
    const first = pool.take(100_000);
    expect(first.length).toBe(128 * 1024);
    pool.give(first.subarray(0, 100_000));
    expect(pool.keptBytes).toBe(128 * 1024);
    expect(pool.take(70_000).buffer).toBe(first.buffer);
    expect(pool.keptBytes).toBe(0);
    expect(pool.take(70_000).buffer).not.toBe(first.buffer);
  });

  it('keeps nothing of small and of very large bodies', () => {
    const pool = new BodyPool();
    for (const bytes of [0, 1, 32 * 1024 - 1, 9 * 1024 * 1024]) {
      const taken = pool.take(bytes);
      expect(taken.length).toBe(bytes);
      pool.give(taken);
    }
    expect(pool.keptBytes).toBe(0);
  });

  it('is bounded', () => {
    const pool = new BodyPool();
    const taken = Array.from({ length: 9 }, () => pool.take(8 * 1024 * 1024));
    for (const memory of taken) pool.give(memory);
    expect(pool.keptBytes).toBe(32 * 1024 * 1024);
  });
});
