import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import type { Receiver } from '../../notify/receiver.ts';
import type { ServerClock } from '../clock.ts';
import type { Log, LogLevel } from '../log.ts';
import type { RuleSource } from '../rules/rule-source.ts';
import type { ServerSettings } from '../settings.ts';

export interface ServerOptions {
  readonly settings: ServerSettings;
  readonly rules: RuleSource;
  readonly notify: readonly Receiver[];
  /** A rule file with an error, or no rule at all, keeps the server from starting. */
  readonly strict: boolean;
  readonly version: string;
  /** Absolute path of the package: the archiver's program lies in it. */
  readonly packageFolder: string;
  readonly log: Log;
  /** Is given what counts messages of the log. */
  readonly onLogMessage?: (count: (level: LogLevel) => void) => void;
  /** Aborted when the start is to be broken off. */
  readonly signal: AbortSignal;
  readonly clock?: ServerClock;
  /** Whether DuckDB is installed. */
  readonly hasDuckDb?: () => boolean;
}

/** The start cannot go on; says why. Does not leave `startServer`. */
export class Refusal extends Error {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics[0]?.message ?? 'broken off');
    this.diagnostics = diagnostics;
  }
}
