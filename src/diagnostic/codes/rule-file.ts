import type { CodeEntry } from '../codes.ts';

export const RULE_FILE_CODES = {
  FL301: {
    name: 'placeholder-rule-file',
    title: 'to be written',
    explanation: 'to be written',
  },
} as const satisfies Record<string, CodeEntry>;
