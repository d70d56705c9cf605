/**
 * `fluo completion`: scripts that complete commands, options, their values and files, made from the table of commands. What
 * comes with the program (codes, names of the library) is written into them; for the rules of a folder they ask it.
 */
import { CODES } from '../../diagnostic/codes.ts';
import type { Command } from '../command.ts';
import {
  COMMANDS,
  COMMON_OPTIONS,
  type CommandDescription,
  type OptionDescription,
  type ValueKind,
} from '../command-table.ts';
import { EXIT } from '../exit-code.ts';
import { libraryNames, readLibrary } from '../library.ts';

export const runCompletion: Command = async (invocation, io) => {
  const shell = invocation.arguments[0]?.value;
  const files = readLibrary(io);
  const words: CompletionWords = {
    libraryNames: libraryNames(files),
    libraryRules: files.flatMap((file) => file.rules.map((rule) => rule.id)),
    codes: Object.keys(CODES),
  };
  const script = shell === 'zsh' ? zshCompletion : shell === 'fish' ? fishCompletion : bashCompletion;
  io.stdout.write(script(words));
  return EXIT.clean;
};

/** Words that do not depend on where the completion is asked for. */
export interface CompletionWords {
  /** All that `library show` takes. */
  readonly libraryNames: readonly string[];
  /** Ids, which `explain` and `instrument` take too. */
  readonly libraryRules: readonly string[];
  readonly codes: readonly string[];
}

/** For bash 3.2 and later, without the package bash-completion. */
export function bashCompletion(words: CompletionWords): string {
  const cases = COMMANDS.map((command) => {
    const [first, second] = command.arguments;
    const offered = [
      ...optionsOf(command).flatMap(spellings),
      ...firstChoices(command),
      ...wordsOf(first?.value, words),
    ];
    const rules = asksForRules(first?.value) ? ' rules=yes;' : '';
    const files = command.arguments.some(({ value }) => value === 'path') ? ' files=yes;' : '';
    const lines = [`    ${command.name}) words='${offered.join(' ')}';${rules}${files}`];
    // What stands behind the first argument.
    if (second !== undefined) {
      lines.push(
        `      if (( arguments > 0 )) && [[ $current != -* ]]; then words='${wordsOf(second.value, words).join(' ')}'; fi`,
      );
    }
    return `${lines.join('\n')}\n      ;;`;
  });
  const ruleOptions = COMMANDS.flatMap((command) =>
    command.options
      .filter(({ valueKind }) => asksForRules(valueKind))
      .map(
        ({ name }) =>
          `    '${command.name} --${name}') COMPREPLY=($(compgen -W "$(_fluo_rules)" -- "$current")); return ;;`,
      ),
  );
  const values = optionValues().map(
    ({ command, option, choices }) =>
      `    '${command} --${option}') COMPREPLY=($(compgen -W '${choices.join(' ')}' -- "$current")); return ;;`,
  );
  return `# bash completion of fluo
_fluo_rules() {
  fluo complete-values rules "\${COMP_WORDS[@]:1}" 2>/dev/null
}
_fluo() {
  local rules='' files='' arguments=0
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" command='' words='' word
  # bash takes the equals sign of --option=value for a word of its own.
  if [[ $current == '=' ]]; then current=''; elif [[ $previous == '=' ]]; then previous="\${COMP_WORDS[COMP_CWORD-2]}"; fi
  COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in -*) ;; *) if [[ -z $command ]]; then command=$word; else arguments=$(( arguments + 1 )); fi ;; esac
  done
  case $command in
    '') words='${[...COMMANDS.map((command) => command.name), ...COMMON_OPTIONS.flatMap(spellings), '--version'].join(' ')}' ;;
${cases.join('\n')}
  esac
  case "$command $previous" in
${[...values, ...ruleOptions].join('\n')}
  esac
  if [[ -n $rules && $current != -* ]]; then words="$words $(_fluo_rules)"; fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  if [[ -n $command && $current != -* ]] && [[ -n $files || $previous == -* ]]; then
    COMPREPLY+=($(compgen -f -- "$current"))
    compopt -o filenames 2>/dev/null
  fi
}
complete -F _fluo fluo
`;
}

/** To be saved as \`_fluo\` in a folder of $fpath, or sourced. */
export function zshCompletion(words: CompletionWords): string {
  const commands = COMMANDS.map((command) => `    ${zshQuoted(`${command.name}:${command.summary}`)}`);
  const cases = COMMANDS.map((command) => {
    const specs = [...optionsOf(command).flatMap(zshOption), ...zshArguments(command)];
    return `    ${command.name})\n      _arguments -s -S \\\n        ${specs.map(zshQuoted).join(' \\\n        ')}\n      ;;`;
  });
  return `#compdef fluo
_fluo_rules() {
  local -a ids
  ids=(\${(f)"$(fluo complete-values rules "\${words[@]}" 2>/dev/null)"})
  compadd "$@" -a ids
}
_fluo_rule() {
  _fluo_rules "$@"
  compadd "$@" ${words.libraryRules.join(' ')}
}
_fluo_rule_or_code() {
  _fluo_rule "$@"
  compadd "$@" ${words.codes.join(' ')}
}
_fluo_library() {
  compadd "$@" ${words.libraryNames.join(' ')}
}
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

export function fishCompletion(words: CompletionWords): string {
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
    for (const { value } of command.arguments) {
      const offered = [...(asksForRules(value) ? [FISH_RULES] : []), ...wordsOf(value, words)];
      if (offered.length > 0) lines.push(`complete -c fluo ${when} -f -a ${fishQuoted(offered.join(' '))}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** What to offer of what comes with the program. */
function wordsOf(kind: ValueKind | undefined, words: CompletionWords): readonly string[] {
  if (kind === 'rule') return words.libraryRules;
  if (kind === 'rule-or-code') return [...words.libraryRules, ...words.codes];
  return kind === 'library' ? words.libraryNames : [];
}

function asksForRules(kind: ValueKind | undefined): boolean {
  return kind === 'rule' || kind === 'rule-or-code';
}

const FISH_RULES = '(fluo complete-values rules (commandline -opc) 2>/dev/null)';

const ZSH_ACTIONS: Readonly<Record<ValueKind, string>> = {
  path: '_files',
  rule: '_fluo_rule',
  'rule-or-code': '_fluo_rule_or_code',
  library: '_fluo_library',
  text: '',
};

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
      : `:${option.value}:${option.choices !== undefined ? `(${option.choices.join(' ')})` : option.valueKind === 'rule' ? '_fluo_rules' : ZSH_ACTIONS[option.valueKind ?? 'text']}`;
  const long = `${star}--${option.name}${option.value === undefined ? '' : '='}${what}${value}`;
  const short = option.short === undefined ? [] : [`${star}-${option.short}${what}${value}`];
  return [long, ...short];
}

function zshArguments(command: CommandDescription): string[] {
  return command.arguments.map((argument, index) => {
    const values =
      argument.choices !== undefined ? `(${argument.choices.join(' ')})` : ZSH_ACTIONS[argument.value];
    return `${argument.repeatable ? '*' : index + 1}:${argument.name}:${values}`;
  });
}

function fishValue(option: OptionDescription): string {
  if (option.value === undefined) return '';
  if (option.choices !== undefined) return ` -x -a ${fishQuoted(option.choices.join(' '))}`;
  if (asksForRules(option.valueKind)) return ` -x -a ${fishQuoted(FISH_RULES)}`;
  return option.valueKind === 'path' ? ' -r -F' : ' -x';
}

function zshQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function fishQuoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
