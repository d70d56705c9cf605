/** The state of signals as the log of changes has it, mended with what is kept for good. */
import type { RecordLog } from '../archive/record-log.ts';
import { headsIn, type LastingRecord, missingFrom, numbersWithin, withMissing } from './missing-decisions.ts';
import { type FoldSnapshot, SignalFold } from './signal-fold.ts';
import { isSignalRecord, type SignalRecord } from './signal-record.ts';
import {
  DEFAULT_SIGNAL_LIMITS,
  type DescribeViolation,
  type SignalLimits,
  SignalStore,
} from './signal-store.ts';

export interface SignalStoreOptions<Witness> {
  readonly log: RecordLog;
  /** What the log was opened with: the last snapshot, and the records after it. */
  readonly snapshot: unknown;
  readonly records: readonly unknown[];
  /** What is kept for good beside the log, in its order: what the log does not have of it is applied. Absent: nothing is. */
  readonly lasting?: readonly unknown[];
  /** Lines of the log are known to be damaged. */
  readonly isDamaged?: boolean;
  readonly describe: DescribeViolation<Witness>;
  readonly limits?: Partial<SignalLimits>;
}

/** Whether a log or snapshot could be read whole; what could not is left as it is on disk. */
export interface StoreOpening<Witness> {
  readonly store: SignalStore<Witness>;
  /** Records that are not of this program's form. */
  readonly skipped: number;
  /** The snapshot is of another form, and was not used. */
  readonly snapshotRefused: boolean;
  readonly rebuilt: RebuiltSignals;
}

/** What was not in the log, and could be had all the same. Numbers of signals, but for `replayed`. */
export interface RebuiltSignals {
  readonly fromDecisions: number;
  readonly fromOccurrences: number;
  /** Decisions that the log did not have. */
  readonly replayed: number;
  /** All signals that differ from what the log alone holds. */
  readonly affected: number;
}

export function openSignalStore<Witness>(options: SignalStoreOptions<Witness>): StoreOpening<Witness> {
  const limits = { ...DEFAULT_SIGNAL_LIMITS, ...options.limits };
  const snapshot = isSnapshot<Witness>(options.snapshot) ? options.snapshot : null;
  const snapshotRefused = snapshot === null && options.snapshot !== null;
  const fold = new SignalFold<Witness>(limits, snapshot);
  const records: SignalRecord<Witness>[] = options.records.filter(isSignalRecord);
  const lasting = (options.lasting ?? []).filter(isLasting);
  const skipped = options.records.length - records.length + (options.lasting ?? []).length - lasting.length;
  for (const number of numbersWithin(snapshot, lasting)) fold.skipNumber(number);
  const isWhole =
    options.isDamaged !== true && !snapshotRefused && beginsWhole(records, fold) && skipped === 0;
  const hasNumber = (number: number) => fold.hasNumber(number);
  const missing = missingFrom(lasting, { snapshot, records, isWhole, hasNumber });
  const heads = headsIn(records, lasting);
  for (const record of withMissing(records, missing)) fold.apply(record, heads);
  return {
    store: new SignalStore(fold, options.log, options.describe, limits),
    skipped,
    snapshotRefused,
    rebuilt: rebuiltIn(fold, missing),
  };
}

function rebuiltIn(fold: SignalFold<unknown>, missing: readonly LastingRecord[]): RebuiltSignals {
  const replayed = missing.filter((record) => record.kind === 'decision');
  const known = replayed.map(({ signal }) => signal).filter((id) => fold.get(id) !== null);
  const made = [...fold.madeAgain.values()];
  return {
    fromDecisions: made.filter((of) => of === 'decision').length,
    fromOccurrences: made.filter((of) => of === 'occurrence').length,
    replayed: replayed.length,
    affected: new Set([...known, ...fold.madeAgain.keys()]).size,
  };
}

function isLasting(value: unknown): value is LastingRecord {
  return isSignalRecord(value) && (value.kind === 'decision' || value.kind === 'forgotten');
}

/** Whether each signal begins with the record that says what it is. */
function beginsWhole(records: readonly SignalRecord<unknown>[], before: SignalFold<unknown>): boolean {
  const begun = new Set<string>();
  for (const record of records) {
    if (record.kind !== 'violation') continue;
    if (record.head !== undefined) begun.add(record.signal);
    else if (!begun.has(record.signal) && before.get(record.signal) === null) return false;
  }
  return true;
}

function isSnapshot<Witness>(value: unknown): value is FoldSnapshot<Witness> {
  const snapshot = value as Partial<FoldSnapshot<Witness>> | null;
  return (
    typeof snapshot === 'object' &&
    snapshot !== null &&
    snapshot.version === 1 &&
    typeof snapshot.sequence === 'number' &&
    Array.isArray(snapshot.signals) &&
    Array.isArray(snapshot.occurrences) &&
    Array.isArray(snapshot.transitions)
  );
}
