/** What `fluo test` found: rule tests, and where asked for, their coverage and what mutation says of them. */
import type { Verdict } from '../engine/verdict.ts';
import type { ReportedDiagnostic, ReportedSpan } from './check-report.ts';

export const TEST_REPORT_VERSION = 2;

export interface TestReport {
  readonly schemaVersion: typeof TEST_REPORT_VERSION;
  readonly passed: number;
  readonly failed: number;
  readonly files: readonly TestFileReport[];
  /** Null unless `--coverage`. */
  readonly coverage: readonly RuleCoverage[] | null;
  /** Null unless `--mutate`, and while a test fails (FL610). */
  readonly mutation: readonly RuleMutation[] | null;
  readonly diagnostics: readonly ReportedDiagnostic[];
}

export interface TestFileReport {
  readonly file: string;
  readonly tests: readonly TestCaseReport[];
}

export interface TestCaseReport {
  readonly name: string;
  /** Of the test in its file, from 1. */
  readonly line: number;
  readonly column: number;
  readonly outcome: 'passed' | 'failed';
  /** Empty when passed. */
  readonly failures: readonly TestFailure[];
}

/** A verdict, or that a violation was told and taken back. */
export type ToldVerdict = Verdict | 'retracted';

/** A rule that said something else than expected. */
export interface TestFailure {
  readonly rule: string;
  /** Null: the test does not name the rule, so that it had to be `not_applicable`, or `satisfied` if it has no trigger. */
  readonly expected: ToldVerdict | null;
  readonly actual: ToldVerdict;
  /** When, since the beginning of the drawing (`15s`); null: when all had arrived. */
  readonly at: string | null;
  /** The place of the expectation, from 1. */
  readonly line: number;
  readonly column: number;
  /** Why the verdict is what it is, in sentences; empty where there is nothing to say. */
  readonly explanation: readonly string[];
  readonly spans: readonly ReportedSpan[];
}

export interface RuleCoverage {
  readonly rule: string;
  readonly file: string;
  /** Clauses, two goals each: seen true, and seen false. */
  readonly goals: number;
  readonly reached: number;
  readonly gaps: readonly CoverageGap[];
}

export interface CoverageGap {
  readonly clause: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly never: 'true' | 'false';
}

export interface RuleMutation {
  readonly rule: string;
  readonly file: string;
  readonly mutants: number;
  /** Mutants that some test noticed. */
  readonly noticed: number;
  readonly survivors: readonly Survivor[];
}

export interface Survivor {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** As written. */
  readonly original: string;
  /** What the mutant has in its place; empty where it leaves it out. */
  readonly replacement: string;
}
