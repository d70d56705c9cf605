/** What the program's exit status says. Scripts build on these: they never change their meaning. */
export const EXIT = {
  /** Nothing to object to. */
  clean: 0,
  /** A rule is violated, a test failed, a lint or an unformatted file was found. */
  findings: 1,
  /** The command line, the configuration, a rule file or an input cannot be used. */
  usage: 2,
  /** A bug of ours. */
  bug: 70,
  /** Ctrl-C, or a request to terminate. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The table in `--help` and in the reference. */
export const EXIT_CODE_MEANINGS: readonly (readonly [ExitCode, string])[] = [
  [EXIT.clean, 'nothing to object to'],
  [EXIT.findings, 'findings: a violated rule, a failed test, a lint'],
  [EXIT.usage, 'wrong usage or configuration, or an input that cannot be read'],
  [EXIT.bug, 'a bug of Fluo'],
  [EXIT.interrupted, 'interrupted'],
];
