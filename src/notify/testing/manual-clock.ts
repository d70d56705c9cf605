/** Time that passes only when told to. */
import type { NotifyClock } from '../notifier-options.ts';

export class ManualClock implements NotifyClock {
  #now = 1_767_225_600_000;
  readonly #pending = new Set<{ readonly at: number; readonly callback: () => void }>();

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, callback: () => void): () => void {
    const entry = { at: this.#now + milliseconds, callback };
    this.#pending.add(entry);
    return () => this.#pending.delete(entry);
  }

  /** When something falls due next, from now; null: nothing will. */
  nextIn(): number | null {
    const times = [...this.#pending].map(({ at }) => at - this.#now);
    return times.length === 0 ? null : Math.min(...times);
  }

  /** Lets time pass, and calls what falls due, in order. */
  advance(milliseconds: number): void {
    this.#now += milliseconds;
    for (const entry of [...this.#pending].sort((a, b) => a.at - b.at)) {
      if (entry.at <= this.#now && this.#pending.delete(entry)) entry.callback();
    }
  }
}
