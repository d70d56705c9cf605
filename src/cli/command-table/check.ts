/** `fluo check`: its arguments, options and examples. */
import { DEFAULT_FAIL_ON, FAIL_ON } from '../../report/finding-level.ts';
import type { CommandDescription } from './description.ts';
import { CONFIG, FORMAT, OUTPUT, OUTPUTS_PARAGRAPH, RULE_FILTER, RULES, WATCH } from './options.ts';

export const CHECK: CommandDescription = {
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
};
