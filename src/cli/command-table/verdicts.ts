/** `fluo verdicts`: its arguments, options and examples. */
import { VERDICT_DIMENSIONS } from '../../signal/verdict-window.ts';
import type { CommandDescription } from './description.ts';
import { CONFIG } from './options.ts';
import { DATA } from './serve.ts';
import { API_FORMAT, SERVER } from './signals.ts';

export const VERDICTS: CommandDescription = {
  name: 'verdicts',
  summary: 'Show how often rules are kept and broken',
  description: [
    'Counts the verdicts of the running server: kept, broken, not proved, and not applicable, by rule. A rule that is never applicable promises nothing: see fluo rules.',
    'Where no server runs it counts what the archive in the data folder holds.',
  ],
  arguments: [],
  options: [
    { name: 'last', value: 'DURATION', description: 'The time until now', fallback: '1h' },
    {
      name: 'from',
      value: 'TIME',
      description: 'From this time on, 2026-01-31T12:00:00Z, in place of --last',
    },
    { name: 'to', value: 'TIME', description: 'Until this time', fallback: 'now' },
    { name: 'rule', value: 'ID', valueKind: 'rule', description: 'Only of the rule with this id' },
    {
      name: 'by',
      value: 'WHAT',
      choices: VERDICT_DIMENSIONS,
      description: 'A row for each rule, service or version of a service',
      fallback: 'rule',
    },
    API_FORMAT,
    SERVER,
    DATA,
    CONFIG,
  ],
  examples: [
    { command: 'fluo verdicts --last 1h', note: 'the last hour by rule' },
    { command: 'fluo verdicts --rule no-bypass --by version', note: 'did a deployment break it?' },
  ],
};
