/** What can be wrong with a command line, a configuration, and the files that a command reads and writes. */
import type { CodeEntry } from '../codes.ts';

export const COMMAND_CODES = {
  FL701: {
    name: 'unknown-command',
    title: 'The first word behind `fluo` is a command',
    explanation:
      'The word is not a command of Fluo. A path in its place usually means that `check` was left out. `fluo help` lists the commands.',
    bad: 'fluo chekc traces.json',
    good: 'fluo check traces.json',
  },
  FL702: {
    name: 'unknown-option',
    title: 'An option belongs to the command that it is given to',
    explanation:
      'The command has no such option: it is misspelled, it belongs to another command, or it stands before the command. A file whose name ' +
      'begins with a dash goes behind `--`.',
    bad: 'fluo check --rulez payment.yaml traces.json',
    good: 'fluo check --rules payment.yaml traces.json',
  },
  FL703: {
    name: 'option-without-value',
    title: 'An option that takes a value has one',
    explanation:
      'The option ends the command line, or another option follows it. A value that itself begins with a dash is joined with an equals sign.',
    bad: 'fluo check traces.json --rules',
    good: 'fluo check traces.json --rules payment.yaml',
  },
  FL704: {
    name: 'switch-with-value',
    title: 'A switch takes no value',
    explanation: 'The option is on when it is there and off when it is not. Leave the value out.',
    bad: 'fluo check --strict=yes traces.json',
    good: 'fluo check --strict traces.json',
  },
  FL705: {
    name: 'missing-argument',
    title: 'A command has the arguments that it needs',
    explanation:
      'The command cannot guess what it should work on. Standard input is never read unasked: give `-` where a command takes it.',
    bad: 'fluo check',
    good: 'fluo check traces.json',
  },
  FL706: {
    name: 'extra-argument',
    title: 'A command has no arguments beyond those that it knows',
    explanation:
      'Often a blank in a path or in the text of a rule has split one argument into several. Put it into quotes.',
    bad: 'fluo explain payment.charge and payment.fraud_check',
    good: "fluo explain 'payment.charge and payment.fraud_check'",
  },
  FL707: {
    name: 'not-a-choice',
    title: 'A value is one of those that the option or argument allows',
    explanation: 'The help of the command lists the values.',
    bad: 'fluo check --format yaml traces.json',
    good: 'fluo check --format json traces.json',
  },
  FL708: {
    name: 'malformed-option-value',
    title: 'A value is written the way that its option asks for',
    explanation:
      'Durations are a number and a unit without a blank between them: `250ms`, `1.5s`, `10m`. Units are ns, us, ms, s, m, h and d.',
    bad: 'fluo check --clock-skew 5 traces.json',
    good: 'fluo check --clock-skew 5ms traces.json',
  },
  FL709: {
    name: 'repeated-option',
    title: 'An option that holds one value is given once',
    explanation:
      'Two values contradict each other, and taking the last one silently would hide it. Options that may be repeated say so in the help.',
    bad: 'fluo check --clock-skew 5ms --clock-skew 9ms traces.json',
    good: 'fluo check --clock-skew 9ms traces.json',
  },
  FL710: {
    name: 'path-not-found',
    title: 'A path leads to something',
    explanation:
      'There is no file or folder of that name. Relative paths start in the folder in which the command runs; those in `fluo.yaml` start in its own.',
    bad: 'fluo check trace.json',
    good: 'fluo check traces.json',
  },
  FL711: {
    name: 'unreadable-path',
    title: 'A path can be read',
    explanation:
      'The file or folder is there, and the system refuses to open it: permissions, usually, or a folder where a file belongs.',
  },
  FL712: {
    name: 'no-rules-folder',
    title: 'There are rules to work with',
    explanation:
      'No rules were named, with `--rules` or as a path, no `fluo.yaml` names any, and there is no folder `invariants/` here. `fluo init` makes one.',
    bad: 'fluo check traces.json',
    good: 'fluo check --rules payment.yaml traces.json',
  },
  FL713: {
    name: 'no-rules',
    title: 'The files of rules hold at least one rule',
    explanation:
      'A check without a rule would always be clean, so it is an error. A folder of rules is searched for `*.yaml` and `*.yml`, at any depth; ' +
      'files named `*.test.yaml` hold tests, not rules.',
    bad: 'fluo check --rules empty/ traces.json',
    good: 'fluo check --rules invariants/ traces.json',
  },
  FL714: {
    name: 'no-such-rule',
    title: 'An id that is asked for is the id of a loaded rule',
    explanation:
      'No loaded rule has this id. With `*`, no id matches. A check that silently left out every rule would always be clean.',
    bad: 'fluo check --rule payment-requires-stock traces.json',
    good: "fluo check --rule 'payment-*' traces.json",
  },
  FL715: {
    name: 'no-traces',
    title: 'The input holds at least one trace',
    explanation:
      'The inputs were read and no span was in them: an empty file, or one of metrics or logs. A check of nothing would always be clean, so it is an error.',
  },
  FL716: {
    name: 'standard-input-unusable',
    title: 'Standard input is read once, and comes from a pipe or a file',
    explanation:
      '`-` was given twice, or together with `--watch`, or standard input is a terminal, where nothing would ever arrive.',
    bad: 'fluo check -',
    good: 'zcat day.gz | fluo check -',
  },
  FL717: {
    name: 'two-reports-on-standard-output',
    title: 'At most one report goes to standard output',
    explanation: 'Two reports in one stream could be read by nobody. Give all but one of them a file.',
    bad: 'fluo check --format pretty --format sarif traces.json',
    good: 'fluo check --format pretty --format sarif=out.sarif traces.json',
  },
  FL718: {
    name: 'output-without-format',
    title: 'Each `--output` has a format',
    explanation:
      'An `--output` belongs to the `--format` before it that has no file yet, else to the next one after it. With no `--format` at all, a single ' +
      '`--output` takes its format from the ending of the file: `.json`, `.jsonl`, `.sarif`, `.xml`, `.md` or `.txt`.',
    bad: 'fluo check --format json --output a.json --output b.json traces.json',
    good: 'fluo check --format json=a.json --format sarif=b.sarif traces.json',
  },
  FL719: {
    name: 'unwritable-output',
    title: 'The file of an output can be written',
    explanation: 'The system refuses to write there: permissions, a full disk, or a folder of that name.',
    bad: 'fluo check --format json=/ traces.json',
    good: 'fluo check --format json=report.json traces.json',
  },
  FL720: {
    name: 'unknown-subject',
    title: 'What is to be explained is a rule or a code',
    explanation:
      'The text is not the id of a loaded rule and not a code of a message, and it does not look like the text of a rule.',
    bad: 'fluo explain FL999',
    good: 'fluo explain FL201',
  },
  FL721: {
    name: 'not-in-library',
    title: 'A name of the library is in the library',
    explanation: '`fluo library list` shows all names.',
    bad: 'fluo library show paiments',
    good: 'fluo library show payments',
  },
  FL722: {
    name: 'no-tests',
    title: 'There are tests to run',
    explanation:
      'Tests of rules are files that end in `.test.yaml` or `.test.yml`, beside the rules. For a rule file `orders.yaml` its tests are in `orders.test.yaml`. None was found, and a run without a test would always pass.',
    bad: 'fluo test empty/',
    good: 'fluo test invariants/',
  },
  FL723: {
    name: 'unformatted',
    title: 'Rules are written in the standard form',
    explanation: '`fluo fmt` writes them in it. `fluo fmt --check` only says which files it would change.',
    bad: 'trace.has( a )   and trace.has(b)',
    good: 'trace.has(a) and trace.has(b)',
  },
  FL724: {
    name: 'conflicting-options',
    title: 'Options that are given together can hold together',
    explanation: 'One of the options asks for the opposite of the other, or makes no sense with it.',
    bad: 'zcat day.gz | fluo check --watch -',
    good: 'fluo check --watch traces.json',
  },
  FL725: {
    name: 'damaged-in-strict',
    title: 'With `--strict`, no record of the input is damaged',
    explanation:
      'A record could not be read, and `--strict` makes that an error. Without it such records are reported and counted, and the rest is judged.',
    bad: 'fluo check --strict damaged.jsonl',
    good: 'fluo check damaged.jsonl',
  },
  FL726: {
    name: 'rule-id-in-use',
    title: 'A rule of the library is added once',
    explanation:
      'Ids of rules are unique over all loaded files. A rule with this id is in the folder already, so with the copy the folder would no longer load. Nothing was written.',
    bad: 'fluo library add payments/charges',
    good: 'fluo library add payments/refunds',
  },
  FL727: {
    name: 'report-over-input',
    title: 'A report does not overwrite what it is about',
    explanation:
      'The file for the report is also given as traces, rules or configuration. Writing it would destroy the input, so nothing was read and nothing was written.',
    bad: 'fluo check --format json=traces.json traces.json',
    good: 'fluo check --format json=report.json traces.json',
  },
  FL799: {
    name: 'bug',
    title: 'Fluo does not fail by itself',
    explanation:
      'This is a bug of ours, not of yours. The message says where the details were written. Please report them, with the command line and, if you may share it, the input.',
  },
} as const satisfies Record<string, CodeEntry>;
