import { readdir, rename, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { SignalListDocument, StatusDocument } from './api/api-documents.ts';
import type { HealthReport } from './health.ts';
import { SILENT_LOG } from './log.ts';
import { DEFAULT_SERVER_SETTINGS } from './settings.ts';
import { LiveServer, spanOf } from './testing/live-server.ts';

const NO_REFUND = `rules:
  - id: no-refund-with-charge
    name: A charge is not refunded in one go
    severity: high
    origin: incident:INC-1
    condition: payment.charge and not payment.refund
`;
const NEEDS_STOCK = `rules:
  - id: charge-needs-stock
    name: Charge needs stock
    origin: incident:INC-2
    condition: payment.charge and inventory.reserve.before(payment.charge)
`;

const opened: LiveServer[] = [];
afterEach(async () => {
  for (const server of opened.splice(0)) await server.remove();
});

async function prepared(files: Record<string, string>): Promise<LiveServer> {
  const server = await LiveServer.prepare(files);
  opened.push(server);
  return server;
}

describe('startServer', () => {
  it('makes a signal of a violation, and tells of it, as soon as the span that decides has come', async () => {
    const live = await prepared({ 'pay.yaml': NO_REFUND });
    await live.start();
    expect(await live.send([spanOf(1, 'payment.charge')])).toBe(200);
    expect(await live.send([spanOf(1, 'payment.refund')])).toBe(200);
    expect(await live.told()).toMatchObject({
      event: 'opened',
      signal: { rule: { id: 'no-refund-with-charge' } },
    });
    const { signals } = await live.json<SignalListDocument>('/api/v1/signals');
    expect(signals).toMatchObject([{ state: 'open', occurrences: 1, rule: { id: 'no-refund-with-charge' } }]);
    expect(await live.metric('fluo_violations_total{rule="no-refund-with-charge"}')).toBe(1);
    expect(await live.metric('fluo_signals{state="open"}')).toBe(1);
  });

  it('judges what is absent when a trace has closed, and takes it back when it comes late', async () => {
    const live = await prepared({ 'stock.yaml': NEEDS_STOCK });
    const { engine } = DEFAULT_SERVER_SETTINGS;
    await live.start({ engine: { ...engine, idle: 40, idleAfterRoot: 20 } });
    const charge = spanOf(1, 'payment.charge');
    await live.send([charge]);
    const first = await live.told();
    expect(first).toMatchObject({ event: 'opened', signal: { rule: { id: 'charge-needs-stock' } } });
    await live.reaches('fluo_verdicts_total{rule="charge-needs-stock",verdict="violated"}', 1);
    await live.send([
      spanOf(1, 'inventory.reserve', {
        parentSpanId: charge.spanId,
        start: charge.start - 9_000_000n,
        end: charge.start - 5_000_000n,
      }),
    ]);
    expect(await live.told()).toMatchObject({ event: 'retracted', signal: { id: first.signal.id } });
    await live.reaches('fluo_verdicts_taken_back_total{rule="charge-needs-stock",verdict="violated"}', 1);
  });

  it('judges by edited rules without a restart, and by the earlier ones while an edit is broken', async () => {
    const live = await prepared({ 'pay.yaml': NEEDS_STOCK });
    await live.start();
    await live.save({ 'pay.yaml': NO_REFUND });
    expect(await live.metric('fluo_rules')).toBe(1);
    await live.save({ 'pay.yaml': NO_REFUND.replace('and not', 'and and') });
    expect(await live.metric('fluo_rule_file_errors')).toBeGreaterThan(0);
    const report = await live.json<HealthReport>('/readyz');
    expect(report).toMatchObject({ status: 'ready', notes: [{ condition: 'rule-files-with-errors' }] });
    expect(report.notes[0]?.message).toContain('pay.yaml');
    await live.send([spanOf(1, 'payment.charge'), spanOf(1, 'payment.refund')]);
    expect(await live.told()).toMatchObject({
      event: 'opened',
      signal: { rule: { id: 'no-refund-with-charge' } },
    });
    await live.save({ 'pay.yaml': NO_REFUND });
    expect(await live.json('/readyz')).toMatchObject({ notes: [] });
  });

  it('writes again what somebody removes of its folder, goes on, and has all of it after a restart', async () => {
    const live = await prepared({ 'pay.yaml': NO_REFUND });
    const removed: unknown[] = [];
    let mended = 0;
    live.log = {
      ...SILENT_LOG,
      info: (message) => {
        if (message.includes('written again from memory')) mended++;
      },
      error: (_, fields) => {
        if (fields?.code === 'FL826') removed.push(fields.folder);
      },
    };
    await live.start();
    await live.send([spanOf(1, 'payment.charge'), spanOf(1, 'payment.refund')]);
    await live.told();
    for (const part of ['wal', 'signals', 'journal', 'notify']) {
      // In one step: nothing is written between two files that go.
      await rename(join(live.folder, part), join(live.folder, `${part}-gone`));
    }
    while (mended < 3) await live.ask('/healthz');
    expect(removed.sort()).toEqual([join(live.folder, 'wal'), 'journal', 'notify', 'signals']);
    const { status, notes } = await live.json<HealthReport>('/readyz');
    expect(status).toBe('ready');
    expect(notes.map(({ condition }) => condition)).not.toContain('data-removed');
    expect(await live.send([spanOf(2, 'payment.charge'), spanOf(2, 'payment.refund')])).toBe(200);
    await live.reaches('fluo_violations_total{rule="no-refund-with-charge"}', 2);
    await live.stop();
    const { diagnostics } = await live.start();
    expect(diagnostics).toMatchObject([{ code: 'FL825' }]);
    const { signals } = await live.json<SignalListDocument>('/api/v1/signals');
    expect(signals).toMatchObject([{ state: 'open', occurrences: 2 }]);
  });

  it('serves without rules, says so, and judges when there are some', async () => {
    const live = await prepared({});
    const { diagnostics } = await live.start();
    expect(diagnostics).toMatchObject([{ code: 'FL805', severity: 'warning' }]);
    expect(await live.send([spanOf(1, 'payment.charge')])).toBe(200);
    expect(await live.json('/readyz')).toMatchObject({ status: 'ready', notes: [{ condition: 'no-rules' }] });
    await live.save({ 'pay.yaml': NO_REFUND });
    await live.send([spanOf(2, 'payment.charge'), spanOf(2, 'payment.refund')]);
    expect(await live.told()).toMatchObject({ event: 'opened' });
  });

  it('starts with the files that are fine, or with `strict` not at all', async () => {
    const live = await prepared({ 'a.yaml': NO_REFUND, 'b.yaml': 'rules: [' });
    const strict = await live.start({}, true);
    expect(strict.server).toBeNull();
    expect(strict.diagnostics.map(({ code }) => code)).toContain('FL806');
    const { server, diagnostics } = await live.start();
    expect(server?.rules().rules.map(({ rule }) => rule.id)).toEqual(['no-refund-with-charge']);
    expect(diagnostics.some(({ severity }) => severity === 'error')).toBe(true);
  });

  it('keeps the rules of a file that was broken while no server ran, from one start to the next', async () => {
    const live = await prepared({ 'a.yaml': NO_REFUND, 'b.yaml': NEEDS_STOCK });
    await live.start();
    await live.stop();
    live.edit({ 'a.yaml': NO_REFUND.replace('and not', 'and and'), 'b.yaml': NEEDS_STOCK });
    for (let starts = 0; starts < 2; starts++) {
      const { server } = await live.start();
      const { rules, broken } = server?.rules() ?? {};
      expect(rules?.map(({ rule }) => rule.id)).toEqual(['no-refund-with-charge', 'charge-needs-stock']);
      expect(broken).toMatchObject([{ name: 'a.yaml', keptRules: 1 }]);
      const { notes } = await live.json<HealthReport>('/readyz');
      expect(notes[0]?.message).toContain('1 of its earlier rules stay in force');
      await live.stop();
    }
    expect((await live.start({}, true)).server).toBeNull();
    await live.start();
    await live.send([spanOf(1, 'payment.charge'), spanOf(1, 'payment.refund')]);
    expect(await live.told()).toMatchObject({ signal: { rule: { id: 'no-refund-with-charge' } } });
  });

  it('judges a trace that began before a restart by the rule as it was then', async () => {
    const live = await prepared({ 'stock.yaml': NEEDS_STOCK });
    await live.start();
    await live.send([spanOf(1, 'payment.charge')]);
    await live.stop();
    live.edit({ 'stock.yaml': NEEDS_STOCK.replaceAll('payment.charge', 'payment.capture') });
    const { engine } = DEFAULT_SERVER_SETTINGS;
    const { diagnostics } = await live.start({ engine: { ...engine, idle: 200, idleAfterRoot: 150 } });
    expect(diagnostics).toEqual([]);
    await live.send([spanOf(2, 'payment.charge')]);
    await live.reaches('fluo_closed_traces_total', 2);
    expect(await live.told()).toMatchObject({ signal: { rule: { id: 'charge-needs-stock' } } });
    const { signals } = await live.json<SignalListDocument>('/api/v1/signals');
    expect(signals.map(({ traceIds }) => traceIds)).toEqual([[spanOf(1, '').traceId]]);
  });

  it('does not start a second time in the same folder', async () => {
    const live = await prepared({ 'a.yaml': NO_REFUND });
    const { server } = await live.start();
    const second = await live.start();
    expect(second).toMatchObject({ server: null, diagnostics: [{ code: 'FL803' }] });
    await server?.stop();
    expect((await live.start()).server).not.toBeNull();
  });

  it.each(['grpc', 'http', 'api'] as const)(
    'names the port of %s that is taken, and leaves nothing open',
    async (name) => {
      const taken = createServer();
      const port = await new Promise<number>((resolve) =>
        taken.listen(0, '127.0.0.1', () => resolve((taken.address() as { port: number }).port)),
      );
      const live = await prepared({ 'a.yaml': NO_REFUND });
      const { server, diagnostics } = await live.start({ [name]: { host: '127.0.0.1', port } });
      expect(server).toBeNull();
      expect(diagnostics).toMatchObject([{ code: 'FL840' }]);
      expect(diagnostics[0]?.message).toContain(String(port));
      await new Promise((resolve) => taken.close(resolve));
      expect((await live.start({ [name]: { host: '127.0.0.1', port } })).server).not.toBeNull();
    },
  );

  it('says why its folder cannot be used', async () => {
    const live = await prepared({ 'a.yaml': NO_REFUND });
    await writeFile(join(live.folder, 'file'), '');
    const { server, diagnostics } = await live.start({ folder: join(live.folder, 'file') });
    expect(server).toBeNull();
    expect(diagnostics).toMatchObject([{ code: 'FL804' }]);
  });

  it('keeps signals over a restart, and what was decided about them', async () => {
    const live = await prepared({ 'a.yaml': NO_REFUND });
    await live.start();
    await live.send([spanOf(1, 'payment.charge'), spanOf(1, 'payment.refund')]);
    const { signal } = await live.told();
    const { status } = await live.ask(`/api/v1/signals/${signal.id}/ack`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ by: 'ada', reason: 'known' }),
    });
    expect(status).toBe(200);
    await live.stop();
    await live.start();
    const { signals } = await live.json<SignalListDocument>('/api/v1/signals?state=all');
    expect(signals).toMatchObject([{ id: signal.id, state: 'acknowledged', occurrences: 1 }]);
  });

  it('goes on with open traces after a restart', async () => {
    const live = await prepared({ 'stock.yaml': NEEDS_STOCK });
    await live.start();
    const charge = spanOf(1, 'payment.charge');
    await live.send([charge, spanOf(2, 'payment.charge')]);
    await live.stop();
    const { engine } = DEFAULT_SERVER_SETTINGS;
    await live.start({ engine: { ...engine, idle: 200, idleAfterRoot: 150 } });
    expect(await live.metric('fluo_open_traces')).toBe(2);
    await live.send([
      spanOf(1, 'inventory.reserve', {
        parentSpanId: charge.spanId,
        start: charge.start - 9_000_000n,
        end: charge.start - 5_000_000n,
      }),
    ]);
    await live.reaches('fluo_closed_traces_total', 2);
    await live.reaches('fluo_verdicts_total{rule="charge-needs-stock"', 2);
    expect(await live.metric('fluo_verdicts_total{rule="charge-needs-stock",verdict="violated"}')).toBe(1);
    const { signals } = await live.json<SignalListDocument>('/api/v1/signals');
    expect(signals.map(({ traceIds }) => traceIds)).toEqual([[spanOf(2, '').traceId]]);
  });

  it('writes every span to the archive once, also those that were sent twice', async () => {
    const live = await prepared({ 'stock.yaml': NEEDS_STOCK });
    await live.start({ wal: { ...DEFAULT_SERVER_SETTINGS.wal, segmentAge: 20 } });
    const spans = [spanOf(1, 'payment.charge'), spanOf(1, 'payment.refund')];
    await live.send(spans);
    await live.send(spans);
    await live.reaches('fluo_archived_spans_total', 2);
    await live.stop();
    await live.start();
    expect(await live.metric('fluo_repeated_spans_total')).toBe(2);
    await live.stop();
    const names = await readdir(join(live.folder, 'archive/spans'), { recursive: true });
    expect(names.filter((name) => name.endsWith('.parquet'))).not.toEqual([]);
  });

  it('does not take a jump of the clock for silence', async () => {
    const live = await prepared({ 'stock.yaml': NEEDS_STOCK });
    await live.start();
    await live.send([spanOf(1, 'payment.charge')]);
    live.clockOffset = 3_600_000;
    await live.reaches('fluo_clock_jumps_total', 1);
    // The engine goes on when it has been told; what comes now finds the trace open.
    await live.send([spanOf(1, 'payment.capture')]);
    expect(await live.metric('fluo_open_traces')).toBe(1);
    expect(await live.metric('fluo_closed_traces_total')).toBe(0);
    expect(await live.json('/readyz')).toMatchObject({
      status: 'ready',
      notes: [{ condition: 'clock-jumped' }],
    });
    live.clockOffset = -3_600_000;
    await live.reaches('fluo_clock_jumps_total', 2);
    expect(await live.send([spanOf(1, 'payment.settle')])).toBe(200);
    await live.reaches('fluo_spans_total', 3);
    expect(await live.metric('fluo_open_traces')).toBe(1);
  });

  it('says at its start that DuckDB is not there, and serves', async () => {
    const live = await prepared({ 'a.yaml': NO_REFUND });
    live.hasDuckDb = false;
    await live.start();
    const report = await live.json<HealthReport>('/readyz');
    expect(report).toMatchObject({ status: 'ready', notes: [{ condition: 'duckdb-missing' }] });
    expect(report.notes[0]?.help).toContain('@duckdb/node-api');
    expect(await live.send([spanOf(1, 'payment.charge')])).toBe(200);
  });

  it('says at its start, and then at /readyz, what it found damaged', async () => {
    const live = await prepared({ 'a.yaml': NO_REFUND });
    await live.start();
    await live.stop();
    await writeFile(join(live.folder, 'rules', 'in-force.jsonl'), 'no line of ours');
    const { diagnostics } = await live.start();
    expect(diagnostics).toMatchObject([{ code: 'FL821' }]);
    const { status, notes } = await live.json<HealthReport>('/readyz');
    expect([status, notes]).toEqual(['ready', [expect.objectContaining({ condition: 'damage-found' })]]);
    expect(notes[0]?.message).toContain('in-force.jsonl');
    expect(notes[0]?.help).toContain('check the disk');
    await live.stop();
    expect((await live.start()).diagnostics).toEqual([]);
    expect((await live.json<HealthReport>('/readyz')).notes).toEqual([]);
  });

  it('answers garbage with what is wrong, and goes on', async () => {
    const live = await prepared({ 'a.yaml': NO_REFUND });
    const { server } = await live.start();
    const url = `http://127.0.0.1:${server?.http?.port}/v1/traces`;
    const garbage = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: new Uint8Array([0xff, 0xff, 0xff, 1, 2, 3]),
    });
    expect(garbage.status).toBe(400);
    await garbage.arrayBuffer();
    expect(
      await live.metric('fluo_export_requests_total{transport="http-protobuf",outcome="malformed"}'),
    ).toBe(1);
    expect((await live.json<StatusDocument>('/api/v1/status')).refusals).toMatchObject([
      { times: 1, transport: 'http-protobuf', outcome: 'malformed', status: 'HTTP 400', peer: '127.0.0.1' },
    ]);
    expect(await live.send([spanOf(1, 'payment.charge')])).toBe(200);
  });

  it('answers for its health, its status and its metrics, and to no web page of another origin', async () => {
    const live = await prepared({ 'a.yaml': NO_REFUND });
    await live.start();
    expect(await live.ask('/healthz')).toEqual({ status: 200, body: 'ok\n' });
    expect((await live.ask('/readyz')).status).toBe(200);
    expect(await live.json<StatusDocument>('/api/v1/status')).toMatchObject({
      ready: true,
      version: '0.0.0',
    });
    expect((await live.ask('/metrics')).body).toContain('\nfluo_ready 1\n');
    expect((await live.ask('/')).body).toContain('/metrics');
    expect((await live.ask('/nothing')).status).toBe(404);
    expect((await live.ask('/metrics', { method: 'POST' })).status).toBe(405);
    expect((await live.ask('/metrics', { headers: { origin: 'https://evil.example' } })).status).toBe(403);
    expect((await live.ask('/metrics', { headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(403);
  });
});
