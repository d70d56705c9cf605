/** What the real file system and its in-memory twin must both do. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { FileError, type Files } from './io.ts';
import { MemoryFiles } from './memory-io.ts';
import { NodeFiles } from './node-io.ts';

const folder = mkdtempSync(join(tmpdir(), 'fluo-contract-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let places = 0;
const WORLDS: readonly [string, () => { files: Files; root: string }][] = [
  ['memory', () => ({ files: new MemoryFiles({}, ['/root']), root: '/root' })],
  [
    'node',
    () => {
      const root = join(folder, String(++places));
      const files = new NodeFiles();
      files.write(join(root, '.keep'), '');
      return { files, root };
    },
  ],
];

describe.each(WORLDS)('files: %s', (_, open) => {
  it('writes, makes folders and replaces', () => {
    const { files, root } = open();
    const path = join(root, 'a/b/c.txt');
    files.write(path, 'one');
    files.write(path, ['tw', 'o ', 'ü']);
    expect(files.readText(path)).toBe('two ü');
    expect(files.sizeOf(path)).toBe(6);
    expect(files.list(join(root, 'a/b'))).toEqual(['c.txt']);
  });

  it('knows files, folders and nothing, also below a file', () => {
    const { files, root } = open();
    files.write(join(root, 'a/file'), 'x');
    expect(files.kindOf(join(root, 'a'))).toBe('folder');
    expect(files.kindOf(join(root, 'a/file'))).toBe('file');
    expect(files.kindOf(join(root, 'b'))).toBe(null);
    expect(files.kindOf(join(root, 'a/file/below'))).toBe(null);
  });

  it('says where a path leads to, also of what is not there', () => {
    const { files, root } = open();
    files.write(join(root, 'a/file'), 'x');
    const file = files.realPath(join(root, 'a/file'));
    expect(files.readText(file)).toBe('x');
    expect(files.realPath(file)).toBe(file);
    expect(files.realPath(join(root, 'no'))).toBe(join(root, 'no'));
  });

  it('creates only what is not there', () => {
    const { files, root } = open();
    expect(files.create(join(root, 'x/new'), 'mine')).toBe(true);
    expect(files.create(join(root, 'x/new'), 'yours')).toBe(false);
    expect(files.readText(join(root, 'x/new'))).toBe('mine');
  });

  it('lists by code point', () => {
    const { files, root } = open();
    for (const name of ['b', 'a', 'B', 'ä']) files.write(join(root, 'names', name), '');
    expect(files.list(join(root, 'names'))).toEqual(['B', 'a', 'b', 'ä']);
  });

  it('drops a byte order mark', () => {
    const { files, root } = open();
    files.write(join(root, 'bom'), '\uFEFFtext');
    expect(files.readText(join(root, 'bom'))).toBe('text');
  });

  it('gives the bytes', async () => {
    const { files, root } = open();
    files.write(join(root, 'bytes'), 'héllo');
    const pieces: Uint8Array[] = [];
    for await (const piece of files.readBytes(join(root, 'bytes'))) pieces.push(piece);
    expect(Buffer.concat(pieces).toString('utf8')).toBe('héllo');
  });

  it.each([
    [
      'reading what is not there',
      'not-found',
      (files: Files, root: string) => files.readText(join(root, 'no')),
    ],
    ['reading a folder', 'not-a-file', (files: Files, root: string) => files.readText(root)],
    ['listing what is not there', 'not-found', (files: Files, root: string) => files.list(join(root, 'no'))],
    ['listing a file', 'not-a-folder', (files: Files, root: string) => files.list(join(root, 'file'))],
    ['writing over a folder', 'not-a-file', (files: Files, root: string) => files.write(root, '')],
    [
      'writing below a file',
      'not-a-folder',
      (files: Files, root: string) => files.write(join(root, 'file/x'), ''),
    ],
  ])('refuses %s', (_title, kind, act) => {
    const { files, root } = open();
    files.write(join(root, 'file'), 'x');
    let thrown: unknown;
    try {
      act(files, root);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(FileError);
    expect((thrown as FileError).kind).toBe(kind);
  });

  it('refuses bytes of what is not there at the first step', async () => {
    const { files, root } = open();
    const walk = async () => {
      for await (const _piece of files.readBytes(join(root, 'no'))) throw new Error('there is nothing');
    };
    await expect(walk()).rejects.toMatchObject({ name: 'FileError', kind: 'not-found' });
  });

  it('tells of changes in a watched folder and of a watched file, and stops when told to', async () => {
    const { files, root } = open();
    files.write(join(root, 'w/deep/one'), '1');
    files.write(join(root, 'other/file'), '1');
    const seen: string[] = [];
    let wake = () => {};
    const stop = files.watch([join(root, 'w'), join(root, 'other/file')], (path) => {
      seen.push(path);
      wake();
    });
    const until = (path: string) =>
      new Promise<void>((resolve) => {
        wake = () => {
          if (seen.includes(path)) resolve();
        };
        wake();
      });
    files.write(join(root, 'other/file'), '2');
    await until(join(root, 'other/file'));
    files.write(join(root, 'w/deep/one'), '2');
    await until(join(root, 'w/deep/one'));
    stop();
  });
});
