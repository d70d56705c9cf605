/** All commands with their arguments, options and examples. */
import {
  COMMANDS,
  COMMON_OPTIONS,
  type CommandDescription,
  type OptionDescription,
} from '../../src/cli/command-table.ts';
import { EXIT_CODE_MEANINGS } from '../../src/cli/exit-code.ts';
import { code, oneOf, page, table } from './markdown.ts';

export function commandsPage(): string {
  return page([
    '# Commands',
    table(
      ['command', 'what it does'],
      COMMANDS.map(({ name, summary }) => [`[${code(`fluo ${name}`)}](#fluo-${name})`, `${summary}.`]),
    ),
    '## Exit codes',
    table(
      ['exit code', 'meaning'],
      EXIT_CODE_MEANINGS.map(([number, meaning]) => [String(number), `${meaning}.`]),
    ),
    'Which findings of `fluo check` make the exit code 1 is said with `--fail-on`. By default they are the violations of rules that ' +
      'are enforced as `hard-block` or `soft-warning`; those of `audit-only` rules, and what could not be proved, are shown and fail nothing.',
    '## Options of every command',
    optionTable(COMMON_OPTIONS),
    ...COMMANDS.flatMap(commandParts),
  ]);
}

function commandParts(command: CommandDescription): string[] {
  const { name, arguments: given, options, examples, description } = command;
  const usage = given.map((one) => {
    const text = `${one.name}${one.repeatable ? '...' : ''}`;
    return one.required ? text : `[${text}]`;
  });
  const parts = [
    `## fluo ${name}`,
    fenced([`fluo ${name}${options.length > 0 ? ' [OPTIONS]' : ''} ${usage.join(' ')}`.trimEnd()]),
    ...description.map((paragraph) => (paragraph.includes('\n') ? fenced(paragraph.split('\n')) : paragraph)),
  ];
  if (given.length > 0) {
    const rows = given.map((one) => [code(one.name), sentence(one.description, one.choices)]);
    parts.push(table(['argument', 'meaning'], rows));
  }
  if (options.length > 0) parts.push(optionTable(options));
  if (examples.length > 0) {
    const width = Math.max(...examples.map((example) => example.command.length));
    parts.push(fenced(examples.map((example) => `${example.command.padEnd(width)}  # ${example.note}`)));
  }
  return parts;
}

function optionTable(options: readonly OptionDescription[]): string {
  const rows = options.map((option) => {
    const value = option.value === undefined ? '' : ` ${option.value}`;
    const short = option.short === undefined ? '' : `, ${code(`-${option.short}`)}`;
    const fallback = option.fallback === undefined ? '' : ` Default: ${option.fallback}.`;
    const repeated = option.repeatable === true ? ' May be given several times.' : '';
    return [
      `${code(`--${option.name}${value}`)}${short}`,
      sentence(option.description, option.choices) + repeated + fallback,
    ];
  });
  return table(['option', 'meaning'], rows);
}

function sentence(description: string, choices: readonly string[] | undefined): string {
  return `${description}.${choices === undefined ? '' : ` One of ${oneOf(choices)}.`}`;
}

function fenced(lines: readonly string[]): string {
  return ['```text', ...lines, '```'].join('\n');
}
