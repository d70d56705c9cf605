/** Diagnostics for people: each with its frame, and a line that counts them. */

import { counted } from './counted.ts';
import type { DiagnosticsReport } from './diagnostics-report.ts';
import { renderDiagnostic, summaryOf } from './render-diagnostic.ts';
import type { ReporterOptions } from './style.ts';

export function* diagnosticsPretty(report: DiagnosticsReport, { style }: ReporterOptions): Iterable<string> {
  for (const diagnostic of report.diagnostics) yield `${renderDiagnostic(diagnostic, style)}\n\n`;
  const summary = summaryOf(report);
  const paint = report.errors > 0 ? style.error : report.warnings > 0 ? style.warning : style.good;
  const over = report.files > 0 ? ` in ${counted(report.files, 'file')}` : '';
  yield `${paint(summary)}${over}\n`;
}
