import { describe, expect, it } from 'vitest';
import { isUnsampled } from './trace-flags.ts';

describe('isUnsampled', () => {
  it.each([
    [0x000, false, 'no flags at all'],
    [0x001, false, 'sampled, by a producer that says no more'],
    [0x101, false, 'sampled'],
    [0x303, false, 'sampled, with a random id, below another process'],
    [0x102, true, 'not sampled, with a random id'],
    [0x302, true, 'not sampled, below another process'],
    [0x100, false, 'trace flags left out, as the SDK for Python does'],
    [0x300, false, 'the same below another process'],
    [0x002, false, 'a producer that does not say whether its parent is remote says nothing'],
  ])('%s: %s (%s)', (flags, expected) => {
    expect(isUnsampled(flags)).toBe(expected);
  });
});
