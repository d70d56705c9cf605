/**
 * What is kept for good and the log of changes does not have, and where in that log it belongs: the log may be gone, older than the decisions, or
 * damaged.
 *
 *     log        v1  v2  d2  v3            v: violation, d: decision
 *     decisions  d1  d2  d3        ──►     v1  d1  v2  d2  v3  d3
 */
import type { Millis } from '../engine/streaming/stream.ts';
import { aboutOf, headOfAbout, madeUp } from './rebuilt-signal.ts';
import type { FoldSnapshot, KnownHeads } from './signal-fold.ts';
import type { DecisionRecord, ForgottenRecord, SignalHead, SignalRecord } from './signal-record.ts';

export type LastingRecord = DecisionRecord | ForgottenRecord;

export interface LogFound {
  readonly snapshot: FoldSnapshot<unknown> | null;
  readonly records: readonly SignalRecord<unknown>[];
  /** No line of it is known to be damaged. */
  readonly isWhole: boolean;
  /** Whether the snapshot has the record of that number. */
  readonly hasNumber: (number: number) => boolean;
}

/** Those of `lasting` that the log does not have, each once. */
export function missingFrom(lasting: readonly LastingRecord[], log: LogFound): LastingRecord[] {
  const numbers = new Set(log.records.flatMap((record) => numberOf(record) ?? []));
  const missing: LastingRecord[] = [];
  const earlier = knownWithoutNumber(log);
  for (const record of lasting) {
    const { number } = record;
    const isKnown = number === undefined ? earlier(record) : numbers.has(number) || log.hasNumber(number);
    if (isKnown) continue;
    if (number !== undefined) numbers.add(number);
    missing.push(record);
  }
  return missing;
}

/** Numbers of what a snapshot of a version before has without knowing it. */
export function numbersWithin(
  snapshot: FoldSnapshot<unknown> | null,
  lasting: readonly LastingRecord[],
): number[] {
  if (snapshot === null || snapshot.decided !== undefined) return [];
  const end = endOf(snapshot);
  return lasting.flatMap(({ number, at }) => (number === undefined || at > end ? [] : [number]));
}

/**
 * The records with those that are missing among them: each before what came later, and before all that are kept for good and have a higher number.
 * Both keep their order.
 */
export function withMissing<Witness>(
  records: readonly SignalRecord<Witness>[],
  missing: readonly LastingRecord[],
): SignalRecord<Witness>[] {
  if (missing.length === 0) return [...records];
  // The lowest number that is still to come at each place.
  const lowest = new Array<number>(records.length + 1).fill(Number.POSITIVE_INFINITY);
  for (let i = records.length - 1; i >= 0; i--) {
    lowest[i] = Math.min(
      lowest[i + 1] as number,
      numberOf(records[i] as SignalRecord<Witness>) ?? Number.POSITIVE_INFINITY,
    );
  }
  const all: SignalRecord<Witness>[] = [];
  let next = 0;
  for (const [i, record] of records.entries()) {
    for (let one = missing[next]; one !== undefined; one = missing[++next]) {
      const number = one.number ?? 0;
      const isLater = record.at > one.at || (numberOf(record) ?? 0) > number;
      if (!isLater || (one.number !== undefined && (lowest[i] as number) < number)) break;
      all.push(one);
    }
    all.push(record);
  }
  for (const one of missing.slice(next)) all.push(one);
  return all;
}

/** What is said of a signal anywhere, for records that come before it: the first of all heads, else its rule alone. */
export function headsIn(
  records: readonly SignalRecord<unknown>[],
  lasting: readonly LastingRecord[],
): KnownHeads {
  const heads = new Map<string, SignalHead>();
  for (const record of records) {
    if (record.kind !== 'violation' || record.head === undefined || heads.has(record.signal)) continue;
    heads.set(record.signal, record.head);
  }
  for (const record of lasting) {
    if (record.kind !== 'decision' || heads.has(record.signal)) continue;
    const about = aboutOf(record);
    if (about !== null && about.rebuilt !== 'partly') heads.set(record.signal, headOfAbout(about));
  }
  for (const record of records) {
    if (record.kind !== 'violation' || heads.has(record.signal)) continue;
    heads.set(record.signal, madeUp(record.signal, record.rule));
  }
  return heads;
}

function numberOf(record: SignalRecord<unknown>): number | undefined {
  return record.kind === 'decision' || record.kind === 'forgotten' ? record.number : undefined;
}

/**
 * Whether the log has a record of a version before, which has no number: it has what it says in the same words, and, if it is whole, all up to its end,
 * though signals may be forgotten since.
 */
function knownWithoutNumber({ snapshot, records, isWhole }: LogFound): (record: LastingRecord) => boolean {
  const inSnapshot = snapshot === null ? Number.NEGATIVE_INFINITY : endOf(snapshot);
  const end = records.reduce((latest, { at }) => Math.max(latest, at), inSnapshot);
  const same = new Map<string, number>();
  for (const record of records) {
    if (record.kind === 'decision') same.set(wordsOf(record), (same.get(wordsOf(record)) ?? 0) + 1);
  }
  return (record) => {
    if (record.at <= inSnapshot) return true;
    const left = record.kind === 'decision' ? (same.get(wordsOf(record)) ?? 0) : 0;
    if (left > 0 && record.kind === 'decision') same.set(wordsOf(record), left - 1);
    return left > 0 || (isWhole && record.at <= end);
  };
}

function endOf({ transitions, signals }: FoldSnapshot<unknown>): Millis {
  const times = [...transitions.map(({ at }) => at), ...signals.map(({ signal }) => signal.lastSeen)];
  return times.reduce((latest, at) => Math.max(latest, at), Number.NEGATIVE_INFINITY);
}

function wordsOf({ signal, at, action, by, reason }: DecisionRecord): string {
  return JSON.stringify([signal, at, action, by, reason]);
}
