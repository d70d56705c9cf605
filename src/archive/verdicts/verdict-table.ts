/** Counts of verdicts by minute. */
import type { Disk } from '../disk/disk.ts';
import { repeatedText, time, whole } from '../table-columns.ts';
import { type RowTable, writeRows } from '../write-rows.ts';

export interface VerdictRow {
  /** Its beginning, in milliseconds since 1970. */
  readonly minute: number;
  readonly rule: string;
  readonly ruleVersion: string;
  readonly verdict: string;
  readonly service: string;
  readonly serviceVersion: string;
  /** Negative where more was taken back than came: sums over time are right. */
  readonly count: number;
}

const TABLE: RowTable<VerdictRow> = {
  table: 'verdicts',
  timeOf: (row) => row.minute,
  columns: [
    time('minute', (row) => row.minute),
    repeatedText('rule', (row) => row.rule),
    repeatedText('rule_version', (row) => row.ruleVersion),
    repeatedText('verdict', (row) => row.verdict),
    repeatedText('service', (row) => row.service),
    repeatedText('service_version', (row) => row.serviceVersion),
    whole('count', (row) => row.count),
  ],
};

/**
 * Writes the counts under a number that the caller gives once and keeps with them: told again after a crash, they are written over
 * and not twice. Gives the paths; resolves when they are safe. Rejects with `DiskError`.
 */
export function writeVerdicts(
  disk: Disk,
  root: string,
  sequence: number,
  rows: readonly VerdictRow[],
): Promise<string[]> {
  return writeRows(disk, root, TABLE, sequence, rows);
}
