/** Diagnostics as JUnit XML: a suite for each file, a case for each diagnostic; errors are failures. */
import type { ReportedDiagnostic } from './check-report.ts';
import type { DiagnosticsReport } from './diagnostics-report.ts';
import { type JunitSuite, junitDocument } from './junit-document.ts';
import { placeText } from './render-diagnostic.ts';

export function diagnosticsJunit(report: DiagnosticsReport): Iterable<string> {
  const suites = diagnosticCases(report.diagnostics);
  if (suites.length > 0) return junitDocument('fluo', suites);
  const passed = { kind: 'passed' } as const;
  const clean = { name: 'no problems', classname: 'fluo', file: '', line: null, outcome: passed, output: [] };
  return junitDocument('fluo', [{ name: 'fluo', cases: [clean] }]);
}

export function diagnosticCases(diagnostics: readonly ReportedDiagnostic[]): JunitSuite[] {
  const suites = new Map<string, ReportedDiagnostic[]>();
  for (const diagnostic of diagnostics) {
    const file = diagnostic.file ?? 'fluo';
    suites.set(file, [...(suites.get(file) ?? []), diagnostic]);
  }
  return [...suites].map(([name, of]) => ({
    name,
    cases: of.map((diagnostic) => {
      const lines = diagnosticLines(diagnostic);
      return {
        name: `${diagnostic.code} ${placeText(diagnostic)}`.trim(),
        classname: name,
        file: diagnostic.file ?? '',
        line: diagnostic.line,
        outcome:
          diagnostic.severity === 'error'
            ? ({ kind: 'failure', type: diagnostic.code, message: diagnostic.message, lines } as const)
            : ({ kind: 'passed' } as const),
        output: diagnostic.severity === 'error' ? [] : lines,
      };
    }),
  }));
}

export function diagnosticLines(diagnostic: ReportedDiagnostic): string[] {
  return [
    `${diagnostic.severity}[${diagnostic.code}] ${diagnostic.message}`,
    ...(diagnostic.frame === null ? [] : diagnostic.frame.split('\n')),
    ...diagnostic.notes.map((note) => `note: ${note}`),
    `help: ${diagnostic.help}`,
  ];
}
