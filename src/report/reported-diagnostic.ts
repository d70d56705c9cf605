/** A diagnostic with its position computed and its frame drawn: what reporters write. */
import { CODES, type CodeEntry } from '../diagnostic/codes.ts';
import type { Diagnostic, Severity, SourceText, TextRange } from '../diagnostic/diagnostic.ts';
import { codeFrame, positionOf } from '../diagnostic/position.ts';
import type { ReportedDiagnostic } from './check-report.ts';
import { DIAGNOSTICS_REPORT_VERSION, type DiagnosticsReport } from './diagnostics-report.ts';

/** Cost: linear in the length of the source text before the range. */
export function reportedDiagnostic(diagnostic: Diagnostic): ReportedDiagnostic {
  const { source, range, fix } = diagnostic;
  const place = source !== undefined && range !== undefined ? placeOf(source, range) : null;
  const entry: CodeEntry | undefined = (CODES as Readonly<Record<string, CodeEntry>>)[diagnostic.code];
  return {
    code: diagnostic.code,
    name: entry?.name ?? '',
    severity: diagnostic.severity,
    message: diagnostic.message,
    file: source?.name ?? diagnostic.file ?? null,
    line: place?.line ?? diagnostic.line ?? null,
    column: place?.column ?? null,
    endLine: place?.endLine ?? null,
    endColumn: place?.endColumn ?? null,
    frame: source !== undefined && range !== undefined ? codeFrame(source, range) : null,
    notes: diagnostic.notes ?? [],
    help: diagnostic.help,
    fix: source !== undefined && fix !== undefined ? { ...placeOf(source, fix.range), text: fix.text } : null,
  };
}

/** `files` is how many were looked at. The diagnostics come out errors first, then by file and place, each once. */
export function buildDiagnosticsReport(diagnostics: readonly Diagnostic[], files: number): DiagnosticsReport {
  const reported = distinct(diagnostics.map(reportedDiagnostic)).sort(compareDiagnostics);
  const count = (severity: Severity) => reported.filter((one) => one.severity === severity).length;
  return {
    schemaVersion: DIAGNOSTICS_REPORT_VERSION,
    files,
    errors: count('error'),
    warnings: count('warning'),
    infos: count('info'),
    diagnostics: reported,
  };
}

interface Place {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

export function placeOf(source: SourceText, range: TextRange): Place {
  const from = positionOf(source.text, range.start);
  const to = positionOf(source.text, Math.max(range.start, range.end));
  return { line: from.line, column: from.column, endLine: to.line, endColumn: to.column };
}

const SEVERITY_RANK: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 };

/** What is told of a run that others have made fail: no trace to judge, the stop of `--strict`. They come after their causes. */
const CONSEQUENCES: readonly string[] = ['FL715', 'FL725'];

export function compareDiagnostics(a: ReportedDiagnostic, b: ReportedDiagnostic): number {
  return (
    SEVERITY_RANK[a.severity] - SEVERITY_RANK[b.severity] ||
    Number(CONSEQUENCES.includes(a.code)) - Number(CONSEQUENCES.includes(b.code)) ||
    compareText(a.file ?? '', b.file ?? '') ||
    (a.line ?? 0) - (b.line ?? 0) ||
    (a.column ?? 0) - (b.column ?? 0) ||
    compareText(a.code, b.code)
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function distinct(diagnostics: readonly ReportedDiagnostic[]): ReportedDiagnostic[] {
  const seen = new Map<string, ReportedDiagnostic>();
  for (const one of diagnostics) {
    const identity = JSON.stringify([one.code, one.file, one.line, one.column, one.message]);
    if (!seen.has(identity)) seen.set(identity, one);
  }
  return [...seen.values()];
}
