/** Looks after the archive now and then: puts the small files of hours that are over together, and removes what is too old or too much. */
import {
  compactHour,
  hoursToCompact,
  type Merge,
  recoverCompactions,
} from '../archive/compaction/compact-hour.ts';
import { type Disk, DiskError } from '../archive/disk/disk.ts';
import { ARCHIVE_TABLES } from '../archive/layout.ts';
import { applyRetention } from '../archive/retention.ts';
import type { Millis } from '../engine/streaming/stream.ts';
import type { ServerClock } from './clock.ts';
import type { Ageing } from './clock-watch.ts';
import type { Log } from './log.ts';
import type { ServerMetrics } from './metrics/server-metrics.ts';
import type { ArchiveSettings } from './settings.ts';

export interface ArchiveUpkeepOptions {
  readonly disk: Disk;
  /** The folder `archive`. */
  readonly root: string;
  readonly settings: ArchiveSettings;
  readonly merge: Merge;
  /** The last segment up to which all are archived. */
  readonly confirmedThrough: () => number;
  readonly clock: ServerClock;
  /** Milliseconds since 1970, without the jumps of the clock. */
  readonly now: () => Millis;
  readonly ageing: () => Ageing;
  readonly metrics: ServerMetrics;
  readonly log: Log;
  readonly onBug: (error: unknown) => void;
}

const EVERY_MS = 10 * 60_000;
/** Soon after the start: a server that is started every hour must do it too. */
const FIRST_AFTER_MS = 60_000;
/** Spans of an hour come late; those that come after it has been put together stay in files of their own. */
const SETTLED_MS = 10 * 60_000;

export class ArchiveUpkeep {
  readonly #options: ArchiveUpkeepOptions;
  #running: Promise<void> | null = null;
  #cancelTimer = () => {};
  #isStopped = false;

  constructor(options: ArchiveUpkeepOptions) {
    this.#options = options;
  }

  /** Finishes what a crash left half done. To be called before anything is archived. Rejects with a `DiskError`. */
  async recover(): Promise<void> {
    const { disk, root, log } = this.#options;
    const finished = await recoverCompactions(disk, root);
    if (finished > 0) log.info('compactions that a crash had broken off were finished', { hours: finished });
  }

  start(): void {
    this.#plan(FIRST_AFTER_MS);
  }

  /** Resolves when nothing is under way. The merge under way should be ended by whoever made it. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelTimer();
    await this.#running;
  }

  /** One round, now. */
  async work(): Promise<void> {
    await this.#attempt('compaction', () => this.#compact());
    await this.#attempt('retention', () => this.#retain());
  }

  #plan(milliseconds: number): void {
    this.#cancelTimer = this.#options.clock.after(milliseconds, () => {
      this.#running = this.work()
        .catch(this.#options.onBug)
        .finally(() => {
          this.#running = null;
          if (!this.#isStopped) this.#plan(EVERY_MS);
        });
    });
  }

  async #compact(): Promise<void> {
    const { disk, root, settings, merge, confirmedThrough, now, log } = this.#options;
    if (!settings.compaction) return;
    const options = { disk, root, merge, confirmedThrough: confirmedThrough() };
    for (const hour of await hoursToCompact(options, now(), SETTLED_MS)) {
      if (this.#isStopped) return;
      const done = await compactHour({ ...options, confirmedThrough: confirmedThrough() }, hour);
      if (done === null) continue;
      log.info('an hour of the archive was put together', {
        hour: new Date(hour * 3_600_000).toISOString().slice(0, 13),
        filesBefore: done.filesBefore,
        filesAfter: done.filesAfter,
        spans: done.spans,
      });
    }
  }

  async #retain(): Promise<void> {
    const { disk, root, settings, log } = this.#options;
    const now = this.#options.now();
    const { now: ageingNow } = this.#options.ageing();
    for (const table of ARCHIVE_TABLES) {
      // Verdicts and signals are small: only spans count against the size.
      const mostBytes =
        table === 'spans' ? (settings.maxBytes ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
      // What is too much goes whatever the clock says.
      const mostAgeMs =
        ageingNow === null ? Number.POSITIVE_INFINITY : settings.retention + Math.max(0, now - ageingNow);
      const limits = { mostAgeMs, mostBytes };
      for (const removed of await applyRetention(disk, root, table, limits, now)) {
        log.info('an hour of the archive was removed', {
          table,
          hour: new Date(removed.hour * 3_600_000).toISOString().slice(0, 13),
          reason: removed.reason,
          bytes: removed.bytes,
        });
      }
    }
  }

  /** What fails is told and tried again in the next round. */
  async #attempt(task: string, action: () => Promise<void>): Promise<void> {
    const { metrics, log } = this.#options;
    try {
      await action();
    } catch (error) {
      if (this.#isStopped) return;
      metrics.archiveFailures.add(1, task);
      const help =
        error instanceof DiskError
          ? 'see to the disk of the data folder'
          : 'it is tried again in ten minutes';
      log.error(`${task} of the archive failed`, {
        problem: error instanceof Error ? error.message : String(error),
        help,
      });
    }
  }
}
