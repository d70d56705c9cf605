/**
 * A server that is killed again and again under load loses nothing and tells nothing twice: every acknowledged span is in the archive once, every
 * violation is an occurrence of a signal once.
 */
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { encodeRequest } from '../../src/otlp/proto/encode-request.ts';
import type { Span } from '../../src/trace/span.ts';
import { makeSpan } from '../../src/trace/testing/make-span.ts';
import { seededRandom } from '../replay/seeded-random.ts';
import { metric, type ServeProcess, startServe, until } from '../serving/serve-process.ts';

const KILLS = Number(process.env['FLUO_KILLS'] ?? 50);
const SEED = Number(process.env['FLUO_SEED'] ?? 1);
const CLIENTS = 6;

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
  const clients = Array.from({ length: CLIENTS }, client);
  for (let kill = 0; kill < KILLS; kill++) {
    await new Promise((resolve) => setTimeout(resolve, 20 + random() * 500));
    await server.kill();
    server = await start();
  }
  isOver = true;
  await Promise.all(clients);
  expect([...acknowledged].sort()).toEqual([...sent].sort());
  await until(async () => (await metric(server.api, 'fluo_open_traces')) === 0);
  await until(async () => (await openViolations(server.api)) === broken.size);
  expect(await server.stop()).toBe(0);

  const found = await archivedSpans(server.data);
  const repeated = found.filter(({ count }) => count !== 1n);
  expect(repeated).toEqual([]);
  expect(found.map(({ id }) => id).sort()).toEqual([...sent].sort());
  const { violations, live } = toldViolations(server.data);
  expect(violations.filter((scope, index) => violations.indexOf(scope) !== index)).toEqual([]);
  expect([...live].sort()).toEqual([...broken].sort());
  expect(sent.size).toBeGreaterThan(KILLS * 100);
  expect(retried).toBeGreaterThan(KILLS / 5);
  server.remove();
});

/** Sends traces, each in two requests, some of them twice, and never gives up a request. */
async function client(): Promise<void> {
  while (!isOver) {
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
  if (isRefunded) broken.add(`charge-without-refund ${traceId}`);
  if (!isShipped) broken.add(`order-is-shipped ${traceId}`);
  const names = ['order.place', 'payment.charge', 'step', ...(isRefunded ? ['payment.refund'] : [])];
  if (isShipped) names.push('order.ship');
  const root = `${traceId.slice(20)}0001`;
  const start = BigInt(Date.now()) * 1_000_000n;
  return names.map((name, index) =>
    makeSpan({
      traceId,
      spanId: `${traceId.slice(20)}${String(index + 1).padStart(4, '0')}`,
      parentSpanId: index === 0 ? '' : root,
      name,
      start: start + BigInt(index * 1_000_000),
      end: start + BigInt(index * 1_000_000 + 500_000),
      service: 'shop',
      with: { 'order.id': `${number}`, padding: 'x'.repeat(200) },
    }),
  );
}

async function deliver(spans: readonly Span[]): Promise<void> {
  const ids = spans.map(({ traceId, spanId }) => `${traceId}:${spanId}`);
  for (const id of ids) sent.add(id);
  const body = encodeRequest(spans) as Uint8Array<ArrayBuffer>;
  for (;;) {
    try {
      const response = await fetch(`${server.http.replace(/\/v1\/traces$/, '')}/v1/traces`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-protobuf' },
        body,
      });
      await response.arrayBuffer();
      if (response.status === 200) break;
      expect([429, 503]).toContain(response.status);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
    retried++;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  for (const id of ids) acknowledged.add(id);
}

interface SignalCounts {
  readonly signals: readonly { readonly occurrences: number; readonly retracted: number }[];
}

async function openViolations(api: string): Promise<number> {
  const { signals } = (await (await fetch(`${api}/api/v1/signals?limit=1000`)).json()) as SignalCounts;
  return signals.reduce((sum, { occurrences, retracted }) => sum + occurrences - retracted, 0);
}

async function archivedSpans(data: string): Promise<{ id: string; count: bigint }[]> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  const rows = await connection.runAndReadAll(
    `SELECT trace_id || ':' || span_id AS id, count(*) AS count
     FROM read_parquet('${data}/archive/spans/*/*/*.parquet') GROUP BY ALL`,
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
