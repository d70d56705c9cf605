/** `fluo test`: its arguments, options and examples. */
import type { CommandDescription } from './description.ts';
import { CONFIG, FORMAT, OUTPUT, OUTPUTS_PARAGRAPH, RULE_FILTER, RULES_AS_WELL, WATCH } from './options.ts';

export const TEST: CommandDescription = {
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
};
