/**
 * Brings a fresh engine to where the last one was, from the log and the journal.
 *
 *     log      |- - - - told - - - - - -|- - not told yet - -|  now
 *     engine   add, add, ... (silent)  tick  add, add (heard)  resume, rules
 *
 * The same records with the same times lead to the same state; what was told up to `through` is not told again.
 */
import type { SkippedSpans } from '../archive/archiver.ts';
import type { Disk } from '../archive/disk/disk.ts';
import { openWriteAheadLog } from '../archive/wal/open-write-ahead-log.ts';
import type { WalRecord } from '../archive/wal/segment-format.ts';
import type { WalOptions, WalSegment, WriteAheadLog } from '../archive/wal/write-ahead-log.ts';
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import type { LiveRule, Millis, Position, StreamEngine } from '../engine/streaming/stream.ts';
import type { NameTable } from '../otlp/name-table.ts';
import { RequestScanner } from '../otlp/proto/request-scanner.ts';
import type { ScanLimits } from '../otlp/proto/scan-limits.ts';
import { ScannedRequest } from '../otlp/proto/scanned-request.ts';
import { counted } from '../report/counted.ts';
import { goneIds, type Journal, openJournal } from './journal.ts';
import { type RuleVersions, readResumeRecord, readRulesRecord } from './log-records.ts';

export const WAL_FOLDER = 'wal';
export const JOURNAL_FOLDER = 'journal';

export interface RecoveryOptions {
  readonly disk: Disk;
  /** The data folder. */
  readonly folder: string;
  readonly wal: WalOptions;
  /** Nothing was ever given to it. */
  readonly engine: StreamEngine;
  readonly names: NameTable;
  readonly limits: ScanLimits;
  readonly lateWindow: Millis;
  /** As they are loaded now. */
  readonly rules: readonly LiveRule[];
  /** An earlier version of a rule; null: not known any more. */
  readonly earlierRule: (id: string, version: string) => LiveRule | null;
  /** Wall time; numbers the first segment of a log. */
  readonly now: Millis;
  /** Whether what the engine says is to be passed on. Called before the first word. */
  readonly listen: (isHeard: boolean) => void;
  /** From 0 to 1. */
  readonly onProgress?: (share: number) => void;
  /** Lets others have a turn. */
  readonly breathe: () => Promise<void>;
}

export interface Recovery {
  readonly wal: WriteAheadLog;
  readonly journal: Journal;
  readonly problems: readonly Diagnostic[];
  /** How far the engine's time has come: time must go on from here, and the intake notes it. */
  readonly tickedTo: Millis;
  /** The last record that the engine has seen. */
  readonly processed: Position;
  /** Segments that the archive does not have, and the repeated spans in them. */
  readonly unarchived: readonly WalSegment[];
  readonly skips: readonly SkippedSpans[];
  readonly replayedRecords: number;
}

/** Records between two breaths. */
const BREATH = 64;
/** Rules that a message names. */
const MOST_NAMED = 10;

/** Rejects with a `DiskError` when the folder cannot be read. */
export async function recover(options: RecoveryOptions): Promise<Recovery> {
  const { disk, folder, engine, lateWindow, now } = options;
  const { journal, problems: journalProblems } = await openJournal(
    disk,
    `${folder}/${JOURNAL_FOLDER}`,
    lateWindow,
  );
  const replay = new Replay(options, journal);
  const { through } = journal;
  const floor = { position: (through?.position ?? 0) + 1, sequence: firstSequence(now) };
  const { log, problems } = await openWriteAheadLog(
    disk,
    `${folder}/${WAL_FOLDER}`,
    options.wal,
    // Only a log without any segment begins anew; numbers that were used must not come again.
    floor,
    async (segment, records, { read, total }) => {
      await replay.take(segment, records);
      options.onProgress?.(total === 0 ? 1 : read / total);
    },
  );
  replay.finish();
  const lost = versionsLost(replay.lostRules, engine.stats().openTraces, folder);
  // Nothing that closed on the way is of interest: it is in the log or was told.
  engine.takeClosed();
  return {
    wal: log,
    journal,
    problems: [...journalProblems, ...problems, ...beginsLate(replay.goneTraces, folder), ...lost],
    tickedTo: replay.tickedTo,
    processed: Math.max(replay.processed, through?.position ?? 0),
    unarchived: log.unarchived().filter((one) => one.lastPosition >= one.firstPosition),
    skips: replay.skips,
    replayedRecords: replay.count,
  };
}

function beginsLate(traces: number, folder: string): Diagnostic[] {
  if (traces === 0) return [];
  return [
    {
      code: 'FL825',
      severity: 'warning',
      message: `the log lacks the first spans of ${counted(traces, 'open trace')}: not judged any more`,
      file: `${folder}/${WAL_FOLDER}`,
      notes: ['it was cut to `wal.max_bytes`, or somebody removed files of it'],
      help: 'set `wal.max_bytes` to what fifteen minutes of traffic need, and remove nothing of the folder while the server runs',
    },
  ];
}

