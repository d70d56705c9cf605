/** Both disks keep one contract. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Disk, machineDisk } from './disk.ts';
import { memoryDisk } from './memory-disk.ts';

const CONTENT = { 'a.json': 'alpha', 'sub/b.json': 'beta', empty: '' };
let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'fluo-disk-'));
  for (const [path, text] of Object.entries(CONTENT)) {
    await mkdir(join(root, path, '..'), { recursive: true });
    await writeFile(join(root, path), text);
  }
});
afterAll(() => rm(root, { recursive: true, force: true }));

const disks: [string, () => Disk][] = [
  ['the machine', () => machineDisk(Readable.from([Buffer.from('from '), Buffer.from('stdin')]))],
  [
    'memory',
    () =>
      memoryDisk(
        Object.fromEntries(Object.entries(CONTENT).map(([path, text]) => [`${root}/${path}`, text])),
        { chunkBytes: 3, standardInput: 'from stdin' },
      ),
  ],
];

describe.each(disks)('%s', (_, make) => {
  test('tells files from folders, with their sizes', async () => {
    const disk = make();
    expect(await disk.stat(`${root}/a.json`)).toEqual({ kind: 'file', size: 5 });
    expect((await disk.stat(`${root}/sub`)).kind).toBe('folder');
  });

  test('lists a folder by bare names', async () => {
    expect([...(await make().list(root))].sort()).toEqual(['a.json', 'empty', 'sub']);
  });

  test('reads bytes in order', async () => {
    expect(await textOf(make().read(`${root}/a.json`))).toBe('alpha');
    expect(await textOf(make().read(`${root}/empty`))).toBe('');
    expect(await textOf(make().readStandardInput())).toBe('from stdin');
  });

  test.each([
    ['ENOENT', (disk: Disk) => disk.stat(`${root}/none`)],
    ['ENOENT', (disk: Disk) => disk.list(`${root}/none`)],
    ['ENOENT', (disk: Disk) => textOf(disk.read(`${root}/none`))],
    ['EISDIR', (disk: Disk) => textOf(disk.read(`${root}/sub`))],
    ['ENOTDIR', (disk: Disk) => disk.list(`${root}/a.json`)],
  ])('fails with %s', async (code, act) => {
    await expect(act(make())).rejects.toMatchObject({ code });
  });
});

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString();
}
