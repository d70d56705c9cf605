/**
 * All commands with their arguments, options and examples, as values: the parser of the command line, `--help`, the
 * completion scripts and the reference page are made from this one table.
 */
import { DEFAULT_FAIL_ON, FAIL_ON } from '../report/finding-level.ts';
import type { ReportFormat } from '../report/reporters.ts';

export const COMMAND_NAMES = [
  'check',
  'test',
  'lint',
  'fmt',
  'explain',
  'init',
  'library',
  'instrument',
  'completion',
  'help',
] as const;
export type CommandName = (typeof COMMAND_NAMES)[number];

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

/** Options of every command. */
export const COMMON_OPTIONS: readonly OptionDescription[] = [
  { name: 'no-color', description: 'Write plain text (also: the environment variable NO_COLOR)' },
  { name: 'help', short: 'h', description: 'Show the help of the command' },
];

const CONFIG: OptionDescription = {
  name: 'config',
  value: 'FILE',
  valueKind: 'path',
  description: 'The configuration to use',
  fallback: 'the nearest fluo.yaml, from this folder upwards',
};

const RULES: OptionDescription = {
  name: 'rules',
  short: 'r',
  value: 'PATH',
  valueKind: 'path',
  repeatable: true,
  description: 'A rule file, or a folder with rule files',
  fallback: 'rules of fluo.yaml, else invariants/',
};

/** For commands whose arguments name the same. */
const RULES_AS_WELL: OptionDescription = {
  ...RULES,
  description: 'The same as PATH, as other commands have it',
};

const RULE_FILTER: OptionDescription = {
  name: 'rule',
  value: 'ID',
  valueKind: 'rule',
  repeatable: true,
  description: 'Only the rule with this id; * stands for any characters',
};

const WATCH: OptionDescription = {
  name: 'watch',
  short: 'w',
  description: 'Run again whenever a file changes, until Ctrl-C',
};

const OUTPUT: OptionDescription = {
  name: 'output',
  short: 'o',
  value: 'FILE',
  valueKind: 'path',
  repeatable: true,
  description: 'Write the format before it (else the one after it) to a file',
  fallback: 'standard output',
};

const FORMAT: OptionDescription = {
  name: 'format',
  short: 'f',
  value: 'FORMAT',
  choices: REPORT_FORMATS,
  repeatable: true,
  description: 'How to report; FORMAT=FILE writes it to a file',
  fallback: 'pretty',
};

const OUTPUTS_PARAGRAPH =
  'Give --format several times for several reports. --output belongs to the --format before it that has no file yet, else to ' +
  'the next one after it; --format sarif=out.sarif says both at once. One report may go to standard output.';

