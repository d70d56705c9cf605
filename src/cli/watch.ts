/** `--watch`: runs a command again whenever one of its files changes, until Ctrl-C. */
import { type Invocation, isOn, optionValues } from './arguments.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import type { Io } from './io.ts';
import { pathFrom } from './paths.ts';

export interface WatchedRun {
  readonly code: ExitCode;
  /** Absolute paths of the files and folders that the run depends on. */
  readonly paths: readonly string[];
}

/** Editors write a file in several steps; a run in between would see half of it. */
const SETTLED_AFTER_MS = 100;

/** Runs once without `--watch`. With it, the result is that of the interruption. */
export async function runWatched(
  io: Io,
  invocation: Invocation,
  signal: AbortSignal,
  run: () => Promise<WatchedRun>,
): Promise<ExitCode> {
  if (!isOn(invocation, 'watch')) return (await run()).code;
  const isOwnOutput = ownOutputs(io, invocation);
  while (!signal.aborted) {
    const { paths } = await run();
    if (signal.aborted) break;
    io.stderr.write('\nwatching for changes, Ctrl-C ends\n');
    const changed = await nextChange(io, paths, isOwnOutput, signal);
    if (changed !== null) io.stderr.write(`\n${'─'.repeat(Math.min(io.stderr.columns, 60))}\n`);
  }
  return EXIT.interrupted;
}

/** Resolves with a path when changes have settled, with null when the signal is aborted. */
function nextChange(
  io: Io,
  paths: readonly string[],
  isIgnored: (path: string) => boolean,
  signal: AbortSignal,
): Promise<string | null> {
  return new Promise((resolve) => {
    let cancelTimer = () => {};
    const finish = (path: string | null) => {
      cancelTimer();
      stopWatching();
      signal.removeEventListener('abort', onAbort);
      resolve(path);
    };
    const onAbort = () => finish(null);
    const stopWatching = io.files.watch(paths, (path) => {
      if (isIgnored(path)) return;
      cancelTimer();
      cancelTimer = io.clock.after(SETTLED_AFTER_MS, () => finish(path));
    });
    signal.addEventListener('abort', onAbort);
  });
}

/** A report that is written into a watched folder must not start the next run. */
function ownOutputs(io: Io, invocation: Invocation): (path: string) => boolean {
  const named = [
    ...optionValues(invocation, 'output').map(({ value }) => value),
    ...optionValues(invocation, 'format').flatMap(({ value }) =>
      value.includes('=') ? [value.slice(value.indexOf('=') + 1)] : [],
    ),
  ];
  const outputs = named.map((name) => pathFrom(io.cwd, name));
  return (path) =>
    outputs.some((output) => path === output || (path.startsWith(`${output}.`) && path.endsWith('.tmp')));
}
