/**
 * What the engine says, brought to those who keep it: events to the signals, counts to metrics, minutes and the archive. One flush runs at
 * a time; what is said meanwhile goes with the next one.
 */
import type { Millis, VerdictCount, VerdictEvent } from '../engine/streaming/stream.ts';
import type { RuleLookup } from '../signal/signal-store.ts';
import type { Health } from './health.ts';
import type { Log } from './log.ts';
import type { ServerMetrics } from './metrics/server-metrics.ts';
import type { Signalling } from './signalling.ts';

export interface VerdictFlowOptions {
  readonly signalling: Signalling;
  readonly lookup: RuleLookup;
  readonly metrics: ServerMetrics;
  readonly health: Health;
  readonly log: Log;
}

export class VerdictFlow {
  readonly #options: VerdictFlowOptions;

  constructor(options: VerdictFlowOptions) {
    this.#options = options;
  }

  /** Resolves when all of it is safe; rejects with the disk's error, and then the signals write it with the next call. */
  async bring(events: readonly VerdictEvent[], counts: readonly VerdictCount[], at: Millis): Promise<void> {
    const { signalling, lookup, health, log } = this.#options;
    this.#count(events, counts);
    try {
      // What opens a rule's `raise` comes before the violations that it lets through.
      if (counts.length > 0) await signalling.counts(counts, at);
      await signalling.apply(events, lookup);
      health.clear('signals-not-writable');
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      log.error('signals cannot be written', { problem: message });
      health.set(
        'signals-not-writable',
        `signals cannot be written: ${message}`,
        'see to the disk of the data folder; they are kept in memory and written when it can be written again',
      );
      throw error;
    }
  }

  #count(events: readonly VerdictEvent[], counts: readonly VerdictCount[]): void {
    const { metrics } = this.#options;
    for (const { kind, rule } of events) {
      (kind === 'violated' ? metrics.violations : metrics.retractions).add(1, rule.id);
    }
    for (const { rule, verdict, count } of counts) {
      if (count > 0) metrics.verdicts.add(count, rule, verdict);
      else metrics.verdictsTakenBack.add(-count, rule, verdict);
    }
  }
}
