/** What a command is. */
import type { Invocation } from './arguments.ts';
import type { ExitCode } from './exit-code.ts';
import type { Io } from './io.ts';

/**
 * Reports its findings and what is wrong with its input itself, and says how it ended. A throw is a bug of ours.
 * `signal` is aborted on Ctrl-C: a command that would never end by itself (`--watch`) ends then.
 */
export type Command = (invocation: Invocation, io: Io, signal: AbortSignal) => Promise<ExitCode>;
