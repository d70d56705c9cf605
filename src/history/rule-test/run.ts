/** Runs rule tests: drawn traces, judged by the rules that a test file names, against the verdicts that it expects. */

import type { Nanos } from '../../base/nanos.ts';
import { didYouMean } from '../../base/suggest.ts';
import type { Diagnostic, SourceText, TextRange } from '../../diagnostic/diagnostic.ts';
import type { JudgedRule } from '../../engine/judged-rule.ts';
import type { StreamLimits } from '../../engine/streaming/stream.ts';
import {
  DEFAULT_JUDGE_SETTINGS,
  type JudgeSettings,
  type Judgment,
  type Verdict,
} from '../../engine/verdict.ts';
import { judgedRule, loadRules } from '../../invariant/catalogue.ts';
import type { Rule } from '../../invariant/rule.ts';
import {
  type ExpectableEvent,
  type LiveTest,
  parseRuleTestFile,
  type RuleTest,
  type RuleTestFile,
} from '../../invariant/rule-test-file.ts';
import { hasTrigger } from '../../language/compiled-rule.ts';
import type { Trace } from '../../trace/trace.ts';
import { CoverageCounter, type RuleCoverage } from './coverage.ts';
import { type LiveState, playLive } from './live-state.ts';
import { type MutationCase, mutateRule, type RuleMutation } from './mutate.ts';
import { drawnTraces, verdictOfTest } from './verdict-of-test.ts';

/**
 * Reads a rule file that a test file names: its text under the name that a person would call it, or the sentence why it cannot
 * be read. The same file must get the same name each time.
 */
export type ReadRules = (
  path: string,
  testFile: SourceText,
) => { readonly source: SourceText } | { readonly problem: string };

export interface RuleTestOptions {
  /** ISO date, UTC: which exceptions have expired, for test files without `today`. */
  readonly today: string;
  readonly coverage?: boolean;
  readonly mutate?: boolean;
  /** Judges, and reports on, only the rules that it answers true for. */
  readonly only?: (rule: Rule) => boolean;
  readonly settings?: JudgeSettings;
  /** When the scopes of tests with times close. */
  readonly limits?: StreamLimits;
}

export interface RuleTestRun {
  /** In the order given; files with errors have no tests here. */
  readonly files: readonly { readonly source: SourceText; readonly tests: readonly RuleTestResult[] }[];
  readonly passed: number;
  readonly failed: number;
  /** Of the test files, and of the rule files that they name. */
  readonly diagnostics: readonly Diagnostic[];
  /** Null unless asked for; in the order in which the rules were loaded. */
  readonly coverage: readonly RuleCoverage[] | null;
  /** Null, with a diagnostic (FL610), also while a test fails or cannot be read: what a change breaks would not be seen. */
  readonly mutation: readonly RuleMutation[] | null;
}

export interface RuleTestResult {
  readonly test: RuleTest;
  readonly outcome: 'passed' | 'failed';
  /** Empty unless failed. */
  readonly failures: readonly ExpectationFailure[];
}

/** A rule that said something else than expected. */
export interface ExpectationFailure {
  readonly rule: Rule;
  /** Null: the test does not name the rule, so that it had to be `not_applicable`, or `satisfied` if it has no trigger. */
  readonly expected: ExpectableEvent | null;
  readonly actual: ExpectableEvent;
  /** When, since the beginning of the drawing; null: when all had arrived. */
  readonly at: Nanos | null;
  /** In the test file: of the verdict expected, or of the test's name. */
  readonly range: TextRange;
  /** Of the scopes with the actual verdict: their witnesses say why. */
  readonly judgments: readonly Judgment[];
}

/** Whether a run leaves nothing to do: what decides the exit code of `fluo test`. */
export function isClean(run: RuleTestRun): boolean {
  return run.failed === 0 && !run.diagnostics.some((diagnostic) => diagnostic.severity === 'error');
}

/**
 * Runs the tests of all files. Test files and rule files with errors are reported, and the tests that need them do not run.
 * Cost: a judgement for each test and rule; with `mutate`, times the mutants of the rule.
 */
export function runRuleTests(
  files: readonly SourceText[],
  readRules: ReadRules,
  options: RuleTestOptions,
): RuleTestRun {
  return new TestRun(readRules, options).run(files);
}

interface LoadedRules {
  readonly rules: readonly Rule[];
  readonly judged: readonly JudgedRule[];
}

/** A rule of the run, with what its tests expect, for coverage and mutation. */
interface TestedRule {
  readonly rule: Rule;
  readonly coverage: CoverageCounter | null;
  readonly cases: MutationCase[];
}

class TestRun {
  readonly #readRules: ReadRules;
  readonly #options: RuleTestOptions;
  readonly #settings: JudgeSettings;
  readonly #diagnostics: Diagnostic[] = [];
  /** By the names of the rule files and the day. */
  readonly #loaded = new Map<string, LoadedRules | null>();
  /** Rule files whose diagnostics were reported. */
  readonly #reported = new Set<string>();
  /** By file and id. */
  readonly #tested = new Map<string, TestedRule>();

