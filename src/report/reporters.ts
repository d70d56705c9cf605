/** All reporters by the name of their format. Each gives its text in pieces, in order, the last one ending a line. */
import { checkGithub } from './check-github.ts';
import { checkJson, checkJsonl } from './check-json.ts';
import { checkJunit } from './check-junit.ts';
import { checkMarkdown } from './check-markdown.ts';
import { checkPretty } from './check-pretty.ts';
import type { CheckReport } from './check-report.ts';
import { checkSarif } from './check-sarif.ts';
import { diagnosticsGithub } from './diagnostics-github.ts';
import { diagnosticsJson, diagnosticsJsonl } from './diagnostics-json.ts';
import { diagnosticsJunit } from './diagnostics-junit.ts';
import { diagnosticsMarkdown } from './diagnostics-markdown.ts';
import { diagnosticsPretty } from './diagnostics-pretty.ts';
import type { DiagnosticsReport } from './diagnostics-report.ts';
import { diagnosticsSarif } from './diagnostics-sarif.ts';
import type { ReporterOptions } from './style.ts';
import { testGithub } from './test-github.ts';
import { testJson, testJsonl } from './test-json.ts';
import { testJunit } from './test-junit.ts';
import { testMarkdown } from './test-markdown.ts';
import { testPretty } from './test-pretty.ts';
import type { TestReport } from './test-report.ts';
import { testSarif } from './test-sarif.ts';

export const REPORT_FORMATS = ['pretty', 'json', 'jsonl', 'sarif', 'junit', 'github', 'markdown'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

type Reporter<Report> = (report: Report, options: ReporterOptions) => Iterable<string>;
type Reporters<Report> = Readonly<Record<ReportFormat, Reporter<Report>>>;

export const CHECK_REPORTERS: Reporters<CheckReport> = {
  pretty: checkPretty,
  json: checkJson,
  jsonl: checkJsonl,
  sarif: checkSarif,
  junit: checkJunit,
  github: checkGithub,
  markdown: checkMarkdown,
};

export const DIAGNOSTICS_REPORTERS: Reporters<DiagnosticsReport> = {
  pretty: diagnosticsPretty,
  json: diagnosticsJson,
  jsonl: diagnosticsJsonl,
  sarif: diagnosticsSarif,
  junit: diagnosticsJunit,
  github: diagnosticsGithub,
  markdown: diagnosticsMarkdown,
};

export const TEST_REPORTERS: Reporters<TestReport> = {
  pretty: testPretty,
  json: testJson,
  jsonl: testJsonl,
  sarif: testSarif,
  junit: testJunit,
  github: testGithub,
  markdown: testMarkdown,
};
