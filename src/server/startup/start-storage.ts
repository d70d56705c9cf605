import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Archiver, createArchiver } from '../../archive/archiver.ts';
import { mergeInChild } from '../../archive/compaction/merge-in-child.ts';
import type { Disk } from '../../archive/disk/disk.ts';
import { nodeDisk } from '../../archive/disk/node-disk.ts';
import { DUCKDB_MISSING } from '../../archive/duckdb.ts';
import { HOUR_MS } from '../../archive/layout.ts';
import { newestHour } from '../../archive/retention.ts';
import { spanRecordReader } from '../../archive/wal/segment-files.ts';
import { createWorkerArchiver } from '../../archive/worker-archiver.ts';
import { ArchiveUpkeep } from '../archive-upkeep.ts';
import type { SteadyClock } from '../clock.ts';
import type { ClockWatch } from '../clock-watch.ts';
import type { Durability } from '../durability.ts';
import { FolderWatch } from '../folder-watch.ts';
import { type FolderLock, lockFolder, systemProcesses } from '../lock.ts';
import { SignalArchive } from '../signal-archive.ts';
import type { Signalling } from '../signalling.ts';
import { Tidying, tellLag } from '../tidying.ts';
import { timedDisk } from '../timed-disk.ts';
import { Refusal } from './server-options.ts';
import type { StartupContext } from './startup-context.ts';

/** Of the process that puts files of the archive together. */
const COMPACTOR_MEGABYTES = 512;

export async function startLock(context: StartupContext): Promise<FolderLock> {
  const locking = await lockFolder(context.options.settings.folder, systemProcesses(), context.clock);
  if ('problem' in locking) throw new Refusal([locking.problem]);
  context.onClose(() => locking.lock.release());
  return locking.lock;
}

/** The disk of the data folder; syncs of the log are timed. */
export function observedDisk({ metrics, clock }: StartupContext): Disk {
  const onSync = (seconds: number) => metrics.walSync.observe(seconds);
  return timedDisk(nodeDisk(), '.wal', () => clock.monotonic(), onSync);
}

/** In a thread of its own, where its program is built. */
export function archiverOf(context: StartupContext, disk: Disk): Archiver {
  const { packageFolder, settings } = context.options;
  const options = { root: context.archiveFolder, limits: settings.scanLimits };
  const program = join(packageFolder, 'dist/archiver-worker.js');
  return existsSync(program)
    ? createWorkerArchiver(pathToFileURL(program), options)
    : createArchiver(disk, spanRecordReader(), options);
}

/** The end of the newest hour of spans; 0: there is none. */
export async function newestArchived({ archiveFolder }: StartupContext, disk: Disk): Promise<number> {
  const hour = await newestHour(disk, archiveFolder, 'spans');
  return hour === null ? 0 : (hour + 1) * HOUR_MS;
}

export function lookForDuckDb({ hasDuckDb, health, options }: StartupContext): void {
  if (hasDuckDb) return;
  const { code, message, help } = DUCKDB_MISSING;
  health.set('duckdb-missing', message, help);
  options.log.warn('DuckDB is not installed', { code, problem: message, help });
}

export interface UpkeepParts {
  readonly disk: Disk;
  readonly time: SteadyClock;
  readonly watch: ClockWatch;
  /** Number of the first segment that is not archived; null: all are. */
  readonly firstUnarchived: () => number | null;
}

/** Compaction and retention. It does nothing before its `start`. */
export function upkeepOf(context: StartupContext, parts: UpkeepParts): ArchiveUpkeep {
  const { packageFolder, settings, log } = context.options;
  const { disk, time, watch, firstUnarchived } = parts;
  const ending = new AbortController();
  const upkeep = new ArchiveUpkeep({
    disk,
    root: context.archiveFolder,
    settings: { ...settings.archive, compaction: settings.archive.compaction && context.hasDuckDb },
    merge: mergeInChild(
      join(packageFolder, 'dist/compactor.js'),
      { megabytes: COMPACTOR_MEGABYTES },
      ending.signal,
    ),
    confirmedThrough: () => (firstUnarchived() ?? Number.MAX_SAFE_INTEGER) - 1,
    clock: context.clock,
    now: () => time.now(),
    ageing: () => watch.ageing(time),
    metrics: context.metrics,
    log,
    onBug: context.onBug,
  });
  context.onClose(() => {
    ending.abort();
    return upkeep.stop();
  });
  return upkeep;
}

/** Every few seconds: what of the log nobody needs goes, signals that changed go to the archive, and what is late is told. */
export function startTidying(
  context: StartupContext,
  disk: Disk,
  { feed }: Durability,
  { store }: Signalling,
  time: SteadyClock,
): void {
  const archive = new SignalArchive({ disk, root: context.archiveFolder, store, now: time.now() });
  const tidying = new Tidying({
    clock: context.clock,
    tasks: [
      { name: 'releasing of the log', run: () => feed.release() },
      { name: 'archiving of signals', run: () => archive.write() },
    ],
    metrics: context.metrics,
    log: context.options.log,
    onBug: context.onBug,
    onRound: () => tellLag(feed.waitingSince, time.now(), context.health),
  });
  tidying.start();
  context.onClose(() => tidying.stop());
}

/** What is removed of the folder while the server runs. */
export function watchFolder(
  context: StartupContext,
  lock: FolderLock,
  { wal, kept }: Durability,
  signalling: Signalling,
): void {
  const watch = new FolderWatch({
    kept: [...signalling.kept, ...kept],
    wal,
    isOwn: async () => {
      await lock.look();
      return !lock.isLost;
    },
    clock: context.clock,
    health: context.health,
    log: context.options.log,
    onBug: context.onBug,
  });
  watch.start();
  context.onClose(() => watch.stop());
}
