import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { alignedBytes, BLOCK } from './aligned-bytes.ts';
import { type Disk, DiskError, PARTIAL, readFile, replaceFile } from './disk.ts';
import { MemoryDisk } from './memory-disk.ts';
import { nodeDisk } from './node-disk.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fluo-disk-'));
  folders.push(folder);
  return folder;
}

const bytes = (...values: number[]) => Uint8Array.from(values);

describe.each<[string, () => { disk: Disk; root: string }]>([
  ['in memory', () => ({ disk: new MemoryDisk(), root: '/root' })],
  ['of the machine', () => ({ disk: nodeDisk(), root: temporaryFolder() })],
])('a disk %s', (_, make) => {
  it('keeps what was written, wherever it was written', async () => {
    const { disk, root } = make();
    await disk.makeFolder(`${root}/a/b`);
    const file = await disk.open(`${root}/a/b/f`, 'create');
    await file.write([bytes(1, 2), bytes(), bytes(3)], 0);
    await file.write([bytes(9)], 1);
    await file.write([bytes(4, 5)], 3);
    await file.sync();
    expect(await file.size()).toBe(5);
    const into = new Uint8Array(4);
    expect(await file.read(into, 2)).toBe(3);
    expect([...into]).toEqual([3, 4, 5, 0]);
    expect(await file.read(into, 5)).toBe(0);
    await file.truncate(2);
    await file.close();
    await disk.syncFolder(`${root}/a/b`);
    expect(await readFile(disk, `${root}/a/b/f`)).toEqual(bytes(1, 9));
    expect(await disk.sizeOf(`${root}/a/b/f`)).toBe(2);
    expect(await disk.sizeOf(`${root}/a/b/g`)).toBeNull();
    expect(await readFile(disk, `${root}/a/b/g`)).toBeNull();
  });

  it('writes thousands of parts in one go', async () => {
    const { disk, root } = make();
    const file = await disk.open(`${root}/f`, 'create');
    const parts = Array.from({ length: 5000 }, (_, i) => bytes(i & 255, i >> 8));
    await file.write(parts, 0);
    await file.close();
    const read = (await readFile(disk, `${root}/f`)) as Uint8Array;
    expect(read.length).toBe(10_000);
    expect([read[9998], read[9999]]).toEqual([4999 & 255, 4999 >> 8]);
  });

  it('streams a file from front to back, in parts of any size, and ends it exactly', async () => {
    const { disk, root } = make();
    const file = await disk.open(`${root}/f`, 'stream');
    const written: number[] = [];
    const sizes = [1, 0, 4095, 1, 5000, 3, 8192, 77];
    for (const [nth, size] of sizes.entries()) {
      const part = new Uint8Array(size).fill(nth + 1);
      await file.write([part, bytes(nth)], written.length);
      written.push(...part, nth);
      await file.sync();
      const now = (await readFile(disk, `${root}/f`)) as Uint8Array;
      expect(now.length - written.length).toBeLessThan(BLOCK);
      expect(Buffer.compare(now.subarray(0, written.length), Uint8Array.from(written))).toBe(0);
      expect(now.subarray(written.length).every((byte) => byte === 0)).toBe(true);
    }
    await file.close();
    expect(Buffer.compare((await readFile(disk, `${root}/f`)) as Uint8Array, Uint8Array.from(written))).toBe(
      0,
    );
    await expect(disk.open(`${root}/f`, 'stream')).rejects.toMatchObject({ fault: 'exists' });
  });

  it('streams more than a buffer holds, into several files at a time', async () => {
    const { disk, root } = make();
    const part = Uint8Array.from({ length: 3_000_001 }, (_, at) => at % 251);
    const files = await Promise.all(
      Array.from({ length: 6 }, (_, nth) => disk.open(`${root}/f${nth}`, 'stream')),
    );
    for (const file of files) {
      await file.write([part, part], 0);
      await file.write([part], 2 * part.length);
      await file.truncate(3 * part.length);
      await file.close();
      await file.close();
    }
    for (const nth of files.keys()) {
      const read = (await readFile(disk, `${root}/f${nth}`)) as Uint8Array;
      expect(Buffer.compare(read, Buffer.concat([part, part, part]))).toBe(0);
    }
  });

  it('scans a file into memory of the caller, aligned or not', async () => {
    const { disk, root } = make();
    const file = await disk.open(`${root}/f`, 'create');
    const all = Uint8Array.from({ length: 10_001 }, (_, at) => at % 253);
    await file.write([all], 0);
    await file.close();
    const aligned = alignedBytes(65_536) as Uint8Array;
    for (const memory of [
      aligned,
      aligned.subarray(4096, 4096 * 4),
      new Uint8Array(20_000),
      aligned.subarray(1),
    ]) {
      memory.fill(7);
      const read = (await readFile(disk, `${root}/f`, () => memory)) as Uint8Array;
      expect(read.buffer).toBe(memory.buffer);
      expect(Buffer.compare(read, all)).toBe(0);
    }
    expect(await readFile(disk, `${root}/g`, () => aligned)).toBeNull();
  });

  it('moves, links and removes folders with all that is in them', async () => {
    const { disk, root } = make();
    const put = async (path: string, byte: number) => {
      const file = await disk.open(path, 'create');
      await file.write([bytes(byte)], 0);
      await file.close();
    };
    await disk.makeFolder(`${root}/a/x`);
    await disk.makeFolder(`${root}/b`);
    await put(`${root}/a/x/f`, 1);
    await put(`${root}/b/g`, 2);
    await disk.link(`${root}/b/g`, `${root}/a/x/h`);
    expect(await disk.folders(root)).toEqual(['a', 'b']);
    expect(await disk.folders(`${root}/c`)).toEqual([]);
    await expect(disk.renameFolder(`${root}/a/x`, `${root}/b`)).rejects.toMatchObject({ fault: 'exists' });
    await expect(disk.renameFolder(`${root}/c`, `${root}/d`)).rejects.toMatchObject({ fault: 'missing' });
    await expect(disk.link(`${root}/b/g`, `${root}/a/x/f`)).rejects.toMatchObject({ fault: 'exists' });
    await disk.renameFolder(`${root}/a/x`, `${root}/y`);
    expect(await disk.list(`${root}/y`)).toEqual(['f', 'h']);
    expect(await disk.list(`${root}/a/x`)).toEqual([]);
    await disk.removeFolder(`${root}/y`);
    await disk.removeFolder(`${root}/y`);
    expect(await disk.list(`${root}/y`)).toEqual([]);
    expect(await readFile(disk, `${root}/b/g`)).toEqual(bytes(2));
  });

  it('tells what is wrong by its kind', async () => {
    const { disk, root } = make();
    const fault = async (run: Promise<unknown>) => {
      const error = await run.then(() => null).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(DiskError);
      return (error as DiskError).fault;
    };
    expect(await fault(disk.open(`${root}/none`, 'read'))).toBe('missing');
    expect(await fault(disk.open(`${root}/none`, 'write'))).toBe('missing');
    expect(await fault(disk.rename(`${root}/none`, `${root}/other`))).toBe('missing');
    await (await disk.open(`${root}/f`, 'create')).close();
    expect(await fault(disk.open(`${root}/f`, 'create'))).toBe('exists');
  });

  it('lists files, renames over files, removes them', async () => {
    const { disk, root } = make();
    expect(await disk.list(`${root}/none`)).toEqual([]);
    await disk.makeFolder(`${root}/x/y`);
    for (const name of ['b', 'a', 'y/c']) {
      const file = await disk.open(`${root}/x/${name}`, 'create');
      await file.write([new TextEncoder().encode(name)], 0);
      await file.close();
    }
    expect(await disk.list(`${root}/x`)).toEqual(['a', 'b']);
    await disk.rename(`${root}/x/b`, `${root}/x/a`);
    expect(await disk.list(`${root}/x`)).toEqual(['a']);
    expect(new TextDecoder().decode((await readFile(disk, `${root}/x/a`)) as Uint8Array)).toBe('b');
    await disk.remove(`${root}/x/a`);
    await disk.remove(`${root}/x/a`);
    expect(await disk.list(`${root}/x`)).toEqual([]);
    expect(await disk.freeBytes(root)).toBeGreaterThan(0);
  });

  it.each(['create', 'stream'] as const)(
    'knows whether an open file (%s) is still at its path',
    async (mode) => {
      const { disk, root } = make();
      const opened = async (name: string) => {
        await disk.makeFolder(`${root}/x`);
        const file = await disk.open(`${root}/x/${name}`, mode);
        await file.write([bytes(1)], 0);
        return file;
      };
      const [kept, removed, replaced, renamed] = await Promise.all(['a', 'b', 'c', 'd'].map(opened));
      await disk.remove(`${root}/x/b`);
      await replaceFile(disk, `${root}/x`, 'c', [bytes(2)]);
      await disk.rename(`${root}/x/d`, `${root}/x/e`);
      const all = [kept, removed, replaced, renamed];
      expect(await Promise.all(all.map((file) => file?.isNamed()))).toEqual([true, false, false, false]);
      await disk.removeFolder(`${root}/x`);
      expect(await kept?.isNamed()).toBe(false);
      await expect(disk.open(`${root}/x/f`, mode)).rejects.toMatchObject({ fault: 'missing' });
      const again = await opened('a');
      expect(await again.isNamed()).toBe(true);
      expect(await kept?.isNamed()).toBe(false);
      for (const file of [...all, again]) await file?.close();
    },
  );

  it('replaces a file in one step', async () => {
    const { disk, root } = make();
    await replaceFile(disk, root, 'f', [bytes(1)]);
    await (await disk.open(`${root}/f${PARTIAL}`, 'create')).close();
    await replaceFile(disk, root, 'f', [bytes(2), bytes(3)]);
    expect(await readFile(disk, `${root}/f`)).toEqual(bytes(2, 3));
    expect(await disk.list(root)).toEqual(['f']);
  });
});

