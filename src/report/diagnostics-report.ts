/** What `fluo lint`, `fluo fmt` and a failed load have to say, as JSON-safe values. */
import type { ReportedDiagnostic } from './check-report.ts';

export const DIAGNOSTICS_REPORT_VERSION = 1;

export interface DiagnosticsReport {
  readonly schemaVersion: typeof DIAGNOSTICS_REPORT_VERSION;
  /** Files that were looked at. */
  readonly files: number;
  readonly errors: number;
  readonly warnings: number;
  readonly infos: number;
  /** Errors first, then by file and place. */
  readonly diagnostics: readonly ReportedDiagnostic[];
}
