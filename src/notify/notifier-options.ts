/** What a notifier is given, and whom it tells of its work. */
import type { RecordLog } from '../archive/record-log.ts';
import type { HttpClient } from '../base/http.ts';
import type { NotifyLimits } from './notify-limits.ts';
import type { Receiver } from './receiver.ts';

export interface NotifyClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `callback` once after so many milliseconds; returns a function that ends it. */
  after(milliseconds: number, callback: () => void): () => void;
}

export interface NotifierOptions {
  readonly log: RecordLog;
  readonly snapshot: unknown;
  readonly records: readonly unknown[];
  readonly receivers: readonly Receiver[];
  readonly http: HttpClient;
  readonly clock: NotifyClock;
  /** From 0 to 1, for the jitter. */
  readonly random: () => number;
  /** Told of what a person should see: a message that was given up, a queue that is full or cannot be written. */
  readonly onProblem: (problem: NotifierProblem) => void;
  /** Told of each attempt and what became of it. */
  readonly onAttempt?: (attempt: NotifierAttempt) => void;
  readonly limits?: Partial<NotifyLimits>;
}

export interface NotifierProblem {
  readonly kind: 'dead-letter' | 'queue-full' | 'queue-unwritable';
  readonly receiver: string;
  readonly message: string;
}

export interface NotifierAttempt {
  readonly receiver: string;
  /** What went wrong; null: it was delivered. */
  readonly problem: string | null;
  /** The message is not tried again. */
  readonly isLost: boolean;
}
