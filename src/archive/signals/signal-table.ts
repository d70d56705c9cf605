/** Signals with their witnesses: a row for each change, so that the last row of a fingerprint is how it stands. */
import type { Disk } from '../disk/disk.ts';
import { repeatedText, text, time, whole } from '../table-columns.ts';
import { type RowTable, writeRows } from '../write-rows.ts';
import type { SignalRow } from './signal-row.ts';

const TABLE: RowTable<SignalRow> = {
  table: 'signals',
  timeOf: (row) => row.at,
  columns: [
    time('at', (row) => row.at),
    repeatedText('fingerprint', (row) => row.fingerprint),
    whole('fingerprint_version', (row) => row.fingerprintVersion),
    repeatedText('rule', (row) => row.rule),
    repeatedText('rule_version', (row) => row.ruleVersion),
    repeatedText('severity', (row) => row.severity),
    repeatedText('state', (row) => row.state),
    time('first_seen', (row) => row.firstSeen),
    time('last_seen', (row) => row.lastSeen),
    whole('count', (row) => row.count),
    text('services', (row) => JSON.stringify(row.services)),
    text('service_versions', (row) => JSON.stringify(row.serviceVersions)),
    text('trace_ids', (row) => JSON.stringify(row.traceIds)),
    text('clause', (row) => row.clause),
    text('message', (row) => row.message),
    text('witness', (row) => JSON.stringify(row.witness) ?? 'null'),
  ],
};

/** As `writeVerdicts`. */
export function writeSignals(
  disk: Disk,
  root: string,
  sequence: number,
  rows: readonly SignalRow[],
): Promise<string[]> {
  return writeRows(disk, root, TABLE, sequence, rows);
}
