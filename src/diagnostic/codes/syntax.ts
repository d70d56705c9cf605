import type { CodeEntry } from '../codes.ts';

export const SYNTAX_CODES = {
  FL101: {
    name: 'placeholder-syntax',
    title: 'to be written',
    explanation: 'to be written',
  },
} as const satisfies Record<string, CodeEntry>;
