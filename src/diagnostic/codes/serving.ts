/** What can keep `fluo serve` from starting, and what `fluo doctor` finds; ports are in `receiving.ts`. */
import type { CodeEntry } from '../codes.ts';

export const SERVING_CODES = {
  FL800: {
    name: 'malformed-address',
    title: 'An address is a host and a port',
    explanation:
      'An address is written `HOST:PORT`, as `127.0.0.1:4318`; IPv6 in brackets, as `[::1]:4318`. A port alone is not enough, ' +
      'for the host says who can reach it: `127.0.0.1` this machine only, `0.0.0.0` everybody. `off` leaves a receiver out.',
    bad: 'fluo serve --http localhost',
    good: 'fluo serve --http localhost:4318',
  },
  FL801: {
    name: 'nothing-to-listen-at',
    title: 'A server takes spans somewhere',
    explanation: 'The receivers for gRPC and for HTTP are both `off`, on the command line or in `fluo.yaml`.',
    bad: 'fluo serve --grpc off --http off',
    good: 'fluo serve --grpc off',
  },
  FL802: {
    name: 'telemetry-loop',
    title: 'Spans of Fluo itself go to another server',
    explanation:
      'The endpoint of `telemetry:` is the address at which the server itself takes spans. Each span about a request would be a request ' +
      'itself, with a span about it, and so on.',
    bad: 'telemetry: { endpoint: "http://localhost:4318/v1/traces" }',
    good: 'telemetry: { endpoint: "http://collector:4318/v1/traces" }',
  },
  FL803: {
    name: 'folder-in-use',
    title: 'One server writes to a data folder',
    explanation:
      'Another server runs with the same data folder: two would write over each other. A lock that a server left behind when it was killed is ' +
      'taken over by itself.',
    bad: 'fluo serve --data .fluo',
    good: 'fluo serve --data .fluo-second --grpc 127.0.0.1:14317 --http 127.0.0.1:14318 --api 127.0.0.1:14319',
  },
  FL804: {
    name: 'folder-unusable',
    title: 'The data folder can be made and written',
    explanation:
      'The server keeps its log, the archive and the signals in one folder: `data:` in `fluo.yaml`, `.fluo` beside it otherwise. It cannot be ' +
      'made or written: permissions, a read-only or full disk, or a file of that name.',
  },
  FL805: {
    name: 'serving-without-rules',
    title: 'A server has rules to judge by',
    explanation:
      'The server runs, takes spans and archives them, and judges nothing, for no rule is loaded. Rules that are put into the folder are loaded ' +
      'within seconds, without a restart.',
    bad: 'fluo serve --rules empty/',
    good: 'fluo serve --rules invariants/',
  },
  FL806: {
    name: 'rule-file-left-out',
    title: 'Every rule file of a server loads without an error',
    explanation:
      'A rule file with an error gives the rules that it gave before it was broken, also over a restart, or none. All other files are ' +
      'loaded. With `--strict` such a file keeps the server from starting.',
    bad: 'fluo serve --strict --rules broken.yaml',
    good: 'fluo serve --rules broken.yaml',
  },
  FL807: {
    name: 'server-unreachable',
    title: 'The server that is asked runs',
    explanation:
      'Nothing answers at the address of the API. Without `--server` the address comes from the lock in the data folder, else from `serve.api` in ' +
      '`fluo.yaml`.',
  },
  FL808: {
    name: 'clock-drift',
    title: 'The clock of the machine is right and steady',
    explanation:
      'Spans carry the time of the machines that they come from, and Fluo the time of its own. A clock that jumps, or is minutes away from that ' +
      'of the services, puts spans into wrong groups and hours. Use NTP or chrony on all machines.',
  },
  FL809: {
    name: 'disk-nearly-full',
    title: 'The disk of the data folder has room',
    explanation:
      'When the disk is full, spans are refused with 503 until there is room again, and clients keep them as long as they can. Make room, ' +
      'shorten `archive.retention`, or set `archive.max_bytes`.',
  },
  FL810: {
    name: 'slow-disk',
    title: 'A sync of the disk takes milliseconds',
    explanation:
      'Every answer to a client waits until its spans are synced to the disk. Many requests share a sync, so that a slow disk costs time, not ' +
      'throughput, up to a point. Network file systems are usually the cause.',
  },
  FL811: {
    name: 'no-spans',
    title: 'Spans arrive',
    explanation:
      'The server runs and no span has come in, or none for a while. Usually the exporter sends elsewhere: set `OTEL_EXPORTER_OTLP_ENDPOINT`, ' +
      'and `OTEL_EXPORTER_OTLP_PROTOCOL` to the protocol of that port (4317: `grpc`, 4318: `http/protobuf`).',
  },
  FL812: {
    name: 'archive-behind',
    title: 'The archive keeps up',
    explanation:
      'Spans that were acknowledged are safe in the write-ahead log, but have not been written to the archive for a while: the archiver fails ' +
      '(the log of the server says why), or the disk is too slow for the traffic.',
  },
  FL813: {
    name: 'not-ready',
    title: 'A server is ready',
    explanation:
      'The server says of itself that something keeps it from working as it should. `/readyz` and its log name the reasons.',
  },
  FL814: {
    name: 'span-times-far-off',
    title: 'Spans arrive soon after they ended, and not before',
    explanation:
      'Spans carry times that lie far before or after their arrival: a client sends old spans, or the clocks of the machines differ. Windows ' +
      'across traces go by these times.',
  },
  FL815: {
    name: 'rules-vanished',
    title: 'What rules are read from stays where it is',
    explanation:
      'A file or folder of rules was there and is not any more: moved, or on a volume that is not mounted. That is no decision about the rules, so ' +
      'they stay in force as they were, also over a restart, until it is there again. A folder that is there and empty is a decision: its rules go.',
    bad: 'mv invariants elsewhere',
    good: 'rm invariants/*.yaml',
  },
  FL818: {
    name: 'requests-refused',
    title: 'Every export request is taken whole',
    explanation:
      'Requests of the last hour were refused, or spans in them were left out. `fluo doctor` and `refusals` in `/api/v1/status` show the last few: the ' +
      'status, the address and User-Agent of the client, and the message that it got, which says what to change. The log of the server has a warning ' +
      'for each kind and client, at most one in ten seconds.',
  },
  FL816: {
    name: 'rule-concern',
    title: 'Rules can say something of the traffic that comes',
    explanation:
      'A running server counts what keeps a rule from saying anything: it never applied, a name or an attribute in it never came, spans lack the key ' +
      'of `across`, or it is violated in most of the scopes to which it applies, and then is probably not what was meant. `fluo rules` shows all of it.',
  },
  FL817: {
    name: 'not-judged',
    title: 'All traffic is judged',
    explanation:
      'The engine of the server left out spans, traces or groups, for want of room or because they came too late; `fluo_shed_total` counts them by ' +
      'reason. That never makes a false verdict, but what was left out is not judged, or `inconclusive`.',
  },
} as const satisfies Record<string, CodeEntry>;
