/**
 * The rules that are in force. A file with an error gives what it gave before the edit that broke it, and nothing where it never gave any. All other
 * files are loaded as they are.
 */
import { join } from 'node:path';
import type { Diagnostic, SourceText } from '../../diagnostic/diagnostic.ts';
import type { LiveRule } from '../../engine/streaming/stream.ts';
import type { JudgeSettings } from '../../engine/verdict.ts';
import { judgedRule, loadRules } from '../../invariant/catalogue.ts';
import type { Rule } from '../../invariant/rule.ts';
import { RuleFileMemo } from './rule-file-memo.ts';
import type { RuleReading, UnreadPlace } from './rule-source.ts';
import { ruleVersion } from './rule-version.ts';

export interface LoadedRule extends LiveRule {
  /** The rule as its file has it: name, severity, owner, runbook. */
  readonly written: Rule;
}

export interface RuleSet {
  readonly rules: readonly LoadedRule[];
  /** Of the files as they are now, warnings too. */
  readonly diagnostics: readonly Diagnostic[];
  /** Names of files whose rules are those of an earlier text, or none. */
  readonly broken: readonly BrokenFile[];
  readonly files: number;
  /** The texts that the rules are of, and the day (ISO date, UTC) that they were loaded for. */
  readonly texts: readonly SourceText[];
  readonly day: string;
}

export interface BrokenFile {
  readonly name: string;
  /** Rules that are still in force from its last good text. */
  readonly keptRules: number;
  readonly errors: number;
}

export const NO_RULES: RuleSet = { rules: [], diagnostics: [], broken: [], files: 0, texts: [], day: '' };

export class RuleLoader {
  readonly #settings: JudgeSettings;
  readonly #memo = new RuleFileMemo();
  /** By the rule as its file has it, on the day that it was loaded for. */
  readonly #judged = new WeakMap<Rule, LoadedRule>();
  /** The last text of each file that loaded without an error. */
  #good: ReadonlyMap<string, SourceText>;

  /** `good`: the texts that were in force before, in an earlier process. */
  constructor(settings: JudgeSettings, good: readonly SourceText[] = []) {
    this.#settings = settings;
    this.#good = new Map(good.map((file) => [file.name, file]));
  }

  /**
   * The rules of a reading on a day (ISO date, UTC: exceptions expire). Cost: files are compiled whose text was not there at the last call, and
   * all of them when the day is another. A folder or file that cannot be read is as a file with an error.
   */
  load(reading: RuleReading, today: string): RuleSet {
    const set = this.#load(reading, today);
    this.#memo.sweep();
    return set;
  }

