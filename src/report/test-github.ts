/** The report of `test` as annotations of GitHub Actions. */
import { annotation } from './github-annotation.ts';
import { testProblems } from './test-problems.ts';
import type { TestReport } from './test-report.ts';

export function* testGithub(report: TestReport): Iterable<string> {
  for (const diagnostic of report.diagnostics) yield annotation(diagnostic);
  for (const problem of testProblems(report)) yield annotation(problem);
  yield `${report.passed} passed, ${report.failed} failed\n`;
}
