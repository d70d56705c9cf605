/**
 * Puts the small files of an hour together, and survives a crash at any point:
 *
 *     tmp/compact-496123/merge/     what the merger writes
 *                       /new/       the hour as it shall be: merged files, and links to those that stay
 *                       /plan.json  written when `new` is complete and safe: from here on a crash is followed by going on
 *                       /old/       the hour as it was
 *
 *     hour=19 ──rename──► old        then     new ──rename──► hour=19        then `old` is emptied
 *
 * Who reads meanwhile: between the two renames, some microseconds, the hour is not there, and nothing of it is found. A query that
 * listed the old files and opens them afterwards fails with "no such file" and must be asked again. No query sees a span twice. After
 * a crash between the renames the hour is missing until `recoverCompactions`, at the next start.
 *
 * A file that the archiver puts into the hour meanwhile is found in `old` and moved back.
 */
import { dirname } from 'node:path/posix';
import { type Disk, DiskError, readFile, replaceFile } from '../disk/disk.ts';
import {
  type ArchiveTable,
  compactedName,
  HOUR_MS,
  type Hour,
  hourFolder,
  hourOf,
  rangeOf,
  tableFolder,
  temporaryFolder,
} from '../layout.ts';

export interface MergeJob {
  readonly inputs: readonly string[];
  /** An empty folder for the merged files. */
  readonly folder: string;
  /** About how large one may become. */
  readonly fileBytes: number;
}

export interface MergeResult {
  readonly rowsIn: number;
  readonly rowsOut: number;
  /** Paths of the merged files, in order. */
  readonly files: readonly string[];
}

/** Makes few files of many, with the same rows. Rejects where it cannot; nothing is changed then. */
export type Merge = (job: MergeJob) => Promise<MergeResult>;

export interface CompactionOptions {
  readonly disk: Disk;
  /** The folder `archive`. */
  readonly root: string;
  readonly merge: Merge;
  /** The last segment up to which all are known to be archived: a later one may be archived again, over its files. */
  readonly confirmedThrough: number;
  readonly fileBytes?: number;
}

export interface CompactedHour {
  readonly hour: Hour;
  readonly filesBefore: number;
  readonly filesAfter: number;
  readonly spans: number;
}

interface Plan {
  readonly hour: Hour;
  /** Names in the hour's folder that are in the merged files. */
  readonly inputs: readonly string[];
}

const TABLE: ArchiveTable = 'spans';
const FILE_BYTES = 256 << 20;
const PREFIX = 'compact-';
const PLAN = 'plan.json';

/** Hours that ended at least `settledMs` ago, and have several small files; the oldest first. */
export async function hoursToCompact(
  options: CompactionOptions,
  now: number,
  settledMs: number,
): Promise<Hour[]> {
  const { disk, root } = options;
  const found: Hour[] = [];
  const table = tableFolder(root, TABLE);
  for (const date of await disk.folders(table)) {
    for (const name of await disk.folders(`${table}/${date}`)) {
      const hour = hourOf(date, name);
      if (hour === null || (hour + 1) * HOUR_MS + settledMs > now) continue;
      if ((await inputsOf(options, hour)).length > 1) found.push(hour);
    }
  }
  return found.sort((a, b) => a - b);
}

/** Null where there is nothing to do. Rejects with the error of the merger or the disk; the hour is then as it was, or as it shall be. */
export async function compactHour(options: CompactionOptions, hour: Hour): Promise<CompactedHour | null> {
  const { disk, root, merge } = options;
  const inputs = await inputsOf(options, hour);
  if (inputs.length < 2) return null;
  const folder = hourFolder(root, TABLE, hour);
  const work = workFolder(root, hour);
  await disk.removeFolder(work);
  await disk.makeFolder(`${work}/merge`);
  await disk.makeFolder(`${work}/new`);
  const merged = await merge({
    inputs: inputs.map((name) => `${folder}/${name}`),
    folder: `${work}/merge`,
    fileBytes: options.fileBytes ?? FILE_BYTES,
  });
  if (merged.rowsIn !== merged.rowsOut) {
    await disk.removeFolder(work);
    throw new Error(`${merged.rowsIn} rows went in, and ${merged.rowsOut} came out`);
  }
  const before = await disk.list(folder);
  await fillNewFolder(disk, folder, work, inputs, merged.files);
  const plan: Plan = { hour, inputs };
  await replaceFile(disk, work, PLAN, [new TextEncoder().encode(JSON.stringify(plan))]);
  await carryOut(disk, root, plan);
  const filesAfter = before.length - inputs.length + merged.files.length;
  return { hour, filesBefore: before.length, filesAfter, spans: merged.rowsOut };
}

