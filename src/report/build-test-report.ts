/** Makes the report of `fluo test` of a run of rule tests. */

import { formatDuration } from '../base/nanos.ts';
import type { SourceText } from '../diagnostic/diagnostic.ts';
import type { Judgment } from '../engine/verdict.ts';
import type { RuleCoverage as CoverageOfRun } from '../history/rule-test/coverage.ts';
import type { RuleMutation as MutationOfRun } from '../history/rule-test/mutate.ts';
import type { ExpectationFailure, RuleTestResult, RuleTestRun } from '../history/rule-test/run.ts';
import type { Span } from '../trace/span.ts';
import { buildFinding } from './build-check-report.ts';
import { advicesOf, sentencesOf } from './narrate-finding.ts';
import { plainPhrase, say } from './phrase.ts';
import { compareDiagnostics, placeOf, reportedDiagnostic } from './reported-diagnostic.ts';
import { reportedSpan } from './reported-span.ts';
import {
  type RuleCoverage,
  type RuleMutation,
  TEST_REPORT_VERSION,
  type TestCaseReport,
  type TestFailure,
  type TestReport,
} from './test-report.ts';

const MOST_SPANS = 20;

export function buildTestReport(run: RuleTestRun): TestReport {
  return {
    schemaVersion: TEST_REPORT_VERSION,
    passed: run.passed,
    failed: run.failed,
    files: run.files.map(({ source, tests }) => ({
      file: source.name,
      tests: tests.map((test) => testCase(test, source)),
    })),
    coverage: run.coverage?.map(ruleCoverage) ?? null,
    mutation: run.mutation?.map(ruleMutation) ?? null,
    diagnostics: run.diagnostics.map(reportedDiagnostic).sort(compareDiagnostics),
  };
}

function testCase({ test, outcome, failures }: RuleTestResult, source: SourceText): TestCaseReport {
  return {
    name: test.name,
    ...startOf(source, test.range),
    outcome,
    failures: failures.map((failure) => testFailure(failure, source)),
  };
}

function testFailure(failure: ExpectationFailure, source: SourceText): TestFailure {
  const [judgment] = failure.judgments;
  return {
    rule: failure.rule.id,
    expected: failure.expected,
    actual: failure.actual,
    at: failure.at === null ? null : formatDuration(failure.at),
    ...startOf(source, failure.range),
    explanation: judgment === undefined ? [] : explanationOf(failure, judgment),
    spans: judgment === undefined ? [] : spansOf(judgment).map(reportedSpan),
  };
}

function explanationOf({ rule }: ExpectationFailure, judgment: Judgment): string[] {
  const { witness, leftOut } = judgment;
  if (witness === null) {
    if (leftOut === null) return ['The trigger does not occur.'];
    const by =
      leftOut.by === 'exception'
        ? say`The exception ${leftOut.name} leaves the spans out that would trigger it.`
        : say`The spans that would trigger it are of an environment that the rule does not look at.`;
    return [plainPhrase(by)];
  }
  const { clause } = witness;
  if (judgment.verdict === 'satisfied') return [plainPhrase(say`${clause.text} holds.`)];
  const finding = buildFinding(
    { rule: rule.id, judgment, scope: { kind: 'trace', key: null, traceIds: [], start: 0n } },
    rule,
  );
  return [...sentencesOf(finding), ...advicesOf(finding)].map(plainPhrase);
}

/** The spans that decide: those that are there and count, else those that triggered the rule. */
function spansOf({ witness }: Judgment): readonly Span[] {
  if (witness === null) return [];
  const order = witness.order.flatMap(({ left, right }) => [left, right]);
  const deciding = new Set([...order, ...witness.spans]);
  return [...(deciding.size > 0 ? deciding : witness.trigger)].slice(0, MOST_SPANS);
}

function ruleCoverage({ rule, goals, reached, gaps }: CoverageOfRun): RuleCoverage {
  return {
    rule: rule.id,
    file: rule.file.name,
    goals,
    reached,
    gaps: gaps.map((gap) => ({
      clause: gap.clause,
      file: gap.source.name,
      ...startOf(gap.source, gap.range),
      never: gap.never ? 'true' : 'false',
    })),
  };
}

function ruleMutation({ rule, mutants, noticed, survivors }: MutationOfRun): RuleMutation {
  return {
    rule: rule.id,
    file: rule.file.name,
    mutants,
    noticed,
    survivors: survivors.map((survivor) => ({
      file: survivor.source.name,
      ...startOf(survivor.source, survivor.range),
      original: survivor.original,
      replacement: survivor.replacement,
    })),
  };
}

function startOf(
  source: SourceText,
  range: { start: number; end: number },
): { line: number; column: number } {
  const { line, column } = placeOf(source, range);
  return { line, column };
}
