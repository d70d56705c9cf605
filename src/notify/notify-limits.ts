/** How much is told, how fast, and for how long it is tried. */
import type { DampingLimits } from './damping.ts';

export interface NotifyLimits extends DampingLimits {
  /** Most messages that wait for one receiver. */
  readonly pending: number;
  /** First wait after a failure; it doubles each time. Milliseconds, as the others. */
  readonly firstRetry: number;
  readonly longestRetry: number;
  /** A message that could not be brought for so long is given up. */
  readonly giveUp: number;
  /** Least time between two messages to one Slack receiver: it takes one a second. */
  readonly slackPace: number;
  /** Least time between two messages that a signal grew. */
  readonly updateEvery: number;
  /** Records after which a snapshot is taken. */
  readonly snapshotEvery: number;
}

export const DEFAULT_NOTIFY_LIMITS: NotifyLimits = {
  pending: 5_000,
  firstRetry: 1_000,
  longestRetry: 300_000,
  giveUp: 86_400_000,
  slackPace: 1_100,
  updateEvery: 3_600_000,
  signalChanges: 4,
  signalWindow: 3_600_000,
  ruleMessages: 10,
  ruleWindow: 600_000,
  snapshotEvery: 5_000,
};
