/**
 * `fluo complete-values rules WORD...`: the ids of the rules that a command line would load, one a line, for completion scripts.
 * Not in the table of commands, for nobody types it. It asks for an answer at each press of Tab: rules are not compiled, only
 * their ids are picked from the text, and whatever is wrong is silent.
 */
import { parseArguments } from '../arguments.ts';
import { loadConfiguration } from '../configuration.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { findFiles, namedRules } from '../rule-files.ts';

export function completeValues(io: Io, [kind, ...words]: readonly string[]): ExitCode {
  const ids = kind === 'rules' ? ruleIds(io, words) : [];
  io.stdout.write(ids.map((id) => `${id}\n`).join(''));
  return EXIT.clean;
}

function ruleIds(io: Io, words: readonly string[]): readonly string[] {
  const parsed = parseArguments(['lint', ...rulesOptions(words)]);
  if (parsed.kind !== 'invocation') return [];
  const { configuration } = loadConfiguration(io, parsed.invocation);
  if (configuration === null) return [];
  const { files } = findFiles(io, parsed.invocation, namedRules(parsed.invocation), configuration, 'rules');
  const found = files.flatMap(({ source }) => [...source.text.matchAll(RULE_ID)].map(([, id]) => id ?? ''));
  return [...new Set(found)].sort();
}

/** Also of a rule in one line, `{ id: a-then-b, ... }`. Only what an id may be: shells expand the words that they are given. */
const RULE_ID =
  /(?:^\s*(?:-\s+)?|[{,]\s*)["']?id["']?:\s*["']?([a-z0-9]+(?:-[a-z0-9]+)*)["']?\s*(?:$|[#,}])/gm;

/** The options that say where rules are, of a command line that is being written. */
function rulesOptions(words: readonly string[]): string[] {
  return words.flatMap((word, index) => {
    const [, name, value = words[index + 1]] = /^(--rules|-r|--config)(?:=(.*))?$/.exec(word) ?? [];
    return name === undefined || value === undefined || value === ''
      ? []
      : [`${name === '-r' ? '--rules' : name}=${value}`];
  });
}
