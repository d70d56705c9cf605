import { describe, expect, it } from 'vitest';
import type { LockHolder } from '../../server/lock.ts';
import { parseArguments } from '../arguments.ts';
import type { Machine } from '../doctor/machine.ts';
import { EXIT } from '../exit-code.ts';
import { memoryWorld } from '../testing/run-in-memory.ts';
import { examine } from './doctor.ts';

const GIB = 1024 ** 3;
const RULE = `rules:
  - id: a
    name: A
    origin: incident:INC-1
    condition: pay and check
`;
const HOLDER: LockHolder = { pid: 7, host: 'here', instance: 'x', began: null, api: 'http://127.0.0.1:4319' };
const READY = JSON.stringify({ status: 'ready', reasons: [], notes: [] });

/** A machine on which all is well and no server runs. */
function machine(parts: Partial<Machine> = {}, answers: Record<string, string> = {}): Machine {
  return {
    room: async () => ({ free: 50 * GIB, total: 100 * GIB }),
    syncTimes: async () => [2, 1, 3],
    nearestFolder: async (folder) => folder,
    lockHolder: async () => null,
    occupied: async () => null,
    hasDuckDb: () => true,
    clockDrift: async () => ({ driftMs: 0.1, watchedMs: 500 }),
    fetchText: async (url) => {
      const text = answers[new URL(url).pathname];
      return text === undefined ? null : { status: 200, text };
    },
    ...parts,
  };
}

async function examined(
  on: Machine,
  files: Record<string, string> = { '/project/invariants/a.yaml': RULE },
  ...options: string[]
) {
  const io = memoryWorld(['doctor', ...options], { files });
  const parsed = parseArguments(io.argv);
  if (parsed.kind !== 'invocation') throw new Error('not understood');
  const code = await examine(parsed.invocation, io, on);
  return { code, text: io.stdout.text, now: io.clock.now() };
}

/** What a server says that has taken spans, of which the last came so many seconds ago. */
function metrics(now: number, ago: number, more = ''): string {
  return `# HELP x y
fluo_export_requests_total{transport="grpc",outcome="accepted"} 9
fluo_spans_total 1200
fluo_last_span_timestamp_seconds ${now / 1000 - ago}
fluo_archive_lag_seconds 1.5
fluo_wal_bytes 2048
fluo_rules 1
fluo_closed_traces_total 300
fluo_violations_total{rule="a"} 2
fluo_span_age_seconds_bucket{le="-5"} 0
fluo_span_age_seconds_bucket{le="600"} 9
fluo_span_age_seconds_bucket{le="+Inf"} 9
${more}`;
}

const NOW = 1_767_225_600_000;
const STATUS = (listens: Record<'grpc' | 'http' | 'api', string | null>) => JSON.stringify({ listens });
const USUAL = STATUS({ grpc: '127.0.0.1:4317', http: '127.0.0.1:4318', api: '127.0.0.1:4319' });
const RUNNING: Partial<Machine> = {
  lockHolder: async () => HOLDER,
  occupied: async () => ({ code: 'EADDRINUSE', by: 'node (process 7)' }),
};

