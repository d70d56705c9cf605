/** `fluo rules`: its arguments, options and examples. */
import type { CommandDescription } from './description.ts';
import { CONFIG } from './options.ts';
import { DATA } from './serve.ts';
import { API_FORMAT, SERVER } from './signals.ts';

export const RULES_COMMAND: CommandDescription = {
  name: 'rules',
  summary: 'Show the rules of a server, and whether they can fire',
  description: [
    'Lists the rules that the running server judges by, how many traces each applied to, and what keeps it from saying anything: a trigger that never occurs, names that no span has, attributes that are missing or of another type, services that lose the trace context.',
  ],
  arguments: [],
  options: [API_FORMAT, SERVER, DATA, CONFIG],
  examples: [{ command: 'fluo rules', note: 'after some traffic' }],
};
