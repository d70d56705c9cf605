/** What a report of `test` has to point at, in one shape for the formats that annotate files. */
import type { Severity } from '../diagnostic/diagnostic.ts';
import { explanationOf, failureSentence, gapSentence, survivorSentence } from './narrate-test.ts';
import { plainPhrase } from './phrase.ts';
import type { TestReport } from './test-report.ts';

export interface TestProblem {
  readonly id: 'test-failed' | 'clause-not-covered' | 'mutant-not-noticed';
  readonly severity: Severity;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: null;
  readonly endColumn: null;
  readonly title: string;
  readonly lines: readonly string[];
}

/** Failures first, then gaps of coverage, then mutants that lived. */
export function* testProblems(report: TestReport): Iterable<TestProblem> {
  const open = { endLine: null, endColumn: null } as const;
  for (const { file, tests } of report.files) {
    for (const test of tests) {
      for (const failure of test.failures) {
        const lines = [failureSentence(failure), ...explanationOf(failure)].map(plainPhrase);
        const { line, column } = failure;
        yield { id: 'test-failed', severity: 'error', file, line, column, ...open, title: test.name, lines };
      }
    }
  }
  for (const { rule, gaps } of report.coverage ?? []) {
    for (const gap of gaps) {
      const { file, line, column } = gap;
      const lines = [plainPhrase(gapSentence(gap))];
      yield { id: 'clause-not-covered', severity: 'info', file, line, column, ...open, title: rule, lines };
    }
  }
  for (const { rule, survivors } of report.mutation ?? []) {
    for (const survivor of survivors) {
      const { file, line, column } = survivor;
      const lines = [plainPhrase(survivorSentence(survivor))];
      yield { id: 'mutant-not-noticed', severity: 'info', file, line, column, ...open, title: rule, lines };
    }
  }
}
