import type { CodeEntry } from '../codes.ts';

export const INPUT_CODES = {
  FL501: {
    name: 'placeholder-input',
    title: 'to be written',
    explanation: 'to be written',
  },
} as const satisfies Record<string, CodeEntry>;
