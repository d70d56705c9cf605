/** The log, the journal and the archive around the engine: opened after a crash or a stop, and closed so that nothing is left to do. */
import { type Archiver, createArchiver } from '../archive/archiver.ts';
import { type Disk, DiskError, remedyFor } from '../archive/disk/disk.ts';
import { writeVerdicts } from '../archive/verdicts/verdict-table.ts';
import { spanRecordReader } from '../archive/wal/segment-files.ts';
import type { RemovedSegments, WalSegment, WriteAheadLog } from '../archive/wal/write-ahead-log.ts';
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import type { LiveRule, Millis, StreamEngine, VerdictCount } from '../engine/streaming/stream.ts';
import type { NameTable } from '../otlp/name-table.ts';
import { ArchiveFeed } from './archive-feed.ts';
import type { ServerClock, SteadyClock } from './clock.ts';
import type { EngineHost } from './engine-host.ts';
import type { KeptLog } from './folder-watch.ts';
import type { Health } from './health.ts';
import { LogIntake } from './intake.ts';
import type { Journal, Through } from './journal.ts';
import type { Log } from './log.ts';
import { versionsOf } from './log-records.ts';
import { JOURNAL_FOLDER, type Recovery, recover, WAL_FOLDER } from './recovery.ts';
import type { ServerSettings } from './settings.ts';
import type { ToldRecord } from './verdict-flow.ts';

export const ARCHIVE_FOLDER = 'archive';

const TIDY_EVERY_MS = 10_000;

export interface DurabilityOptions {
  readonly disk: Disk;
  readonly settings: Pick<ServerSettings, 'folder' | 'wal' | 'scanLimits' | 'engine'>;
  readonly names: NameTable;
  /** Nothing was ever given to it. */
  readonly engine: StreamEngine;
  readonly host: EngineHost;
  readonly clock: ServerClock;
  readonly time: SteadyClock;
  readonly rules: readonly LiveRule[];
  /** An earlier version of a rule; null: not known any more. */
  readonly earlierRule: (id: string, version: string) => LiveRule | null;
  /** Whether what the engine says is news. Called before it says a word. */
  readonly listen: (isHeard: boolean) => void;
  /** Null: segments are archived in this thread. */
  readonly archiver: Archiver | null;
  readonly health: Health;
  readonly log: Log;
  readonly onBug: (error: unknown) => void;
}

export interface DurabilityOpening {
  readonly durability: Durability;
  /** The last time that the log and the journal know; 0: they are new. */
  readonly lastRecord: Millis;
  /** What was damaged, all of it kept. */
  readonly problems: readonly Diagnostic[];
}

/** Replays what the log holds. Rejects with a `DiskError` when the data folder cannot be read. */
export async function openDurability(options: DurabilityOptions): Promise<DurabilityOpening> {
  const { disk, settings, clock, health, log, time } = options;
  health.set('recovering', 'the log is being read', 'wait');
  let onSealed: (segment: WalSegment) => void = () => {};
  let onRemoved: (removed: RemovedSegments) => void = () => {};
  let onFault = () => {};
  const faulty = new Promise<void>((resolve) => {
    onFault = resolve;
  });
  const recovery = await recover({
    disk,
    folder: settings.folder,
    engine: options.engine,
    names: options.names,
    limits: settings.scanLimits,
    lateWindow: settings.engine.lateWindow,
    rules: options.rules,
    earlierRule: options.earlierRule,
    now: clock.wall(),
    listen: options.listen,
    breathe: () => new Promise((resolve) => setImmediate(resolve)),
    onProgress: (share) =>
      health.set('recovering', `the log is being read: ${Math.floor(share * 100)} %`, 'wait'),
    wal: {
      ...settings.wal,
      after: (milliseconds, callback) => clock.after(milliseconds, callback),
      onSealed: (segment) => onSealed(segment),
      onFault: (fault) => {
        tellFault(fault, health, log);
        onFault();
      },
      onRemoved: (removed) => onRemoved(removed),
    },
  });
  time.atLeast(recovery.tickedTo);
  const durability = new Durability(options, recovery, faulty);
  onSealed = (segment) => durability.feed.sealed(segment);
  onRemoved = (removed) => {
    tellRemoved(removed, `${settings.folder}/${WAL_FOLDER}`, log);
    durability.giveUp(removed.segments);
  };
  health.clear('recovering');
  if (recovery.replayedRecords > 0) log.info('the log was read', { records: recovery.replayedRecords });
  return { durability, lastRecord: recovery.tickedTo, problems: recovery.problems };
}

export class Durability implements ToldRecord {
  readonly intake: LogIntake;
  readonly feed: ArchiveFeed;
  readonly wal: WriteAheadLog;
  /** What is to be looked after besides the log of spans. */
  readonly kept: readonly KeptLog[];
  readonly #options: DurabilityOptions;
  readonly #journal: Journal;
  readonly #recovery: Recovery;
  readonly #faulty: Promise<void>;
  #tidiedAt = 0;