function versionsLost(rules: ReadonlySet<string>, traces: number, folder: string): Diagnostic[] {
  if (rules.size === 0 || traces === 0) return [];
  const few = [...rules].slice(0, MOST_NAMED).map((id) => `\`${id}\``);
  const more = rules.size > few.length ? [`and ${rules.size - few.length} more`] : [];
  return [
    {
      code: 'FL827',
      severity: 'warning',
      message: `${rules.size === 1 ? 'a rule' : `${rules.size} rules`} had another meaning before the restart, which is not known any more: up to ${traces} open traces are not judged by ${rules.size === 1 ? 'it' : 'them'}`,
      file: `${folder}/${WAL_FOLDER}`,
      notes: [[...few, ...more].join(', ')],
      help: 'nothing has to be done: traces that begin from now on are judged by all rules',
    },
  ];
}

/** Tenths of seconds: twelve digits, and ahead of every earlier log as long as it had fewer than ten segments a second. */
function firstSequence(now: Millis): number {
  return Math.floor(now / 100);
}

class Replay {
  readonly #options: RecoveryOptions;
  readonly #journal: Journal;
  /** The rules that are in force now, by id. */
  readonly #current: ReadonlyMap<string, LiveRule>;
  readonly #scanner: RequestScanner;
  readonly #request = new ScannedRequest();
  #isHeard = false;
  readonly skips: SkippedSpans[] = [];
  tickedTo: Millis = 0;
  processed: Position = 0;
  count = 0;
  /** Marked as gone. */
  goneTraces = 0;
  /** Rules that are in force and were in an earlier version, which is not known. */
  readonly lostRules = new Set<string>();

  constructor(options: RecoveryOptions, journal: Journal) {
    this.#options = options;
    this.#journal = journal;
    this.#current = new Map(options.rules.map((one) => [one.rule.id, one]));
    this.#scanner = new RequestScanner(options.names, options.limits);
    options.listen(false);
  }

  async take(segment: WalSegment, records: readonly WalRecord[]): Promise<void> {
    for (const record of records) {
      if (this.count++ === 0) this.#begin(record);
      const { through } = this.#journal;
      if (!this.#isHeard && record.position > (through?.position ?? 0)) this.#hear();
      this.#apply(record, segment);
      this.processed = record.position;
      if (this.count % BREATH === 0) await this.#options.breathe();
    }
  }

  finish(): void {
    if (this.count === 0) this.#markGone(this.#options.now);
    if (!this.#isHeard) this.#hear();
  }

  /** The state before the first record that is left. */
  #begin({ position, at }: WalRecord): void {
    const { engine, rules } = this.#options;
    const versions = this.#journal.rulesBefore(position);
    engine.load(versions === null ? rules : this.#rulesOf(versions), at);
    this.#markGone(at);
  }

  /** What is needed and not in the log any more must not be taken for absent. */
  #markGone(at: Millis): void {
    const { engine, lateWindow } = this.#options;
    const { gone: all, goneUntil } = this.#journal;
    if (goneUntil !== null) engine.doubtGroups(goneUntil);
    for (const gone of all) {
      if (gone.at < at - lateWindow) continue;
      const ids = goneIds(gone);
      this.goneTraces += ids.length / 4;
      for (let i = 0; i < ids.length; i += 4) engine.markGone(ids.subarray(i, i + 4), gone.at);
    }
  }

  #apply({ kind, position, at, bytes }: WalRecord, segment: WalSegment): void {
    const { engine } = this.#options;
    if (kind === 'resume') {
      this.#tick(readResumeRecord(bytes));
      engine.resume(at);
    } else if (kind === 'rules') engine.load(this.#rulesOf(readRulesRecord(bytes)), at);
    else if (this.#scanner.scan(bytes, this.#request) === null) {
      const ordinals = engine.add(this.#request, at, position);
      if (ordinals.length > 0 && !segment.isArchived) this.skips.push({ position, ordinals: [...ordinals] });
    }
    this.tickedTo = Math.max(this.tickedTo, at);
  }

  /** As they were then, but for those that are not in force any more: they end at the start in any case. */
  #rulesOf(versions: RuleVersions): LiveRule[] {
    return versions.flatMap(([id, version]) => {
      const current = this.#current.get(id);
      if (current === undefined) return [];
      const rule = current.version === version ? current : this.#options.earlierRule(id, version);
      if (rule === null) this.lostRules.add(id);
      return rule ?? [];
    });
  }

  /** Everything up to here was told. */
  #hear(): void {
    const { engine, listen } = this.#options;
    const { through } = this.#journal;
    if (through !== null) this.#tick(through.at);
    engine.takeCounts();
    this.#isHeard = true;
    listen(true);
  }

  #tick(at: Millis): void {
    if (at <= this.tickedTo) return;
    this.#options.engine.tick(at);
    this.tickedTo = at;
  }
}
