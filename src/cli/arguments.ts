/** From the command line to a command with its values, or to diagnostics that point into it: all of them at once. */
import { parseArgs } from 'node:util';
import { didYouMean } from '../base/suggest.ts';
import type { Diagnostic, TextRange } from '../diagnostic/diagnostic.ts';
import { type CommandLine, commandLineOf } from './command-line.ts';
import {
  COMMAND_NAMES,
  COMMANDS,
  COMMON_OPTIONS,
  type CommandDescription,
  commandNamed,
  type OptionDescription,
} from './command-table.ts';

/** A value with its place in the command line. */
export interface GivenValue {
  readonly value: string;
  readonly range: TextRange;
}

interface GivenOption {
  readonly name: string;
  /** Null for a switch. */
  readonly value: GivenValue | null;
  /** Of the option's own word. */
  readonly range: TextRange;
}

/** A command line that is in order as far as the table says. */
export interface Invocation {
  readonly command: CommandDescription;
  readonly commandLine: CommandLine;
  readonly arguments: readonly GivenValue[];
  /** In the order given. */
  readonly options: readonly GivenOption[];
}

type ParsedArguments =
  | { readonly kind: 'invocation'; readonly invocation: Invocation }
  | { readonly kind: 'version' }
  /** `command` is null for the list of all commands; `asked` is false where nothing at all was given. */
  | { readonly kind: 'help'; readonly command: CommandDescription | null; readonly asked: boolean }
  | { readonly kind: 'wrong'; readonly diagnostics: readonly Diagnostic[] };

/** Whether a switch is on. */
export function isOn(invocation: Invocation, name: string): boolean {
  return invocation.options.some((option) => option.name === name);
}

/** The value of an option that holds one, or null. */
export function optionValue(invocation: Invocation, name: string): GivenValue | null {
  return optionValues(invocation, name)[0] ?? null;
}

/** The values of an option in the order given. */
export function optionValues(invocation: Invocation, name: string): readonly GivenValue[] {
  return invocation.options.flatMap((option) =>
    option.name === name && option.value !== null ? [option.value] : [],
  );
}

/** An error that points at a part of the command line. */
export function commandLineError(
  commandLine: CommandLine,
  range: TextRange,
  code: Diagnostic['code'],
  message: string,
  help: string,
): Diagnostic {
  return { code, severity: 'error', message, source: commandLine.source, range, help };
}

export function parseArguments(argv: readonly string[]): ParsedArguments {
  const commandLine = commandLineOf(argv);
  const at = argv.findIndex((argument) => !argument.startsWith('-') || argument === '-');
  const before = at === -1 ? argv : argv.slice(0, at);
  const wrong = wrongBeforeCommand(commandLine, before, argv[at]);
  if (wrong.length > 0) return { kind: 'wrong', diagnostics: wrong };
  const version = before.find((argument) => argument === '--version' || argument === '-V');
  if (version !== undefined) return versionAlone(commandLine, version, argv, at);
  const name = argv[at];
  if (name === undefined) {
    return {
      kind: 'help',
      command: null,
      asked: before.some((argument) => argument === '--help' || argument === '-h'),
    };
  }
  const command = commandNamed(name);
  if (command === null) return { kind: 'wrong', diagnostics: [unknownCommand(commandLine, at, name)] };
  return new ArgumentReader(command, commandLine, argv, at).read(before);
}

const GLOBAL_SWITCHES = ['--version', '-V', '--help', '-h', '--no-color'];

function wrongBeforeCommand(
  commandLine: CommandLine,
  before: readonly string[],
  command: string | undefined,
): Diagnostic[] {
  return before.flatMap((argument, index) => {
    if (GLOBAL_SWITCHES.includes(argument)) return [];
    const range = commandLine.ranges[index] ?? commandLine.end;
    const option = argument.replace(/=.*$/s, '');
    const owners = ownersOf(option.replace(/^-+/, ''));
    const help =
      owners.length > 0
        ? `put it behind the command: \`fluo ${command !== undefined && commandNamed(command) ? command : owners[0]} ${option} ...\``
        : `${questionFirst(didYouMean(option, GLOBAL_SWITCHES))}run \`fluo help\` for the commands and their options`;
    return [
      commandLineError(
        commandLine,
        range,
        'FL702',
        `\`${option}\` is not an option that stands before a command`,
        help,
      ),
    ];
  });
}

