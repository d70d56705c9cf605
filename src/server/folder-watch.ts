/**
 * Looks every second whether what the server has written to its data folder is still there. What somebody removed is told, and written again from
 * memory.
 */
import { DiskError, remedyFor } from '../archive/disk/disk.ts';
import type { ServerClock } from './clock.ts';
import type { Health } from './health.ts';
import type { Log } from './log.ts';

/** A log whose content is in memory as a whole. */
export interface KeptLog {
  /** Below the data folder. */
  readonly folder: string;
  /** Whether all that the next start needs is on disk. Rejects with a `DiskError`. */
  isWhole(): Promise<boolean>;
  /** Writes all of it anew, with its folder. */
  rewrite(): Promise<void>;
}

export interface FolderWatchOptions {
  readonly kept: readonly KeptLog[];
  /** Looks after itself. */
  readonly wal: { look(): Promise<void> };
  /** Whether the data folder is the server's own: nothing may be made in the place of one that is gone as a whole. */
  readonly isOwn: () => Promise<boolean>;
  readonly clock: ServerClock;
  readonly health: Health;
  readonly log: Log;
  readonly onBug: (error: unknown) => void;
}

const EVERY_MS = 1_000;

export class FolderWatch {
  readonly #options: FolderWatchOptions;
  /** What was removed and is not written again yet, with why; empty: it was not tried. */
  readonly #missing = new Map<string, string>();
  #looking: Promise<void> = Promise.resolve();
  #cancelTimer = () => {};
  #isStopped = false;

  constructor(options: FolderWatchOptions) {
    this.#options = options;
  }

  start(): void {
    this.#cancelTimer = this.#options.clock.after(EVERY_MS, () => {
      void this.look().then(() => {
        if (!this.#isStopped) this.start();
      });
    });
  }

  /** Looks once more, while the logs are open. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelTimer();
    await this.look();
  }

  /** Resolves when all that can be is mended. */
  look(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#look()).catch(this.#options.onBug);
    return this.#looking;
  }

  async #look(): Promise<void> {
    const { kept, wal, isOwn } = this.#options;
    if (!(await isOwn())) return;
    await wal.look();
    for (const one of kept) if (!(await this.#isWhole(one))) await this.#mend(one);
  }

  async #isWhole(one: KeptLog): Promise<boolean> {
    try {
      return await one.isWhole();
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      // A disk that does not work is told by those who write to it.
      return true;
    }
  }

  async #mend({ folder, rewrite }: KeptLog): Promise<void> {
    const { log } = this.#options;
    if (!this.#missing.has(folder)) {
      log.error('files of the data folder were removed while the server ran', {
        code: 'FL826',
        folder,
        help: 'stop the server before anything of its folder is removed; they are written again from memory',
      });
      this.#missing.set(folder, '');
      this.#tell(null);
    }
    try {
      await rewrite();
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      if (this.#missing.get(folder) !== problem) {
        log.error('what was removed of the data folder cannot be written again', { folder, problem });
      }
      this.#missing.set(folder, problem);
      this.#tell(error);
      return;
    }
    this.#missing.delete(folder);
    this.#tell(null);
    log.info('what was removed of the data folder was written again from memory', { folder });
  }

  #tell(error: unknown): void {
    const { health } = this.#options;
    if (this.#missing.size === 0) {
      health.clear('data-removed');
      return;
    }
    const each = [...this.#missing].map(([folder, why]) => `\`${folder}\`${why === '' ? '' : ` (${why})`}`);
    health.set(
      'data-removed',
      `files of the data folder were removed and are not written again yet: ${each.join(', ')}`,
      error instanceof DiskError
        ? `${remedyFor(error.fault)}; do not stop the server before: what is missing is only in its memory`
        : 'do not stop the server before they are: what is missing is only in its memory',
    );
  }
}
