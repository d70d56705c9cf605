/** Diagnostics as messages of the log, for who reads it by a program: one object each, in whatever format the log has. */
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import type { Log } from '../server/log.ts';

export function logDiagnostics(log: Log, diagnostics: readonly Diagnostic[]): void {
  for (const { code, severity, message, file, line, notes, help } of diagnostics) {
    const level = severity === 'error' ? 'error' : severity === 'warning' ? 'warn' : 'info';
    log[level](message, {
      code,
      file: file ?? null,
      ...(line === undefined ? {} : { line }),
      ...(notes === undefined ? {} : { notes }),
      help: help ?? null,
    });
  }
}
