/**
 * deploy/otel-collector.yaml with a real Collector, only its addresses and folder replaced: spans reach `fluo serve` and the backend beside it;
 * a Fluo that is down holds up nobody and gets its spans later, though the Collector was started again in between. The Collector is built from
 * Go modules, once, into a folder under the system's temporary folder; without Go or the network the test is skipped and says why.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { encodeRequest } from '../../src/otlp/proto/encode-request.ts';
import { startOtlpGrpc } from '../../src/receiver/otlp/otlp-grpc-server.ts';
import { testParts } from '../../src/receiver/otlp/testing/receiver-parts.ts';
import { send } from '../../src/receiver/otlp/testing/talk.ts';
import { makeSpan } from '../../src/trace/testing/make-span.ts';
import { metric, type ServeProcess, startServe, until } from '../serving/serve-process.ts';

const SOURCES = fileURLToPath(new URL('collector', import.meta.url));
const SNIPPET = fileURLToPath(new URL('../../deploy/otel-collector.yaml', import.meta.url));
/** Fetching and building takes minutes on two cores. */
const TIME_MS = 600_000;
const LARGEST_BATCH = 8192;
const RULE = `rules:
  - id: charge-is-checked
    name: A charge is checked
    origin: incident:INC-1
    condition: when { payment.charge } never { payment.skip_check }
`;

interface Snippet {
  receivers: { otlp: { protocols: Record<'grpc' | 'http', { endpoint: string }> } };
  extensions: Record<string, { directory: string }>;
  exporters: Record<'otlp/backend' | 'otlp/fluo', { endpoint: string }>;
  service: object;
}

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close();
});

test('spans go to Fluo and to the backend, also over a time in which Fluo is down', {
  timeout: TIME_MS,
}, async ({ skip }) => {
  const program = await builtCollector();
  if (typeof program !== 'string') {
    console.warn(`skipped, the Collector: ${program.missing}`);
    return skip(program.missing);
  }
  const folder = mkdtempSync(join(tmpdir(), 'fluo-collector-'));
  closers.push(() => rmSync(folder, { recursive: true, force: true }));
  const rules = join(folder, 'rules.yaml');
  writeFileSync(rules, RULE);
  let fluo = await startServe({ rules: [rules] });
  closers.push(
    () => fluo.remove(),
    () => fluo.kill(),
  );
  const backend = testParts();
  const { receiver, problem } = await startOtlpGrpc(backend);
  if (receiver === null) throw new Error(problem.message);
  closers.push(() => receiver.close(false));
  const http = await freePort();
  const configuration = join(folder, 'collector.yaml');
  writeFileSync(
    configuration,
    configured({
      http,
      fluo: fluo.grpc,
      backend: `127.0.0.1:${receiver.address.port}`,
      storage: join(folder, 'queue'),
    }),
  );
  const listen = { grpc: new URL(fluo.grpc).host };
  let collector = await startCollector(program, configuration);

  let sent = 0;
  /** Traces of four spans, ten thousand spans a request. */
  const deliver = async (requests: number) => {
    for (let at = 0; at < requests; at++) {
      const { status } = await send(http, {
        headers: { 'content-type': 'application/x-protobuf' },
        body: encodeRequest(tracesFrom(sent, 2_500)),
      });
      expect(status).toBe(200);
      sent += 10_000;
    }
  };
  await deliver(3);
  await until(async () => backend.intake.spans.length === sent && (await spansOf(fluo)) === sent);

  await fluo.kill();
  await deliver(3);
  await until(async () => backend.intake.spans.length === sent);
  // What waits for Fluo is on the Collector's disk.
  await ended(collector, 'SIGTERM');
  collector = await startCollector(program, configuration);
  fluo = await startServe({ rules: [rules], folder: fluo.folder, listen });
  const before = 30_000;
  await until(async () => (await spansOf(fluo)) >= sent - before);
  await until(async () => (await signals(fluo)).length === 1);
  await until(async () => ((await signals(fluo))[0]?.occurrences ?? 0) === sent / 4 / 10);
  expect(backend.intake.spans.length).toBe(sent);
  expect(Math.max(...backend.intake.requests.map(({ spans }) => spans.length))).toBe(LARGEST_BATCH);
  expect(await metric(fluo.api, 'fluo_export_requests_total', 'outcome="too-large"')).toBe(0);
  expect(await fluo.stop()).toBe(0);
});

