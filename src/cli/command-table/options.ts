/** Options that several commands have, said once. */
import type { ReportFormat } from '../../report/reporters.ts';
import type { OptionDescription } from './description.ts';

/** The same as the reporters' own list, which would load all of them with it; a test keeps the two equal. */
const REPORT_FORMATS: readonly ReportFormat[] = [
  'pretty',
  'json',
  'jsonl',
  'sarif',
  'junit',
  'github',
  'markdown',
];

/** Options of every command. */
export const COMMON_OPTIONS: readonly OptionDescription[] = [
  { name: 'no-color', description: 'Write plain text (also: the environment variable NO_COLOR)' },
  { name: 'help', short: 'h', description: 'Show the help of the command' },
];

export const CONFIG: OptionDescription = {
  name: 'config',
  value: 'FILE',
  valueKind: 'path',
  description: 'The configuration to use',
  fallback: 'the nearest fluo.yaml, from this folder upwards',
};

export const RULES: OptionDescription = {
  name: 'rules',
  short: 'r',
  value: 'PATH',
  valueKind: 'path',
  repeatable: true,
  description: 'A rule file, or a folder with rule files',
  fallback: 'rules of fluo.yaml, else invariants/',
};

/** For commands whose arguments name the same. */
export const RULES_AS_WELL: OptionDescription = {
  ...RULES,
  description: 'The same as PATH, as other commands have it',
};

export const RULE_FILTER: OptionDescription = {
  name: 'rule',
  value: 'ID',
  valueKind: 'rule',
  repeatable: true,
  description: 'Only the rule with this id; * stands for any characters',
};

export const WATCH: OptionDescription = {
  name: 'watch',
  short: 'w',
  description: 'Run again whenever a file changes, until Ctrl-C',
};

export const OUTPUT: OptionDescription = {
  name: 'output',
  short: 'o',
  value: 'FILE',
  valueKind: 'path',
  repeatable: true,
  description: 'Write the format before it (else the one after it) to a file',
  fallback: 'standard output',
};

export const FORMAT: OptionDescription = {
  name: 'format',
  short: 'f',
  value: 'FORMAT',
  choices: REPORT_FORMATS,
  repeatable: true,
  description: 'How to report; FORMAT=FILE writes it to a file',
  fallback: 'pretty',
};

export const OUTPUTS_PARAGRAPH =
  'Give --format several times for several reports. --output belongs to the --format before it that has no file yet, else to ' +
  'the next one after it; --format sarif=out.sarif says both at once. One report may go to standard output.';