/** Who puts a command behind `--version` means one of the two, and learns nothing about the other. */
function versionAlone(
  commandLine: CommandLine,
  written: string,
  argv: readonly string[],
  at: number,
): ParsedArguments {
  const extra = argv[at];
  if (extra === undefined) return { kind: 'version' };
  const diagnostic = commandLineError(
    commandLine,
    commandLine.ranges[at] ?? commandLine.end,
    'FL706',
    `\`${extra}\` is one argument more than \`fluo ${written}\` takes`,
    commandNamed(extra) === null
      ? `leave it out: \`fluo ${written}\``
      : `say \`fluo ${written}\`, or \`fluo ${extra}\` without \`${written}\``,
  );
  return { kind: 'wrong', diagnostics: [diagnostic] };
}

function unknownCommand(commandLine: CommandLine, at: number, name: string): Diagnostic {
  const range = commandLine.ranges[at] ?? commandLine.end;
  const near = didYouMean(name, COMMAND_NAMES);
  const looksLikePath = /[./\\]/.test(name) || name === '-';
  const help =
    near !== ''
      ? `${questionFirst(near)}run \`fluo help\` for all commands`
      : looksLikePath
        ? `to judge the traces in it, say \`fluo check ${name}\``
        : `say one of ${COMMAND_NAMES.join(', ')}`;
  return commandLineError(commandLine, range, 'FL701', `there is no command \`${name}\``, help);
}

/** Reads what follows the name of a command. */
class ArgumentReader {
  readonly #command: CommandDescription;
  readonly #commandLine: CommandLine;
  readonly #argv: readonly string[];
  readonly #at: number;
  readonly #known: ReadonlyMap<string, OptionDescription>;
  readonly #diagnostics: Diagnostic[] = [];
  readonly #options: GivenOption[] = [];
  readonly #arguments: GivenValue[] = [];

  /** `at` is the place of the command's name in `argv`. */
  constructor(command: CommandDescription, commandLine: CommandLine, argv: readonly string[], at: number) {
    this.#command = command;
    this.#commandLine = commandLine;
    this.#argv = argv;
    this.#at = at;
    this.#known = new Map([...command.options, ...COMMON_OPTIONS].map((option) => [option.name, option]));
  }

  read(before: readonly string[]): ParsedArguments {
    const { tokens } = parseArgs({
      args: this.#argv.slice(this.#at + 1),
      options: Object.fromEntries([...this.#known].map(([name, option]) => [name, parseArgsOption(option)])),
      strict: false,
      allowPositionals: true,
      tokens: true,
    });
    for (const token of tokens) {
      const index = token.index + this.#at + 1;
      if (token.kind === 'positional') this.#argument(token.value, index);
      else if (token.kind === 'option') {
        this.#option(token.name, token.rawName, token.value ?? null, token.inlineValue === true, index);
      }
    }
    // Help beats errors: who asks for it has usually just made one.
    if (before.includes('--help') || before.includes('-h') || this.#options.some((o) => o.name === 'help')) {
      return { kind: 'help', command: this.#command, asked: true };
    }
    this.#missingArguments();
    if (this.#diagnostics.length > 0) return { kind: 'wrong', diagnostics: this.#diagnostics };
    const invocation: Invocation = {
      command: this.#command,
      commandLine: this.#commandLine,
      arguments: this.#arguments,
      options: this.#options,
    };
    return { kind: 'invocation', invocation };
  }

  #argument(value: string, index: number): void {
    const range = this.#rangeOf(index);
    const descriptions = this.#command.arguments;
    const last = descriptions.at(-1);
    const description =
      descriptions[this.#arguments.length] ?? (last?.repeatable === true ? last : undefined);
    if (description === undefined) {
      const help =
        descriptions.length === 0
          ? `leave it out: \`fluo ${this.#command.name}\` takes no arguments`
          : `put one argument that holds blanks into quotes, or leave \`${value}\` out`;
      this.#object(
        range,
        'FL706',
        `\`${value}\` is one argument more than \`fluo ${this.#command.name}\` takes`,
        help,
      );
      return;
    }
    if (value === '') {
      const example = this.#command.examples[0]?.command ?? '';
      this.#object(
        range,
        'FL705',
        `${description.name} is empty here`,
        `say for example \`${example}\`; a variable of the shell may have no value`,
      );
      return;
    }
    if (description.choices !== undefined) this.#choice(description.name, description.choices, value, range);
    this.#arguments.push({ value, range });
  }

  #option(name: string, rawName: string, value: string | null, inline: boolean, index: number): void {
    const range = this.#rangeOf(index);
    const option = this.#known.get(name);
    if (option === undefined) {
      this.#unknownOption(name, rawName, range);
      return;
    }
    if (option.value === undefined) {
      if (inline) {
        this.#object(
          range,
          'FL704',
          `\`${rawName}\` takes no value, and has \`${value}\``,
          `say \`${rawName}\` alone`,
        );
        return;
      }
      this.#options.push({ name, value: null, range });
      return;
    }
    if (value === null || value === '' || (!inline && value.startsWith('-') && value !== '-')) {
      const wanted = option.choices === undefined ? '' : `, one of ${option.choices.join(', ')}`;
      const follows = value === null || value === '' ? '' : `, and \`${value}\` follows`;
      const help =
        value !== null && value !== '' && !this.#known.has(value.replace(/^-+/, ''))
          ? `write \`${rawName}=${value}\` if that is the value`
          : `say \`${rawName} ${option.value}\`${wanted}`;
      this.#object(range, 'FL703', `\`${rawName}\` needs a value (${option.value})${follows}`, help);
      return;
    }
    const valueRange = inline ? this.#inlineRange(range, rawName) : this.#rangeOf(index + 1);
    if (option.choices !== undefined)
      this.#choice(`\`${rawName}\``, option.choices, valueWithoutFile(name, value), valueRange);
    if (option.repeatable !== true && this.#options.some((given) => given.name === name)) {
      this.#object(range, 'FL709', `\`${rawName}\` is given twice`, 'leave one of them out');
      return;
    }
    this.#options.push({ name, value: { value, range: valueRange }, range });
  }

