/** What is said of a command: its arguments, options and examples. */

export const COMMAND_NAMES = [
  'check',
  'test',
  'lint',
  'fmt',
  'explain',
  'init',
  'library',
  'instrument',
  'serve',
  'doctor',
  'signals',
  'verdicts',
  'rules',
  'completion',
  'help',
] as const;
export type CommandName = (typeof COMMAND_NAMES)[number];

/** What a completion script offers for a value, where there is no fixed list. */
export type ValueKind = 'path' | 'rule' | 'rule-or-code' | 'library' | 'text';

export interface ArgumentDescription {
  /** Upper case, as in the usage line. */
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
  readonly repeatable: boolean;
  readonly value: ValueKind;
  /** The only values allowed, where there is a list. */
  readonly choices?: readonly string[];
}

export interface OptionDescription {
  /** Long name without dashes. */
  readonly name: string;
  readonly short?: string;
  readonly description: string;
  /** Upper-case name of the value; absent for a switch. */
  readonly value?: string;
  readonly valueKind?: ValueKind;
  readonly choices?: readonly string[];
  /** May be given several times. */
  readonly repeatable?: boolean;
  /** What holds without it, as written in help. */
  readonly fallback?: string;
}

export interface CommandDescription {
  readonly name: CommandName;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Paragraphs of plain text. */
  readonly description: readonly string[];
  readonly arguments: readonly ArgumentDescription[];
  readonly options: readonly OptionDescription[];
  readonly examples: readonly { readonly command: string; readonly note: string }[];
}
