/** `fluo explain`: its arguments, options and examples. */
import type { CommandDescription } from './description.ts';
import { CONFIG, RULES } from './options.ts';

export const EXPLAIN: CommandDescription = {
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
};
