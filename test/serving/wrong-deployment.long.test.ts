/** What people and networks do wrong, done to the real program: it says what to do about it, and goes on judging. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { call, framedMessage, openSession } from '../../src/receiver/otlp/testing/grpc-client.ts';
import { metric, type ServeOptions, type ServeProcess, startServe, until } from './serve-process.ts';

const RULES = `version: 1
rules:
  - id: charge-is-reserved
    condition: payment.charge and inventory.reserve.before(payment.charge)
`;
const SETTINGS = 'limits: { idle: 1s, idle_after_root: 200ms, max_spans: 20000 }\n';
const MIB = 1024 * 1024;

let folder: string;
let rules: string;
const running: ServeProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fluo-wrong-'));
  rules = join(folder, 'rules');
  mkdirSync(rules);
  writeFileSync(join(rules, 'payment.yaml'), RULES);
});

afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(options: Partial<ServeOptions> = {}): Promise<ServeProcess> {
  const server = await startServe({ rules: [rules], configuration: SETTINGS, folder, ...options });
  running.push(server);
  return server;
}

/** What it says when it does not start. */
async function refusal(options: Partial<ServeOptions>): Promise<string> {
  const other = mkdtempSync(join(folder, 'other-'));
  const outcome = await startServe({
    rules: [rules],
    configuration: SETTINGS,
    folder: other,
    ...options,
  }).then(
    async (server) => {
      await server.stop();
      return 'it started';
    },
    (error: Error) => error.message,
  );
  expect(outcome).toMatch(/^fluo serve ended with 2:/);
  return outcome;
}

let ids = 0;

interface Shape {
  readonly isReserved: boolean;
  /** Spans beside the root and what the rule asks about. */
  readonly further?: number;
  /** Characters of an attribute of each span. */
  readonly weight?: number;
}

/** OTLP/JSON of one trace, and its id. */
function trace({ isReserved, further = 0, weight = 0 }: Shape): { id: string; bodies: string[] } {
  const id = (++ids).toString(16).padStart(32, 'a');
  const begin = BigInt(Date.now()) * 1_000_000n;
  const attributes = weight === 0 ? [] : [{ key: 'ballast', value: { stringValue: noise(weight) } }];
  const span = (number: number, name: string, from: bigint, to: bigint) => ({
    traceId: id,
    spanId: number.toString(16).padStart(16, '0'),
    ...(number === 1 ? {} : { parentSpanId: '0000000000000001' }),
    name,
    kind: 1,
    startTimeUnixNano: String(begin + from),
    endTimeUnixNano: String(begin + to),
    attributes,
  });
  const spans = [
    span(1, 'checkout', 0n, 9_000_000n),
    ...(isReserved ? [span(2, 'inventory.reserve', 1_000_000n, 2_000_000n)] : []),
    span(3, 'payment.charge', 3_000_000n, 4_000_000n),
    ...Array.from({ length: further }, (_, index) => span(index + 4, 'step', 5_000_000n, 6_000_000n)),
  ];
  const bodies: string[] = [];
  for (let at = 0; at < spans.length; at += 10_000) {
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] };
    const scopeSpans = [{ spans: spans.slice(at, at + 10_000) }];
    bodies.push(JSON.stringify({ resourceSpans: [{ resource, scopeSpans }] }));
  }
  return { id, bodies };
}

/** Text that does not compress to nothing, the same in each run. */
function noise(length: number): string {
  let state = 12_345;
  let text = '';
  while (text.length < length) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    text += state.toString(36);
  }
  return text.slice(0, length);
}

function post(server: ServeProcess, body: string | Uint8Array, headers: Record<string, string> = {}) {
  return fetch(server.http, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  });
}

async function accepted(server: ServeProcess, shape: Shape): Promise<string> {
  const { id, bodies } = trace(shape);
  for (const body of bodies) expect((await post(server, body)).status).toBe(200);
  return id;
}

async function occurrences({ api }: ServeProcess): Promise<number> {
  const { signals } = (await (await fetch(`${api}/api/v1/signals?limit=100`)).json()) as {
    signals: { occurrences: number }[];
  };
  return signals.reduce((sum, one) => sum + one.occurrences, 0);
}

const satisfied = ({ api }: ServeProcess) =>
  metric(api, 'fluo_verdicts_total', 'rule="charge-is-reserved",verdict="satisfied"');

/** It lives, and a healthy and a violating trace are judged for what they are. */
async function judges(server: ServeProcess): Promise<void> {
  expect(server.child.exitCode).toBeNull();
  expect((await fetch(`${server.api}/healthz`)).status).toBe(200);
  const before = { satisfied: await satisfied(server), violated: await occurrences(server) };
  await accepted(server, { isReserved: true });
  await accepted(server, { isReserved: false });
  await until(async () => (await satisfied(server)) === before.satisfied + 1);
  await until(async () => (await occurrences(server)) === before.violated + 1);
}

