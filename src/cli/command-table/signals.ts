/** `fluo signals`: its arguments, options and examples. */
import { RULE_SEVERITIES } from '../../invariant/rule.ts';
import { SIGNAL_STATES } from '../../signal/signal.ts';
import type { CommandDescription, OptionDescription } from './description.ts';
import { CONFIG } from './options.ts';
import { DATA } from './serve.ts';

export const SERVER: OptionDescription = {
  name: 'server',
  value: 'URL',
  description: 'The address of the server to ask',
  fallback: 'the one that runs with the data folder',
};

/** Of commands that ask a server: for a person, or the document of the API. */
export const API_FORMAT: OptionDescription = {
  name: 'format',
  short: 'f',
  value: 'FORMAT',
  choices: ['pretty', 'json'],
  description: 'How to show it',
  fallback: 'pretty',
};

export const SIGNALS: CommandDescription = {
  name: 'signals',
  summary: 'List what broke, show it, and decide on it',
  description: [
    'A signal is what broke, once for all occurrences that are alike. list shows those that are open or acknowledged, show ID prints one with the spans that broke the rule.',
    'ack says that somebody is at it, resolve that it is mended: when it occurs again, the signal opens again. false-positive keeps it quiet until the rule is changed, and needs a reason; reopen takes such a decision back.',
    'It asks the running server, and opens the data folder itself where none runs.',
  ],
  arguments: [
    {
      name: 'ACTION',
      description: 'list, show, ack, resolve, false-positive or reopen',
      required: true,
      repeatable: false,
      value: 'text',
      choices: ['list', 'show', 'ack', 'resolve', 'false-positive', 'reopen'],
    },
    {
      name: 'ID',
      description: 'The id of a signal, or a beginning of it that no other has',
      required: false,
      repeatable: true,
      value: 'text',
    },
  ],
  options: [
    {
      name: 'state',
      value: 'STATE',
      choices: [...SIGNAL_STATES, 'all'],
      repeatable: true,
      description: 'list: only in this state',
      fallback: 'open and acknowledged',
    },
    {
      name: 'rule',
      value: 'ID',
      valueKind: 'rule',
      description: 'list: only of the rule with this id; * stands for any characters',
    },
    {
      name: 'severity',
      value: 'SEVERITY',
      choices: RULE_SEVERITIES,
      repeatable: true,
      description: 'list: only of rules of this severity',
    },
    { name: 'limit', value: 'NUMBER', description: 'list: at most so many', fallback: '50' },
    {
      name: 'by',
      value: 'NAME',
      description: 'Who decides',
      fallback: 'the name of the user (the environment variable USER)',
    },
    { name: 'reason', value: 'TEXT', description: 'Why; a false positive needs one' },
    API_FORMAT,
    SERVER,
    DATA,
    CONFIG,
  ],
  examples: [
    { command: 'fluo signals list', note: 'what is open' },
    { command: 'fluo signals list --state all --rule payment-*', note: 'everything about some rules' },
    { command: 'fluo signals show 3f2a91', note: 'one, with the spans that broke the rule' },
    {
      command: 'fluo signals resolve 3f2a91 --reason "fixed in 1.4.2"',
      note: 'it opens again if it comes again',
    },
  ],
};
