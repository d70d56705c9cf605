/** Which diagnostics stop a command. */
import type { Diagnostic } from '../diagnostic/diagnostic.ts';

/** Whether the diagnostic keeps a command from doing its work. */
export function isError(diagnostic: Diagnostic): boolean {
  return diagnostic.severity === 'error';
}
