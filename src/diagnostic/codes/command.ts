import type { CodeEntry } from '../codes.ts';

export const COMMAND_CODES = {
  FL701: {
    name: 'placeholder-command',
    title: 'to be written',
    explanation: 'to be written',
  },
} as const satisfies Record<string, CodeEntry>;
