import type { CodeEntry } from '../codes.ts';

export const LINT_CODES = {
  FL401: {
    name: 'placeholder-lint',
    title: 'to be written',
    explanation: 'to be written',
  },
} as const satisfies Record<string, CodeEntry>;