  /** `faulty` resolves when the disk refuses for the first time. */
  constructor(options: DurabilityOptions, recovery: Recovery, faulty: Promise<void>) {
    const { disk, settings, host, clock, time, engine, health, log, onBug } = options;
    this.#options = options;
    this.#recovery = recovery;
    this.#faulty = faulty;
    this.#journal = recovery.journal;
    this.wal = recovery.wal;
    const { journal } = recovery;
    this.kept = [
      { folder: JOURNAL_FOLDER, isWhole: () => journal.isWhole(), rewrite: () => journal.rewrite() },
    ];
    const now = () => time.now();
    const after = (milliseconds: number, callback: () => void) => clock.after(milliseconds, callback);
    this.intake = new LogIntake({
      wal: recovery.wal,
      names: options.names,
      limits: settings.scanLimits,
      engine: {
        add: (request, at, position) => host.add(request, at, position),
        resume: (at) => host.resume(at),
        load: (rules, at, position) => {
          host.load(rules, at);
          this.#noteRules(rules, position);
        },
      },
      now,
      after,
      later: setImmediate,
      processed: recovery.processed,
      onProcessed: (position, repeated) => this.feed.processed(position, repeated),
      onBug,
    });
    const root = `${settings.folder}/${ARCHIVE_FOLDER}`;
    this.feed = new ArchiveFeed(
      {
        disk,
        wal: recovery.wal,
        journal: recovery.journal,
        archiver:
          options.archiver ?? createArchiver(disk, spanRecordReader(), { root, limits: settings.scanLimits }),
        limits: settings.scanLimits,
        lowWater: () => engine.lowWater(),
        processed: () => this.intake.processed,
        now,
        after,
        onProblem: (problem) => tellArchive(problem, health, log),
        onBug,
      },
      recovery.unarchived,
      recovery.skips,
    );
  }

  /**
   * Goes on where the last process ended. Resolves when requests are taken, or the disk refuses that: then they are as soon as it does not any more.
   */
  async start(): Promise<void> {
    const { rules, onBug } = this.#options;
    this.feed.work();
    const started = this.intake.start(rules, this.#recovery.tickedTo);
    started.catch(onBug);
    await Promise.race([started, this.#faulty]);
  }

  through(): Through {
    return {
      position: this.intake.processed,
      at: Math.max(this.#options.host.tickedTo, this.#recovery.tickedTo),
    };
  }

  async told(through: Through, counts: readonly VerdictCount[]): Promise<void> {
    await this.#journal.flush(through, counts);
    await this.#archiveCounts();
    // Without traffic nothing is archived, and the log would stay as long as it was.
    const now = this.#options.clock.monotonic();
    if (now - this.#tidiedAt < TIDY_EVERY_MS) return;
    this.#tidiedAt = now;
    this.feed.work();
  }

  /** Somebody removed them. What is open is judged from memory; after a crash it could not be judged as a whole. */
  giveUp(segments: readonly WalSegment[]): void {
    this.feed.giveUp(segments);
    const { engine, time } = this.#options;
    const last = segments.reduce((most, { lastPosition }) => Math.max(most, lastPosition), 0);
    this.#journal.markGone(time.now(), engine.heldTraces(last)).catch((error: unknown) => {
      // A disk that refuses is told by those who write to it all the time.
      if (!(error instanceof DiskError)) this.#options.onBug(error);
    });
  }

  /** After the intake is closed and the last flush has been. */
  async close(): Promise<void> {
    await this.wal.close();
    await this.feed.close();
    await this.#journal.close();
  }

  async #archiveCounts(): Promise<void> {
    const { disk, settings, time } = this.#options;
    await this.#journal.batch(time.now());
    for (const { sequence, rows } of [...this.#journal.batches]) {
      await writeVerdicts(disk, `${settings.folder}/${ARCHIVE_FOLDER}`, sequence, rows);
      await this.#journal.written(sequence);
    }
  }

  #noteRules(rules: readonly LiveRule[], position: number): void {
    const noted = this.#journal.rules(position, versionsOf(rules));
    // The log says it as well, for as long as it has the record.
    noted.catch((error: unknown) => {
      if (!(error instanceof DiskError)) this.#options.onBug(error);
    });
  }
}

function tellFault(fault: DiskError | null, health: Health, log: Log): void {
  if (fault === null) {
    health.clear('log-not-writable');
    log.info('the log can be written again');
    return;
  }
  const help = remedyFor(fault.fault);
  health.set('log-not-writable', `spans are refused: ${fault.message}`, help);
  log.error('the log cannot be written: spans are refused', { code: 'FL822', problem: fault.message, help });
}

function tellRemoved({ segments, isAll }: RemovedSegments, folder: string, log: Log): void {
  const lost = segments.filter(
    ({ isArchived, firstPosition, lastPosition }) => !isArchived && lastPosition >= firstPosition,
  );
  const what = isAll ? 'the write-ahead log was removed' : 'segments of the write-ahead log were removed';
  log.error(`${what} while the server ran`, {
    code: 'FL826',
    folder,
    segments: segments.length,
    segmentsLost: lost.length,
    problem:
      lost.length === 0
        ? 'the archive has all spans of them; after a crash, traces that are open now are not judged'
        : `${lost.length} of ${segments.length} segments were not in the archive yet: their spans are judged, and missing from the archive for good; after a crash, traces that are open now are not judged`,
    help: `stop the server before anything of its folder is removed${isAll ? '; the folder is made again, and spans are taken' : ''}`,
  });
}

function tellArchive(problem: Diagnostic | null, health: Health, log: Log): void {
  if (problem === null) {
    health.clear('archive-failing');
    return;
  }
  const { code, message, help } = problem;
  health.set('archive-failing', message, help);
  log.error('segments cannot be archived', { code, problem: message, help });
}