async function readiness({ api }: ServeProcess): Promise<{ status: number; text: string }> {
  const answer = await fetch(`${api}/readyz`);
  return { status: answer.status, text: await answer.text() };
}

const portOf = (url: string) => Number(new URL(url).port);

describe('rules that are wrong', () => {
  it('none: spans are taken, and what to do is said; a rule that comes is loaded', async () => {
    rmSync(join(rules, 'payment.yaml'));
    const server = await start();
    expect(server.output()).toContain('FL805');
    expect(server.output()).toContain('fluo init');
    expect((await readiness(server)).text).toContain('no-rules');
    await accepted(server, { isReserved: false });
    writeFileSync(join(rules, 'payment.yaml'), RULES);
    await until(async () => !(await readiness(server)).text.includes('no-rules'));
    await judges(server);
  });

  it('a file with errors: the others are loaded, and the errors are shown', async () => {
    writeFileSync(
      join(rules, 'broken.yaml'),
      RULES.replace('charge-is-reserved', 'other').replace('before', 'befor'),
    );
    const server = await start();
    expect(server.output()).toContain('befor');
    expect(server.output()).toContain('1 loaded; 1 file with errors');
    expect((await readiness(server)).text).toContain('rule-files-with-errors');
    await judges(server);
    expect(await refusal({ serveOptions: ['--strict'] })).toContain('FL806');
  });

  it('broken while it runs: the old rules stay until it is mended', async () => {
    const server = await start();
    writeFileSync(join(rules, 'payment.yaml'), RULES.replace('before(', 'befor('));
    await until(async () => (await readiness(server)).text.includes('rule-files-with-errors'));
    expect((await readiness(server)).status).toBe(200);
    expect(server.output()).toContain('payment.yaml');
    await judges(server);
    writeFileSync(join(rules, 'payment.yaml'), RULES);
    await until(async () => !(await readiness(server)).text.includes('rule-files-with-errors'));
    await judges(server);
  });
});

describe('a place that is taken', () => {
  it.each(['http', 'grpc', 'api'])('the port of %s', async (name) => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
    const { port } = holder.address() as AddressInfo;
    const said = await refusal({ listen: { [name]: `127.0.0.1:${port}` } });
    holder.close();
    expect(said).toContain(String(port));
    expect(said).toMatch(/in use|taken/);
    expect(said).toContain(`--${name}`);
  });

  it('the data folder of another server', async () => {
    const server = await start();
    const said = await refusal({ serveOptions: ['--data', server.data] });
    expect(said).toContain(String(server.pid));
    expect(said).toContain(server.data);
    await judges(server);
  });

  it('a data folder that cannot be one', async () => {
    writeFileSync(join(folder, 'file'), '');
    const inFile = await refusal({ serveOptions: ['--data', join(folder, 'file', 'data')] });
    expect(inFile).toContain('a file stands where a folder belongs');
    expect(inFile).toContain('--data');
    // Root may write anywhere but here.
    expect(await refusal({ serveOptions: ['--data', '/proc/fluo'] })).toContain('/proc/fluo');
  });
});

const mounted = mountSmall();

describe.skipIf(mounted === null)('a full disk', () => {
  it('what was acknowledged survives, the rest is refused until there is room', async () => {
    const disk = mounted as string;
    try {
      const ballast = join(disk, 'ballast');
      const configuration = `${SETTINGS}wal: { segment: 1MiB }\n`;
      const options = { configuration, serveOptions: ['--data', join(disk, 'data')] };
      const server = await start(options);
      await judges(server);
      // The program may need some room of its own; the rest is gone.
      fill(ballast);
      const acknowledged: string[] = [];
      let refused: Response | null = null;
      for (let count = 0; refused === null; count++) {
        expect(count).toBeLessThan(200);
        const { id, bodies } = trace({ isReserved: false, weight: 100_000 });
        const answer = await post(server, bodies[0] as string);
        if (answer.status === 200) acknowledged.push(id);
        else refused = answer;
      }
      expect(refused.status).toBe(503);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(await refused.text()).toMatch(/room|space|full/);
      await until(async () => (await readiness(server)).status === 503);
      expect((await readiness(server)).text).toMatch(/room|space|full/);
      expect((await fetch(`${server.api}/healthz`)).status).toBe(200);
      rmSync(ballast);
      await until(async () => (await readiness(server)).status === 200);
      await judges(server);
      await until(async () => (await occurrences(server)) >= acknowledged.length);
      const told = await occurrences(server);
      await server.kill();
      const again = await start(options);
      expect(await occurrences(again)).toBe(told);
      await judges(again);
      await again.stop();
    } finally {
      spawnSync('umount', ['-l', disk]);
    }
  }, 60_000);
});