  #unknownOption(name: string, rawName: string, range: TextRange): void {
    const owners = ownersOf(name);
    const names = [...this.#known.keys()].map((known) => `--${known}`);
    const near = didYouMean(rawName, names);
    const help =
      near !== ''
        ? `${questionFirst(near)}run \`fluo help ${this.#command.name}\` for all options`
        : owners.length > 0
          ? `it is an option of ${enumerated(owners.map((owner) => `\`fluo ${owner}\``))}`
          : `run \`fluo help ${this.#command.name}\` for its options; a file of that name goes behind \`--\``;
    this.#object(range, 'FL702', `\`fluo ${this.#command.name}\` has no option \`${rawName}\``, help);
  }

  #choice(name: string, choices: readonly string[], value: string, range: TextRange): void {
    if (choices.includes(value)) return;
    const help = `${questionFirst(didYouMean(value, choices))}say one of ${choices.join(', ')}`;
    this.#object(range, 'FL707', `\`${value}\` is not a value of ${name}`, help);
  }

  #missingArguments(): void {
    const missing = this.#command.arguments[this.#arguments.length];
    // An argument that was refused is not missing as well.
    if (
      missing?.required !== true ||
      this.#diagnostics.some(({ code }) => code === 'FL705' || code === 'FL706')
    )
      return;
    const example = this.#command.examples[0]?.command ?? '';
    this.#object(
      this.#commandLine.end,
      'FL705',
      `\`fluo ${this.#command.name}\` needs ${missing.name}: ${lowerFirst(missing.description)}`,
      `say for example \`${example}\``,
    );
  }

  #rangeOf(index: number): TextRange {
    return this.#commandLine.ranges[index] ?? this.#commandLine.end;
  }

  #inlineRange(range: TextRange, rawName: string): TextRange {
    const text = this.#commandLine.source.text.slice(range.start, range.end);
    const prefix = `${rawName}=`;
    return text.startsWith(prefix) ? { start: range.start + prefix.length, end: range.end } : range;
  }

  #object(range: TextRange, code: Diagnostic['code'], message: string, help: string): void {
    this.#diagnostics.push(commandLineError(this.#commandLine, range, code, message, help));
  }
}

function parseArgsOption(option: OptionDescription) {
  return {
    type: option.value === undefined ? ('boolean' as const) : ('string' as const),
    multiple: true,
    ...(option.short === undefined ? {} : { short: option.short }),
  };
}

/** `--format sarif=out.sarif` names a file behind the choice. */
function valueWithoutFile(name: string, value: string): string {
  const equals = value.indexOf('=');
  return name === 'format' && equals > 0 ? value.slice(0, equals) : value;
}

function ownersOf(option: string): string[] {
  return COMMANDS.filter((command) =>
    command.options.some((known) => known.name === option || known.short === option),
  ).map((command) => command.name);
}

/** `a, b and c`. */
function enumerated(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** A question before what else can be said. */
function questionFirst(question: string): string {
  return question === '' ? '' : `${question} `;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