  constructor(readRules: ReadRules, options: RuleTestOptions) {
    this.#readRules = readRules;
    this.#options = options;
    this.#settings = options.settings ?? DEFAULT_JUDGE_SETTINGS;
  }

  run(sources: readonly SourceText[]): RuleTestRun {
    const files = sources.map((source) => ({ source, tests: this.#file(source) }));
    const results = files.flatMap((file) => file.tests);
    const count = (outcome: RuleTestResult['outcome']): number =>
      results.filter((result) => result.outcome === outcome).length;
    const tested = [...this.#tested.values()];
    const mutate = this.#options.mutate === true && this.#mayMutate(files);
    return {
      files,
      passed: count('passed'),
      failed: count('failed'),
      diagnostics: this.#diagnostics,
      coverage:
        this.#options.coverage === true ? tested.flatMap(({ coverage }) => coverage?.result() ?? []) : null,
      mutation: mutate ? tested.map(({ rule, cases }) => mutateRule(rule, cases)) : null,
    };
  }

  /** Says why not. */
  #mayMutate(files: RuleTestRun['files']): boolean {
    const failing = files.flatMap(({ source, tests }) =>
      tests.filter((test) => test.outcome === 'failed').map(({ test }) => ({ source, range: test.range })),
    );
    const broken = this.#diagnostics.find((diagnostic) => diagnostic.severity === 'error');
    const place = failing[0] ?? broken;
    if (place === undefined) return true;
    this.#diagnostics.push({
      code: 'FL610',
      severity: 'warning',
      message:
        failing.length === 0
          ? 'the rules were not mutated, because not all tests could be run'
          : `the rules were not mutated, because ${failing.length === 1 ? 'a test fails' : `${failing.length} tests fail`}`,
      ...(place.source === undefined ? {} : { source: place.source }),
      ...(place.range === undefined ? {} : { range: place.range }),
      help: failing.length === 0 ? 'mend the errors first' : 'make the tests pass first',
    });
    return false;
  }

  #file(source: SourceText): RuleTestResult[] {
    const { file, diagnostics } = parseRuleTestFile(source);
    this.#diagnostics.push(...diagnostics);
    if (file === null) return [];
    const today = file.today ?? this.#options.today;
    const loaded = this.#load(file, today);
    if (loaded === null || !this.#knowsRules(file, loaded.rules)) return [];
    return file.tests.map((test) => this.#test(test, loaded));
  }

  /** The rules of a test file, or null where they have an error. */
  #load(file: RuleTestFile, today: string): LoadedRules | null {
    const sources: SourceText[] = [];
    for (const { path, range } of file.rules) {
      const reading = this.#readRules(path, file.source);
      if ('source' in reading) sources.push(reading.source);
      else {
        this.#diagnostics.push({
          code: 'FL609',
          severity: 'error',
          message: `the rules \`${path}\` cannot be read: ${reading.problem}`,
          source: file.source,
          range,
          help: 'write the path from the folder of this test file to the rule file',
        });
      }
    }
    if (sources.length < file.rules.length) return null;
    const key = [today, ...sources.map((source) => source.name)].join('\n');
    const known = this.#loaded.get(key);
    if (known !== undefined) return known;
    const { rules, diagnostics } = loadRules(sources, today);
    const fresh = diagnostics.filter(
      (diagnostic) =>
        !this.#reported.has(`${diagnostic.source?.name}:${diagnostic.range?.start}:${diagnostic.code}`),
    );
    for (const diagnostic of fresh) {
      this.#reported.add(`${diagnostic.source?.name}:${diagnostic.range?.start}:${diagnostic.code}`);
    }
    this.#diagnostics.push(...fresh);
    const failed = diagnostics.some((diagnostic) => diagnostic.severity === 'error');
    const wanted = rules.filter((rule) => this.#options.only?.(rule) ?? true);
    const loaded = failed ? null : { rules, judged: wanted.map((rule) => judgedRule(rule, today)) };
    this.#loaded.set(key, loaded);
    if (loaded !== null) for (const rule of wanted) this.#begin(rule);
    return loaded;
  }

  #begin(rule: Rule): void {
    const key = testedKey(rule);
    if (this.#tested.has(key)) return;
    const coverage = this.#options.coverage === true ? new CoverageCounter(rule) : null;
    this.#tested.set(key, { rule, coverage, cases: [] });
  }

