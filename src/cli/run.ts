/** The program as a function of the world outside: from the command line to an exit code. Never throws. */

import { type Invocation, parseArguments } from './arguments.ts';
import { hasColour } from './colour.ts';
import type { Command } from './command.ts';
import { quoted } from './command-line.ts';
import { type CommandDescription, type CommandName, commandNamed } from './command-table.ts';
import type { ExitCode } from './exit-code.ts';
import { EXIT } from './exit-code.ts';
import { commandHelp, generalHelp, type HelpLayout } from './help.ts';
import { FileError, type Io } from './io.ts';
import { versionOf } from './version.ts';

/** Each command is a module of its own, loaded when it is asked for: start-up costs what the command needs. */
const COMMAND_MODULES: Readonly<Record<Exclude<CommandName, 'help'>, () => Promise<Command>>> = {
  check: async () => (await import('./commands/check.ts')).runCheck,
  test: async () => (await import('./commands/test.ts')).runTest,
  lint: async () => (await import('./commands/lint.ts')).runLint,
  fmt: async () => (await import('./commands/fmt.ts')).runFmt,
  explain: async () => (await import('./commands/explain.ts')).runExplain,
  init: async () => (await import('./commands/init.ts')).runInit,
  library: async () => (await import('./commands/library.ts')).runLibrary,
  instrument: async () => (await import('./commands/instrument.ts')).runInstrument,
  serve: async () => (await import('./commands/serve.ts')).runServe,
  doctor: async () => (await import('./commands/doctor.ts')).runDoctor,
  signals: async () => (await import('./commands/signals.ts')).runSignals,
  verdicts: async () => (await import('./commands/verdicts.ts')).runVerdicts,
  rules: async () => (await import('./commands/rules.ts')).runRules,
  completion: async () => (await import('./commands/completion.ts')).runCompletion,
};

export async function run(io: Io): Promise<ExitCode> {
  const abort = new AbortController();
  let stopListening = () => {};
  const interrupted = new Promise<ExitCode>((resolve) => {
    stopListening = io.onInterrupt(() => {
      abort.abort();
      if (!endsInItsOwnTime(io)) resolve(EXIT.interrupted);
    });
  });
  try {
    return await Promise.race([dispatch(io, abort.signal), interrupted]);
  } catch (error) {
    if (error instanceof FileError) return refusedBySystem(io, error);
    return reportBug(io, error);
  } finally {
    stopListening();
  }
}

/** A server finishes what it has taken, and says itself how it ended. */
function endsInItsOwnTime(io: Io): boolean {
  return io.argv.find((argument) => !argument.startsWith('-')) === 'serve';
}

async function dispatch(io: Io, signal: AbortSignal): Promise<ExitCode> {
  if (io.argv[0] === 'complete-values') {
    const { completeValues } = await import('./commands/complete-values.ts');
    return completeValues(io, io.argv.slice(1));
  }
  const parsed = parseArguments(io.argv);
  switch (parsed.kind) {
    case 'version':
      io.stdout.write(`${versionOf(io)}\n`);
      return EXIT.clean;
    case 'help':
      return help(io, parsed.command, parsed.asked);
    case 'wrong': {
      const { showDiagnostics } = await import('./show-diagnostics.ts');
      showDiagnostics(io, parsed.diagnostics, io.argv.includes('--no-color'));
      return EXIT.usage;
    }
    case 'invocation': {
      const { invocation } = parsed;
      const { name } = invocation.command;
      if (name === 'help') return help(io, commandAskedFor(invocation), true);
      const command = await COMMAND_MODULES[name]();
      return command(invocation, io, signal);
    }
  }
}

/** Unasked, the help is a message about a missing command, and goes where messages go. */
function help(io: Io, command: CommandDescription | null, asked: boolean): ExitCode {
  const output = asked ? io.stdout : io.stderr;
  const colour = hasColour(io, output, io.argv.includes('--no-color'));
  const layout: HelpLayout = {
    width: output.columns,
    heading: colour ? (text) => `\u001b[1m${text}\u001b[22m` : (text) => text,
  };
  output.write(command === null ? generalHelp(layout) : commandHelp(command, layout));
  return asked ? EXIT.clean : EXIT.usage;
}

function commandAskedFor(invocation: Invocation): CommandDescription | null {
  const [name] = invocation.arguments;
  return name === undefined ? null : commandNamed(name.value);
}

/** A file that the system refuses is no bug, also where a command did not expect it. */
function refusedBySystem(io: Io, error: FileError): ExitCode {
  const reason = error.kind === 'no-permission' ? 'the system gives no permission' : error.message;
  io.stderr.write(`error[FL711] \`${error.path}\` cannot be used: ${reason}\n`);
  io.stderr.write('  help: check the path, its permissions and the disk that it lies on\n');
  return EXIT.usage;
}

/** Says that it is our fault, keeps the details in a file, and asks for a report. */
export function reportBug(io: Io, error: unknown): ExitCode {
  const details = [
    `fluo ${knownVersion(io)}, ${io.platform}`,
    `command line: fluo ${io.argv.map(quoted).join(' ')}`,
    '',
    error instanceof Error ? (error.stack ?? error.message) : String(error),
    ...causesOf(error),
    '',
  ].join('\n');
  const summary = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  io.stderr.write(`error[FL799] this is a bug of Fluo, not of your input\n  ${summary.split('\n', 1)[0]}\n`);
  if ((io.env['FLUO_DEBUG'] ?? '') !== '') {
    io.stderr.write(`\n${details}`);
  } else {
    io.stderr.write(`  note: details are in ${keepDetails(io, details)}\n`);
  }
  io.stderr.write('  help: please report it with these details, and with the input if you may share it\n');
  return EXIT.bug;
}

function knownVersion(io: Io): string {
  try {
    return versionOf(io);
  } catch {
    return 'of an unknown version';
  }
}

function keepDetails(io: Io, details: string): string {
  try {
    return io.files.keepTemporary('fluo-bug.txt', details);
  } catch {
    return 'no file; run it again with FLUO_DEBUG=1 to see them';
  }
}

function causesOf(error: unknown): string[] {
  const causes: string[] = [];
  for (
    let cause = error instanceof Error ? error.cause : undefined;
    cause instanceof Error && causes.length < 5;
  ) {
    causes.push(`caused by ${cause.stack ?? cause.message}`);
    cause = cause.cause;
  }
  return causes;
}