  #load(reading: RuleReading, today: string): RuleSet {
    const now = this.#loaded(reading.files, today);
    const problems = this.#problemsOf(reading);
    const diagnostics = [...problems.keys(), ...now.diagnostics];
    const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error');
    if (errors.length === 0) {
      this.#good = new Map(reading.files.map((file) => [file.name, file]));
      return this.#setOf(now.rules, today, diagnostics, [], reading);
    }
    const { rules, used } = this.#withLastGood(reading, today);
    this.#good = new Map(used.map((file) => [file.name, file]));
    return this.#setOf(rules, today, diagnostics, brokenFiles(errors, problems, rules), reading);
  }

  /**
   * An id that is there twice is an error of the later file: the texts that are in force already come first, whatever they are called, so that
   * a newcomer takes nothing away from them. The rules are in the order of the files' names.
   */
  #loaded(files: readonly SourceText[], today: string): ReturnType<typeof loadRules> {
    const isInForce = (file: SourceText) => this.#good.get(file.name)?.text === file.text;
    const ordered = [...files.filter(isInForce), ...files.filter((file) => !isInForce(file))];
    const { rules, diagnostics } = loadRules(ordered, today, (file, day) => this.#memo.load(file, day));
    const places = new Map(files.map(({ name }, place) => [name, place]));
    const placeOf = (rule: Rule) => places.get(rule.file.name) ?? 0;
    return { rules: [...rules].sort((left, right) => placeOf(left) - placeOf(right)), diagnostics };
  }

  /** Puts earlier texts in the place of those with errors until nothing clashes. */
  #withLastGood(
    reading: RuleReading,
    today: string,
  ): { rules: readonly Rule[]; used: readonly SourceText[] } {
    // What cannot be read now was perhaps moved, perhaps lost a permission: its rules stay until it is clear.
    const missing = reading.unread.flatMap((place) => this.#missingIn(place, reading));
    let files = [...new Set([...reading.files, ...missing])];
    if (missing.length > 0) files.sort((left, right) => (left.name < right.name ? -1 : 1));
    for (;;) {
      const { rules, diagnostics } = this.#loaded(files, today);
      const wrong = new Set(
        diagnostics.flatMap(({ severity, source }) =>
          severity === 'error' && source !== undefined ? [source.name] : [],
        ),
      );
      if (wrong.size === 0) return { rules, used: files };
      // A text that was good before and clashes now (a rule was moved out of it) goes for good: each step takes a text away.
      files = files.flatMap((file) => {
        if (!wrong.has(file.name)) return [file];
        const good = this.#good.get(file.name);
        return good === undefined || good === file || good.text === file.text ? [] : [good];
      });
    }
  }

  /** What is wrong with the places that rules come from, each with the name of its place where that is known. */
  #problemsOf(reading: RuleReading): Map<Diagnostic, string | null> {
    const places = new Map(reading.unread.map((place) => [place.problem, place.name]));
    const problems = new Map(
      reading.problems.map((problem) => [problem, places.get(problem) ?? null] as const),
    );
    for (const place of reading.unread) {
      const held = this.#missingIn(place, reading).length;
      if (!place.isAbsent || held === 0) continue;
      if (place.problem !== null) problems.delete(place.problem);
      problems.set(vanished(place, held), place.name);
    }
    return problems;
  }

  /** Good texts of files in a place that could not be read. */
  #missingIn({ name }: UnreadPlace, reading: RuleReading): SourceText[] {
    const read = new Set(reading.files.map((file) => file.name));
    return [...this.#good.values()].filter((file) => !read.has(file.name) && isIn(file.name, name));
  }

  /** `today` is the day that the rule was loaded for. */
  #judgedRule(written: Rule, today: string): LoadedRule {
    let judged = this.#judged.get(written);
    if (judged === undefined) {
      judged = judgedOn(written, today, this.#settings);
      this.#judged.set(written, judged);
    }
    return judged;
  }

  #setOf(
    rules: readonly Rule[],
    today: string,
    diagnostics: readonly Diagnostic[],
    broken: readonly BrokenFile[],
    reading: RuleReading,
  ): RuleSet {
    return {
      rules: rules.map((rule) => this.#judgedRule(rule, today)),
      diagnostics,
      broken,
      files: reading.files.length,
      texts: [...this.#good.values()],
      day: today,
    };
  }
}

/** The rules of texts that loaded without an error on that day; of texts that do not any more, those that are left. */
export function liveRules(
  texts: readonly SourceText[],
  day: string,
  settings: JudgeSettings,
): readonly LoadedRule[] {
  return loadRules(texts, day).rules.map((rule) => judgedOn(rule, day, settings));
}

function judgedOn(written: Rule, day: string, settings: JudgeSettings): LoadedRule {
  const rule = judgedRule(written, day);
  return { written, rule, version: ruleVersion(rule, settings) };
}

/** Whether the engine must be told: a rule came, went, or means something else. The order of rules means nothing. */
export function sameMeaning(left: RuleSet, right: RuleSet): boolean {
  if (left.rules.length !== right.rules.length) return false;
  const versions = new Map(right.rules.map(({ rule, version }) => [rule.id, version]));
  return left.rules.every(({ rule, version }) => versions.get(rule.id) === version);
}

function brokenFiles(
  errors: readonly Diagnostic[],
  places: ReadonlyMap<Diagnostic, string | null>,
  rules: readonly Rule[],
): BrokenFile[] {
  const names = new Map<string, number>();
  for (const error of errors) {
    const name = places.get(error) ?? error.source?.name ?? error.file ?? '';
    names.set(name, (names.get(name) ?? 0) + 1);
  }
  return [...names].map(([name, count]) => ({
    name,
    errors: count,
    keptRules: rules.filter(({ file }) => isIn(file.name, name)).length,
  }));
}

/** Whether a file is the one of that name, or in the folder of that name. */
function isIn(file: string, place: string): boolean {
  // `./more/` is written `more` in names of the files in it.
  return file === place || file.startsWith(join(place, '_').slice(0, -1));
}

function vanished({ name, problem }: UnreadPlace, files: number): Diagnostic {
  const renounce =
    problem === null
      ? 'if its rules are gone on purpose, make an empty folder in its place'
      : 'or take it out of `rules:` (or `--rules`) and restart; an empty folder in its place says that its rules are gone on purpose';
  return {
    code: 'FL815',
    severity: 'error',
    message: `\`${name}\` is not there any more: the rules of ${files === 1 ? 'the file' : `the ${files} files`} that it held stay in force`,
    file: name,
    help: `put it back; ${renounce}`,
  };
}
