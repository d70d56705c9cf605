/** Tells people of receivers that cannot be reached: the first failure and the recovery in the log, what lasts at `/readyz` and in `fluo doctor`. */
import type { NotifierAttempt } from '../notify/notifier-options.ts';
import type { ServerClock } from './clock.ts';
import type { Health } from './health.ts';
import type { Log } from './log.ts';

export interface NotificationWatchOptions {
  readonly clock: ServerClock;
  readonly health: Health;
  readonly log: Log;
}

/** A receiver that failed so often in a row, or for so long, is told of. */
const FAILURES = 3;
const FAILING_MS = 60_000;

interface Failing {
  /** By the monotonic clock. */
  readonly since: number;
  failures: number;
  problem: string;
  isTold: boolean;
}

export class NotificationWatch {
  readonly #options: NotificationWatchOptions;
  readonly #failing = new Map<string, Failing>();

  constructor(options: NotificationWatchOptions) {
    this.#options = options;
  }

  attempted({ receiver, problem, isLost }: NotifierAttempt): void {
    if (problem === null) this.#delivered(receiver);
    else this.#failed(receiver, problem, isLost);
  }

  #delivered(receiver: string): void {
    const failing = this.#failing.get(receiver);
    if (failing === undefined) return;
    this.#failing.delete(receiver);
    this.#options.log.info('a receiver of notifications can be reached again', {
      receiver,
      failures: failing.failures,
    });
    this.#tell();
  }

  #failed(receiver: string, problem: string, isLost: boolean): void {
    const { clock, log } = this.#options;
    const now = clock.monotonic();
    const failing = this.#failing.get(receiver) ?? { since: now, failures: 0, problem, isTold: false };
    if (failing.failures === 0) log.warn('a notification could not be sent', { receiver, problem });
    failing.failures++;
    failing.problem = problem;
    failing.isTold ||= isLost || failing.failures >= FAILURES || now - failing.since >= FAILING_MS;
    this.#failing.set(receiver, failing);
    this.#tell();
  }

  #tell(): void {
    const { health } = this.#options;
    const told = [...this.#failing].filter(([, { isTold }]) => isTold);
    if (told.length === 0) {
      health.clear('notifications-failing');
      return;
    }
    const each = told.map(([receiver, { problem }]) => `\`${receiver}\` (${problem})`);
    health.set(
      'notifications-failing',
      `notifications cannot be sent to ${each.join(', ')}`,
      'check the address of the receiver in `notify:` and that it is reached from here; messages wait on disk and are tried again for a day, those that it refuses are given up',
    );
  }
}
