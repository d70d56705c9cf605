import { describe, expect, it } from 'vitest';
import { alignedBytes, BLOCK } from './aligned-bytes.ts';
import { type BlockFile, ScannedFile, StreamedFile } from './direct-files.ts';
import { DiskError, type DiskFile, readFile } from './disk.ts';
import { MemoryDisk } from './memory-disk.ts';

const all = Uint8Array.from({ length: 3 * BLOCK + 5 }, (_, at) => at % 251);

async function fileOf(disk: MemoryDisk, content = new Uint8Array(0)): Promise<DiskFile> {
  const file = await disk.open('/f', 'create');
  await file.write([content], 0);
  return file;
}

/** Writes and syncs of it are noted; `write` may refuse. */
function watched(file: DiskFile, name: string, calls: string[], refusal: DiskError | null = null): DiskFile {
  return {
    write: async (parts, at) => {
      calls.push(`${name} write`);
      if (refusal !== null) throw refusal;
      await file.write(parts, at);
    },
    sync: async () => {
      calls.push(`${name} sync`);
      await file.sync();
    },
    read: (into, at) => file.read(into, at),
    truncate: (size) => file.truncate(size),
    size: () => file.size(),
    isNamed: () => file.isNamed(),
    close: async () => {},
  };
}

const unsupported = () => new DiskError('failed', '/f', 'writing', 'EINVAL');

describe('a file that is scanned', () => {
  const memory = () => alignedBytes(4 * BLOCK) as Uint8Array;

  it.each([0, 512, BLOCK, 2 * BLOCK + 512])(
    'is read to its end by a disk that stops behind %i bytes',
    async (stop) => {
      const file = await fileOf(new MemoryDisk(), all);
      const direct: BlockFile = {
        readBlocks: (into, at) => file.read(into.subarray(0, stop), at),
        close: async () => {},
      };
      const into = memory().subarray(0, 4 * BLOCK);
      expect(await new ScannedFile(file, direct).read(into, 0)).toBe(all.length);
      expect(Buffer.compare(into.subarray(0, all.length), all)).toBe(0);
    },
  );

  it('is read through the cache where the disk knows no other way', async () => {
    const file = await fileOf(new MemoryDisk(), all);
    const direct: BlockFile = { readBlocks: () => Promise.reject(unsupported()), close: async () => {} };
    const into = memory().subarray(0, 4 * BLOCK);
    expect(await new ScannedFile(file, direct).read(into, 0)).toBe(all.length);
    const failing: BlockFile = {
      readBlocks: () => Promise.reject(new DiskError('failed', '/f', 'reading')),
      close: async () => {},
    };
    await expect(new ScannedFile(file, failing).read(into, 0)).rejects.toMatchObject({ code: 'EIO' });
  });
});

describe('a file that is streamed', () => {
  it('is written through the cache where the disk refuses the first write past it', async () => {
    const disk = new MemoryDisk();
    const plain = await fileOf(disk);
    const calls: string[] = [];
    const file = new StreamedFile(
      watched(plain, 'plain', calls),
      watched(plain, 'direct', calls, unsupported()),
      alignedBytes(BLOCK) as Uint8Array<ArrayBuffer>,
    );
    await file.write([all], 0);
    await file.write([all], all.length);
    await file.sync();
    await file.close();
    expect(calls).toEqual(['direct write', 'plain write', 'plain write', 'plain sync']);
    expect(Buffer.compare(disk.peek('/f') as Uint8Array, Buffer.concat([all, all]))).toBe(0);
  });

  it('tells what else the disk says, and is synced by the handle that wrote', async () => {
    const plain = await fileOf(new MemoryDisk());
    const calls: string[] = [];
    const buffer = alignedBytes(65_536) as Uint8Array<ArrayBuffer>;
    const full = new StreamedFile(
      plain,
      watched(plain, 'direct', [], new DiskError('full', '/f', 'writing')),
      buffer,
    );
    await expect(full.write([all], 0)).rejects.toMatchObject({ fault: 'full' });
    const file = new StreamedFile(watched(plain, 'plain', calls), watched(plain, 'direct', calls), buffer);
    await file.write([all], 0);
    await file.sync();
    expect(calls).toEqual(['direct write', 'direct sync']);
    await expect(file.write([all], 7)).rejects.toThrow('at its end only');
  });
});

it('half of a file does not pass for all of it', async () => {
  const disk = new MemoryDisk();
  await fileOf(disk, all);
  const open = disk.open.bind(disk);
  disk.open = async (path, mode) => {
    const file = await open(path, mode);
    return { ...watched(file, '', []), read: (into, at) => file.read(into.subarray(0, 100), at) };
  };
  await expect(readFile(disk, '/f')).rejects.toMatchObject({ fault: 'failed' });
});