describe('clients that do wrong', () => {
  it('garbage on each port', async () => {
    const server = await start();
    const ports = [server.http, server.grpc, server.api].map(portOf);
    const garbage = Buffer.from(noise(40_000), 'latin1').map((byte, index) => byte ^ (index % 251));
    for (const port of ports)
      for (let time = 0; time < 20; time++) await shout(port, garbage.subarray(time * 1000));
    const bad = await post(server, garbage);
    expect([bad.status, /JSON/.test(await bad.text())]).toEqual([400, true]);
    const proto = await post(server, garbage, { 'content-type': 'application/x-protobuf' });
    expect(proto.status).toBe(400);
    const type = await post(server, 'x', { 'content-type': 'text/plain' });
    expect([type.status, /application\/x-protobuf/.test(await type.text())]).toEqual([415, true]);
    const packed = await post(server, garbage, { 'content-encoding': 'gzip' });
    expect(packed.status).toBe(400);
    const wrongPath = await fetch(server.http.replace('traces', 'tracs'), { method: 'POST' });
    expect([wrongPath.status, (await wrongPath.text()).includes('/v1/traces')]).toEqual([404, true]);
    await judges(server);
  }, 30_000);

  it('a trace of 500,000 spans is cut, and not proved', async () => {
    const server = await start();
    await accepted(server, { isReserved: false, further: 500_000 });
    await until(async () => (await metric(server.api, 'fluo_open_traces')) === 0);
    const inconclusive = 'rule="charge-is-reserved",verdict="inconclusive"';
    await until(async () => (await metric(server.api, 'fluo_verdicts_total', inconclusive)) === 1);
    expect(await occurrences(server)).toBe(0);
    expect(await metric(server.api, 'fluo_shed_total')).toBeGreaterThan(0);
    expect(residentBytes(server.pid)).toBeLessThan(1024 * MIB);
    await judges(server);
  }, 60_000);

  it('ten thousand connections opened and closed', async () => {
    const server = await start();
    const ports = [server.http, server.grpc];
    let next = 0;
    const visitor = async () => {
      while (next < 10_000) await visit(ports[next % 2] as string, next++);
    };
    await Promise.all(Array.from({ length: 50 }, visitor));
    await judges(server);
  }, 60_000);

  it('bombs over HTTP and gRPC', async () => {
    const server = await start();
    const zeros = Buffer.alloc(512 * MIB);
    const bombs = { gzip: gzipSync(zeros), deflate: deflateSync(zeros) };
    const before = residentBytes(server.pid);
    for (const [encoding, bomb] of Object.entries(bombs)) {
      const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': encoding };
      const answer = await post(server, bomb, headers);
      expect(answer.status).toBe(413);
      expect(await answer.text()).toContain('limits');
    }
    const session = openSession(portOf(server.grpc));
    const reply = await call(session, framedMessage(bombs.gzip, 1), { headers: { 'grpc-encoding': 'gzip' } });
    expect(reply.status).toBe(8);
    session.destroy();
    expect(residentBytes(server.pid) - before).toBeLessThan(400 * MIB);
    await judges(server);
  }, 60_000);

  it('clients that are slow are sent away, and keep nobody waiting', async () => {
    const server = await start({ configuration: `${SETTINGS}serve: { limits: { request_timeout: 1s } }\n` });
    const head =
      'POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{';
    const answers = Array.from({ length: 100 }, () => answerTo(portOf(server.http), head));
    await judges(server);
    for (const answer of await Promise.all(answers)) expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    await judges(server);
  }, 60_000);
});

/** Sends bytes and waits until the other side closes, or has nothing to say. */
function shout(port: number, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.end(bytes));
    socket.on('data', () => {});
    socket.on('error', () => {});
    socket.setTimeout(2_000, () => socket.destroy());
    socket.on('close', () => resolve());
  });
}

/** All that is answered until the other side closes. */
function answerTo(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket: Socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (piece) => {
      answer += piece;
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
  });
}

/** Closes at once, abruptly, or after a little has been sent. */
function visit(url: string, number: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(portOf(url), '127.0.0.1', () => {
      if (number % 3 === 0) socket.end();
      else if (number % 3 === 1) socket.resetAndDestroy();
      else socket.end('POST /v1');
    });
    socket.on('data', () => {});
    socket.on('error', () => {});
    socket.on('close', () => resolve());
  });
}

function residentBytes(pid: number): number {
  const [, kilobytes = '0'] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

/** A file that takes all the room there is. */
function fill(path: string): void {
  spawnSync('dd', ['if=/dev/zero', `of=${path}`, 'bs=64k']);
}

/** A disk of a few megabytes, or null where none can be made. */
function mountSmall(): string | null {
  const disk = mkdtempSync(join(tmpdir(), 'fluo-disk-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', disk]);
  if (status === 0) return disk;
  process.stdout.write('skipped: a full disk (no small file system can be mounted here)\n');
  return null;
}
