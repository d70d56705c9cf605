/** `fluo completion`: its arguments, options and examples. */
import type { CommandDescription } from './description.ts';

export const COMPLETION: CommandDescription = {
  name: 'completion',
  summary: 'Print a completion script for a shell',
  description: [
    'Prints a script that completes commands, options, their values, ids of rules, codes, names of the library, and files.',
    'bash: fluo completion bash > ~/.local/share/bash-completion/completions/fluo\n' +
      'zsh:  fluo completion zsh > a folder of $fpath, as _fluo\n' +
      'fish: fluo completion fish > ~/.config/fish/completions/fluo.fish',
  ],
  arguments: [
    {
      name: 'SHELL',
      description: 'bash, zsh or fish',
      required: true,
      repeatable: false,
      value: 'text',
      choices: ['bash', 'zsh', 'fish'],
    },
  ],
  options: [],
  examples: [{ command: 'source <(fluo completion bash)', note: 'for this session' }],
};
