/** Diagnostics as one JSON document, and as JSON lines. */
import type { DiagnosticsReport } from './diagnostics-report.ts';
import { jsonText } from './escape.ts';

export function* diagnosticsJson(report: DiagnosticsReport): Iterable<string> {
  yield `${jsonText(report, 2)}\n`;
}

/** A line `{"type":"diagnostic",...}` for each, then one `{"type":"summary",...}`. */
export function* diagnosticsJsonl({ diagnostics, ...rest }: DiagnosticsReport): Iterable<string> {
  for (const diagnostic of diagnostics) yield `${jsonText({ type: 'diagnostic', ...diagnostic })}\n`;
  yield `${jsonText({ type: 'summary', ...rest })}\n`;
}
