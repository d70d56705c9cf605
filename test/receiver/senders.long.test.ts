/**
 * Other programs than Node.js send real spans: the OpenTelemetry Collector, and the SDKs for Go, Python and Java. They are fetched from the
 * Go module proxy, PyPI and Maven Central, once, into a folder under the system's temporary folder; without the tool or the network
 * a test is skipped and says why.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, cp, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import type { RunningReceiver } from '../../src/receiver/otlp/listen.ts';
import { startOtlpGrpc } from '../../src/receiver/otlp/otlp-grpc-server.ts';
import { startOtlpHttp } from '../../src/receiver/otlp/otlp-http-server.ts';
import type { MemoryIntake } from '../../src/receiver/otlp/testing/memory-intake.ts';
import { testParts } from '../../src/receiver/otlp/testing/receiver-parts.ts';
import { send } from '../../src/receiver/otlp/testing/talk.ts';
import { span } from './sample-spans.ts';
import { otlpProto } from './write-spans.ts';

const SOURCES = fileURLToPath(new URL('senders', import.meta.url));
const CACHE = join(tmpdir(), 'fluo-senders');
/** Fetching and building one of them takes a minute or two on two cores. */
const INSTALL_MS = 240_000;
const RUN_MS = 60_000;

type Protocol = 'grpc' | 'http';
interface Command {
  readonly program: string;
  readonly arguments: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}
type Installed = { readonly command: Command } | { readonly missing: string };

const running: RunningReceiver[] = [];
const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }
  await Promise.all(running.splice(0).map((receiver) => receiver.close(false)));
});

async function start(protocol: Protocol) {
  const parts = testParts();
  const { receiver, problem } = await (protocol === 'grpc' ? startOtlpGrpc : startOtlpHttp)(parts);
  if (receiver === null) throw new Error(problem.message);
  running.push(receiver);
  return { ...parts, endpoint: `127.0.0.1:${receiver.address.port}` };
}

/** Runs a program to its end. */
function run(
  command: Command,
  more: readonly string[],
  time: number,
  folder?: string,
): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(command.program, [...command.arguments, ...more], {
      ...(folder === undefined ? {} : { cwd: folder }),
      env: { ...process.env, ...command.environment },
      timeout: time,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (part: Buffer) => {
        output = (output + part.toString()).slice(-4000);
      });
    }
    child.on('error', (error) => resolve({ code: -1, output: error.message }));
    child.on('close', (code) => resolve({ code: code ?? -1, output }));
  });
}

/** Makes a folder of the cache with a program, once for each state of its sources. */
async function cached(
  name: string,
  sources: readonly string[],
  make: (folder: string) => Promise<string | null>,
) {
  const hash = createHash('sha256');
  for (const source of sources) hash.update(await readFile(join(SOURCES, source)));
  const folder = join(CACHE, `${name}-${hash.digest('hex').slice(0, 12)}`);
  const there = await access(folder).then(
    () => true,
    () => false,
  );
  if (there) return { folder };
  const draft = `${folder}.${process.pid}`;
  await mkdir(draft, { recursive: true });
  const missing = await make(draft);
  if (missing === null) {
    await rename(draft, folder);
    return { folder };
  }
  await rm(draft, { recursive: true, force: true });
  return { missing };
}

async function attempt(command: Command, more: readonly string[], folder: string): Promise<string | null> {
  const { code, output } = await run(command, more, INSTALL_MS, folder);
  return code === 0
    ? null
    : `\`${command.program} ${more.slice(0, 2).join(' ')}\` failed: ${output.slice(-300)}`;
}

let goSenders: Promise<Installed> | undefined;

function installGo(): Promise<Installed> {
  goSenders ??= (async () => {
    const made = await cached('go', ['go/main.go', 'go/go.mod', 'go/go.sum'], (folder) =>
      attempt(
        { program: 'go', arguments: [], environment: { GOFLAGS: '-mod=readonly' } },
        ['build', '-trimpath', '-ldflags', '-s -w', '-o', join(folder, 'senders'), '.'],
        join(SOURCES, 'go'),
      ),
    );
    if ('missing' in made) return { missing: made.missing ?? '' };
    return { command: { program: join(made.folder, 'senders'), arguments: [] } };
  })();
  return goSenders;
}

