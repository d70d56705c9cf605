/**
 * All commands with their arguments, options and examples, as values: the parser of the command line, `--help`, the
 * completion scripts and the reference page are made from this one table.
 */
import { CHECK } from './command-table/check.ts';
import { COMPLETION } from './command-table/completion.ts';
import type { CommandDescription } from './command-table/description.ts';
import { DOCTOR } from './command-table/doctor.ts';
import { EXPLAIN } from './command-table/explain.ts';
import { FMT } from './command-table/fmt.ts';
import { HELP } from './command-table/help.ts';
import { INIT } from './command-table/init.ts';
import { INSTRUMENT } from './command-table/instrument.ts';
import { LIBRARY } from './command-table/library.ts';
import { LINT } from './command-table/lint.ts';
import { RULES_COMMAND } from './command-table/rules.ts';
import { SERVE } from './command-table/serve.ts';
import { SIGNALS } from './command-table/signals.ts';
import { TEST } from './command-table/test.ts';
import { VERDICTS } from './command-table/verdicts.ts';

export {
  type ArgumentDescription,
  COMMAND_NAMES,
  type CommandDescription,
  type CommandName,
  type OptionDescription,
  type ValueKind,
} from './command-table/description.ts';
export { COMMON_OPTIONS } from './command-table/options.ts';

/** In the order of the help. */
export const COMMANDS: readonly CommandDescription[] = [
  CHECK,
  TEST,
  LINT,
  FMT,
  EXPLAIN,
  INIT,
  LIBRARY,
  INSTRUMENT,
  SERVE,
  DOCTOR,
  SIGNALS,
  VERDICTS,
  RULES_COMMAND,
  COMPLETION,
  HELP,
];

export function commandNamed(name: string): CommandDescription | null {
  return COMMANDS.find((command) => command.name === name) ?? null;
}
