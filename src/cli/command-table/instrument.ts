/** `fluo instrument`: its arguments, options and examples. */
import type { CommandDescription } from './description.ts';
import { CONFIG, RULES } from './options.ts';

export const INSTRUMENT: CommandDescription = {
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
};