async function installGoSdk(): Promise<Installed> {
  const installed = await installGo();
  if ('missing' in installed) return installed;
  return { command: { ...installed.command, arguments: ['sdk'] } };
}

async function installPython(): Promise<Installed> {
  const made = await cached('python', ['python/send_trace.py', 'python/requirements.txt'], (folder) =>
    attempt(
      { program: 'python3', arguments: ['-m', 'pip'] },
      [
        'install',
        '--quiet',
        '--target',
        folder,
        '--requirement',
        join(SOURCES, 'python', 'requirements.txt'),
      ],
      folder,
    ),
  );
  if ('missing' in made) return { missing: made.missing ?? '' };
  return {
    command: {
      program: 'python3',
      arguments: [join(SOURCES, 'python', 'send_trace.py')],
      environment: { PYTHONPATH: made.folder },
    },
  };
}

async function installJava(): Promise<Installed> {
  const made = await cached('java', ['java/SendTrace.java', 'java/pom.xml'], async (folder) => {
    await cp(join(SOURCES, 'java'), folder, { recursive: true });
    const maven = { program: 'mvn', arguments: ['-q', '-B'] };
    const fetched = await attempt(maven, ['dependency:copy-dependencies', '-DoutputDirectory=jars'], folder);
    if (fetched !== null) return fetched;
    return attempt(
      { program: 'javac', arguments: [] },
      ['-encoding', 'UTF-8', '-cp', join('jars', '*'), 'SendTrace.java'],
      folder,
    );
  });
  if ('missing' in made) return { missing: made.missing ?? '' };
  const path = [made.folder, join(made.folder, 'jars', '*')].join(delimiter);
  return { command: { program: 'java', arguments: ['-cp', path, 'SendTrace'] } };
}

function expectCheckout(intake: MemoryIntake, service: string): void {
  const { spans } = intake;
  expect(spans.map(({ name }) => name).sort()).toEqual([
    'POST /checkout',
    'inventory.reserve',
    'payment.charge',
  ]);
  const root = spans.find(({ name }) => name === 'POST /checkout');
  const reserve = spans.find(({ name }) => name === 'inventory.reserve');
  expect(reserve).toMatchObject({
    traceId: root?.traceId,
    parentSpanId: root?.spanId,
    scope: 'checkout-library',
  });
  expect(Object.fromEntries(reserve?.attributes ?? [])).toEqual({ amount: 1250, 'cart.id': 'c-1 ✓' });
  expect(reserve?.resource.service).toBe(service);
}

describe.each([
  ['Go', 'shop-go', installGoSdk],
  ['Python', 'shop-python', installPython],
  ['Java', 'shop-java', installJava],
] as const)('the SDK for %s', (language, service, install) => {
  test.for(['grpc', 'http'] as const)(
    'over %s: spans arrive, and are sent again after a refusal',
    async (protocol, { skip }) => {
      const installed = await install();
      if ('missing' in installed) return skip(because(`the SDK for ${language}`, installed.missing));
      const { intake, endpoint, bugs } = await start(protocol);
      intake.refusals.push({ kind: 'overloaded', retryAfterMs: 500, message: 'later' });
      const { code, output } = await run(installed.command, [protocol, endpoint], RUN_MS);
      expect(output.includes('Traceback') ? output : '').toBe('');
      expect(code, output).toBe(0);
      expectCheckout(intake, service);
      expect(intake.calls).toBe(2);
      expect(bugs).toEqual([]);
    },
  );

  test.for(['grpc', 'http'] as const)(
    'over %s: what cannot be read is not sent again',
    async (protocol, { skip }) => {
      const installed = await install();
      if ('missing' in installed) return skip(because(`the SDK for ${language}`, installed.missing));
      const { intake, endpoint } = await start(protocol);
      intake.malformed = 'this is no request of traces';
      // Some tell of it with their exit code, some in their log.
      await run(installed.command, [protocol, endpoint], RUN_MS);
      expect(intake.calls).toBe(1);
    },
  );
});

