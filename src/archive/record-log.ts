/** A log of records that a state is rebuilt from, with snapshots so that starting stays quick. */

export interface RecordLog {
  /** Resolves when the record is safe. */
  append(record: unknown): Promise<void>;
  /**
   * Puts a snapshot in the place of the records so far, as far as starting is concerned. `take` is called at once, and gives a state that holds every
   * record appended before, and does not change afterwards: it is written in pieces.
   */
  snapshot(take: () => unknown): Promise<void>;
  /** Records since the last snapshot. */
  readonly length: number;
}
