/**
 * How far the engine's words have gone: everything up to `through` was told, and is not told again after a restart. What the counts of verdicts come
 * to lies here until the archive has it, each exactly once.
 *
 *     flush ─► signals (idempotent) ─► journal { through, counts } ─► a minute's counts, under a number ─► archive ─► `written`
 */
import type { Disk } from '../archive/disk/disk.ts';
import { type EventLog, openEventLog } from '../archive/event-log.ts';
import type { VerdictRow } from '../archive/verdicts/verdict-table.ts';
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import type { Millis, Position, VerdictCount } from '../engine/streaming/stream.ts';
import type { RuleVersions } from './log-records.ts';

/** The engine has seen everything up to this record, and its clock has come to this time. */
export interface Through {
  readonly position: Position;
  readonly at: Millis;
}

/** Traces whose first spans are not in the log any more: four words of an id each, as base64 of little-endian bytes. */
export interface GoneTraces {
  readonly at: Millis;
  readonly ids: string;
}

export interface CountBatch {
  /** Gives the file in the archive its name. */
  readonly sequence: number;
  readonly rows: readonly VerdictRow[];
}

type JournalEvent =
  | { readonly kind: 'flush'; readonly through: Through; readonly counts: readonly VerdictCount[] }
  | { readonly kind: 'rules'; readonly position: Position; readonly versions: RuleVersions }
  | { readonly kind: 'gone'; readonly gone: GoneTraces }
  /** All counts so far that are in no batch are this one. */
  | { readonly kind: 'batch'; readonly sequence: number }
  | { readonly kind: 'written'; readonly sequence: number };

interface JournalState {
  through: Through | null;
  /** The last ones, oldest first. */
  rules: { readonly position: Position; readonly versions: RuleVersions }[];
  gone: GoneTraces[];
  /** Absent in snapshots of earlier versions. */
  goneUntil?: Millis;
  rows: VerdictRow[];
  batches: CountBatch[];
  sequence: number;
}

/** Versions of rule sets that are remembered: a replay begins minutes back. */
const MOST_RULE_SETS = 50;
const SNAPSHOT_EVERY = 5_000;
const MINUTE = 60_000;

/** Rejects with a `DiskError` when the folder cannot be read. */
export async function openJournal(
  disk: Disk,
  folder: string,
  lateWindow: Millis,
): Promise<{ readonly journal: Journal; readonly problems: readonly Diagnostic[] }> {
  const { log, snapshot, events, problems } = await openEventLog(disk, folder);
  const journal = new Journal(log, snapshot as JournalState | null, lateWindow);
  for (const event of events) journal.replay(event as JournalEvent);
  return { journal, problems };
}

export class Journal {
  readonly #log: EventLog;
  readonly #lateWindow: Millis;
  readonly #state: JournalState;
  /** By minute, rule, verdict and service: those of the state, to be added to. */
  readonly #rowOf = new Map<string, number>();
  /** Refused by the disk; the next flush takes it along. */
  #unsaved: readonly VerdictCount[] = [];
  #last: Promise<unknown> = Promise.resolve();

