/** `fluo doctor`: its arguments, options and examples. */
import type { CommandDescription } from './description.ts';
import { CONFIG, RULES } from './options.ts';
import { DATA } from './serve.ts';

export const DOCTOR: CommandDescription = {
  name: 'doctor',
  summary: 'Find out why spans do not arrive or are not judged',
  description: [
    'Looks at everything that serve needs, and says for each what is wrong and what to do: configuration, rules, ports, the disk, the clock, and, ' +
      'where a server runs, what it has taken and whether its archive keeps up.',
    'The exit code is 1 if something is wrong.',
  ],
  arguments: [],
  options: [
    RULES,
    DATA,
    {
      name: 'server',
      value: 'URL',
      description: 'The server to ask, such as http://127.0.0.1:4319',
      fallback: 'the one that holds the data folder, else serve.api of fluo.yaml',
    },
    CONFIG,
  ],
  examples: [
    { command: 'fluo doctor', note: 'this project, and its server if it runs' },
    { command: 'fluo doctor --server http://fluo:4319', note: 'a server elsewhere' },
  ],
};
