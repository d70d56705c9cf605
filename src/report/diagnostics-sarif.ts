/** Diagnostics as SARIF: the codes are the rules, so that a lint shows up in code scanning like any other linter's. */

import { printable } from '../base/printable.ts';
import { CODES, type CodeEntry } from '../diagnostic/codes.ts';
import type { Severity } from '../diagnostic/diagnostic.ts';
import type { ReportedDiagnostic } from './check-report.ts';
import type { DiagnosticsReport } from './diagnostics-report.ts';
import type { Level } from './finding-level.ts';
import { fingerprintOf } from './fingerprint.ts';
import { plainPhrase } from './phrase.ts';
import { type SarifNotification, type SarifRule, sarifDocument } from './sarif-document.ts';
import type { ReporterOptions } from './style.ts';

export function diagnosticsSarif(report: DiagnosticsReport, { version }: ReporterOptions): Iterable<string> {
  const levels = new Map<string, Level>();
  for (const one of report.diagnostics)
    if (!levels.has(one.code)) levels.set(one.code, levelOfSeverity(one.severity));
  return sarifDocument({
    version,
    rules: [...levels].sort(([a], [b]) => (a < b ? -1 : 1)).map(([code, level]) => codeRule(code, level)),
    results: report.diagnostics.map((diagnostic) => ({
      ruleId: diagnostic.code,
      level: levelOfSeverity(diagnostic.severity),
      kind: 'fail' as const,
      message: messageOf(diagnostic),
      place: diagnostic,
      fingerprint: fingerprintOf([diagnostic.code, diagnostic.file, diagnostic.message]),
      occurrences: 1,
      properties: {},
    })),
    notifications: [],
    successful: true,
  });
}

/** For a run whose results are something else. */
export function sarifNotification(diagnostic: ReportedDiagnostic): SarifNotification {
  return {
    id: diagnostic.code,
    level: levelOfSeverity(diagnostic.severity),
    message: messageOf(diagnostic),
    place: diagnostic,
  };
}

function codeRule(code: string, level: Level): SarifRule {
  const entry = (CODES as Readonly<Record<string, CodeEntry>>)[code];
  const title = entry?.title ?? code;
  const explanation = entry?.explanation ?? title;
  return {
    id: code,
    name: entry?.name ?? code,
    title,
    help: { text: plainPhrase([explanation]), markdown: explanation },
    helpUri: null,
    level,
    securitySeverity: null,
    tags: ['fluo'],
  };
}

function messageOf({ message, notes, help }: ReportedDiagnostic): string {
  return printable(
    [`${message}.`, ...notes, help === '' ? '' : `${help}.`].filter((text) => text !== '').join(' '),
  );
}

function levelOfSeverity(severity: Severity): Level {
  return severity === 'info' ? 'note' : severity;
}
