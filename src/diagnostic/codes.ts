/**
 * The one table of everything that Fluo can object to. `fluo explain CODE` and the pages of the reference are made
 * from it, so an entry is written for the person who meets it.
 *
 * Numbers: FL1 syntax of a rule, FL2 meaning of a rule, FL3 rule files, FL4 lints, FL5 traces, FL6 rule tests,
 * FL7 commands and configuration, FL8 the live engine, FL9 bugs of ours.
 */
import { CHECK_CODES } from './codes/check.ts';
import { CHECKING_CODES } from './codes/checking.ts';
import { COMMAND_CODES } from './codes/command.ts';
import { INPUT_CODES } from './codes/input.ts';
import { LINT_CODES } from './codes/lint.ts';
import { RECEIVING_CODES } from './codes/receiving.ts';
import { RULE_FILE_CODES } from './codes/rule-file.ts';
import { RULE_TEST_CODES } from './codes/rule-test.ts';
import { SERVING_CODES } from './codes/serving.ts';
import { SIGNALLING_CODES } from './codes/signalling.ts';
import { STORAGE_CODES } from './codes/storage.ts';
import { SYNTAX_CODES } from './codes/syntax.ts';

export interface CodeEntry {
  /** kebab-case name, unique. */
  readonly name: string;
  /** One line: the fact that must hold. */
  readonly title: string;
  /** Why it is an error and what usually causes it: a few sentences of Markdown. */
  readonly explanation: string;
  /** A smallest input that earns it, where it can be shown as text (a rule, a YAML file, a command line). */
  readonly bad?: string;
  /** The same, mended. */
  readonly good?: string;
}

export const CODES = {
  ...SYNTAX_CODES,
  ...CHECK_CODES,
  ...RULE_FILE_CODES,
  ...LINT_CODES,
  ...INPUT_CODES,
  ...CHECKING_CODES,
  ...RULE_TEST_CODES,
  ...COMMAND_CODES,
  ...RECEIVING_CODES,
  ...SERVING_CODES,
  ...STORAGE_CODES,
  ...SIGNALLING_CODES,
} as const satisfies Record<string, CodeEntry>;

export type DiagnosticCode = keyof typeof CODES;
