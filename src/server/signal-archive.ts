/** Writes signals into the archive as they change: a row for each signal that moved since the last time, so that the last row is how it stands. */
import type { Disk } from '../archive/disk/disk.ts';
import { writeSignals } from '../archive/signals/signal-table.ts';
import type { Millis } from '../engine/streaming/stream.ts';
import type { Finding } from '../report/check-report.ts';
import type { SignalStore } from '../signal/signal-store.ts';
import { archivedSignal } from './archived-signal.ts';

export interface SignalArchiveOptions {
  readonly disk: Disk;
  /** The folder `archive`. */
  readonly root: string;
  readonly store: SignalStore<Finding>;
  readonly now: Millis;
}

/** What the server before may not have written is written again: a row more says nothing new. */
const AGAIN_MS = 3_600_000;

export class SignalArchive {
  readonly #options: SignalArchiveOptions;
  /** The last transition that is in the archive. */
  #through: number;

  constructor(options: SignalArchiveOptions) {
    this.#options = options;
    const { store, now } = options;
    this.#through = store.transitionsAfter(0).findLast(({ at }) => at < now - AGAIN_MS)?.sequence ?? 0;
  }

  /** Writes what has changed. Rejects with a `DiskError`: the next call writes it. */
  async write(): Promise<void> {
    const { disk, root, store } = this.#options;
    const transitions = store.transitionsAfter(this.#through);
    const last = transitions.at(-1);
    if (last === undefined) return;
    const changed = new Map(transitions.map(({ signal, at }) => [signal, at]));
    const rows = [...changed].flatMap(([id, at]) => {
      const signal = store.get(id);
      return signal === null ? [] : [archivedSignal(signal, at)];
    });
    if (rows.length > 0) await writeSignals(disk, root, last.sequence, rows);
    this.#through = last.sequence;
  }
}
