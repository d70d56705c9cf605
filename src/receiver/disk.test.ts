/** Both disks keep one contract. */
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Disk, machineDisk } from './disk.ts';
import { memoryDisk } from './memory-disk.ts';
import { findInputs, openInput } from './trace-input.ts';

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

  test('says where a path leads to', async () => {
    const disk = make();
    const path = await disk.realPath(`${root}/sub`);
    expect(await disk.realPath(path)).toBe(path);
    await expect(disk.realPath(`${root}/none`)).rejects.toMatchObject({ code: 'ENOENT' });
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

test('folders that link to themselves twice are walked once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fluo-links-'));
  await writeFile(join(folder, 'a.json'), 'alpha');
  await symlink('.', join(folder, 'x'));
  await symlink('.', join(folder, 'y'));
  try {
    const { files, diagnostics } = await findInputs([folder], machineDisk(Readable.from([])));
    expect(files.map(({ path }) => path)).toEqual([join(folder, 'a.json')]);
    expect(diagnostics).toEqual([]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a gzipped file of which nothing could be unpacked is damaged, not empty', async () => {
  const zipped = Uint8Array.from(gzipSync('{}'));
  zipped.fill(0xff, zipped.length - 8);
  const codes: string[] = [];
  for await (const { diagnostics } of openInput('a.gz', memoryDisk({ 'a.gz': zipped }))) {
    codes.push(...diagnostics.map(({ code }) => code));
  }
  expect(codes).toEqual(['FL504']);
});
