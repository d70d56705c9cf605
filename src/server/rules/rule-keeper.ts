/** Keeps the rules in force what their files say: reads them again when they change, and when a day begins on which exceptions expire. */
import type { SourceText } from '../../diagnostic/diagnostic.ts';
import type { JudgeSettings } from '../../engine/verdict.ts';
import type { ServerClock } from '../clock.ts';
import { NO_TELEMETRY, type OwnSpan, type OwnTelemetry } from '../own-telemetry.ts';
import { NO_RULES, RuleLoader, type RuleSet, sameMeaning } from './rule-set.ts';
import type { RuleReading, RuleSource } from './rule-source.ts';

export type ReloadOutcome = 'loaded' | 'unchanged' | 'errors';

export interface RuleKeeperOptions {
  readonly source: RuleSource;
  readonly settings: JudgeSettings;
  /** Texts that were in force in an earlier process: broken ones are replaced by these. */
  readonly lastGood?: readonly SourceText[];
  readonly clock: ServerClock;
  /** Is shown each reading that found a change. */
  readonly telemetry?: OwnTelemetry;
  /**
   * Called when the files have changed, or the day. `meaning`: the engine must be told; otherwise only names, severities and the like
   * differ, or the diagnostics.
   */
  readonly onChange: (set: RuleSet, outcome: ReloadOutcome, meaning: boolean) => void;
}

/** Editors write a file in several steps; a reading in between would see half of it. */
const SETTLED_AFTER_MS = 200;
/** Network and container volumes often tell nobody of a change: the files are looked at so often in any case. */
const POLL_MS = 5_000;

export class RuleKeeper {
  readonly #options: RuleKeeperOptions;
  readonly #loader: RuleLoader;
  #set: RuleSet = NO_RULES;
  #reading: RuleReading = { files: [], paths: [], problems: [], unread: [] };
  #day = '';
  #stopWatching = () => {};
  #cancelSettling = () => {};
  #cancelPoll = () => {};

  constructor(options: RuleKeeperOptions) {
    this.#options = options;
    this.#loader = new RuleLoader(options.settings, options.lastGood);
  }

  get current(): RuleSet {
    return this.#set;
  }

  /** The first reading; `onChange` is not called for it. */
  loadFirst(): RuleSet {
    this.#reading = this.#options.source.read();
    this.#day = this.#today();
    this.#set = this.#loader.load(this.#reading, this.#day);
    return this.#set;
  }

  /** Begins to watch the files. */
  watch(): void {
    this.#watchPaths();
    this.#pollLater();
  }

  stop(): void {
    this.#stopWatching();
    this.#cancelSettling();
    this.#cancelPoll();
  }

  /** Reads the files now. Cost: a reading; compiling only where a text or the day has changed. */
  look(): void {
    // One that is not ended is not sent: the readings that find nothing new are no reloads.
    const span = (this.#options.telemetry ?? NO_TELEMETRY).begin('reload rules');
    const reading = this.#options.source.read();
    const day = this.#today();
    if (day === this.#day && sameReading(reading, this.#reading)) return;
    const before = this.#set;
    this.#reading = reading;
    this.#day = day;
    this.#set = this.#loader.load(reading, day);
    // A folder that was put back, or another in its place, is not the one that was watched.
    this.#watchPaths();
    const meaning = !sameMeaning(before, this.#set);
    const outcome = this.#set.broken.length > 0 ? 'errors' : meaning ? 'loaded' : 'unchanged';
    this.#options.onChange(this.#set, outcome, meaning);
    if (span === null) return;
    describeReload(span, this.#set, outcome);
    span.end(outcome === 'errors');
  }

  #watchPaths(): void {
    const stopBefore = this.#stopWatching;
    this.#stopWatching = this.#options.source.watch(this.#reading.paths, () => {
      this.#cancelSettling();
      this.#cancelSettling = this.#options.clock.after(SETTLED_AFTER_MS, () => this.look());
    });
    stopBefore();
  }

  #pollLater(): void {
    this.#cancelPoll = this.#options.clock.after(POLL_MS, () => {
      this.look();
      this.#pollLater();
    });
  }

  #today(): string {
    return new Date(this.#options.clock.wall()).toISOString().slice(0, 10);
  }
}

function describeReload(span: OwnSpan, set: RuleSet, outcome: ReloadOutcome): void {
  span.set('fluo.outcome', outcome);
  span.set('fluo.rules', set.rules.length);
  span.set('fluo.files', set.files);
  span.set('fluo.broken_files', set.broken.length);
}

function sameReading(left: RuleReading, right: RuleReading): boolean {
  return (
    sameFiles(left.files, right.files) &&
    sameTexts(left.paths, right.paths) &&
    sameTexts(namesOf(left), namesOf(right)) &&
    left.problems.length === right.problems.length &&
    left.problems.every((problem, at) => problem.message === right.problems[at]?.message)
  );
}

function namesOf({ unread }: RuleReading): string[] {
  return unread.map(({ name }) => name);
}

function sameTexts(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((text, at) => text === right[at]);
}

function sameFiles(left: readonly SourceText[], right: readonly SourceText[]): boolean {
  if (left.length !== right.length) return false;
  return left.every((file, at) => file.name === right[at]?.name && file.text === right[at]?.text);
}