describe('the disk in memory', () => {
  it('loses in a crash what was not synced, names and bytes', async () => {
    const disk = new MemoryDisk();
    const file = await disk.open('/d/f', 'create');
    await file.write([bytes(1, 2)], 0);
    await file.sync();
    await disk.syncFolder('/d');
    await file.write([bytes(3, 4, 5, 6)], 2);
    await (await disk.open('/d/unnamed', 'create')).sync();
    expect(await readFile(disk, '/d/f')).toEqual(bytes(1, 2, 3, 4, 5, 6));
    expect(disk.crash('lost').peek('/d/f')).toEqual(bytes(1, 2));
    expect(disk.crash('torn').peek('/d/f')).toEqual(bytes(1, 2, 3, 4));
    expect(disk.crash('kept').paths()).toEqual(['/d/f', '/d/unnamed']);
    expect(disk.crash('lost').paths()).toEqual(['/d/f']);
  });

  it('takes back a rename that was not synced', async () => {
    const disk = new MemoryDisk();
    await (await disk.open('/d/f', 'create')).close();
    await disk.syncFolder('/d');
    await disk.rename('/d/f', '/d/g');
    expect(disk.crash('lost').paths()).toEqual(['/d/f']);
    expect(disk.crash('kept').paths()).toEqual(['/d/g']);
  });

  it('is full when it is full, with a write that went half', async () => {
    const disk = new MemoryDisk({ capacity: 5 });
    const file = await disk.open('/f', 'create');
    await file.write([bytes(1, 2, 3)], 0);
    await expect(file.write([bytes(4, 5, 6)], 3)).rejects.toMatchObject({ fault: 'full', code: 'ENOSPC' });
    expect(disk.peek('/f')).toEqual(bytes(1, 2, 3, 4, 5));
    await file.truncate(3);
    expect(await disk.freeBytes('/')).toBe(2);
    await file.write([bytes(4, 5)], 3);
  });

  it('fails where it is told to', async () => {
    const disk = new MemoryDisk();
    const file = await disk.open('/f', 'create');
    disk.inject = ({ operation }) => (operation === 'write' ? { fault: 'failed', after: 1 } : null);
    await expect(file.write([bytes(1, 2)], 0)).rejects.toMatchObject({ code: 'EIO' });
    disk.inject = undefined;
    disk.isReadOnly = true;
    await expect(file.write([bytes(1, 2)], 0)).rejects.toMatchObject({ code: 'EROFS' });
    await expect(disk.open('/g', 'create')).rejects.toMatchObject({ code: 'EROFS' });
    expect(await readFile(disk, '/f')).toEqual(bytes(1));
  });
});
