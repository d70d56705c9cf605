/** A log of records in memory, for tests: what a crash leaves of it can be looked at, and its disk can fail. */
import type { RecordLog } from '../../archive/record-log.ts';

export class MemoryRecordLog implements RecordLog {
  snapshotTaken: unknown = null;
  records: unknown[] = [];
  /** While set, nothing can be written. */
  failure: Error | null = null;

  async append(record: unknown): Promise<void> {
    if (this.failure !== null) throw this.failure;
    this.records.push(JSON.parse(JSON.stringify(record)));
  }

  async snapshot(take: () => unknown): Promise<void> {
    this.snapshotTaken = JSON.parse(JSON.stringify(take()));
    this.records = [];
  }

  get length(): number {
    return this.records.length;
  }
}
