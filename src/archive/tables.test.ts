/** Verdicts, signals, retention and questions, on the real disk, read by DuckDB. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeRequest } from '../otlp/proto/encode-request.ts';
import type { Span } from '../trace/span.ts';
import { makeSpan } from '../trace/testing/make-span.ts';
import type { OpenMode } from './disk/disk.ts';
import { MemoryDisk } from './disk/memory-disk.ts';
import { nodeDisk } from './disk/node-disk.ts';
import { HOUR_MS, hourFolder } from './layout.ts';
import { openArchive } from './query.ts';
import { applyRetention, archivedBytes, DEFAULT_RETENTION } from './retention.ts';
import type { SignalRow } from './signals/signal-row.ts';
import { writeSignals } from './signals/signal-table.ts';
import { SegmentWriter } from './spans/segment-writer.ts';
import { type VerdictRow, writeVerdicts } from './verdicts/verdict-table.ts';

const NOW = Date.parse('2026-11-20T19:30:00Z');
const MINUTE = 60_000;

let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'fluo-archive-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const verdict = (minute: number, count: number, of: Partial<VerdictRow> = {}): VerdictRow => ({
  minute,
  rule: 'payment-requires-inventory',
  ruleVersion: 'v1',
  verdict: 'violated',
  service: 'payment',
  serviceVersion: '1.2.3',
  count,
  ...of,
});

const SIGNAL: SignalRow = {
  fingerprint: 'f1',
  fingerprintVersion: 1,
  rule: 'payment-requires-inventory',
  ruleVersion: 'v1',
  severity: 'critical',
  state: 'open',
  firstSeen: NOW - MINUTE,
  lastSeen: NOW,
  count: 3,
  services: ['payment', 'inventory'],
  serviceVersions: ['1.2.3'],
  traceIds: ['ab'.repeat(16)],
  clause: 'inventory.reserve',
  message: 'a charge without a reservation',
  witness: { spans: [{ name: 'payment.charge' }] },
  at: NOW,
};

test('small tables are written through the cache of the system, spans past it', async () => {
  const opened: string[] = [];
  class WatchedDisk extends MemoryDisk {
    override open(path: string, mode: OpenMode) {
      opened.push(`${path.split('/').at(-1)?.split('-')[0]} ${mode}`);
      return super.open(path, mode);
    }
  }
  const watched = new WatchedDisk();
  await writeVerdicts(watched, '/archive', 1, [verdict(NOW, 5)]);
  await writeSignals(watched, '/archive', 1, [SIGNAL]);
  const writer = new SegmentWriter({ disk: watched, root: '/archive' });
  const bytes = encodeRequest([makeSpan({ start: BigInt(NOW) * 1_000_000n, end: BigInt(NOW) * 1_000_000n })]);
  await writer.write(1, [{ position: 1, at: NOW, bytes }]);
  expect(opened).toEqual(['verdicts create', 'signals create', 'spans stream']);
});

test('verdicts are counted by minute, once, and signals come with their witness', async () => {
  const disk = nodeDisk();
  const rows = [verdict(NOW, 5), verdict(NOW - 31 * MINUTE, 2), verdict(NOW, -1, { verdict: 'satisfied' })];
  const paths = await writeVerdicts(disk, root, 7, rows);
  expect(paths.map((path) => path.slice(root.length))).toEqual([
    '/verdicts/date=2026-11-20/hour=18/000000000007.parquet',
    '/verdicts/date=2026-11-20/hour=19/000000000007.parquet',
  ]);
  expect(await writeVerdicts(disk, root, 7, rows)).toEqual(paths);
  await writeSignals(disk, root, 1, [SIGNAL]);
  const archive = openArchive(root);
  expect(
    await archive.sql(`SELECT epoch_ms(minute)::DOUBLE AS minute, verdict, service, count::INT AS count
                       FROM verdicts ORDER BY minute, verdict`),
  ).toEqual([
    { minute: NOW - 31 * MINUTE, verdict: 'violated', service: 'payment', count: 2 },
    { minute: NOW, verdict: 'satisfied', service: 'payment', count: -1 },
    { minute: NOW, verdict: 'violated', service: 'payment', count: 5 },
  ]);
  const [signal] = await archive.sql('SELECT * FROM signals');
  expect(signal).toMatchObject({
    fingerprint: 'f1',
    state: 'open',
    services: '["payment","inventory"]',
    witness: '{"spans":[{"name":"payment.charge"}]}',
    last_seen: new Date(NOW),
    count: 3n,
  });
  await expect(archive.sql('SELECT * FROM spans')).rejects.toThrow(/spans/);
  await archive.close();
});

test('the spans of a trace are found, in its hour or everywhere', async () => {
  const traceId = 'ab'.repeat(16);
  const span = (spanId: string, at: number): Span => ({
    traceId,
    spanId,
    parentSpanId: '',
    name: 'payment.charge',
    kind: 'server',
    start: BigInt(at) * 1_000_000n,
    end: BigInt(at) * 1_000_000n + 5n,
    status: 'unset',
    attributes: new Map(),
    resource: { service: 'payment', attributes: new Map([['service.name', 'payment']]) },
    scope: '',
    events: [],
    traceState: '',
  });
  const folder = join(root, 'of-traces');
  const archive = openArchive(folder);
  expect(await archive.spansOfTrace(traceId)).toEqual([]);
  const writer = new SegmentWriter({ disk: nodeDisk(), root: folder });
  const bytes = encodeRequest([
    span('b'.repeat(16), NOW),
    span('a'.repeat(16), NOW - 10 * MINUTE),
    span('c'.repeat(16), NOW - 9 * HOUR_MS),
    { ...span('d'.repeat(16), NOW), traceId: 'cd'.repeat(16) },
  ]);
  await writer.write(1, [{ position: 1, at: NOW, bytes }]);
  const ids = (rows: readonly Record<string, unknown>[]) => rows.map((row) => (row['span_id'] as string)[0]);
  expect(ids(await archive.spansOfTrace(traceId, NOW))).toEqual(['a', 'b']);
  expect(ids(await archive.spansOfTrace(traceId))).toEqual(['c', 'a', 'b']);
  expect(await archive.spansOfTrace(traceId, NOW - 300 * HOUR_MS)).toEqual([]);
  await archive.close();
});

test('what is too old goes, then what is too much, and never what is not ours', async () => {
  const disk = new MemoryDisk();
  const put = async (path: string) => {
    const file = await disk.open(path, 'create');
    await file.write([new Uint8Array(100)], 0);
    await file.close();
  };
  const hour = Math.floor(NOW / HOUR_MS);
  for (const back of [40 * 24, 36 * 24, 3, 2, 1, 0]) {
    await put(`${hourFolder('/a', 'spans', hour - back)}/000000000001.parquet`);
  }
  const foreign = [
    `${hourFolder('/a', 'spans', hour - 36 * 24)}/mine.parquet`,
    '/a/spans/date=2020-01-01/notes.txt',
    '/a/spans/date=2020-01-01/hour=xx/000000000001.parquet',
  ];
  for (const path of foreign) await put(path);
  const limits = { ...DEFAULT_RETENTION, mostBytes: 250 };
  const removed = await applyRetention(disk, '/a', 'spans', limits, NOW);
  expect(removed.map(({ hour: of, reason, bytes }) => [hour - of, reason, bytes])).toEqual([
    [40 * 24, 'age', 100],
    [36 * 24, 'age', 100],
    [3, 'bytes', 100],
    [2, 'bytes', 100],
  ]);
  for (const path of foreign) expect(disk.peek(path)).not.toBeNull();
  expect(await archivedBytes(disk, '/a', 'spans')).toBe(200);
  expect(await applyRetention(disk, '/a', 'spans', { ...limits, mostBytes: 0 }, NOW)).toHaveLength(1);
  expect(await archivedBytes(disk, '/a', 'spans')).toBe(100);
});

test('a folder of another program beside the archive is let alone by questions', async () => {
  mkdirSync(join(root, 'verdicts', 'other'));
  writeFileSync(join(root, 'verdicts', 'other', 'x.parquet'), 'not parquet');
  const archive = openArchive(root);
  expect(await archive.sql('SELECT count(*)::INT AS files FROM verdicts')).toEqual([{ files: 3 }]);
  await archive.close();
});
