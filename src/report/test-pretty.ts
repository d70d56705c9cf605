/** The report of `test` for people: failures first read, then coverage and mutants, then one line. */
import { clip, printable } from '../base/printable.ts';
import { counted } from './counted.ts';
import {
  explanationOf,
  failureSentence,
  gapSentence,
  shareText,
  spanSentence,
  survivorSentence,
} from './narrate-test.ts';
import { plainPhrase } from './phrase.ts';
import { placeText, renderDiagnostic } from './render-diagnostic.ts';
import type { ReporterOptions, Style } from './style.ts';
import type {
  RuleCoverage,
  RuleMutation,
  TestCaseReport,
  TestFileReport,
  TestReport,
} from './test-report.ts';

const MOST_GAPS = 20;

export function* testPretty(report: TestReport, { style }: ReporterOptions): Iterable<string> {
  // What is said in place of the mutants stands in their place.
  const inPlace = report.diagnostics.filter(({ code }) => code === 'FL610');
  for (const diagnostic of report.diagnostics) {
    if (!inPlace.includes(diagnostic)) yield `${renderDiagnostic(diagnostic, style)}\n\n`;
  }
  for (const file of report.files) if (file.tests.length > 0) yield* fileLines(file, style);
  if (report.coverage !== null) yield* coverageLines(report.coverage, style);
  for (const diagnostic of inPlace) yield `${renderDiagnostic(diagnostic, style)}\n\n`;
  if (report.mutation !== null) yield* mutationLines(report.mutation, style);
  // After an error in the files that hold them, nobody knows whether there are tests.
  const isCounted = report.files.some(({ tests }) => tests.length > 0) || !hasErrors(report);
  if (isCounted) yield `${lastLine(report, style)}\n`;
}

const MARKS = { passed: '✓', failed: '✗' } as const;

function* fileLines(file: TestFileReport, style: Style): Iterable<string> {
  yield `${style.strong(printable(file.file))}\n`;
  for (const test of file.tests) {
    const paint = test.outcome === 'passed' ? style.good : style.error;
    yield `  ${paint(MARKS[test.outcome])} ${printable(clip(test.name, 300))}\n`;
    yield* failureLines(test, file.file, style);
  }
  yield '\n';
}

function* failureLines(test: TestCaseReport, file: string, style: Style): Iterable<string> {
  for (const failure of test.failures) {
    yield `      ${style.error(plainPhrase(failureSentence(failure)))}\n`;
    yield `      ${style.dim('-->')} ${placeText({ file, ...failure })}\n`;
    for (const sentence of explanationOf(failure)) yield `      ${plainPhrase(sentence)}\n`;
    for (const span of spanSentence(failure)) yield `      ${style.dim(plainPhrase(span))}\n`;
  }
}

function* coverageLines(coverage: readonly RuleCoverage[], style: Style): Iterable<string> {
  yield `${style.strong('Coverage')}: clauses that the tests saw true, and saw false\n`;
  for (const rule of coverage) {
    const full = rule.reached === rule.goals;
    const share = shareText(rule.reached, rule.goals);
    yield `  ${full ? style.good('✓') : style.warning('!')} ${printable(rule.rule)}: ${share}\n`;
    for (const gap of rule.gaps.slice(0, MOST_GAPS)) {
      yield `      ${plainPhrase(gapSentence(gap))} ${style.dim(`(${placeText(gap)})`)}\n`;
    }
    const more = rule.gaps.length - MOST_GAPS;
    if (more > 0) yield style.dim(`      and ${more} more\n`);
  }
  yield '\n';
}

function* mutationLines(mutation: readonly RuleMutation[], style: Style): Iterable<string> {
  yield `${style.strong('Mutants')}: small changes of a rule that some test should notice\n`;
  for (const rule of mutation) {
    const all = rule.noticed === rule.mutants;
    const share = shareText(rule.noticed, rule.mutants);
    yield `  ${all ? style.good('✓') : style.warning('!')} ${printable(rule.rule)}: ${share}\n`;
    for (const survivor of rule.survivors.slice(0, MOST_GAPS)) {
      yield `      ${plainPhrase(survivorSentence(survivor))} ${style.dim(`(${placeText(survivor)})`)}\n`;
    }
    const more = rule.survivors.length - MOST_GAPS;
    if (more > 0) yield style.dim(`      and ${more} more\n`);
  }
  yield '\n';
}

function lastLine(report: TestReport, style: Style): string {
  const total = report.passed + report.failed;
  if (total === 0) return style.warning('No tests were found');
  const paint = report.failed > 0 ? style.error : style.good;
  const failed = report.failed === 0 ? '' : `${counted(report.failed, 'test')} failed, `;
  return paint(`${failed}${report.passed} passed, of ${total}`);
}

function hasErrors(report: TestReport): boolean {
  return report.diagnostics.some(({ severity }) => severity === 'error');
}
