import type { CodeEntry } from '../codes.ts';

export const RULE_TEST_CODES = {
  FL601: {
    name: 'placeholder-rule-test',
    title: 'to be written',
    explanation: 'to be written',
  },
} as const satisfies Record<string, CodeEntry>;
