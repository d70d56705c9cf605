/** Writes diagnostics for a person to standard error. */
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import { renderDiagnostic } from '../report/render-diagnostic.ts';
import { buildDiagnosticsReport } from '../report/reported-diagnostic.ts';
import { styleOf } from './colour.ts';
import type { Io } from './io.ts';

/** Errors first, then by file and place, each once. */
export function showDiagnostics(io: Io, diagnostics: readonly Diagnostic[], noColor: boolean): void {
  if (diagnostics.length === 0) return;
  const style = styleOf(io, io.stderr, noColor);
  for (const diagnostic of buildDiagnosticsReport(diagnostics, 0).diagnostics) {
    io.stderr.write(`${renderDiagnostic(diagnostic, style)}\n\n`);
  }
}
