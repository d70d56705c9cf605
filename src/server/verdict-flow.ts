/**
 * What the engine says, brought to those who keep it: events to the signals, counts to metrics, minutes and the archive. One flush runs at
 * a time; what is said meanwhile goes with the next one. Violations go at once, counts every second.
 */
import { DiskError, remedyFor } from '../archive/disk/disk.ts';
import type { Millis, StreamEngine, VerdictCount, VerdictEvent } from '../engine/streaming/stream.ts';
import type { RuleLookup } from '../signal/signal-store.ts';
import type { ServerClock } from './clock.ts';
import { CountedPlaces } from './counted-places.ts';
import type { Health } from './health.ts';
import type { Through } from './journal.ts';
import type { Log } from './log.ts';
import type { ServerMetrics } from './metrics/server-metrics.ts';
import type { Signalling } from './signalling.ts';

export interface VerdictFlowOptions {
  readonly engine: StreamEngine;
  readonly signalling: Signalling;
  readonly lookup: RuleLookup;
  readonly clock: ServerClock;
  /** The engine's time. */
  readonly now: () => Millis;
  readonly metrics: ServerMetrics;
  readonly health: Health;
  readonly log: Log;
  /** Told of errors that only a bug can cause. */
  readonly onBug: (error: unknown) => void;
}

/** Keeps how far the engine's words have gone. */
export interface ToldRecord {
  /** Read in the same turn as events and counts. */
  through(): Through;
  /** Signals up to `through` are safe. Rejects with a `DiskError`; the counts are not to be given again. */
  told(through: Through, counts: readonly VerdictCount[]): Promise<void>;
}

const COUNTED_EVERY_MS = 1_000;
/** After a disk has refused. */
const RETRIED_AFTER_MS = 1_000;

export class VerdictFlow {
  readonly #options: VerdictFlowOptions;
  #events: VerdictEvent[] = [];
  #flushing: Promise<void> | null = null;
  #cancelTimer = () => {};
  #running = false;
  #record: ToldRecord | null = null;
  readonly #places = new CountedPlaces();
  /** With the signals, and not in the record yet. */
  #unrecorded: readonly VerdictCount[] = [];
  /** Written to the signals' memory, and refused by the disk. */
  #isUnsafe = false;

  constructor(options: VerdictFlowOptions) {
    this.#options = options;
  }

  /** From within the engine: takes note and returns. */
  tell(event: VerdictEvent): void {
    const { metrics } = this.#options;
    (event.kind === 'violated' ? metrics.violations : metrics.retractions).add(1, event.rule.id);
    this.#events.push(event);
  }

  /** The engine has worked: what it told goes on its way. */
  worked(): void {
    if (this.#running && this.#events.length > 0 && !this.#isUnsafe) void this.flush();
  }

  /** Begins. Without a record all is told again after a restart. */
  start(record: ToldRecord | null): void {
    this.#record = record;
    this.#running = true;
    this.#plan(COUNTED_EVERY_MS);
  }

  /** Brings on all that was said so far. Resolves when that is safe, or the disk has refused it: then it stays in memory. */
  async flush(): Promise<void> {
    // What runs may have begun before the last event.
    await this.#flushing;
    this.#flushing ??= this.#bring()
      .catch(this.#options.onBug)
      .finally(() => {
        this.#flushing = null;
      });
    await this.#flushing;
  }

  /** The last flush. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#cancelTimer();
    await this.flush();
  }

  #plan(milliseconds: number): void {
    this.#cancelTimer = this.#options.clock.after(milliseconds, async () => {
      await this.flush();
      if (this.#running) this.#plan(this.#isUnsafe ? RETRIED_AFTER_MS : COUNTED_EVERY_MS);
    });
  }

  async #bring(): Promise<void> {
    const { engine, signalling, lookup, health, log, now } = this.#options;
    const events = this.#events;
    this.#events = [];
    const through = this.#record?.through();
    const counts = this.#places.bounded(engine.takeCounts(), now());
    // The log has them: nobody asks.
    engine.takeClosed();
    this.#unrecorded = this.#unrecorded.concat(counts);
    this.#count(counts);
    // Both take what they are given into memory at once, and in this order: what opens a rule's `raise` comes first.
    const results = await Promise.allSettled([
      counts.length === 0 ? null : signalling.counts(counts, now()),
      signalling.apply(events, lookup),
    ]);
    if (through !== undefined && results.every((result) => result.status === 'fulfilled')) {
      const unrecorded = this.#unrecorded;
      this.#unrecorded = [];
      results.push(...(await Promise.allSettled([this.#record?.told(through, unrecorded) ?? null])));
    }
    const refused = results.find((result) => result.status === 'rejected');
    this.#isUnsafe = refused !== undefined;
    if (refused === undefined) {
      health.clear('signals-not-writable');
      return;
    }
    const { reason } = refused;
    if (!(reason instanceof DiskError)) throw reason;
    log.error('signals cannot be written', { problem: reason.message, help: remedyFor(reason.fault) });
    health.set(
      'signals-not-writable',
      `signals cannot be written: ${reason.message}`,
      remedyFor(reason.fault),
    );
  }

  #count(counts: readonly VerdictCount[]): void {
    const { metrics } = this.#options;
    for (const { rule, verdict, count } of counts) {
      if (count > 0) metrics.verdicts.add(count, rule, verdict);
      else metrics.verdictsTakenBack.add(-count, rule, verdict);
    }
  }
}
