/** `fluo lint`: its arguments, options and examples. */
import type { CommandDescription } from './description.ts';
import { CONFIG, FORMAT, OUTPUT, RULE_FILTER, RULES_AS_WELL, WATCH } from './options.ts';

export const LINT: CommandDescription = {
  name: 'lint',
  summary: 'Find rules that do not say what was meant',
  description: [
    'Loads rules, and warns of what is allowed and yet probably a mistake. It says in an English sentence how a rule is read: of rules without when, and of those with a problem; with --explain of each.',
    'With --against it also holds the rules against real traces: a span name or an attribute that never occurs, an attribute of another ' +
      'type, a rule that never applies.',
    'A warning makes the exit code 1, an error 2.',
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
    {
      name: 'against',
      value: 'TRACES',
      valueKind: 'path',
      repeatable: true,
      description: 'Files or folders with traces to hold the rules against',
    },
    { name: 'explain', description: 'Say of each rule how it is read' },
    RULES_AS_WELL,
    RULE_FILTER,
    FORMAT,
    OUTPUT,
    CONFIG,
    WATCH,
  ],
  examples: [
    { command: 'fluo lint', note: 'all rules of invariants/' },
    { command: 'fluo lint --against yesterday.jsonl.gz', note: 'also: can they fire at all?' },
  ],
};
