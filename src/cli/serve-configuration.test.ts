import { describe, expect, it } from 'vitest';
import { parseArguments } from './arguments.ts';
import { type Configuration, DEFAULT_CONFIGURATION, readConfiguration } from './configuration.ts';
import { memoryIo } from './memory-io.ts';
import { DEFAULT_SERVE_CONFIGURATION, isAt } from './serve-configuration.ts';
import { notifyReceivers, serverSettings } from './server-settings.ts';

const WHOLE = `data: state
serve:
  grpc: { listen: "off" }
  http:
    listen: "[::1]:14318"
    cors: { origins: ["https://*.example.com"], headers: [x-key], max_age: 10m }
  api: { listen: 0.0.0.0:14319, hosts: [Fluo.example.com, fluo] }
  limits:
    body: 1MiB
    unpacked: 2MiB
    json: 3MiB
    in_flight: 4MiB
    connections: 5
    request_timeout: 6s
    spans: 7
    attributes: 8
    attribute: 9KiB
    events: 10
  drain: 5s
limits: { idle: 20s, idle_after_root: 5s, max_age: 2m, max_spans: 100, late_window: 1m, held_spans: 11, open_traces: 12, group_members: 13, groups: 14 }
wal: { max_bytes: 1GiB, segment: 1MiB, segment_age: 500ms }
archive: { retention: 7d, max_bytes: 50GB, compaction: false }
telemetry: { endpoint: "http://collector:4318/v1/traces", ratio: 0.5, headers: { authorization: secret } }
log: { level: debug, format: json }
`;

function read(text: string): Configuration {
  const { configuration, diagnostics } = readConfiguration({ name: 'fluo.yaml', text }, '/project/fluo.yaml');
  expect(diagnostics).toEqual([]);
  return configuration ?? DEFAULT_CONFIGURATION;
}

function settings(text: string, argv: readonly string[] = [], env: Record<string, string> = {}) {
  const parsed = parseArguments(['serve', ...argv]);
  if (parsed.kind !== 'invocation') throw new Error('not understood');
  return serverSettings(memoryIo({ argv, env, cwd: '/elsewhere' }), parsed.invocation, read(text));
}

describe('the configuration of the live engine', () => {
  it('is read whole', () => {
    const { data, serve } = read(WHOLE);
    expect(data).toBe('/project/state');
    expect(serve).toMatchObject({
      grpc: null,
      http: { host: '::1', port: 14318 },
      cors: { allowedOrigins: ['https://*.example.com'], allowedHeaders: ['x-key'], maxAgeSeconds: 600 },
      api: { host: '0.0.0.0', port: 14319 },
      apiHosts: ['fluo.example.com', 'fluo'],
      receiverLimits: {
        bodyBytes: 1_048_576,
        unpackedBytes: 2_097_152,
        jsonBytes: 3_145_728,
        bytesInFlight: 4_194_304,
        connections: 5,
        requestTimeoutMs: 6_000,
      },
      scanLimits: { spans: 7, attributesPerSpan: 8, attributeBytes: 9_216, eventsPerSpan: 10 },
      drain: 5_000,
      engine: {
        idle: 20_000,
        idleAfterRoot: 5_000,
        maxAge: 120_000,
        maxSpans: 100,
        lateWindow: 60_000,
        heldSpans: 11,
        openTraces: 12,
        groupMembers: 13,
        groups: 14,
      },
      wal: { maxBytes: 1_073_741_824, segmentBytes: 1_048_576, segmentAge: 500 },
      archive: { retention: 604_800_000, maxBytes: 50_000_000_000, compaction: false },
      telemetry: {
        endpoint: 'http://collector:4318/v1/traces',
        ratio: 0.5,
        headers: { authorization: 'secret' },
      },
      log: { level: 'debug', format: 'json' },
    });
  });

  it('leaves what it does not say to the defaults', () => {
    expect(read('serve: { http: {} }').serve).toEqual(DEFAULT_SERVE_CONFIGURATION);
  });

  it.each([
    ['limits: { late_window: 10 }', 'FL306'],
    ['limits: { late_windows: 10m }', 'FL304'],
    ['archive: { retention: forever }', 'FL308'],
    ['wal: { segment: 16 MB }', 'FL308'],
    ['log: { level: loud }', 'FL307'],
    ['serve: { http: { cors: {} } }', 'FL305'],
    ['serve: { api: { listen: "off" } }', 'FL308'],
    ['serve: { api: { hosts: ["fluo:80"] } }', 'FL308'],
    ['telemetry: { endpoint: "collector:4318" }', 'FL308'],
  ])('refuses %j', (text, code) => {
    const { configuration, diagnostics } = readConfiguration(
      { name: 'fluo.yaml', text },
      '/project/fluo.yaml',
    );
    expect(configuration).toBeNull();
    expect(diagnostics.map((diagnostic) => diagnostic.code)).toEqual([code]);
  });
});

describe('serverSettings', () => {
  it('takes the command line before the environment before the file', () => {
    expect(settings('data: a').folder).toBe('/project/a');
    expect(settings('data: a', [], { FLUO_DATA: 'b' }).folder).toBe('/elsewhere/b');
    expect(settings('data: a', ['--data', 'c'], { FLUO_DATA: 'b' }).folder).toBe('/elsewhere/c');
    expect(settings('version: 1').folder).toBe('/project/.fluo');
  });

  it('takes addresses of the command line before those of the file', () => {
    const text = 'serve: { http: { listen: "a:1" }, grpc: { listen: "a:2" } }';
    expect(settings(text, ['--http', 'off'])).toMatchObject({ http: null, grpc: { host: 'a', port: 2 } });
    expect(settings(text, ['--grpc', '[::]:0'])).toMatchObject({ grpc: { host: '::', port: 0 } });
  });

  it('judges as `fluo check` does', () => {
    const text =
      'environment: staging\nclock_skew: 5ms\nsampling: true\nlimits: { max_group_age: 2h, max_spans: 9 }';
    expect(settings(text).judge).toMatchObject({
      defaultEnvironment: 'staging',
      clockSkewNanos: 5_000_000n,
      sampling: true,
      maxGroupAgeNanos: 7_200_000_000_000n,
      maxSpans: 9,
    });
  });
});

describe('notifyReceivers', () => {
  it('fetches secrets from the environment and from files beside the configuration', () => {
    const configuration = read(
      'notify:\n  - { name: a, type: slack, url_env: HOOK }\n  - { name: b, type: webhook, url: "https://b.example/", secret_file: key }\n',
    );
    const io = memoryIo({
      argv: [],
      env: { HOOK: 'https://hooks.slack.com/x' },
      files: { '/project/key': 'k\n' },
      cwd: '/elsewhere',
    });
    const { receivers, diagnostics } = notifyReceivers(io, configuration);
    expect(diagnostics).toEqual([]);
    expect(receivers).toMatchObject([{ url: 'https://hooks.slack.com/x' }, { secret: 'k' }]);
  });
});

describe('isAt', () => {
  const here = { host: '0.0.0.0', port: 4318 };
  it.each([
    ['http://localhost:4318/v1/traces', true],
    ['http://127.0.0.1:4318', true],
    ['http://[::1]:4318', true],
    ['http://localhost:4319', false],
    ['http://collector:4318', false],
    ['http://localhost', false],
  ])('%s: %s', (url, expected) => {
    expect(isAt(url, here)).toBe(expected);
  });
});
