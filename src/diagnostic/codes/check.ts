import type { CodeEntry } from '../codes.ts';

export const CHECK_CODES = {
  FL201: {
    name: 'placeholder-check',
    title: 'to be written',
    explanation: 'to be written',
  },
} as const satisfies Record<string, CodeEntry>;