  #knowsRules(file: RuleTestFile, rules: readonly Rule[]): boolean {
    const ids = new Set(rules.map((rule) => rule.id));
    const named = file.tests.flatMap((test) => [
      ...test.expect,
      ...(test.live?.moments.flatMap(({ expect }) => expect) ?? []),
    ]);
    const unknown = named.filter(({ rule }) => !ids.has(rule));
    for (const { rule, ruleRange } of unknown) {
      const near = didYouMean(rule, ids);
      this.#diagnostics.push({
        code: 'FL606',
        severity: 'error',
        message: `no rule of ${file.rules.map(({ path }) => `\`${path}\``).join(', ')} has the id \`${rule}\``,
        source: file.source,
        range: ruleRange,
        help: near || 'write the id of a rule of these files, or name its file behind `rules:`',
      });
    }
    return unknown.length === 0;
  }

  #test(test: RuleTest, loaded: LoadedRules): RuleTestResult {
    const tested = loaded.judged.flatMap((judged) => {
      const rule = loaded.rules.find((candidate) => candidate.id === judged.id);
      return rule === undefined ? [] : [{ rule, judged }];
    });
    const traces = drawnTraces(test.spans);
    const failures =
      test.live === null
        ? tested.flatMap(({ rule, judged }) => this.#judge(test, rule, judged, traces) ?? [])
        : this.#play(test, test.live, tested, traces);
    return { test, outcome: failures.length === 0 ? 'passed' : 'failed', failures };
  }

  /** A test with times: all rules at once, as a server would have them. */
  #play(
    test: RuleTest,
    live: LiveTest,
    tested: readonly { readonly rule: Rule; readonly judged: JudgedRule }[],
    traces: readonly Trace[],
  ): ExpectationFailure[] {
    const rules = tested.map(({ judged }) => judged);
    const states = this.#states(test, live, rules);
    return tested.flatMap(({ rule, judged }) => {
      const coverage = this.#tested.get(testedKey(rule))?.coverage ?? null;
      if (coverage !== null) {
        coverage.judged(verdictOfTest(judged, traces, coverage.observer(rule), this.#settings).all);
      }
      const failures = liveFailures(test, live, rule, states);
      if (failures.length === 0) {
        const passes = (mutant: JudgedRule): boolean =>
          liveFailures(test, live, rule, this.#states(test, live, [mutant])).length === 0;
        this.#tested.get(testedKey(rule))?.cases.push({ judged, passes });
      }
      return failures;
    });
  }

  #states(test: RuleTest, live: LiveTest, rules: readonly JudgedRule[]): ReadonlyMap<string, LiveState>[] {
    const moments = live.moments.map(({ at }) => at);
    return playLive(test.spans, live.delays, moments, rules, this.#settings, this.#options.limits);
  }

  #judge(
    test: RuleTest,
    rule: Rule,
    judged: JudgedRule,
    traces: readonly Trace[],
  ): ExpectationFailure | null {
    const expectation = test.expect.find((candidate) => candidate.rule === rule.id);
    const tested = this.#tested.get(testedKey(rule));
    const observer = tested?.coverage?.observer(rule) ?? null;
    const actual = verdictOfTest(judged, traces, observer, this.#settings);
    tested?.coverage?.judged(actual.all);
    if (expectation === undefined && test.only) return null;
    const expected = expectation === undefined ? quietVerdicts(rule) : [expectation.verdict];
    if (expected.includes(actual.verdict)) {
      const passes = (mutant: JudgedRule): boolean =>
        expected.includes(verdictOfTest(mutant, traces, null, this.#settings).verdict);
      tested?.cases.push({ judged, passes });
      return null;
    }
    return {
      rule,
      expected: expectation?.verdict ?? null,
      actual: actual.verdict,
      at: null,
      range: expectation?.range ?? test.range,
      judgments: actual.judgments,
    };
  }
}

/** What a test that is about other rules lets a rule say. A rule without a trigger has nothing to be not applicable for. */
function quietVerdicts(rule: Rule): readonly Verdict[] {
  return hasTrigger(rule.condition) ? ['not_applicable'] : ['not_applicable', 'satisfied'];
}

function testedKey(rule: Rule): string {
  return `${rule.file.name}\n${rule.id}`;
}

/** Where a rule is in another state than the test expects: at each of its moments, or in the end where it has none. */
function liveFailures(
  test: RuleTest,
  live: LiveTest,
  rule: Rule,
  states: readonly ReadonlyMap<string, LiveState>[],
): ExpectationFailure[] {
  const moments =
    live.moments.length > 0
      ? live.moments.map(({ at, range, expect }, index) => ({
          at,
          range,
          state: states[index]?.get(rule.id),
          wanted: expect.find((candidate) => candidate.rule === rule.id),
        }))
      : [
          {
            at: null,
            range: test.range,
            state: states.at(-1)?.get(rule.id),
            wanted: test.expect
              .map(({ verdict, ...rest }) => ({ ...rest, event: verdict as ExpectableEvent }))
              .find((candidate) => candidate.rule === rule.id),
          },
        ];
  return moments.flatMap(({ at, range, state, wanted }) => {
    if (state === undefined || (wanted === undefined && test.only)) return [];
    const { verdict, isRetracted, judgments } = state;
    const expected: readonly ExpectableEvent[] = wanted === undefined ? quietVerdicts(rule) : [wanted.event];
    if (expected.includes(verdict) || (isRetracted && expected.includes('retracted'))) return [];
    const actual = isRetracted && verdict === 'not_applicable' ? 'retracted' : verdict;
    return [{ rule, expected: wanted?.event ?? null, actual, at, range: wanted?.range ?? range, judgments }];
  });
}
