/** Compaction on a disk that loses power at every single call, with an archiver at work beside it. */
import { expect, test } from 'vitest';
import { type Disk, readFile } from '../disk/disk.ts';
import { MemoryDisk, type Unsynced } from '../disk/memory-disk.ts';
import { fileName, HOUR_MS, type Hour, hourFolder } from '../layout.ts';
import { ArchiveFile } from '../put-file.ts';
import { compactHour, hoursToCompact, type Merge, recoverCompactions } from './compact-hour.ts';

const ROOT = '/archive';
const HOUR: Hour = 498_859;
const FOLDER = hourFolder(ROOT, 'spans', HOUR);

/** A file's rows are its numbers. */
async function put(disk: Disk, name: string, rows: readonly number[]): Promise<void> {
  const file = new ArchiveFile(disk, { root: ROOT, table: 'spans', hour: HOUR, name });
  await file.append(new TextEncoder().encode(JSON.stringify(rows)));
  await file.put();
}

async function rowsOf(disk: Disk, paths: readonly string[]): Promise<number[]> {
  const rows: number[] = [];
  for (const path of paths) {
    const bytes = await readFile(disk, path);
    if (bytes === null) throw new Error(`no ${path}`);
    rows.push(...(JSON.parse(new TextDecoder().decode(bytes)) as number[]));
  }
  return rows;
}

async function hourRows(disk: Disk): Promise<number[]> {
  const names = await disk.list(FOLDER);
  return (
    await rowsOf(
      disk,
      names.map((name) => `${FOLDER}/${name}`),
    )
  ).sort((a, b) => a - b);
}

const mergeOn =
  (disk: Disk): Merge =>
  async ({ inputs, folder }) => {
    const rows = await rowsOf(disk, inputs);
    const path = `${folder}/0.parquet`;
    const file = await disk.open(path, 'create');
    await file.write([new TextEncoder().encode(JSON.stringify(rows))], 0);
    await file.close();
    return { rowsIn: rows.length, rowsOut: rows.length, files: [path] };
  };

const optionsOf = (disk: Disk, merge = mergeOn(disk)) => ({
  disk,
  root: ROOT,
  merge,
  confirmedThrough: 3,
});

/** Three confirmed segments, and one that is not. */
async function filled(): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  for (const sequence of [1, 2, 3, 4])
    await put(disk, fileName(sequence), [sequence * 10, sequence * 10 + 1]);
  return disk;
}

const ROWS = [10, 11, 20, 21, 30, 31, 40, 41];

test('the confirmed files of an hour become one', async () => {
  const disk = await filled();
  const now = (HOUR + 1) * HOUR_MS;
  expect(await hoursToCompact(optionsOf(disk), now + 9, 10)).toEqual([]);
  expect(await hoursToCompact(optionsOf(disk), now + 10, 10)).toEqual([HOUR]);
  expect(await compactHour(optionsOf(disk), HOUR)).toEqual({
    hour: HOUR,
    filesBefore: 4,
    filesAfter: 2,
    spans: 6,
  });
  expect(disk.paths()).toEqual([
    `${FOLDER}/000000000001-000000000003-0.parquet`,
    `${FOLDER}/000000000004.parquet`,
  ]);
  expect(await hourRows(disk)).toEqual(ROWS);
  expect(await hoursToCompact(optionsOf(disk), now + 10, 10)).toEqual([]);
  expect(await compactHour(optionsOf(disk), HOUR)).toBeNull();
});

test('nothing is changed when the merger fails, or gives another number of rows', async () => {
  const disk = await filled();
  const before = disk.paths();
  const merge = mergeOn(disk);
  const failing: Merge = () => Promise.reject(new Error('out of memory'));
  await expect(compactHour(optionsOf(disk, failing), HOUR)).rejects.toThrow('out of memory');
  const losing: Merge = async (job) => ({ ...(await merge(job)), rowsOut: 5 });
  await expect(compactHour(optionsOf(disk, losing), HOUR)).rejects.toThrow('6 rows went in, and 5 came out');
  expect(await recoverCompactions(disk, ROOT)).toBe(0);
  expect(disk.paths()).toEqual(before);
});

