import { describe, expect, it } from 'vitest';
import { formatBytes, humanBytes, parseBytes } from './bytes.ts';

describe('parseBytes', () => {
  it.each([
    ['0B', 0],
    ['512MiB', 536_870_912],
    ['1.5kB', 1_500],
    ['10GB', 10_000_000_000],
    ['2TiB', 2_199_023_255_552],
  ])('%s is %d', (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes);
  });

  it.each(['', '10', '10 MB', '10mb', '-1B', 'MiB', '1e3B', '10MiBs'])('refuses %j', (text) => {
    expect(parseBytes(text)).toBeNull();
  });
});

describe('formatBytes', () => {
  it.each([0, 1, 1000, 1024, 1536, 16 * 1024 ** 2, 8 * 1024 ** 3, 35 * 1024 ** 4])(
    '%d is read back',
    (bytes) => {
      expect(parseBytes(formatBytes(bytes))).toBe(bytes);
    },
  );
});

describe('humanBytes', () => {
  it.each([
    [12, '12 B'],
    [81_234_567, '77.5 MiB'],
    [5 * 1024 ** 3, '5 GiB'],
  ])('%d is %s', (bytes, text) => {
    expect(humanBytes(bytes)).toBe(text);
  });
});
