/** The report of `test` as SARIF. */
import { sarifNotification } from './diagnostics-sarif.ts';
import { fingerprintOf } from './fingerprint.ts';
import { type SarifResult, type SarifRule, sarifDocument } from './sarif-document.ts';
import type { ReporterOptions } from './style.ts';
import { type TestProblem, testProblems } from './test-problems.ts';
import type { TestReport } from './test-report.ts';

const TITLES: Readonly<Record<TestProblem['id'], string>> = {
  'test-failed': 'A rule says of a drawn trace what its test says',
  'clause-not-covered': 'Every clause is seen true, and seen false, by some test',
  'mutant-not-noticed': 'Some test notices every small change of a rule',
};

export function testSarif(report: TestReport, { version }: ReporterOptions): Iterable<string> {
  return sarifDocument({
    version,
    rules: Object.entries(TITLES).map(([id, title]) => ruleOf(id, title)),
    results: resultsOf(report),
    notifications: report.diagnostics.map(sarifNotification),
    successful: !report.diagnostics.some((one) => one.severity === 'error'),
  });
}

function ruleOf(id: string, title: string): SarifRule {
  const level = id === 'test-failed' ? 'error' : 'note';
  const help = { text: `${title}.`, markdown: `${title}.` };
  return { id, name: id, title, help, helpUri: null, level, securitySeverity: null, tags: ['fluo', 'test'] };
}

function* resultsOf(report: TestReport): Iterable<SarifResult> {
  for (const problem of testProblems(report)) {
    yield {
      ruleId: problem.id,
      level: problem.severity === 'error' ? 'error' : 'note',
      kind: 'fail',
      message: [problem.title, ...problem.lines].join(': '),
      place: problem,
      fingerprint: fingerprintOf([problem.id, problem.file, problem.title, ...problem.lines]),
      occurrences: 1,
      properties: {},
    };
  }
}
