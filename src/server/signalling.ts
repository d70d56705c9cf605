/**
 * Signals and who is told of them, over the data folder: what the server calls with the engine's verdicts.
 *
 *     VerdictEvent[] ─► signals/ (log, then memory) ─► notify/ (queue) ─► receivers
 *     VerdictCount[] ─► minutes in memory, shares for rules with `raise`
 */
import type { Disk } from '../archive/disk/disk.ts';
import { type EventLog, openEventLog } from '../archive/event-log.ts';
import type { HttpClient } from '../base/http.ts';
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import type { Millis, VerdictCount, VerdictEvent } from '../engine/streaming/stream.ts';
import type { Rule } from '../invariant/rule.ts';
import { Notifier } from '../notify/notifier.ts';
import type { NotifierAttempt, NotifierProblem, NotifyClock } from '../notify/notifier-options.ts';
import type { Receiver } from '../notify/receiver.ts';
import type { Finding } from '../report/check-report.ts';
import { openSignalStore } from '../signal/open-signal-store.ts';
import type { RuleLookup, SignalLimits, SignalStore } from '../signal/signal-store.ts';
import { VerdictWindow } from '../signal/verdict-window.ts';
import { describeViolation } from './api/describe-violation.ts';
import type { KeptLog } from './folder-watch.ts';
import { losesLines, tellRebuilt } from './rebuilt-signals.ts';

/** Below the data folder. */
export const SIGNALS_FOLDER = 'signals';
export const NOTIFY_FOLDER = 'notify';
/** Below the folder of the signals: what people decided, for good. */
const DECISIONS_FOLDER = 'decisions';

export interface SignallingOptions {
  readonly disk: Disk;
  /** The data folder. */
  readonly folder: string;
  readonly receivers: readonly Receiver[];
  readonly http: HttpClient;
  readonly clock: NotifyClock;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly onProblem: (problem: NotifierProblem) => void;
  readonly onAttempt?: (attempt: NotifierAttempt) => void;
  readonly limits?: Partial<SignalLimits>;
}

export interface SignalStoreOpening {
  readonly store: SignalStore<Finding>;
  readonly log: EventLog;
  /** Those of people once more, for good. */
  readonly decisions: EventLog;
  /** What was damaged, all of it kept. */
  readonly problems: readonly Diagnostic[];
}

/** The signals alone, for a program that only looks and decides. Rejects with a `DiskError`. */
export async function openSignals(
  disk: Disk,
  folder: string,
  limits: Partial<SignalLimits> = {},
): Promise<SignalStoreOpening> {
  const path = `${folder}/${SIGNALS_FOLDER}`;
  const { log: changes, snapshot, events, problems } = await openEventLog(disk, path);
  const decisions = await openEventLog(disk, `${path}/${DECISIONS_FOLDER}`, { outdated: 'keep' });
  const log = new AuditedLog(changes, decisions.log);
  const isDamaged = snapshot === null && events.length === 0 ? true : problems.some(losesLines);
  const { store, skipped, snapshotRefused, rebuilt } = openSignalStore<Finding>({
    log,
    snapshot,
    records: events,
    lasting: decisions.events,
    isDamaged,
    describe: describeViolation,
    limits,
  });
  const rebuiltProblems = tellRebuilt(path, rebuilt);
  // What was made again is in one place from here on: the next start does not make it again.
  if (rebuiltProblems.length > 0) await store.checkpoint();
  const refused = snapshotRefused ? [refusedSnapshot(path)] : [];
  return {
    store,
    log,
    decisions: decisions.log,
    problems: [
      ...problems,
      ...decisions.problems,
      ...skippedRecords(path, skipped),
      ...refused,
      ...rebuiltProblems,
    ],
  };
}

/** Rejects with a `DiskError` when the folder cannot be read. */
export async function openSignalling(
  options: SignallingOptions,
): Promise<{ readonly signalling: Signalling; readonly problems: readonly Diagnostic[] }> {
  const { disk, folder } = options;
  const signals = await openSignals(disk, folder, options.limits);
  const path = `${folder}/${NOTIFY_FOLDER}`;
  const queue = await openEventLog(disk, path);
  const notifier = new Notifier({
    log: queue.log,
    snapshot: queue.snapshot,
    records: queue.events,
    receivers: options.receivers,
    http: options.http,
    clock: options.clock,
    random: options.random,
    onProblem: options.onProblem,
    ...(options.onAttempt === undefined ? {} : { onAttempt: options.onAttempt }),
  });
  return {
    signalling: new Signalling(signals, queue.log, notifier, new VerdictWindow(options.clock.now())),
    problems: [...signals.problems, ...queue.problems, ...skippedRecords(path, notifier.skipped)],
  };
}

