/** `fluo init`: its arguments, options and examples. */
import type { CommandDescription } from './description.ts';

export const INIT: CommandDescription = {
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
};