test('files that come late are merged with the merged one, and large ones stay', async () => {
  const disk = await filled();
  await compactHour(optionsOf(disk), HOUR);
  await compactHour({ ...optionsOf(disk), confirmedThrough: 4 }, HOUR);
  expect(disk.paths()).toEqual([`${FOLDER}/000000000001-000000000004-0.parquet`]);
  await put(disk, fileName(2), [50]);
  await put(disk, fileName(4), [60]);
  await put(disk, fileName(1), [70]);
  // The merged file is larger than half of 20 bytes.
  await compactHour({ ...optionsOf(disk), confirmedThrough: 9, fileBytes: 20 }, HOUR);
  expect(disk.paths()).toEqual([
    `${FOLDER}/000000000001-000000000004-0.parquet`,
    `${FOLDER}/000000000001-000000000004-1.parquet`,
  ]);
  expect(await hourRows(disk)).toEqual([...ROWS, 50, 60, 70]);
});

test.each<Unsynced>(['lost', 'kept', 'torn'])(
  'a crash at any call loses and doubles nothing; what was not synced is %s',
  async (unsynced) => {
    let crashes = 0;
    for (let at = 1; ; at++) {
      const disk = await filled();
      const start = disk.calls;
      let isOff = false;
      disk.inject = ({ number }) => {
        if (number !== start + at) return null;
        isOff = true;
        return { fault: 'power-off' };
      };
      const off = new Promise<'off'>((resolve) => {
        const inject = disk.inject;
        disk.inject = (call) => {
          const fault = inject?.(call) ?? null;
          if (isOff) resolve('off');
          return fault;
        };
      });
      const ended = await Promise.race([compactHour(optionsOf(disk), HOUR), off]);
      if (ended !== 'off') break;
      crashes++;
      const after = disk.crash(unsynced);
      await recoverCompactions(after, ROOT);
      expect(await hourRows(after)).toEqual(ROWS);
      await compactHour(optionsOf(after), HOUR);
      expect(await hourRows(after)).toEqual(ROWS);
      expect(after.paths()).toEqual([
        `${FOLDER}/000000000001-000000000003-0.parquet`,
        `${FOLDER}/000000000004.parquet`,
      ]);
    }
    expect(crashes).toBeGreaterThan(30);
  },
);

test('a crash while recovering is recovered from', async () => {
  for (let first = 20; first < 60; first++) {
    for (let second = 1; second < 20; second++) {
      const disk = await crashing(await filled(), first, (on) => compactHour(optionsOf(on), HOUR));
      const again = await crashing(disk, second, (on) => recoverCompactions(on, ROOT));
      await recoverCompactions(again, ROOT);
      expect(await hourRows(again)).toEqual(ROWS);
    }
  }
});

/** What is left when the power goes at the given call of the work, or when it is done. */
async function crashing(
  disk: MemoryDisk,
  call: number,
  work: (disk: MemoryDisk) => Promise<unknown>,
): Promise<MemoryDisk> {
  const start = disk.calls;
  const off = new Promise<void>((resolve) => {
    disk.inject = ({ number }) => {
      if (number !== start + call) return null;
      resolve();
      return { fault: 'power-off' };
    };
  });
  await Promise.race([work(disk), off]);
  return disk.crash('lost');
}

test('an archiver may put files into the hour at any moment', async () => {
  for (let at = 1; at < 80; at++) {
    const disk = await filled();
    const start = disk.calls;
    let putting: Promise<void> | null = null;
    disk.inject = ({ number }) => {
      if (number === start + at) putting = put(disk, fileName(5), [50]);
      return null;
    };
    await compactHour(optionsOf(disk), HOUR);
    disk.inject = undefined;
    await (putting ?? put(disk, fileName(5), [50]));
    expect(await hourRows(disk)).toEqual([...ROWS, 50]);
  }
});

test('a full disk leaves the hour as it was', async () => {
  const disk = await filled();
  disk.capacity = disk.usedBytes() + 10;
  await expect(compactHour(optionsOf(disk), HOUR)).rejects.toMatchObject({ fault: 'full' });
  await recoverCompactions(disk, ROOT);
  expect(await hourRows(disk)).toEqual(ROWS);
});
