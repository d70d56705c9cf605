/** `fluo init`: a first rule with its test, a configuration, CI and a pull-request template. It never overwrites a file. */
import { join } from 'node:path';
import type { Command } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { pathFrom } from '../paths.ts';
import {
  CHECKLIST,
  CONFIGURATION,
  PULL_REQUEST_TEMPLATE,
  RULE_FILE,
  TEST_FILE,
  WORKFLOW,
} from './init-templates.ts';

interface InitialFile {
  /** Relative to the folder that is set up. */
  readonly path: string;
  readonly text: string;
  /** Other places where a file of this kind may be; one of them is enough. */
  readonly alternatives: readonly string[];
}

/** GitHub takes the first of these that it finds, in any case of letters. */
const TEMPLATE_PLACES = [
  '.github/PULL_REQUEST_TEMPLATE.md',
  'pull_request_template.md',
  'PULL_REQUEST_TEMPLATE.md',
  'docs/pull_request_template.md',
  'docs/PULL_REQUEST_TEMPLATE.md',
];

const INITIAL_FILES: readonly InitialFile[] = [
  { path: 'fluo.yaml', text: CONFIGURATION, alternatives: [] },
  { path: 'invariants/payment.yaml', text: RULE_FILE, alternatives: [] },
  { path: 'invariants/payment.test.yaml', text: TEST_FILE, alternatives: [] },
  { path: '.github/workflows/fluo.yml', text: WORKFLOW, alternatives: ['.github/workflows/fluo.yaml'] },
  { path: '.github/pull_request_template.md', text: PULL_REQUEST_TEMPLATE, alternatives: TEMPLATE_PLACES },
];

export const runInit: Command = async (invocation, io) => {
  const given = invocation.arguments[0]?.value ?? '.';
  const folder = pathFrom(io.cwd, given);
  let templateLeft = false;
  for (const { path, text, alternatives } of INITIAL_FILES) {
    const shown = given === '.' ? path : join(given, path);
    const other = alternatives.find((place) => io.files.kindOf(join(folder, place)) !== null);
    if (other === undefined && io.files.create(join(folder, path), text)) {
      io.stdout.write(`created     ${shown}\n`);
    } else {
      io.stdout.write(`left alone  ${other === undefined ? shown : join(given, other)}\n`);
      templateLeft ||= path === '.github/pull_request_template.md';
    }
  }
  if (templateLeft)
    io.stdout.write(`\nYou may want these lines in your pull-request template:\n\n${CHECKLIST}`);
  const at = given === '.' ? '' : `cd ${given} && `;
  io.stdout.write(`
Next:
  ${at}fluo test                 run the tests of the rules
  ${at}fluo check TRACES         judge traces: OTLP, Jaeger or Zipkin files
  ${at}fluo library list         more rules, by domain

Before the first pull request, set the repository variable FLUO_PACKAGE: .github/workflows/fluo.yml installs Fluo from it.
See https://github.com/fluohq/fluo/blob/main/docs/CI.md
`);
  return EXIT.clean;
};
