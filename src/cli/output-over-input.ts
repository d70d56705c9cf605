/** Keeps a report from overwriting a file that the same command line names as an input. */
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import { commandLineError, type Invocation, optionValues } from './arguments.ts';
import { FileError, type Io } from './io.ts';
import type { OutputPlan } from './outputs.ts';
import { pathFrom } from './paths.ts';

/** Options whose values are files or folders that are read. */
const READ_OPTIONS: readonly string[] = ['rules', 'against', 'config'];

/** The plan, with an objection to each output that is also an input, whichever way the path is written. */
export function withoutInputs(io: Io, invocation: Invocation, plan: OutputPlan): OutputPlan {
  const named = [
    ...invocation.arguments,
    ...READ_OPTIONS.flatMap((option) => optionValues(invocation, option)),
  ];
  const inputs = new Set(named.map(({ value }) => fileOf(io, value)));
  inputs.delete(null);
  const objections = plan.outputs.flatMap(({ format, file }): Diagnostic[] => {
    if (file === null || !inputs.has(fileOf(io, file.value))) return [];
    return [
      commandLineError(
        invocation.commandLine,
        file.range,
        'FL727',
        `the report would overwrite \`${file.value}\`, which is an input of this command`,
        `name another file, for example \`--format ${format}=report.${format}\``,
      ),
    ];
  });
  return { ...plan, diagnostics: [...plan.diagnostics, ...objections] };
}

/** Where the path leads to if that is a file: a folder or a device cannot be overwritten. */
function fileOf(io: Io, given: string): string | null {
  const path = pathFrom(io.cwd, given);
  try {
    return io.files.kindOf(path) === 'file' ? io.files.realPath(path) : null;
  } catch (error) {
    // Whoever opens it says what is wrong with it.
    if (error instanceof FileError) return null;
    throw error;
  }
}
