/**
 * A server that is killed again and again under load loses nothing and tells nothing twice: every acknowledged span is in the archive once, every
 * violation is an occurrence of a signal once. Signals are looked at after every start, spans after some, and both at the end.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { nodeDisk } from '../../src/archive/disk/node-disk.ts';
import { parseSegmentName, readSpanRecords } from '../../src/archive/wal/segment-files.ts';
import { encodeRequest } from '../../src/otlp/proto/encode-request.ts';
import { readProtoRequest } from '../../src/otlp/proto/trace-request.ts';
import { SpanSink } from '../../src/otlp/span-sink.ts';
import { call, framedMessage, openSession } from '../../src/receiver/otlp/testing/grpc-client.ts';
import type { Span } from '../../src/trace/span.ts';
import { makeSpan } from '../../src/trace/testing/make-span.ts';
import { seededRandom } from '../replay/seeded-random.ts';
import { metric, type ServeProcess, startServe, until } from '../serving/serve-process.ts';

const KILLS = Number(process.env['FLUO_KILLS'] ?? 50);
const SEED = Number(process.env['FLUO_SEED'] ?? 1);
const CLIENTS = 6;
const SPANS_LOOKED_AT_EVERY = 5;
const UNAVAILABLE = 14;

const RULES = `rules:
  - id: charge-without-refund
    name: A charge is not refunded in one go
    origin: incident:INC-1
    condition: payment.charge and not payment.refund
  - id: order-is-shipped
    name: An order is shipped
    origin: incident:INC-2
    condition: order.place and order.ship
`;
const CONFIGURATION = 'limits: { idle: 3s, idle_after_root: 3s }\nlog: { level: warn, format: json }\n';

const random = seededRandom(SEED);
const sent = new Set<string>();
const acknowledged = new Set<string>();
/** Scopes that break a rule: `rule trace`. */
const broken = new Set<string>();
/** Of them those that no closing has to be waited for, by the spans that show it. */
const brokenAtOnce = new Map<string, readonly string[]>();
const delivered = { http: 0, grpc: 0 };
let server: ServeProcess;
let isOver = false;
let traces = 0;
let retried = 0;

// Nothing is left running, however the test ends.
afterAll(() => server?.kill());

it(`loses nothing and repeats nothing, killed ${KILLS} times (seed ${SEED})`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fluo-kill-'));
  const rules = join(folder, 'rules.yaml');
  writeFileSync(rules, RULES);
  const start = () => startServe({ folder, rules: [rules], configuration: CONFIGURATION });
  server = await start();
  const clients = Array.from({ length: CLIENTS }, (_, index) => client(index));
  let told = new Set<string>();
  for (let kill = 0; kill < KILLS; kill++) {
    await new Promise((resolve) => setTimeout(resolve, 20 + random() * 500));
    await server.kill();
    if (kill % SPANS_LOOKED_AT_EVERY === 0) await expectNoneLost(server.data);
    // What was acknowledged up to here by a server that is no more.
    const known = [...brokenAtOnce].filter(([, spans]) => spans.every((id) => acknowledged.has(id)));
    server = await start();
    for (const [scope] of known) told.add(scope);
    told = await expectToldOnce(server.data, told);
    if (kill % SPANS_LOOKED_AT_EVERY === 0)
      await until(async () => (await repeatedSpans(server.data)).length === 0);
  }
  isOver = true;
  await Promise.all(clients);
  expect([...acknowledged].sort()).toEqual([...sent].sort());
  await until(async () => (await metric(server.api, 'fluo_open_traces')) === 0);
  await until(async () => (await openViolations(server.api)) === broken.size);
  expect(await server.stop()).toBe(0);

  expect(delivered.http).toBeGreaterThan(KILLS);
  expect(delivered.grpc).toBeGreaterThan(KILLS);
  const found = await archivedSpans(server.data);
  const repeated = found.filter(({ count }) => count !== 1n);
  expect(repeated).toEqual([]);
  expect(found.map(({ id }) => id).sort()).toEqual([...sent].sort());
  const { violations, live } = toldViolations(server.data);
  expectDistinct(violations);
  expect([...live].sort()).toEqual([...broken].sort());
  expect(sent.size).toBeGreaterThan(KILLS * 100);
  expect(retried).toBeGreaterThan(KILLS / 5);
  server.remove();
});

/** Sends traces, each in two requests, some of them twice, and never gives up a request. */
async function client(index: number): Promise<void> {
  for (let turn = index; !isOver; turn++) {
    const deliver = turn % 2 === 0 ? overHttp : overGrpc;
    const spans = Array.from({ length: 10 }, nextTrace).flat();
    const [first, second] = [spans.filter((_, i) => i % 2 === 0), spans.filter((_, i) => i % 2 === 1)];
    await deliver(first);
    if (random() < 0.3) await deliver([...first.slice(0, 7), ...second]);
    else await deliver(second);
    if (random() < 0.1) await deliver(spans);
  }
}

function nextTrace(): Span[] {
  const number = ++traces;
  const traceId = number.toString(16).padStart(32, '0');
  const isRefunded = number % 5 === 0;
  const isShipped = number % 7 !== 0;
  if (isRefunded) {
    const scope = `charge-without-refund ${traceId}`;
    broken.add(scope);
    brokenAtOnce.set(scope, [`${traceId}:${spanIdOf(traceId, 1)}`, `${traceId}:${spanIdOf(traceId, 3)}`]);
  }
  if (!isShipped) broken.add(`order-is-shipped ${traceId}`);
  const names = ['order.place', 'payment.charge', 'step', ...(isRefunded ? ['payment.refund'] : [])];
  if (isShipped) names.push('order.ship');
  const start = BigInt(Date.now()) * 1_000_000n;
  return names.map((name, index) =>
    makeSpan({
      traceId,
      spanId: spanIdOf(traceId, index),
      parentSpanId: index === 0 ? '' : spanIdOf(traceId, 0),
      name,
      start: start + BigInt(index * 1_000_000),
      end: start + BigInt(index * 1_000_000 + 500_000),
      service: 'shop',
      with: { 'order.id': `${number}`, padding: 'x'.repeat(200) },
    }),
  );
}