/**
 * Finishes or undoes what a crash left; gives how many compactions were finished. To be called at start, before anything else is done to
 * the archive.
 */
export async function recoverCompactions(disk: Disk, root: string): Promise<number> {
  let finished = 0;
  const temporary = temporaryFolder(root);
  for (const name of await disk.folders(temporary)) {
    if (!name.startsWith(PREFIX)) continue;
    const bytes = await readFile(disk, `${temporary}/${name}/${PLAN}`);
    if (bytes === null) await disk.removeFolder(`${temporary}/${name}`);
    else {
      await carryOut(disk, root, JSON.parse(new TextDecoder().decode(bytes)) as Plan);
      finished++;
    }
  }
  return finished;
}

/** Names of the files that are worth merging. */
async function inputsOf({ disk, root, confirmedThrough, fileBytes }: CompactionOptions, hour: Hour) {
  const folder = hourFolder(root, TABLE, hour);
  const most = (fileBytes ?? FILE_BYTES) / 2;
  const inputs: string[] = [];
  for (const name of await disk.list(folder)) {
    const range = rangeOf(name);
    if (range === null || range.last > confirmedThrough) continue;
    if (((await disk.sizeOf(`${folder}/${name}`)) ?? most) < most) inputs.push(name);
  }
  return inputs;
}

async function fillNewFolder(
  disk: Disk,
  folder: string,
  work: string,
  inputs: readonly string[],
  merged: readonly string[],
): Promise<void> {
  const kept = (await disk.list(folder)).filter((name) => !inputs.includes(name));
  for (const name of kept) await disk.link(`${folder}/${name}`, `${work}/new/${name}`);
  const ranges = inputs.flatMap((name) => rangeOf(name) ?? []);
  const first = Math.min(...ranges.map((range) => range.first));
  const last = Math.max(...ranges.map((range) => range.last));
  // Merged files of the same range may stay: theirs are the lower numbers.
  const others = kept.flatMap((name) => rangeOf(name) ?? []);
  let part = Math.max(
    0,
    ...others.filter((other) => other.first === first && other.last === last).map((other) => other.part + 1),
  );
  for (const path of merged) {
    const file = await disk.open(path, 'write');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
    await disk.rename(path, `${work}/new/${compactedName({ first, last, part: part++ })}`);
  }
  await disk.syncFolder(`${work}/new`);
}

/** May be begun again at any point. */
async function carryOut(disk: Disk, root: string, { hour, inputs }: Plan): Promise<void> {
  const folder = hourFolder(root, TABLE, hour);
  const work = workFolder(root, hour);
  if ((await disk.list(`${work}/new`)).length > 0) await swap(disk, folder, work);
  await moveBack(disk, folder, work, inputs);
  for (const name of inputs) await disk.remove(`${work}/old/${name}`);
  // What was on its way into the old folder when it was moved.
  await moveBack(disk, folder, work, inputs);
  await disk.syncFolder(folder);
  await disk.removeFolder(work);
  await disk.syncFolder(dirname(work));
}

async function swap(disk: Disk, folder: string, work: string): Promise<void> {
  const date = dirname(folder);
  if ((await disk.list(`${work}/old`)).length === 0) {
    // Nothing is waited for until the next one: a file system that keeps a journal keeps the order of the two.
    await disk.renameFolder(folder, `${work}/old`);
  }
  try {
    await disk.renameFolder(`${work}/new`, folder);
  } catch (error) {
    if (!(error instanceof DiskError) || error.fault !== 'exists') throw error;
    // The archiver was quicker, and made the folder for a file of its own.
    for (const name of await disk.list(`${work}/new`))
      await disk.rename(`${work}/new/${name}`, `${folder}/${name}`);
    await disk.syncFolder(folder);
    await disk.syncFolder(`${work}/new`);
  }
  await disk.syncFolder(date);
  await disk.syncFolder(work);
}

/** Files that came into the hour after the plan was made. */
async function moveBack(disk: Disk, folder: string, work: string, inputs: readonly string[]): Promise<void> {
  for (const name of await disk.list(`${work}/old`)) {
    if (inputs.includes(name)) continue;
    // A link of it is there already, unless it is new.
    if ((await disk.sizeOf(`${folder}/${name}`)) === null) {
      await disk.rename(`${work}/old/${name}`, `${folder}/${name}`);
    } else await disk.remove(`${work}/old/${name}`);
  }
  await disk.syncFolder(folder);
}

function workFolder(root: string, hour: Hour): string {
  return `${temporaryFolder(root)}/${PREFIX}${hour}`;
}
