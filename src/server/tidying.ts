/** Small tasks that are done every few seconds; one that fails is tried again in the next round. */
import { DiskError } from '../archive/disk/disk.ts';
import type { Millis } from '../engine/streaming/stream.ts';
import type { ServerClock } from './clock.ts';
import type { Health } from './health.ts';
import type { Log } from './log.ts';
import type { ServerMetrics } from './metrics/server-metrics.ts';

export interface TidyingOptions {
  readonly clock: ServerClock;
  /** Each rejects with a `DiskError` only. */
  readonly tasks: readonly { readonly name: string; readonly run: () => Promise<void> }[];
  readonly metrics: ServerMetrics;
  readonly log: Log;
  readonly onRound: () => void;
  readonly onBug: (error: unknown) => void;
}

const EVERY_MS = 5_000;

export class Tidying {
  readonly #options: TidyingOptions;
  #running: Promise<void> | null = null;
  #cancelTimer = () => {};
  #isStopped = false;

  constructor(options: TidyingOptions) {
    this.#options = options;
  }

  start(): void {
    this.#cancelTimer = this.#options.clock.after(EVERY_MS, () => {
      void this.#round().then(() => {
        if (!this.#isStopped) this.start();
      });
    });
  }

  /** Does all once more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelTimer();
    await this.#running;
    await this.#round();
  }

  #round(): Promise<void> {
    this.#running = this.#work().catch(this.#options.onBug);
    return this.#running;
  }

  async #work(): Promise<void> {
    const { tasks, metrics, log, onRound } = this.#options;
    onRound();
    for (const { name, run } of tasks) {
      try {
        await run();
      } catch (error) {
        if (!(error instanceof DiskError)) throw error;
        metrics.archiveFailures.add(1, 'tidying');
        log.error(`${name} failed`, { problem: error.message });
      }
    }
  }
}

const BEHIND_MS = 60_000;

/** `waitingSince`: of the oldest segment that is not archived; null: none is. */
export function tellLag(waitingSince: Millis | null, now: Millis, health: Health): void {
  const lag = waitingSince === null ? 0 : now - waitingSince;
  if (lag < BEHIND_MS) health.clear('archive-behind');
  else {
    health.set(
      'archive-behind',
      `the archive is ${Math.round(lag / 1000)} s behind`,
      'see the log of the server; nothing is lost while the write-ahead log has room',
    );
  }
}
