/** `--watch`: runs a command again whenever one of its files changes, until Ctrl-C. */
import { printable } from '../base/printable.ts';
import { counted } from '../report/counted.ts';
import { type Invocation, isOn, optionValues } from './arguments.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import type { Io } from './io.ts';
import { pathFrom, shownPath } from './paths.ts';

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
  const changes = new Changes(io, ownOutputs(io, invocation), signal);
  while (!signal.aborted) {
    const { paths } = await run();
    if (signal.aborted) break;
    // Watching begins before it is announced: what is saved from here on starts a run.
    changes.watch(paths);
    io.stderr.write('\nwatching for changes, Ctrl-C ends\n');
    const changed = await changes.settled();
    if (changed !== null) beginAgain(io, changed);
  }
  changes.end();
  return EXIT.interrupted;
}

/** Says when and why the next run begins, on a cleared screen where there is one. */
function beginAgain(io: Io, changed: readonly string[]): void {
  const [first = '', ...others] = changed.map((path) => shownPath(io.cwd, path));
  const more = others.length === 0 ? '' : ` and ${counted(others.length, 'more file')}`;
  const time = new Date(io.clock.now()).toTimeString().slice(0, 8);
  const isScreen = io.stderr.isTerminal && io.env['TERM'] !== 'dumb';
  io.stderr.write(`${isScreen ? CLEARED_SCREEN : '\n'}${time} ${printable(first)}${more} changed\n\n`);
}

/** What was on it stays in the terminal's history. */
const CLEARED_SCREEN = '\u001b[2J\u001b[H';

/** Collects changes also while a run is under way: a file that was saved then is not missed. */
class Changes {
  readonly #io: Io;
  readonly #isIgnored: (path: string) => boolean;
  readonly #signal: AbortSignal;
  #stopWatching = () => {};
  #cancelTimer = () => {};
  /** Of the changes that the next run is for, in the order in which they came. */
  readonly #changed = new Set<string>();
  #isDue = false;
  #wake = () => {};

  constructor(io: Io, isIgnored: (path: string) => boolean, signal: AbortSignal) {
    this.#io = io;
    this.#isIgnored = isIgnored;
    this.#signal = signal;
    signal.addEventListener('abort', () => {
      this.end();
      this.#wake();
    });
  }

  /** From now on these paths, instead of those before. */
  watch(paths: readonly string[]): void {
    const stopBefore = this.#stopWatching;
    this.#stopWatching = this.#io.files.watch(paths, (path) => {
      if (this.#isIgnored(path)) return;
      this.#changed.add(path);
      this.#cancelTimer();
      this.#cancelTimer = this.#io.clock.after(SETTLED_AFTER_MS, () => {
        this.#isDue = true;
        this.#wake();
      });
    });
    stopBefore();
  }

  /** Resolves with the paths when there were changes and no more came; null when the signal was aborted instead. */
  async settled(): Promise<readonly string[] | null> {
    if (!this.#isDue && !this.#signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#isDue = false;
    const changed = [...this.#changed];
    this.#changed.clear();
    return this.#signal.aborted ? null : changed;
  }

  end(): void {
    this.#cancelTimer();
    this.#stopWatching();
  }
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
