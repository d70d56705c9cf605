/** `fluo serve`: its arguments, options and examples. */
import type { CommandDescription, OptionDescription } from './description.ts';
import { CONFIG, RULES } from './options.ts';

export const DATA: OptionDescription = {
  name: 'data',
  value: 'FOLDER',
  valueKind: 'path',
  description: 'The folder that everything is kept in (also: the environment variable FLUO_DATA)',
  fallback: 'data of fluo.yaml, else .fluo',
};

export const SERVE: CommandDescription = {
  name: 'serve',
  summary: 'Take traces over OTLP and judge them as they come',
  description: [
    'Listens for OpenTelemetry traces as any backend does, judges them by the rules, and keeps what broke as signals. What it has ' +
      'acknowledged is on disk. Rules are read again when their files change; a file with an error keeps the rules that it gave before.',
    'Everything is kept in one folder. /metrics, /healthz, /readyz and the API are at the address of --api.',
    'Ctrl-C or SIGTERM stops it when what it has taken is done; a second one stops it at once, and what it has taken is done at the next start.',
  ],
  arguments: [],
  options: [
    RULES,
    DATA,
    {
      name: 'grpc',
      value: 'ADDRESS',
      description: 'Where OTLP over gRPC is taken: a host and a port, or off',
      fallback: 'serve.grpc of fluo.yaml, else 127.0.0.1:4317',
    },
    {
      name: 'http',
      value: 'ADDRESS',
      description: 'Where OTLP over HTTP is taken: a host and a port, or off',
      fallback: 'serve.http of fluo.yaml, else 127.0.0.1:4318',
    },
    {
      name: 'api',
      value: 'ADDRESS',
      description: 'Where metrics, health and the API are served: a host and a port',
      fallback: 'serve.api of fluo.yaml, else 127.0.0.1:4319',
    },
    {
      name: 'strict',
      description: 'Do not start if a rule file has an error, or there are no rules',
    },
    CONFIG,
  ],
  examples: [
    { command: 'fluo serve', note: 'rules of invariants/, the ports of OTLP on this machine' },
    { command: 'fluo serve --http 0.0.0.0:4318 --grpc 0.0.0.0:4317', note: 'for other machines as well' },
    { command: 'fluo serve --rules shop/ --data /var/lib/fluo', note: 'rules and data elsewhere' },
  ],
};