/** Each tenth trace breaks the rule. */
function tracesFrom(first: number, traces: number) {
  const start = BigInt(Date.now()) * 1_000_000n;
  return Array.from({ length: traces }, (_, index) => {
    const number = first / 4 + index + 1;
    const traceId = number.toString(16).padStart(32, '0');
    const names = [
      'shop.order',
      'payment.charge',
      number % 10 === 0 ? 'payment.skip_check' : 'payment.check',
      'shop.ship',
    ];
    return names.map((name, at) =>
      makeSpan({
        traceId,
        spanId: `${traceId.slice(20)}000${at + 1}`,
        parentSpanId: at === 0 ? '' : `${traceId.slice(20)}0001`,
        name,
        start,
        end: start + 1_000_000n,
        service: 'shop',
      }),
    );
  }).flat();
}

function configured(places: { http: number; fluo: string; backend: string; storage: string }): string {
  const snippet = parse(readFileSync(SNIPPET, 'utf8')) as Snippet;
  snippet.receivers.otlp.protocols.http.endpoint = `127.0.0.1:${places.http}`;
  snippet.receivers.otlp.protocols.grpc.endpoint = '127.0.0.1:0';
  snippet.exporters['otlp/backend'].endpoint = places.backend;
  snippet.exporters['otlp/fluo'].endpoint = new URL(places.fluo).host;
  for (const extension of Object.values(snippet.extensions)) {
    extension.directory = places.storage;
    mkdirSync(places.storage);
  }
  // Its metrics have a port of their own, which may be taken.
  snippet.service = { ...snippet.service, telemetry: { metrics: { level: 'none' } } };
  return stringify(snippet);
}

async function spansOf({ api }: ServeProcess): Promise<number> {
  return metric(api, 'fluo_spans_total');
}

async function signals({ api }: ServeProcess) {
  const answer = await fetch(`${api}/api/v1/signals`);
  return ((await answer.json()) as { signals: { occurrences: number }[] }).signals;
}

/** The path of the program, made once for each state of its sources. */
async function builtCollector(): Promise<string | { readonly missing: string }> {
  const hash = createHash('sha256');
  for (const name of ['main.go', 'go.mod', 'go.sum']) hash.update(readFileSync(join(SOURCES, name)));
  const program = join(tmpdir(), 'fluo-senders', `collector-${hash.digest('hex').slice(0, 12)}`);
  if (existsSync(program)) return program;
  const draft = `${program}.${process.pid}`;
  const child = spawn('go', ['build', '-trimpath', '-ldflags', '-s -w', '-o', draft, '.'], {
    cwd: SOURCES,
    env: { ...process.env, GOFLAGS: '-mod=readonly' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (piece: Buffer) => {
    said += piece.toString();
  });
  const missing = await new Promise<string | null>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code) => resolve(code === 0 ? null : said.slice(-300)));
  });
  if (missing !== null) return { missing };
  renameSync(draft, program);
  return program;
}

async function startCollector(program: string, configuration: string): Promise<ChildProcess> {
  const child = spawn(program, [configuration], { stdio: ['ignore', 'ignore', 'pipe'] });
  closers.push(() => ended(child, 'SIGKILL'));
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (piece: Buffer) => {
      said = (said + piece.toString()).slice(-20_000);
      if (said.includes('Everything is ready')) resolve();
    });
    child.on('exit', () => reject(new Error(said)));
  });
  return child;
}

async function ended(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await exit;
}

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