describe('fluo doctor', () => {
  it('finds nothing where all is in order and no server runs', async () => {
    const { code, text } = await examined(machine());
    expect(code).toBe(EXIT.clean);
    expect(text).toContain('127.0.0.1:4317 is free');
    expect(text).toContain('none runs');
    expect(text).toContain('all is well');
  });

  it('knows the ports of the server that holds the folder, and asks it', async () => {
    const { code, text } = await examined(
      machine(RUNNING, { '/readyz': READY, '/metrics': metrics(NOW, 3), '/api/v1/status': USUAL }),
    );
    expect(code).toBe(EXIT.clean);
    expect(text).toContain("127.0.0.1:4318 is the server's (process 7)");
    expect(text).toContain('1,200 spans, the last one 3s ago');
    expect(text).toContain('1.5s behind, 2 KiB in the write-ahead log');
    expect(text).toContain('1 rule in force, 300 traces judged, 2 violations');
  });

  it('gives no port of another program to the server, and finds the server where it listens', async () => {
    const { code, text } = await examined(
      machine(
        { ...RUNNING, occupied: async () => ({ code: 'EADDRINUSE', by: 'otelcol (process 9)' }) },
        {
          '/readyz': READY,
          '/metrics': metrics(NOW, 3),
          '/api/v1/status': STATUS({ grpc: null, http: '127.0.0.1:41234', api: '127.0.0.1:4319' }),
        },
      ),
    );
    expect(code).toBe(EXIT.findings);
    expect(text).toMatch(
      /look +OTLP\/gRPC +off in the server \(process 7\), and 127\.0\.0\.1:4317 by the settings\n/,
    );
    expect(text).toMatch(
      /look +OTLP\/HTTP +127\.0\.0\.1:41234 is the server's \(process 7\), and 127\.0\.0\.1:4318 by the settings\n/,
    );
    expect(text).toMatch(/ok +API +127\.0\.0\.1:4319 is the server's \(process 7\)\n/);
    expect(text).toContain('`127.0.0.1:4317` is held by `otelcol (process 9)`');
    expect(text).toContain('[FL840]');
  });

  it('takes a server with other options than the settings for what it is', async () => {
    const { code, text } = await examined(
      machine(
        { ...RUNNING, occupied: async () => null },
        {
          '/readyz': READY,
          '/metrics': metrics(NOW, 3),
          '/api/v1/status': STATUS({ grpc: null, http: '127.0.0.1:41234', api: '[::]:4319' }),
        },
      ),
      {
        '/project/invariants/a.yaml': RULE,
        '/project/fluo.yaml':
          'version: 1\nserve: { grpc: { listen: "127.0.0.1:9317" }, http: { listen: "localhost:0" }, api: { listen: "[::]:4319" } }',
      },
    );
    expect(text).toMatch(
      /ok +OTLP\/gRPC +off in the server \(process 7\), and 127\.0\.0\.1:9317 by the settings\n/,
    );
    expect(text).toMatch(/ok +OTLP\/HTTP +127\.0\.0\.1:41234 is the server's \(process 7\)\n/);
    expect(text).toMatch(/ok +API +\[::\]:4319 is the server's \(process 7\)\n/);
    expect(code).toBe(EXIT.clean);
  });

  it('claims no port for a server that does not say where it listens', async () => {
    const { text } = await examined(machine(RUNNING, { '/readyz': READY, '/metrics': metrics(NOW, 3) }));
    expect(text).not.toContain("is the server's");
    expect(text).toContain(
      '127.0.0.1:4317 is held by `node (process 7)`; the server (process 7) does not say whether by it',
    );
  });

  it.each<[string, Partial<Machine>, Record<string, string>, string]>([
    [
      'a port that another program holds',
      { occupied: async () => ({ code: 'EADDRINUSE', by: 'otelcol (process 9)' }) },
      {},
      'FL840',
    ],
    [
      'an address that is none of the machine',
      { occupied: async () => ({ code: 'EADDRNOTAVAIL', by: null }) },
      {},
      'FL842',
    ],
    ['a disk without room', { room: async () => ({ free: 10, total: GIB }) }, {}, 'FL809'],
    ['a slow disk', { syncTimes: async () => [300, 400, 500] }, {}, 'FL810'],
    [
      'a folder that may not be written',
      { syncTimes: () => Promise.reject(Object.assign(new Error('no'), { code: 'EACCES' })) },
      {},
      'FL804',
    ],
    ['DuckDB that is not there', { hasDuckDb: () => false }, {}, 'FL833'],
    [
      'DuckDB that is not there for a server that runs',
      RUNNING,
      {
        '/readyz': JSON.stringify({
          status: 'ready',
          reasons: [],
          notes: [{ condition: 'duckdb-missing', message: 'DuckDB is not there', help: 'install it' }],
        }),
        '/metrics': metrics(NOW, 1),
      },
      'FL833',
    ],
    ['a clock that moves', { clockDrift: async () => ({ driftMs: 900, watchedMs: 500 }) }, {}, 'FL808'],
    ['a server that does not answer', RUNNING, {}, 'FL807'],
    ['something else that answers', RUNNING, { '/readyz': '<html>' }, 'FL807'],
    ['no spans', RUNNING, { '/readyz': READY, '/metrics': 'fluo_spans_total 0\n' }, 'FL811'],
    ['spans that stopped', RUNNING, { '/readyz': READY, '/metrics': metrics(NOW, 900) }, 'FL811'],
    [
      'an archive that is behind',
      RUNNING,
      { '/readyz': READY, '/metrics': metrics(NOW, 1).replace('seconds 1.5', 'seconds 300') },
      'FL812',
    ],
    [
      'clocks that are ahead',
      RUNNING,
      { '/readyz': READY, '/metrics': metrics(NOW, 1).replace('"-5"} 0', '"-5"} 3') },
      'FL814',
    ],
    [
      'spans that come late',
      RUNNING,
      { '/readyz': READY, '/metrics': metrics(NOW, 1).replace('"600"} 9', '"600"} 5') },
      'FL814',
    ],
    [
      'what the server says of itself',
      RUNNING,
      {
        '/readyz': JSON.stringify({
          status: 'not ready',
          reasons: [{ condition: 'log-not-writable', message: 'the disk is full', help: 'make room' }],
          notes: [],
        }),
        '/metrics': metrics(NOW, 1),
      },
      'FL813',
    ],
  ])('tells of %s, with a way out', async (_name, parts, answers, expected) => {
    const { code, text } = await examined(machine(parts, answers));
    expect(code).toBe(EXIT.findings);
    expect(text).toContain(`[${expected}]`);
    expect(text).toContain('help: ');
  });

  it('shows what was refused in the last hour, with the client and what it was told', async () => {
    const refusal = {
      at: new Date(NOW - 90_000).toISOString(),
      times: 3,
      transport: 'http',
      outcome: 'unsupported',
      status: 'HTTP 415',
      peer: '10.0.0.7',
      userAgent: 'a\u001b[2J',
      message: 'the Content-Type `text/xml` is not taken',
      spans: 0,
    };
    const old = { ...refusal, at: new Date(NOW - 4_000_000).toISOString(), peer: '10.0.0.9' };
    const answers = (refusals: object[]) => ({
      '/readyz': READY,
      '/metrics': metrics(NOW, 1),
      '/api/v1/status': JSON.stringify({ ...JSON.parse(USUAL), refusals }),
    });
    const { code, text } = await examined(machine(RUNNING, answers([refusal, old])));
    expect(code).toBe(EXIT.findings);
    expect(text).toContain('warning[FL818] 3 requests of the last hour were refused or taken in part');
    expect(text).toContain(
      'note: 10.0.0.7 (a\\x1b[2J), 1.5m ago, 3 times: HTTP 415: the Content-Type `text/xml` is not taken',
    );
    expect(text).not.toContain('10.0.0.9');
    expect((await examined(machine(RUNNING, answers([old])))).code).toBe(EXIT.clean);
  });

  it('shows the concerns of the rules with what to do about each, and the first ten of many', async () => {
    const rule = (id: string, concerns: string[]) => ({
      rule: { id },
      concerns,
      remedies: concerns.map((concern) => `do something about ${concern}`),
    });
    const answers = (...rules: object[]) => ({
      '/readyz': READY,
      '/metrics': metrics(NOW, 1),
      '/api/v1/status': USUAL,
      '/api/v1/rules': JSON.stringify({ rules }),
    });
    const fine = await examined(machine(RUNNING, answers(rule('fine', []))));
    expect(fine.code).toBe(EXIT.clean);
    expect(fine.text).toMatch(/ok +rule health +none of 1 rule has/);
    const some = await examined(machine(RUNNING, answers(rule('fine', []), rule('dead', ['it is dead']))));
    expect(some.code).toBe(EXIT.findings);
    expect(some.text).toMatch(/look +rule health +1 of 2 rules\n/);
    expect(some.text).toContain('warning[FL816] `dead`: it is dead\n  help: do something about it is dead\n');
    expect(some.text).not.toContain('all is well');
    const dead = Array.from({ length: 12 }, (_, nth) => rule(`r${nth}`, ['dead']));
    const { text } = await examined(machine(RUNNING, answers(...dead)));
    expect(text).toContain('`r9`: dead');
    expect(text).not.toContain('`r10`');
    expect(text).toContain('2 more things to look at in the rules');
  });

  it('shows what was not judged by reason; a few late spans are usual', async () => {
    const shed = (...lines: string[]) => ({
      '/readyz': READY,
      '/metrics': metrics(NOW, 1, lines.map((line) => `fluo_shed_total{reason=${line}\n`).join('')),
      '/api/v1/status': USUAL,
    });
    const usual = await examined(machine(RUNNING, shed('"late-span"} 12', '"trace-memory"} 0')));
    expect(usual.code).toBe(EXIT.clean);
    expect(usual.text).toMatch(/ok +not judged +late-span 12\n/);
    const bad = await examined(machine(RUNNING, shed('"late-span"} 13', '"trace-memory"} 1')));
    expect(bad.code).toBe(EXIT.findings);
    expect(bad.text).toContain('warning[FL817] 1 open trace was dropped for want of memory');
    expect(bad.text).toContain('raise `limits.held_spans`');
    expect(bad.text).toContain('13 spans were late');
  });

  it('names who holds a port', async () => {
    const on = machine({ occupied: async () => ({ code: 'EADDRINUSE', by: 'otelcol (process 9)' }) });
    expect((await examined(on)).text).toContain('`127.0.0.1:4317` is held by `otelcol (process 9)`');
  });

  it('tells of rules that do not load, of lints, and of none', async () => {
    const broken = await examined(machine(), { '/project/invariants/a.yaml': 'rules: [' });
    expect(broken.text).toMatch(/bad +rules/);
    const none = await examined(machine(), { '/project/invariants/a.test.yaml': 'tests: []' });
    expect(none.text).toContain('FL805');
    const missing = await examined(machine(), {});
    expect(missing.text).toContain('FL805');
  });

  it('asks a server elsewhere, and nothing of this machine', async () => {
    const asked: string[] = [];
    const on = machine({
      fetchText: async (url) => {
        asked.push(url);
        return { status: 200, text: url.endsWith('/readyz') ? READY : metrics(NOW, 1) };
      },
    });
    const { code, text } = await examined(on, {}, '--server', 'fluo:4319/');
    expect(code).toBe(EXIT.clean);
    expect(asked).toEqual([
      'http://fluo:4319/readyz',
      'http://fluo:4319/metrics',
      'http://fluo:4319/api/v1/status',
      'http://fluo:4319/api/v1/rules',
    ]);
    expect(text).not.toContain('disk');
  });

  it('refuses a configuration with errors', async () => {
    const { code } = await examined(machine(), { '/project/fluo.yaml': 'serve: { grcp: {} }' });
    expect(code).toBe(EXIT.usage);
  });
});
