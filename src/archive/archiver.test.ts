/** Segments to Parquet in this thread and in one of its own, compaction by DuckDB, and a reader who comes meanwhile. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_SCAN_LIMITS } from '../otlp/proto/scan-limits.ts';
import { ArchiveFailure, type Archiver, createArchiver } from './archiver.ts';
import { compactHour } from './compaction/compact-hour.ts';
import { mergeByDuckDb } from './compaction/duckdb-merge.ts';
import { mergeInChild } from './compaction/merge-in-child.ts';
import { MemoryDisk } from './disk/memory-disk.ts';
import { nodeDisk } from './disk/node-disk.ts';
import { HOUR_MS, hourFolder } from './layout.ts';
import { query } from './testing/read-archive.ts';
import { ARRIVAL, readSegmentFile, sampleRecord, segmentFile } from './testing/sample-segment.ts';
import { createWorkerArchiver } from './worker-archiver.ts';

const HOUR = Math.floor(ARRIVAL / HOUR_MS);
const limits = DEFAULT_SCAN_LIMITS;

let folder = '';
let worker: URL;
let compactor = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fluo-archiver-'));
  await build({
    entryPoints: ['src/archive/testing/sample-worker.ts', 'src/archive/compaction/compactor.ts'],
    outdir: folder,
    outbase: 'src/archive',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
  });
  worker = pathToFileURL(join(folder, 'testing/sample-worker.mjs'));
  compactor = join(folder, 'compaction/compactor.mjs');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let roots = 0;
function newRoot(): string {
  const root = join(folder, `data-${roots++}`);
  mkdirSync(join(root, 'wal'), { recursive: true });
  return root;
}

function segment(root: string, sequence: number, spans: number, name = String(sequence)) {
  const path = join(root, 'wal', name);
  writeFileSync(path, segmentFile([sampleRecord(sequence, sequence * 10_000, spans)]));
  return { sequence, path, skips: [] };
}

const filesOf = (root: string) => readdirSync(hourFolder(root, 'spans', HOUR));

describe.each<[string, (root: string) => Archiver]>([
  ['in this thread', (root) => createArchiver(nodeDisk(), readSegmentFile, { root, limits })],
  ['in a thread of its own', (root) => createWorkerArchiver(worker, { root, limits })],
])('an archiver %s', (_, make) => {
  test('archives segments in their order, and leaves repetitions out', async () => {
    const root = newRoot();
    const archiver = make(root);
    const [one, two] = await Promise.all([
      archiver.archive(segment(root, 1, 30)),
      archiver.archive({ ...segment(root, 2, 30), skips: [{ position: 2, ordinals: [0, 29] }] }),
    ]);
    expect(one).toMatchObject({ sequence: 1, spans: 30, repeated: 0 });
    expect(two).toMatchObject({ sequence: 2, spans: 28, repeated: 2 });
    await archiver.close();
    expect(filesOf(root)).toEqual(['000000000001.parquet', '000000000002.parquet']);
  });

  test('says when the disk does not take it, and can be asked again', async () => {
    const root = newRoot();
    const archiver = make(root);
    // A file where a folder must be.
    writeFileSync(join(root, 'tmp'), '');
    const asked = segment(root, 1, 3);
    const failure = await archiver.archive(asked).then(
      () => null,
      (error: unknown) => error as ArchiveFailure,
    );
    expect(failure).toBeInstanceOf(ArchiveFailure);
    expect(failure?.diagnostic).toMatchObject({ code: 'FL830', severity: 'error' });
    expect(failure?.diagnostic.help).not.toBe('');
    rmSync(join(root, 'tmp'));
    expect(await archiver.archive(asked)).toMatchObject({ spans: 3 });
    await archiver.close();
  });
});

test('a thread that ends is replaced', async () => {
  const root = newRoot();
  const archiver = createWorkerArchiver(worker, { root, limits });
  await expect(archiver.archive(segment(root, 1, 3, 'crash'))).rejects.toMatchObject({
    diagnostic: { code: 'FL831' },
  });
  expect(await archiver.archive(segment(root, 2, 3))).toMatchObject({ spans: 3 });
  await archiver.close();
});

test('a full disk says so, and what was archived before stays', async () => {
  const disk = new MemoryDisk();
  const records = [sampleRecord(1, 0, 500)];
  const archiver = createArchiver(disk, () => toAsync(records), { root: '/archive', limits });
  const asked = (sequence: number) => ({ sequence, path: `wal/${sequence}`, skips: [] });
  await archiver.archive(asked(1));
  disk.capacity = disk.usedBytes() + 1000;
  const failed = archiver.archive(asked(2));
  await expect(failed).rejects.toThrow(/`wal\/2` cannot be archived.*ENOSPC/);
  await expect(failed).rejects.toMatchObject({ diagnostic: { help: expect.stringContaining('make room') } });
  disk.capacity = Number.POSITIVE_INFINITY;
  expect(await archiver.archive(asked(2))).toMatchObject({ spans: 500 });
  const names = disk.paths().map((path) => path.slice(path.lastIndexOf('/') + 1));
  expect(names).toEqual(['000000000001.parquet', '000000000002.parquet']);
});

async function* toAsync<Item>(items: readonly Item[]) {
  yield* items;
}

test('power may go at any call: archived again, every span is there once', async () => {
  const records = [sampleRecord(1, 0, 20)];
  const asked = { sequence: 1, path: 'wal/1', skips: [] };
  const archiverOn = (disk: MemoryDisk) =>
    createArchiver(disk, () => toAsync(records), { root: '/archive', limits });
  const whole = new MemoryDisk();
  await archiverOn(whole).archive(asked);
  const [path] = whole.paths();
  const bytes = whole.peek(path ?? '');
  for (let call = 1; call <= whole.calls; call++) {
    const disk = new MemoryDisk();
    const off = new Promise<void>((resolve) => {
      disk.inject = ({ number }) => {
        if (number !== call) return null;
        resolve();
        return { fault: 'power-off' };
      };
    });
    await Promise.race([archiverOn(disk).archive(asked), off]);
    const after = disk.crash(call % 2 === 0 ? 'lost' : 'torn');
    // Readers see the whole file or none.
    expect([null, bytes]).toContainEqual(after.peek(path ?? ''));
    await archiverOn(after).archive(asked);
    expect(after.paths()).toEqual([path]);
    expect(after.peek(path ?? '')).toEqual(bytes);
  }
});

test('who reads while segments are archived sees whole segments', async () => {
  const root = newRoot();
  const archiver = createWorkerArchiver(worker, { root, limits });
  await archiver.archive(segment(root, 1, 40));
  let isDone = false;
  const archived = (async () => {
    for (let sequence = 2; sequence <= 30; sequence++) await archiver.archive(segment(root, sequence, 40));
    isDone = true;
  })();
  const counts: number[] = [];
  do {
    const [row] = await query(
      `SELECT count(*)::INT AS spans FROM read_parquet('${root}/spans/date=*/hour=*/*.parquet')`,
    );
    counts.push(row?.['spans'] as number);
  } while (!isDone);
  await archived;
  await archiver.close();
  for (const [index, count] of counts.entries()) {
    expect(count % 40).toBe(0);
    expect(count).toBeGreaterThanOrEqual(counts[index - 1] ?? 40);
  }
});

test('DuckDB puts the files of an hour together, sorted by trace, and gives the same rows', async () => {
  const root = newRoot();
  const archiver = createArchiver(nodeDisk(), readSegmentFile, { root, limits });
  for (let sequence = 1; sequence <= 4; sequence++) await archiver.archive(segment(root, sequence, 300));
  const all = `SELECT * FROM read_parquet('${root}/spans/*/*/*.parquet', hive_partitioning = false)`;
  const before = await query(`${all} ORDER BY position, ordinal`);
  const merge = (job: Parameters<typeof mergeByDuckDb>[0]) => mergeByDuckDb(job, { megabytes: 256 });
  const options = { disk: nodeDisk(), root, merge, confirmedThrough: 4 };
  expect(await compactHour(options, HOUR)).toEqual({
    hour: HOUR,
    filesBefore: 4,
    filesAfter: 1,
    spans: 1200,
  });
  expect(filesOf(root)).toEqual(['000000000001-000000000004-0.parquet']);
  expect(readdirSync(join(root, 'tmp'))).toEqual([]);
  expect(await query(`${all} ORDER BY position, ordinal`)).toEqual(before);
  const ids = (await query(all)).map((row) => row['trace_id'] as string);
  expect(ids).toEqual([...ids].sort());
});

test('the compactor is a process of its own, and says why it cannot', async () => {
  const root = newRoot();
  const archiver = createArchiver(nodeDisk(), readSegmentFile, { root, limits });
  for (const sequence of [1, 2]) await archiver.archive(segment(root, sequence, 10));
  const merge = mergeInChild(compactor, { megabytes: 256 });
  const options = { disk: nodeDisk(), root, merge, confirmedThrough: 2 };
  // Its packages are found from here.
  const failing = mergeInChild(join(folder, 'none.mjs'), { megabytes: 256 });
  await expect(compactHour({ ...options, merge: failing }, HOUR)).rejects.toThrow(/compactor ended with 1/);
  writeFileSync(join(hourFolder(root, 'spans', HOUR), '000000000000.parquet'), 'no Parquet');
  await expect(compactHour(options, HOUR)).rejects.toThrow(/compactor ended with 1/);
  expect(filesOf(root)).toEqual(['000000000000.parquet', '000000000001.parquet', '000000000002.parquet']);
});
