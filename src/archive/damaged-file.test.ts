import { describe, expect, it } from 'vitest';
import { keepDamaged } from './damaged-file.ts';
import { MemoryDisk } from './disk/memory-disk.ts';

const LIMITS = { files: 3, bytes: 1_000 };

async function keep(disk: MemoryDisk, ...files: readonly (readonly [name: string, bytes: number])[]) {
  for (const [name, bytes] of files) await keepDamaged(disk, '/f', name, new Uint8Array(bytes), LIMITS);
  return disk.list('/f/damaged');
}

describe('keepDamaged', () => {
  it('keeps so many files, and the latest', async () => {
    const disk = new MemoryDisk();
    expect(await keep(disk, ['1', 10], ['2', 10], ['3', 10], ['4', 10])).toEqual(['2', '3', '4']);
  });

  it('keeps so many bytes, and the latest whatever its size', async () => {
    const disk = new MemoryDisk();
    expect(await keep(disk, ['1', 400], ['2', 400], ['3', 400])).toEqual(['2', '3']);
    expect(await keep(disk, ['4', 2_000])).toEqual(['4']);
    expect(await keep(disk, ['4', 2_000])).toEqual(['4']);
  });
});
