/** `fluo completion`: scripts that complete commands, options, their values and files, made from the table of commands. */
import type { Command } from '../command.ts';
import {
  COMMANDS,
  COMMON_OPTIONS,
  type CommandDescription,
  type OptionDescription,
} from '../command-table.ts';
import { EXIT } from '../exit-code.ts';

export const runCompletion: Command = async (invocation, io) => {
  const shell = invocation.arguments[0]?.value;
  io.stdout.write(shell === 'zsh' ? zshCompletion() : shell === 'fish' ? fishCompletion() : bashCompletion());
  return EXIT.clean;
};

/** For bash 3.2 and later, without the package bash-completion. */
export function bashCompletion(): string {
  const cases = COMMANDS.map((command) => {
    const words = [...optionsOf(command).flatMap(spellings), ...firstChoices(command)];
    return `    ${command.name}) words='${words.join(' ')}' ;;`;
  });
  const values = optionValues().map(
    ({ command, option, choices }) =>
      `    '${command} --${option}') COMPREPLY=($(compgen -W '${choices.join(' ')}' -- "$current")); return ;;`,
  );
  return `# bash completion of fluo
_fluo() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" command='' words='' word
  # bash takes the equals sign of --option=value for a word of its own.
  if [[ $current == '=' ]]; then current=''; elif [[ $previous == '=' ]]; then previous="\${COMP_WORDS[COMP_CWORD-2]}"; fi
  COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in -*) ;; *) command=$word; break ;; esac
  done
  case $command in
    '') words='${[...COMMANDS.map((command) => command.name), ...COMMON_OPTIONS.flatMap(spellings), '--version'].join(' ')}' ;;
${cases.join('\n')}
  esac
  case "$command $previous" in
${values.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  if [[ -n $command && $current != -* ]]; then
    COMPREPLY+=($(compgen -f -- "$current"))
    compopt -o filenames 2>/dev/null
  fi
}
complete -F _fluo fluo
`;
}

/** To be saved as \`_fluo\` in a folder of $fpath, or sourced. */
export function zshCompletion(): string {
  const commands = COMMANDS.map((command) => `    ${zshQuoted(`${command.name}:${command.summary}`)}`);
  const cases = COMMANDS.map((command) => {
    const specs = [...optionsOf(command).flatMap(zshOption), ...zshArguments(command)];
    return `    ${command.name})\n      _arguments -s -S \\\n        ${specs.map(zshQuoted).join(' \\\n        ')}\n      ;;`;
  });
  return `#compdef fluo
_fluo() {
  local -a commands
  commands=(
${commands.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe -t commands 'command' commands
    _arguments '--version[Show the version]' '--help[Show help]'
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${cases.join('\n')}
  esac
}
if [[ $funcstack[1] == _fluo ]]; then _fluo "$@"; else compdef _fluo fluo; fi
`;
}

export function fishCompletion(): string {
  const lines = [
    '# fish completion of fluo',
    "complete -c fluo -n __fish_use_subcommand -l version -s V -d 'Show the version'",
    ...COMMANDS.map(
      (command) =>
        `complete -c fluo -n __fish_use_subcommand -f -a ${command.name} -d ${fishQuoted(command.summary)}`,
    ),
  ];
  for (const command of COMMANDS) {
    const when = `-n '__fish_seen_subcommand_from ${command.name}'`;
    for (const option of optionsOf(command)) {
      const short = option.short === undefined ? '' : ` -s ${option.short}`;
      const value = fishValue(option);
      lines.push(
        `complete -c fluo ${when} -l ${option.name}${short}${value} -d ${fishQuoted(option.description)}`,
      );
    }
    const choices = firstChoices(command);
    if (choices.length > 0) lines.push(`complete -c fluo ${when} -f -a ${fishQuoted(choices.join(' '))}`);
  }
  return `${lines.join('\n')}\n`;
}

function optionsOf(command: CommandDescription): readonly OptionDescription[] {
  return [...command.options, ...COMMON_OPTIONS];
}

function spellings(option: OptionDescription): string[] {
  return [`--${option.name}`, ...(option.short === undefined ? [] : [`-${option.short}`])];
}

function firstChoices(command: CommandDescription): readonly string[] {
  return command.arguments[0]?.choices ?? [];
}

function optionValues(): { command: string; option: string; choices: readonly string[] }[] {
  return COMMANDS.flatMap((command) =>
    command.options.flatMap((option) =>
      option.choices === undefined
        ? []
        : [{ command: command.name, option: option.name, choices: option.choices }],
    ),
  );
}

function zshOption(option: OptionDescription): string[] {
  const star = option.repeatable === true ? '*' : '';
  const what = `[${option.description.replaceAll(/[[\]:]/g, '')}]`;
  const value =
    option.value === undefined
      ? ''
      : `:${option.value}:${option.choices !== undefined ? `(${option.choices.join(' ')})` : option.valueKind === 'path' ? '_files' : ''}`;
  const long = `${star}--${option.name}${option.value === undefined ? '' : '='}${what}${value}`;
  const short = option.short === undefined ? [] : [`${star}-${option.short}${what}${value}`];
  return [long, ...short];
}

function zshArguments(command: CommandDescription): string[] {
  return command.arguments.map((argument, index) => {
    const values =
      argument.choices !== undefined
        ? `(${argument.choices.join(' ')})`
        : argument.value === 'path'
          ? '_files'
          : '';
    return `${argument.repeatable ? '*' : index + 1}:${argument.name}:${values}`;
  });
}

function fishValue(option: OptionDescription): string {
  if (option.value === undefined) return '';
  if (option.choices !== undefined) return ` -x -a ${fishQuoted(option.choices.join(' '))}`;
  return option.valueKind === 'path' ? ' -r -F' : ' -x';
}

function zshQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function fishQuoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
