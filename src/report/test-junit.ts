/** The report of `test` as JUnit XML: a suite for each test file, a case for each test. */
import { diagnosticCases } from './diagnostics-junit.ts';
import { type JunitCase, type JunitOutcome, junitDocument } from './junit-document.ts';
import { explanationOf, failureSentence, gapSentence, survivorSentence } from './narrate-test.ts';
import { type Phrase, plainPhrase } from './phrase.ts';
import { placeText } from './render-diagnostic.ts';
import type { TestCaseReport, TestReport } from './test-report.ts';

export function testJunit(report: TestReport): Iterable<string> {
  const suites = report.files.map(({ file, tests }) => ({
    name: file,
    cases: tests.map((test) => caseOf(test, file)),
  }));
  const extra = measured(report);
  const errors = report.diagnostics.filter((one) => one.severity === 'error');
  return junitDocument('fluo test', [
    ...suites,
    ...(extra.length === 0 ? [] : [{ name: 'coverage', cases: extra }]),
    ...diagnosticCases(errors),
  ]);
}

function caseOf(test: TestCaseReport, file: string): JunitCase {
  return {
    name: test.name,
    classname: file,
    file,
    line: test.line,
    outcome: outcomeOf(test, file),
    output: [],
  };
}

function outcomeOf(test: TestCaseReport, file: string): JunitOutcome {
  if (test.outcome === 'passed') return { kind: 'passed' };
  const [first] = test.failures;
  return {
    kind: 'failure',
    type: 'verdict',
    message: first === undefined ? 'failed' : plainPhrase(failureSentence(first)),
    lines: test.failures.flatMap((failure) => [
      `${plainPhrase(failureSentence(failure))} (${placeText({ file, ...failure })})`,
      ...explanationOf(failure).map((sentence) => `  ${plainPhrase(sentence)}`),
    ]),
  };
}

/** Coverage and mutants fail nothing: they are told as the output of a case that passes. */
function measured({ coverage, mutation }: TestReport): JunitCase[] {
  const gaps = (coverage ?? []).flatMap((rule) =>
    rule.gaps.map((gap) => ({ rule: rule.rule, file: gap.file, line: gap.line, says: gapSentence(gap) })),
  );
  const survivors = (mutation ?? []).flatMap((rule) =>
    rule.survivors.map((one) => ({
      rule: rule.rule,
      file: one.file,
      line: one.line,
      says: survivorSentence(one),
    })),
  );
  const cases = new Map<string, { file: string; line: number; says: Phrase[] }>();
  for (const { rule, file, line, says } of [...gaps, ...survivors]) {
    const of = cases.get(rule) ?? { file, line, says: [] };
    cases.set(rule, of);
    of.says.push(says);
  }
  return [...cases].map(([rule, { file, line, says }]) => ({
    name: rule,
    classname: file,
    file,
    line,
    outcome: { kind: 'passed' },
    output: says.map(plainPhrase),
  }));
}
