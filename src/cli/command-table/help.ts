/** `fluo help`: its arguments, options and examples. */
import { COMMAND_NAMES, type CommandDescription } from './description.ts';

export const HELP: CommandDescription = {
  name: 'help',
  summary: 'Show help of a command',
  description: ['Shows the same as --help.'],
  arguments: [
    {
      name: 'COMMAND',
      description: 'The command; without it all commands are listed',
      required: false,
      repeatable: false,
      value: 'text',
      choices: COMMAND_NAMES,
    },
  ],
  options: [],
  examples: [{ command: 'fluo help check', note: 'how to check traces' }],
};
