/** `fluo library`: its arguments, options and examples. */
import type { CommandDescription } from './description.ts';
import { CONFIG } from './options.ts';

export const LIBRARY: CommandDescription = {
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
};
