/** Diagnostics as annotations of GitHub Actions. */
import type { DiagnosticsReport } from './diagnostics-report.ts';
import { annotation } from './github-annotation.ts';
import { summaryOf } from './render-diagnostic.ts';

export function* diagnosticsGithub(report: DiagnosticsReport): Iterable<string> {
  for (const diagnostic of report.diagnostics) yield annotation(diagnostic);
  yield `${summaryOf(report)}\n`;
}