/** The log of signals, whose old files go when a snapshot holds what they say; what is kept for good is also in one that nothing is taken from. */
class AuditedLog implements EventLog {
  readonly #changes: EventLog;
  readonly #decisions: EventLog;

  constructor(changes: EventLog, decisions: EventLog) {
    this.#changes = changes;
    this.#decisions = decisions;
  }

  get length(): number {
    return this.#changes.length;
  }

  async append(record: unknown): Promise<void> {
    const isLasting = (record as { readonly number?: unknown }).number !== undefined;
    await Promise.all([this.#changes.append(record), ...(isLasting ? [this.#decisions.append(record)] : [])]);
  }

  snapshot(take: () => unknown): Promise<void> {
    return this.#changes.snapshot(take);
  }

  /** The decisions are asked for apart: what is missing of them is mended in another way. */
  isWhole(): Promise<boolean> {
    return this.#changes.isWhole();
  }

  async close(): Promise<void> {
    await this.#changes.close();
    await this.#decisions.close();
  }
}

export class Signalling {
  readonly store: SignalStore<Finding>;
  readonly notifier: Notifier;
  readonly verdicts: VerdictWindow;
  /** What is to be looked after: each can be written anew from memory. */
  readonly kept: readonly KeptLog[];
  readonly #logs: readonly EventLog[];

  constructor(
    { store, log, decisions }: SignalStoreOpening,
    queue: EventLog,
    notifier: Notifier,
    verdicts: VerdictWindow,
  ) {
    this.store = store;
    this.notifier = notifier;
    this.verdicts = verdicts;
    this.#logs = [log, queue];
    this.kept = [
      { folder: SIGNALS_FOLDER, isWhole: () => log.isWhole(), rewrite: () => store.rewrite() },
      {
        folder: `${SIGNALS_FOLDER}/${DECISIONS_FOLDER}`,
        isWhole: () => decisions.isWhole(),
        rewrite: () => decisions.snapshot(() => decisionsIn(store)),
      },
      { folder: NOTIFY_FOLDER, isWhole: () => queue.isWhole(), rewrite: () => notifier.rewrite() },
    ];
  }

  /** Tells what a stop or crash left untold, and begins to send. Rejects with a `DiskError`. */
  async start(): Promise<void> {
    await this.notifier.restartAt(this.store.sequence);
    await this.tell();
    await this.notifier.start();
  }

  /** The rules that are loaded now. */
  load(rules: Iterable<Rule>): void {
    this.store.load(rules);
  }

  /** Resolves when the events are safe, and what is to be told of them as well. Rejects when the disk refuses: the next call tries again. */
  async apply(events: readonly VerdictEvent[], rules: RuleLookup): Promise<void> {
    await this.store.apply(events, rules);
    await this.tell();
  }

  /** Verdicts of closed scopes, as the engine counts them. */
  async counts(counts: readonly VerdictCount[], at: Millis): Promise<void> {
    this.verdicts.add(counts, at);
    await this.store.counts(counts, at);
    await this.tell();
  }

  /** Hands to the notifier what it has not seen. */
  tell(): Promise<void> {
    return this.notifier.take(this.store.transitionsAfter(this.notifier.through), (id) => this.store.get(id));
  }

  /** Finishes what is under way and closes the logs. Messages that wait are sent after the next start. */
  async stop(): Promise<void> {
    await this.notifier.stop();
    await this.store.flush().catch(() => {});
    for (const log of this.#logs) await log.close();
  }
}

/** As the log of decisions has them, as far as the signals remember. */
function decisionsIn(store: SignalStore<Finding>): unknown[] {
  return [...store.signals()]
    .flatMap(({ id, decisions }) =>
      decisions.map(({ at, action, by, reason }) => ({
        kind: 'decision',
        at,
        signal: id,
        action,
        by,
        reason,
      })),
    )
    .sort((a, b) => a.at - b.at);
}

function skippedRecords(path: string, skipped: number): Diagnostic[] {
  if (skipped === 0) return [];
  return [
    {
      code: 'FL865',
      severity: 'error',
      message: `${skipped} ${skipped === 1 ? 'record is' : 'records are'} not of a form that this version knows, and left out`,
      file: path,
      help: 'use the version of Fluo that wrote them, or a newer one; they stay where they are',
    },
  ];
}

function refusedSnapshot(path: string): Diagnostic {
  return {
    code: 'FL866',
    severity: 'error',
    message: 'the snapshot of the signals is not of a form that this version knows',
    file: path,
    help: 'use the version of Fluo that wrote it, or a newer one; it stays where it is',
  };
}
