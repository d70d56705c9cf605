/** `fluo fmt`: its arguments, options and examples. */
import type { CommandDescription } from './description.ts';
import { CONFIG, FORMAT, OUTPUT, RULES_AS_WELL } from './options.ts';

export const FMT: CommandDescription = {
  name: 'fmt',
  summary: 'Write rules in the one standard form',
  description: [
    'Formats the conditions in rule files; the rest of the YAML stays as it is. - reads one condition from standard input and writes it to standard output.',
    'With --check it writes nothing, names the files that would change, and ends with exit code 1 if there are any.',
  ],
  arguments: [
    {
      name: 'PATH',
      description: 'Rule files or folders; without it the rules of fluo.yaml, else invariants/',
      required: false,
      repeatable: true,
      value: 'path',
    },
  ],
  options: [
    { name: 'check', description: 'Write nothing; exit code 1 if a file would change' },
    RULES_AS_WELL,
    { ...FORMAT, description: 'How to report with --check; FORMAT=FILE writes it to a file' },
    OUTPUT,
    CONFIG,
  ],
  examples: [
    { command: 'fluo fmt', note: 'all rules of invariants/' },
    { command: 'fluo fmt --check', note: 'in CI' },
    { command: "echo 'a   and b' | fluo fmt -", note: 'one condition' },
  ],
};