describe('the Collector', () => {
  const REQUEST = otlpProto([span({ name: 'payment.charge' })]);
  const HEADERS = { 'content-type': 'application/x-protobuf' };

  async function collector(exporter: string, skip: (reason: string) => never): Promise<number> {
    const installed = await installGo();
    if ('missing' in installed) return skip(because('the Collector', installed.missing));
    const port = await freePort();
    const configuration = `
receivers: { otlp: { protocols: { http: { endpoint: "127.0.0.1:${port}" } } } }
exporters: ${exporter}
service:
  telemetry: { metrics: { level: none } }
  pipelines: { traces: { receivers: [otlp], exporters: [${/[\w/]+/.exec(exporter)?.[0]}] } }
`;
    const child = spawn(installed.command.program, ['collector', configuration], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    children.push(child);
    await new Promise<void>((resolve, reject) => {
      let output = '';
      child.stderr.on('data', (part: Buffer) => {
        output += part.toString();
        if (output.includes('Everything is ready')) resolve();
      });
      child.on('exit', () => reject(new Error(output)));
    });
    return port;
  }

  const overGrpc = (endpoint: string, more = '') =>
    `{ otlp_grpc/fluo: { endpoint: "${endpoint}", tls: { insecure: true }, retry_on_failure: { initial_interval: 50ms }${more} } }`;
  const overHttp = (endpoint: string, more = '') =>
    `{ otlp_http/fluo: { endpoint: "http://${endpoint}", retry_on_failure: { initial_interval: 50ms }${more} } }`;

  test.for<[string, Protocol, (endpoint: string, more?: string) => string, string]>([
    ['gRPC with gzip', 'grpc', overGrpc, ''],
    ['gRPC plain', 'grpc', overGrpc, ', compression: none'],
    ['HTTP with gzip', 'http', overHttp, ''],
    ['HTTP with deflate', 'http', overHttp, ', compression: deflate'],
    ['HTTP with JSON', 'http', overHttp, ', encoding: json'],
  ])(
    '%s: spans arrive, and are sent again after refusals',
    async ([, protocol, exporter, more], { skip }) => {
      const { intake, endpoint, bugs } = await start(protocol);
      const port = await collector(exporter(endpoint, more), skip);
      intake.refusals.push({ kind: 'unavailable', retryAfterMs: 10, message: 'starting' });
      intake.refusals.push({ kind: 'overloaded', retryAfterMs: 10, message: 'later' });
      expect((await send(port, { headers: HEADERS, body: REQUEST })).status).toBe(200);
      await intake.came(3);
      expect(intake.spans.map(({ name }) => name)).toEqual(['payment.charge']);
      expect(bugs).toEqual([]);
    },
  );

  test.for<[Protocol, (endpoint: string) => string]>([
    ['grpc', overGrpc],
    ['http', overHttp],
  ])(
    '%s: what cannot be read is dropped, and what follows arrives',
    async ([protocol, exporter], { skip }) => {
      const { intake, endpoint } = await start(protocol);
      const port = await collector(exporter(endpoint), skip);
      intake.malformed = 'this is no request of traces';
      await send(port, { headers: HEADERS, body: REQUEST });
      await intake.came(1);
      intake.malformed = null;
      await send(port, { headers: HEADERS, body: otlpProto([span({ name: 'second' })]) });
      await intake.came(2);
      expect(intake.spans.map(({ name }) => name)).toEqual(['second']);
    },
  );

  test('HTTP with zstd: refused with 415, and not sent again', async ({ skip }) => {
    const { endpoint, stats, intake } = await start('http');
    const port = await collector(
      overHttp(endpoint, ', compression: zstd, sending_queue: { enabled: false }'),
      skip,
    );
    const reply = await send(port, { headers: HEADERS, body: REQUEST });
    expect(reply.status).not.toBe(200);
    expect(reply.text).toContain('415');
    expect(stats.transports.http.requests.unsupported).toBe(1);
    expect(intake.calls).toBe(0);
  });
});

/** A port that was free a moment ago: the Collector does not tell which one it took. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** Prints why a test is skipped, and gives the reason to the runner. */
function because(what: string, reason: string): string {
  console.warn(`skipped, ${what}: ${reason}`);
  return reason;
}
