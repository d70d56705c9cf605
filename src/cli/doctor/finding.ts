/** What `fluo doctor` says of one thing that it looked at. */
import type { Diagnostic } from '../../diagnostic/diagnostic.ts';

export interface Finding {
  /** What was looked at, in a word or two. */
  readonly subject: string;
  /** What was found, on one line. */
  readonly text: string;
  /** What is wrong with it; none: all is well. */
  readonly problems: readonly Diagnostic[];
}

export function well(subject: string, text: string): Finding {
  return { subject, text, problems: [] };
}

export function problem(
  code: Diagnostic['code'],
  severity: 'error' | 'warning',
  message: string,
  help: string,
  notes: readonly string[] = [],
): Diagnostic {
  return { code, severity, message, help, ...(notes.length === 0 ? {} : { notes }) };
}
