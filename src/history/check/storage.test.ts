/** Temporary storage: both kinds keep to one contract; frames come back as they were written. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { diskStorage } from './disk-storage.ts';
import { FrameReader, frameOf } from './frames.ts';
import { memoryStorage, type TempStorage } from './temp-storage.ts';

const folder = mkdtempSync(join(tmpdir(), 'fluo-storage-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const KINDS: readonly [string, () => TempStorage][] = [
  ['memory', memoryStorage],
  ['disk', () => diskStorage(folder)],
];

function bytesOf(pieces: Iterable<Uint8Array>): number[] {
  return [...pieces].flatMap((piece) => [...piece]);
}

describe.each(KINDS)('temporary storage in %s', (_, open) => {
  it('gives back what was appended, in order, and keeps files apart', () => {
    const storage = open();
    const [a, b] = [storage.create(), storage.create()];
    a.append(Uint8Array.of(1, 2));
    b.append(Uint8Array.of(9));
    a.append(new Uint8Array(0));
    a.append(Uint8Array.of(3));
    expect(bytesOf(a.read())).toEqual([1, 2, 3]);
    expect(bytesOf(b.read())).toEqual([9]);
    storage.close();
  });

  it('takes bytes whose memory is used again', () => {
    const storage = open();
    const file = storage.create();
    const bytes = Uint8Array.of(1);
    file.append(bytes);
    bytes[0] = 2;
    file.append(bytes);
    expect(bytesOf(file.read())).toEqual([1, 2]);
    storage.close();
  });

  it('takes pieces larger than any buffer', () => {
    const storage = open();
    const file = storage.create();
    const large = Uint8Array.from({ length: 200_000 }, (_value, index) => index % 251);
    file.append(Uint8Array.of(7));
    file.append(large);
    file.append(Uint8Array.of(8));
    expect(
      Buffer.concat([...file.read()]).equals(Buffer.concat([Uint8Array.of(7), large, Uint8Array.of(8)])),
    ).toBe(true);
    storage.close();
  });

  it('removes files one by one and all at once, more than once too', () => {
    const storage = open();
    const file = storage.create();
    storage.create().append(Uint8Array.of(1));
    file.remove();
    file.remove();
    storage.close();
    storage.close();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('can be used again after it was closed', () => {
    const storage = open();
    storage.create();
    storage.close();
    const file = storage.create();
    file.append(Uint8Array.of(5));
    expect(bytesOf(file.read())).toEqual([5]);
    storage.close();
  });
});

describe('temporary storage on disk', () => {
  it('makes nothing before it is needed, and leaves nothing', () => {
    const storage = diskStorage(folder);
    expect(readdirSync(folder)).toEqual([]);
    storage.create().append(Uint8Array.of(1));
    const [made = ''] = readdirSync(folder);
    expect(made).toMatch(/^fluo-check-/);
    storage.close();
    expect(existsSync(join(folder, made))).toBe(false);
  });
});

describe('frames', () => {
  it.each([1, 3, 7, 100_000])('come back from pieces of %i bytes', (size) => {
    const frames = [[], [1], [2, 3], Array.from({ length: 300 }, (_, index) => index % 256), [4]];
    const all = Buffer.concat(frames.map((frame) => frameOf(Uint8Array.from(frame))));
    const pieces = Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
      all.subarray(index * size, (index + 1) * size),
    );
    expect([...new FrameReader(pieces)].map((frame) => [...frame])).toEqual(frames);
  });

  it('are refused where the last one is cut', () => {
    const cut = frameOf(Uint8Array.of(1, 2, 3)).subarray(0, 5);
    expect(() => [...new FrameReader([cut])]).toThrow('ends within a frame');
  });
});