function spanIdOf(traceId: string, index: number): string {
  return `${traceId.slice(20)}${String(index + 1).padStart(4, '0')}`;
}

function overHttp(spans: readonly Span[]): Promise<void> {
  return deliver(spans, 'http', async (body) => {
    const response = await fetch(`${server.http.replace(/\/v1\/traces$/, '')}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: body as Uint8Array<ArrayBuffer>,
    }).catch((error) => {
      if (!(error instanceof TypeError)) throw error;
      return null;
    });
    // The answer may be cut off as well.
    const isWhole = await response?.arrayBuffer().then(
      () => true,
      () => false,
    );
    if (response === null || isWhole !== true) return false;
    if (response.status !== 200) expect([429, 503]).toContain(response.status);
    return response.status === 200;
  });
}

function overGrpc(spans: readonly Span[]): Promise<void> {
  return deliver(spans, 'grpc', async (body) => {
    const session = openSession(Number(new URL(server.grpc).port));
    const { status } = await call(session, framedMessage(body));
    session.destroy();
    if (status > 0) expect(status).toBe(UNAVAILABLE);
    return status === 0;
  });
}

/** Sends until it is acknowledged. */
async function deliver(
  spans: readonly Span[],
  transport: 'http' | 'grpc',
  attempt: (body: Uint8Array) => Promise<boolean>,
): Promise<void> {
  const ids = spans.map(({ traceId, spanId }) => `${traceId}:${spanId}`);
  for (const id of ids) sent.add(id);
  const body = encodeRequest(spans);
  while (!(await attempt(body))) {
    retried++;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  delivered[transport]++;
  for (const id of ids) acknowledged.add(id);
}

/** Each of these violations comes to be an occurrence, and no violation of all is one twice. Gives those that were told so far. */
async function expectToldOnce(data: string, expected: ReadonlySet<string>): Promise<Set<string>> {
  let live = new Set<string>();
  let violations: readonly string[] = [];
  await until(async () => {
    ({ violations, live } = toldViolations(data));
    return [...expected].every((scope) => live.has(scope));
  });
  expectDistinct(violations);
  // What is taken back when the rest of a trace comes may be gone next time.
  return new Set([...live].filter((scope) => broken.has(scope)));
}

/** Of a server that is dead: every acknowledged span is in the archive or in the log. */
async function expectNoneLost(data: string): Promise<void> {
  const found = new Set((await archivedSpans(data)).map(({ id }) => id));
  const disk = nodeDisk();
  const log = join(data, 'wal');
  for (const name of readdirSync(log)) {
    if (parseSegmentName(name) === null) continue;
    for await (const { bytes } of readSpanRecords(disk, join(log, name))) {
      const sink = new SpanSink();
      readProtoRequest(sink, bytes);
      for (const { traceId, spanId } of sink.spans) found.add(`${traceId}:${spanId}`);
    }
  }
  expect([...acknowledged].filter((id) => !found.has(id))).toEqual([]);
}

async function repeatedSpans(data: string): Promise<readonly string[]> {
  return (await archivedSpans(data)).filter(({ count }) => count !== 1n).map(({ id }) => id);
}

function expectDistinct(scopes: readonly string[]): void {
  const seen = new Set<string>();
  const repeated = scopes.filter((scope) => seen.size === seen.add(scope).size);
  expect(repeated).toEqual([]);
}

interface SignalCounts {
  readonly signals: readonly { readonly occurrences: number; readonly retracted: number }[];
}

async function openViolations(api: string): Promise<number> {
  const { signals } = (await (await fetch(`${api}/api/v1/signals?limit=1000`)).json()) as SignalCounts;
  return signals.reduce((sum, { occurrences, retracted }) => sum + occurrences - retracted, 0);
}

async function archivedSpans(data: string): Promise<{ id: string; count: bigint }[]> {
  const folder = join(data, 'archive', 'spans');
  const isThere =
    existsSync(folder) &&
    readdirSync(folder, { recursive: true }).some((name) => String(name).endsWith('.parquet'));
  if (!isThere) return [];
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  const rows = await connection.runAndReadAll(
    `SELECT trace_id || ':' || span_id AS id, count(*) AS count
     FROM read_parquet('${folder}/*/*/*.parquet') GROUP BY ALL`,
  );
  const found = rows.getRowObjects() as unknown as { id: string; count: bigint }[];
  connection.closeSync();
  instance.closeSync();
  return found;
}

interface SignalLine {
  readonly event: { readonly kind: string; readonly rule: string; readonly scopeId: string };
}

/** Every violation that the log of signals holds, and those that were not taken back. */
function toldViolations(data: string): { violations: string[]; live: Set<string> } {
  const folder = join(data, 'signals');
  const violations: string[] = [];
  const live = new Set<string>();
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith('.jsonl')) continue;
    for (const line of readFileSync(join(folder, file), 'utf8').split('\n')) {
      if (line === '') continue;
      const { event } = JSON.parse(line) as SignalLine;
      const scope = `${event.rule} ${event.scopeId}`;
      if (event.kind === 'violation') {
        violations.push(scope);
        live.add(scope);
      } else if (event.kind === 'retraction') live.delete(scope);
    }
  }
  return { violations, live };
}