  constructor(log: EventLog, snapshot: JournalState | null, lateWindow: Millis) {
    this.#log = log;
    this.#lateWindow = lateWindow;
    this.#state = snapshot ?? { through: null, rules: [], gone: [], rows: [], batches: [], sequence: 0 };
    for (const [index, row] of this.#state.rows.entries()) this.#rowOf.set(keyOf(row), index);
  }

  /** Null: nothing was ever told. */
  get through(): Through | null {
    return this.#state.through;
  }

  /** Batches that the archive may not have yet. */
  get batches(): readonly CountBatch[] {
    return this.#state.batches;
  }

  get gone(): readonly GoneTraces[] {
    return this.#state.gone;
  }

  /** Of what came before, the log lacks something that was needed; null: of nothing. */
  get goneUntil(): Millis | null {
    return this.#state.goneUntil ?? null;
  }

  /** The rules that were in force before a record; null: not known. */
  rulesBefore(position: Position): RuleVersions | null {
    return this.#state.rules.findLast((one) => one.position < position)?.versions ?? null;
  }

  /** For `openJournal`: an event that is in the log. */
  replay(event: JournalEvent): void {
    const state = this.#state;
    switch (event.kind) {
      case 'flush':
        state.through = event.through;
        for (const count of event.counts) this.#count(count, event.through.at);
        break;
      case 'rules':
        state.rules.push({ position: event.position, versions: event.versions });
        if (state.rules.length > MOST_RULE_SETS) state.rules.shift();
        break;
      case 'gone':
        state.gone = state.gone.filter(({ at }) => at >= event.gone.at - this.#lateWindow);
        if (event.gone.ids !== '') state.gone.push(event.gone);
        state.goneUntil = Math.max(state.goneUntil ?? event.gone.at, event.gone.at);
        break;
      case 'batch':
        state.batches.push({ sequence: event.sequence, rows: state.rows });
        state.sequence = event.sequence;
        state.rows = [];
        this.#rowOf.clear();
        break;
      case 'written':
        state.batches = state.batches.filter(({ sequence }) => sequence !== event.sequence);
        break;
    }
  }

  /**
   * Everything up to `through` was told, and these counts came. Resolves when that is safe; rejects with a `DiskError`, and then the next call brings
   * the counts again.
   */
  flush(through: Through, counts: readonly VerdictCount[]): Promise<void> {
    // No spread: there may be more of them than a call has room for.
    this.#unsaved = this.#unsaved.concat(counts);
    return this.#inTurn(async () => {
      const all = this.#unsaved;
      // What is told twice is harmless, and time that passes tells nothing.
      if (all.length === 0 && this.#state.through?.position === through.position) return;
      this.#unsaved = [];
      try {
        await this.#append({ kind: 'flush', through, counts: all });
      } catch (error) {
        this.#unsaved = all.concat(this.#unsaved);
        throw error;
      }
      if (this.#log.length >= SNAPSHOT_EVERY) await this.#log.snapshot(() => this.#state);
    });
  }

  rules(position: Position, versions: RuleVersions): Promise<void> {
    return this.#inTurn(() => this.#append({ kind: 'rules', position, versions }));
  }

  /** Something that was needed is not in the log any more: of these traces, and perhaps of groups of a rule with `across`. */
  markGone(at: Millis, ids: Uint32Array): Promise<void> {
    const bytes = Buffer.from(ids.buffer, ids.byteOffset, ids.byteLength);
    const gone: GoneTraces = { at, ids: bytes.toString('base64') };
    return this.#inTurn(() => this.#append({ kind: 'gone', gone }));
  }

  /** Puts the counts of minutes that are over into a batch of their own; null: there are none. */
  batch(now: Millis): Promise<CountBatch | null> {
    return this.#inTurn(async () => {
      const first = this.#state.rows[0];
      if (first === undefined || now < first.minute + MINUTE) return null;
      await this.#append({ kind: 'batch', sequence: this.#state.sequence + 1 });
      return this.#state.batches.at(-1) ?? null;
    });
  }

  /** The archive has the batch. */
  written(sequence: number): Promise<void> {
    return this.#inTurn(() => this.#append({ kind: 'written', sequence }));
  }

  /** Whether all that the next start needs is on disk. Rejects with a `DiskError`. */
  isWhole(): Promise<boolean> {
    return this.#log.isWhole();
  }

  /** Writes all that it knows anew: somebody removed its files. Rejects with a `DiskError`. */
  rewrite(): Promise<void> {
    return this.#inTurn(() => this.#log.snapshot(() => this.#state));
  }

  close(): Promise<void> {
    return this.#inTurn(() => this.#log.close());
  }

  /** One after the other, so that a snapshot holds exactly what was appended before it. */
  #inTurn<Value>(action: () => Promise<Value>): Promise<Value> {
    const result = this.#last.then(action);
    this.#last = result.catch(() => {});
    return result;
  }

  /** First on disk, then in the state. */
  async #append(event: JournalEvent): Promise<void> {
    await this.#log.append(event);
    this.replay(event);
  }

  #count({ rule, ruleVersion, verdict, service, serviceVersion, count }: VerdictCount, at: Millis): void {
    const minute = Math.floor(at / MINUTE) * MINUTE;
    const row: VerdictRow = { minute, rule, ruleVersion, verdict, service, serviceVersion, count };
    const key = keyOf(row);
    const index = this.#rowOf.get(key);
    if (index === undefined) {
      this.#rowOf.set(key, this.#state.rows.push(row) - 1);
      return;
    }
    const before = this.#state.rows[index] as VerdictRow;
    this.#state.rows[index] = { ...before, count: before.count + count };
  }
}

function keyOf({ minute, rule, ruleVersion, verdict, service, serviceVersion }: VerdictRow): string {
  return JSON.stringify([minute, rule, ruleVersion, verdict, service, serviceVersion]);
}

/** The ids of traces that are gone, four words each. */
export function goneIds({ ids }: GoneTraces): Uint32Array {
  const bytes = Buffer.from(ids, 'base64');
  const words = new Uint32Array(bytes.length / 4);
  for (let i = 0; i < words.length; i++) words[i] = bytes.readUInt32LE(i * 4);
  return words;
}