export const COMMANDS: readonly CommandDescription[] = [
  {
    name: 'check',
    summary: 'Judge traces against rules',
    description: [
      'Reads traces, judges every rule on every trace, and shows which traces break which rule, and why.',
      'Traces are OTLP (JSON, JSON lines, protobuf), Jaeger JSON or Zipkin v2 JSON, also gzipped; the format is recognised by the ' +
        'content. A folder stands for all files in it and below, but those whose name begins with a dot. - is standard input.',
      OUTPUTS_PARAGRAPH,
    ],
    arguments: [
      {
        name: 'TRACES',
        description: 'Files or folders with traces; - for standard input',
        required: true,
        repeatable: true,
        value: 'path',
      },
    ],
    options: [
      RULES,
      RULE_FILTER,
      FORMAT,
      OUTPUT,
      {
        name: 'fail-on',
        value: 'LEVEL',
        choices: FAIL_ON,
        description:
          'What makes the exit code 1: violations of rules that are enforced so strictly or more, all violations, or inconclusive verdicts too',
        fallback: DEFAULT_FAIL_ON,
      },
      {
        name: 'require-applied',
        description: 'Exit code 1 also if a rule applied to nothing: it may look for names that nobody sends',
      },
      {
        name: 'limit',
        value: 'N',
        description:
          'How many findings of a rule the format pretty shows, one of each kind first; 0 for all, in the order of time',
        fallback: '5',
      },
      {
        name: 'strict',
        description: 'Stop with exit code 2 if a record of the input is damaged',
      },
      {
        name: 'environment',
        value: 'NAME',
        description: 'The environment of spans that do not name one',
        fallback: 'environment of fluo.yaml, else none',
      },
      {
        name: 'clock-skew',
        value: 'DURATION',
        description: 'Spans of different services nearer than this are in no known order',
        fallback: 'clock_skew of fluo.yaml, else 0s',
      },
      {
        name: 'clock-resolution',
        value: 'DURATION',
        description: 'Times nearer than this are in no known order, in one service too',
        fallback: 'clock_resolution of fluo.yaml, else 0s',
      },
      {
        name: 'sampling',
        description: 'Traffic is sampled: a span that is absent from a group proves nothing',
      },
      CONFIG,
      WATCH,
    ],
    examples: [
      { command: 'fluo check traces.json', note: 'rules of invariants/ on one file' },
      {
        command: 'fluo check --rules payment.yaml traces/ more.jsonl.gz',
        note: 'one rule file, a folder and a file',
      },
      { command: 'zcat day.gz | fluo check -', note: 'traces from standard input' },
      {
        command: 'fluo check --format pretty --format sarif=fluo.sarif traces.json',
        note: 'for a person and for code scanning',
      },
    ],
  },
  {
    name: 'test',
    summary: 'Run the tests of rules',
    description: [
      'Runs rule tests: files named *.test.yaml, each with drawn traces and the verdicts that are expected of them.',
      'With --coverage it says which clause was never seen true or never seen false. With --mutate it changes one operator or value ' +
        'of a rule at a time, and says which changes no test notices.',
      'For a rule file such as payment.yaml it runs the tests beside it, payment.test.yaml.',
      OUTPUTS_PARAGRAPH,
    ],
    arguments: [
      {
        name: 'PATH',
        description:
          'Test files, folders with test files, or rule files with tests beside them; without it the rules of fluo.yaml, else invariants/',
        required: false,
        repeatable: true,
        value: 'path',
      },
    ],
    options: [
      { name: 'coverage', description: 'Show clauses that no test has seen true, or false' },
      {
        name: 'mutate',
        description: 'Change the rules in small ways, and show the changes that no test notices',
      },
      RULES_AS_WELL,
      RULE_FILTER,
      FORMAT,
      OUTPUT,
      CONFIG,
      WATCH,
    ],
    examples: [
      { command: 'fluo test', note: 'all tests of invariants/' },
      { command: 'fluo test invariants/payment.yaml', note: 'the tests of one rule file' },
      {
        command: 'fluo test --coverage --mutate invariants/payment.test.yaml',
        note: 'how good one file of tests is',
      },
      { command: 'fluo test --format junit=report.xml', note: 'for a CI server' },
    ],
  },
  {
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
  },
  {
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
  },
  {
    name: 'explain',
    summary: 'Explain a rule in English, or a code of a message',
    description: [
      'Of a rule (by its id, or its text in quotes) it says in English when it applies, what must hold, and what it looks at. Of a code ' +
        'such as FL201 it says what is wrong, why, and how to mend it.',
    ],
    arguments: [
      {
        name: 'RULE|CODE',
        description: 'The id of a rule, the text of a rule, or a code of a message',
        required: true,
        repeatable: false,
        value: 'rule-or-code',
      },
    ],
    options: [RULES, CONFIG],
    examples: [
      { command: 'fluo explain payment-requires-inventory', note: 'a rule of invariants/' },
      { command: "fluo explain 'payment.charge and payment.fraud_check'", note: 'a rule as text' },
      { command: 'fluo explain FL201', note: 'a code' },
    ],
  },
  {
    name: 'init',
    summary: 'Set up rules, a test and CI in this folder',
    description: [
      'Makes invariants/ with one rule and its test, fluo.yaml, a GitHub Actions workflow, and a pull-request template with the checklist of ' +
        'Invariant-Driven Development. A file that is there already is left alone, and named.',
    ],
    arguments: [
      {
        name: 'FOLDER',
        description: 'Where; without it this folder',
        required: false,
        repeatable: false,
        value: 'path',
      },
    ],
    options: [],
    examples: [{ command: 'fluo init', note: 'then: fluo test' }],
  },
  {
    name: 'library',
    summary: 'List, show or add ready rules by domain',
    description: [
      'The library holds rules with tests for payments, multi-tenancy, compliance, AI guardrails and healthcare. ' +
        'list shows what there is, show NAME prints a file, add NAME copies it with its tests into invariants/; what is there already is left alone.',
    ],
    arguments: [
      {
        name: 'ACTION',
        description: 'list, show or add',
        required: true,
        repeatable: false,
        value: 'text',
        choices: ['list', 'show', 'add'],
      },
      {
        name: 'NAME',
        description: 'Names of the library, or ids of rules in it',
        required: false,
        repeatable: true,
        value: 'library',
      },
    ],
    options: [
      {
        name: 'to',
        value: 'FOLDER',
        valueKind: 'path',
        description: 'Where add copies to',
        fallback: 'the first folder of rules in fluo.yaml, else invariants/',
      },
      CONFIG,
    ],
    examples: [
      { command: 'fluo library list', note: 'what there is' },
      { command: 'fluo library show payments', note: 'print it' },
      { command: 'fluo library add payments', note: 'copy it to invariants/' },
    ],
  },
  {
    name: 'instrument',
    summary: 'Show which spans and attributes a rule needs',
    description: [
      'Lists the spans and attributes that a rule looks at, as a check list and as code for the OpenTelemetry SDK.',
    ],
    arguments: [
      {
        name: 'RULE',
        description: 'The id of a rule, or the text of a rule',
        required: true,
        repeatable: false,
        value: 'rule',
      },
    ],
    options: [
      RULES,
      {
        name: 'language',
        short: 'l',
        value: 'LANGUAGE',
        choices: ['node', 'python', 'all'],
        description: 'The language of the code',
        fallback: 'all',
      },
      CONFIG,
    ],
    examples: [
      { command: 'fluo instrument payment-requires-inventory', note: 'a rule of invariants/' },
      {
        command: "fluo instrument --language node 'payment.charge and payment.fraud_check'",
        note: 'a rule as text',
      },
    ],
  },
  {
    name: 'completion',
    summary: 'Print a completion script for a shell',
    description: [
      'Prints a script that completes commands, options, their values, ids of rules, codes, names of the library, and files.',
      'bash: fluo completion bash > ~/.local/share/bash-completion/completions/fluo\n' +
        'zsh:  fluo completion zsh > a folder of $fpath, as _fluo\n' +
        'fish: fluo completion fish > ~/.config/fish/completions/fluo.fish',
    ],
    arguments: [
      {
        name: 'SHELL',
        description: 'bash, zsh or fish',
        required: true,
        repeatable: false,
        value: 'text',
        choices: ['bash', 'zsh', 'fish'],
      },
    ],
    options: [],
    examples: [{ command: 'source <(fluo completion bash)', note: 'for this session' }],
  },
  {
    name: 'help',
    summary: 'Show help of a command',
    description: ['Shows the same as --help.'],
    arguments: [
      {
        name: 'COMMAND',
        description: 'The command; without it all commands are listed',
        required: false,
        repeatable: false,
        value: 'text',
        choices: COMMAND_NAMES,
      },
    ],
    options: [],
    examples: [{ command: 'fluo help check', note: 'how to check traces' }],
  },
];

export function commandNamed(name: string): CommandDescription | null {
  return COMMANDS.find((command) => command.name === name) ?? null;
}
