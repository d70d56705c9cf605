/**
 * Many writers, one sync: whatever is asked for while a write runs goes with the next one, together.
 *
 *     a ─► write a ──────► done
 *       b, c, d ─────────► write b, c, d ──► done
 */

export class GroupCommit<T> {
  readonly #write: (batch: readonly T[]) => Promise<void>;
  #waiting: { readonly entry: T; readonly resolve: () => void; readonly reject: (error: unknown) => void }[] =
    [];
  #running: Promise<void> | null = null;

  /** `write` is never called while it runs; when it rejects, all entries of its batch are rejected. */
  constructor(write: (batch: readonly T[]) => Promise<void>) {
    this.#write = write;
  }

  /** Resolves when the batch with this entry is written. Entries are written in the order of the calls. */
  add(entry: T): Promise<void> {
    const written = new Promise<void>((resolve, reject) => {
      this.#waiting.push({ entry, resolve, reject });
    });
    this.#running ??= this.#run();
    return written;
  }

  /** Resolves when nothing is waiting. */
  async idle(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  async #run(): Promise<void> {
    // What is asked for in the same turn goes together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await this.#write(batch.map(({ entry }) => entry));
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#running = null;
  }
}
