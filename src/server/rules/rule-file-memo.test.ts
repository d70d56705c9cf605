import { describe, expect, it } from 'vitest';
import { RuleFileMemo } from './rule-file-memo.ts';

const file = (name: string, condition: string) => ({
  name,
  text: `rules:\n  - id: ${name}\n    condition: "${condition}"\n`,
});
const DAY = '2026-06-01';

describe('what rule files gave', () => {
  it('is given again, the same objects, while text and day are the same', () => {
    const memo = new RuleFileMemo();
    const first = memo.load(file('a', 'never { a.b }'), DAY);
    expect(first.rules.map(({ id }) => id)).toEqual(['a']);
    expect(memo.load(file('a', 'never { a.b }'), DAY)).toBe(first);
    memo.sweep();
    expect(memo.load(file('a', 'never { a.b }'), DAY)).toBe(first);
  });

  it('is made anew for another text, another day and another name', () => {
    const memo = new RuleFileMemo();
    const first = memo.load(file('a', 'never { a.b }'), DAY);
    expect(memo.load(file('a', 'never { a.c }'), DAY)).not.toBe(first);
    expect(memo.load(file('a', 'never { a.b }'), '2026-06-02')).not.toBe(first);
    const other = memo.load({ ...file('a', 'never { a.b }'), name: 'b' }, DAY);
    expect(other.rules[0]?.file.name).toBe('b');
  });

  it('keeps two texts of a file that is broken, and forgets what is not asked for', () => {
    const memo = new RuleFileMemo();
    const good = memo.load(file('a', 'never { a.b }'), DAY);
    const broken = memo.load(file('a', 'never { a.b'), DAY);
    expect(broken.rules).toEqual([]);
    memo.sweep();
    expect(memo.load(file('a', 'never { a.b }'), DAY)).toBe(good);
    expect(memo.load(file('a', 'never { a.b'), DAY)).toBe(broken);
    memo.sweep();
    memo.sweep();
    expect(memo.load(file('a', 'never { a.b }'), DAY)).not.toBe(good);
  });
});
