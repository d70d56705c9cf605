/** Help for a person at a terminal, made from the table of commands. */
import {
  type ArgumentDescription,
  COMMANDS,
  COMMON_OPTIONS,
  type CommandDescription,
  type OptionDescription,
} from './command-table.ts';
import { EXIT_CODE_MEANINGS } from './exit-code.ts';
import { wrap } from './wrap.ts';

export interface HelpLayout {
  /** Columns of a line. */
  readonly width: number;
  /** How a heading is set off. */
  readonly heading: (text: string) => string;
}

/** Lines longer than this are hard to read, however wide the terminal is. */
const WIDEST = 100;

/** The list of all commands. */
export function generalHelp(layout: HelpLayout): string {
  const { heading } = layout;
  const rows = COMMANDS.map((command): Row => [command.name, command.summary]);
  const options: Row[] = [...COMMON_OPTIONS.map(optionRow), ['-V, --version', 'Show the version']];
  return [
    'Fluo judges OpenTelemetry traces against invariants.',
    '',
    `${heading('Usage:')} fluo COMMAND [OPTIONS] [ARGUMENTS]`,
    '',
    heading('Commands:'),
    ...table(rows, layout.width),
    '',
    heading('Options:'),
    ...table(options, layout.width),
    '',
    heading('Exit codes:'),
    ...table(exitCodeRows(), layout.width),
    '',
    ...wrap(
      'Begin with `fluo init`. `fluo help COMMAND` shows the options and examples of a command.',
      textWidth(layout.width),
    ),
    '',
  ].join('\n');
}

/** The help of one command. */
export function commandHelp(command: CommandDescription, layout: HelpLayout): string {
  const { heading, width } = layout;
  const lines = [`${command.summary}.`, '', `${heading('Usage:')} ${usageOf(command)}`];
  for (const paragraph of command.description) lines.push('', ...wrap(paragraph, textWidth(width)));
  if (command.arguments.length > 0) {
    lines.push('', heading('Arguments:'), ...table(command.arguments.map(argumentRow), width));
  }
  const options = [...command.options, ...COMMON_OPTIONS];
  lines.push('', heading('Options:'), ...table(options.map(optionRow), width));
  lines.push('', heading('Examples:'));
  for (const example of command.examples) {
    lines.push(`  ${example.command}`, `      ${example.note}`);
  }
  return `${lines.join('\n')}\n`;
}

/** The usage line: `fluo fmt [OPTIONS] [PATH]...`. */
function usageOf(command: CommandDescription): string {
  const options = command.options.length > 0 ? ' [OPTIONS]' : '';
  const args = command.arguments.map((argument) => {
    const name = argument.repeatable ? `${argument.name}...` : argument.name;
    return argument.required ? ` ${name}` : ` [${name}]`;
  });
  return `fluo ${command.name}${options}${args.join('')}`;
}

/** How an option is written: `-f, --format FORMAT`. */
function spellingOf(option: OptionDescription): string {
  const short = option.short === undefined ? '' : `-${option.short}, `;
  return `${short}--${option.name}${option.value === undefined ? '' : ` ${option.value}`}`;
}

/** What an option does, with its values, its fallback, and whether it repeats. */
function meaningOf(option: OptionDescription): string {
  const parts = [option.description];
  if (option.choices !== undefined) parts.push(`One of: ${option.choices.join(', ')}`);
  if (option.fallback !== undefined) parts.push(`Default: ${option.fallback}`);
  if (option.repeatable === true) parts.push('May be repeated');
  return parts.join('. ');
}

type Row = readonly [name: string, meaning: string];

function optionRow(option: OptionDescription): Row {
  return [spellingOf(option), meaningOf(option)];
}

function argumentRow(argument: ArgumentDescription): Row {
  return [argument.name, argument.description];
}

function exitCodeRows(): Row[] {
  return EXIT_CODE_MEANINGS.map(([code, meaning]) => [String(code), meaning]);
}

function table(rows: readonly Row[], width: number): string[] {
  const column = Math.max(...rows.map(([name]) => name.length)) + 4;
  const room = Math.max(24, textWidth(width) - column);
  return rows.flatMap(([name, meaning]) =>
    wrap(meaning, room).map((line, index) => `${(index === 0 ? `  ${name}` : '').padEnd(column)}${line}`),
  );
}

function textWidth(width: number): number {
  return Math.min(width, WIDEST);
}
