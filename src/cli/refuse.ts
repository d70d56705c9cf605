/** A command that cannot do its work: says why, to people and to programs. */
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import { buildDiagnosticsReport } from '../report/reported-diagnostic.ts';
import { DIAGNOSTICS_REPORTERS } from '../report/reporters.ts';
import { type Invocation, isOn } from './arguments.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import type { Io } from './io.ts';
import type { OutputPlan } from './outputs.ts';
import { showDiagnostics } from './show-diagnostics.ts';
import { writeReport } from './write-report.ts';

/** The problems go to standard error. `files` is how many were looked at. */
export function refuse(
  invocation: Invocation,
  io: Io,
  diagnostics: readonly Diagnostic[],
  plan: OutputPlan | null = null,
  files = 0,
): ExitCode {
  // Where the outputs themselves are in order, those that a program reads get the problems in their own format.
  const isUsable = plan !== null && plan.diagnostics.length === 0;
  const forPrograms = isUsable ? plan.outputs.filter(({ format }) => format !== 'pretty') : [];
  const report = buildDiagnosticsReport(diagnostics, files);
  const unwritten = writeReport(io, invocation, forPrograms, DIAGNOSTICS_REPORTERS, report);
  showDiagnostics(io, [...diagnostics, ...unwritten], isOn(invocation, 'no-color'));
  return EXIT.usage;
}
