/** Archived spans against the complete reader, read back by DuckDB. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encode } from '../../../test/receiver/otlp-schema.ts';
import { spanLists } from '../../../test/receiver/sample-spans.ts';
import { otlpProto } from '../../../test/receiver/write-spans.ts';
import { NameTable } from '../../otlp/name-table.ts';
import { RequestScanner } from '../../otlp/proto/request-scanner.ts';
import { ScannedRequest } from '../../otlp/proto/scanned-request.ts';
import { readProtoRequest } from '../../otlp/proto/trace-request.ts';
import { SpanSink } from '../../otlp/span-sink.ts';
import type { Span } from '../../trace/span.ts';
import { nodeDisk } from '../disk/node-disk.ts';
import { archivedRows, query, spanOfRow } from '../testing/read-archive.ts';
import { type ArchiveRecord, SegmentWriter } from './segment-writer.ts';

const SEED = 20261120;
const ARRIVAL = Date.parse('2026-11-20T19:30:00Z');
const NANOS = BigInt(ARRIVAL) * 1_000_000n;

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fluo-archive-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const writer = () => new SegmentWriter({ disk: nodeDisk(), root });
const records = (requests: readonly Uint8Array[]): ArchiveRecord[] =>
  requests.map((bytes, index) => ({ position: index + 1, at: ARRIVAL, bytes }));

/** What the complete reader gives of requests that the scanner takes. */
function readCompletely(requests: readonly Uint8Array[]): Span[] {
  const scanner = new RequestScanner(new NameTable());
  const scanned = new ScannedRequest();
  const spans: Span[] = [];
  for (const bytes of requests) {
    if (scanner.scan(bytes, scanned) !== null) continue;
    const sink = new SpanSink();
    readProtoRequest(sink, bytes);
    expect(sink.spans.length).toBe(scanned.count);
    spans.push(...sink.spans);
  }
  return spans;
}

test('archived spans are those that the complete reader gives', async () => {
  const requests = fc.sample(spanLists('otlp'), { seed: SEED, numRuns: 100 }).map(otlpProto);
  const written = await writer().write(1, records(requests));
  const expected = readCompletely(requests);
  expect(written).toMatchObject({ spans: expected.length, repeated: 0, unreadable: 0 });
  const rows = await archivedRows(root);
  expect(rows).toHaveLength(expected.length);
  for (const [index, row] of rows.entries()) expect(spanOfRow(row)).toEqual(expected[index]);
  for (const row of rows) {
    expect(row['duration_nano']).toBe((row['end_unix_nano'] as bigint) - (row['start_unix_nano'] as bigint));
    expect((row['start_time'] as { micros: bigint }).micros).toBe((row['start_unix_nano'] as bigint) / 1000n);
  }
});

test('damaged requests crash nothing, and what the scanner takes is archived as the complete reader has it', async () => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255), fc.constantFrom('set', 'insert', 'remove')), {
    minLength: 1,
    maxLength: 3,
  });
  const requests = fc
    .sample(fc.tuple(spanLists('otlp'), damage), { seed: SEED, numRuns: 800 })
    .map(([spans, changes]) => {
      const bytes = [...otlpProto(spans)];
      for (const [at, byte, how] of changes) {
        const index = bytes.length === 0 ? 0 : at % bytes.length;
        bytes.splice(index, how === 'insert' ? 0 : 1, ...(how === 'remove' ? [] : [byte]));
      }
      return Uint8Array.from(bytes);
    });
  const written = await writer().write(1, records(requests));
  const expected = readCompletely(requests);
  expect(written.spans).toBe(expected.length);
  expect(written.unreadable).toBeGreaterThan(150);
  expect(expected.length).toBeGreaterThan(150);
  const rows = await archivedRows(root);
  expect(rows).toHaveLength(expected.length);
  for (const [index, row] of rows.entries()) expect(spanOfRow(row)).toEqual(expected[index]);
});

describe('a span', () => {
  const kv = (key: string, value: object) => ({ key, value });
  const span = (fields: object = {}) => ({
    traceId: new Uint8Array(16).fill(0xab),
    spanId: new Uint8Array(8).fill(0xcd),
    name: 'payment.charge',
    startTimeUnixNano: String(NANOS),
    endTimeUnixNano: String(NANOS + 1_500n),
    ...fields,
  });
  const request = (...spans: object[]) =>
    encode('TracesData', {
      resourceSpans: [
        {
          resource: {
            attributes: [
              kv('service.name', { stringValue: 'payment' }),
              kv('service.version', { stringValue: '1.2.3' }),
              kv('deployment.environment.name', { stringValue: 'production' }),
            ],
          },
          scopeSpans: [{ scope: { name: 'lib', version: '0.1' }, spans }],
        },
      ],
    });

  test('has its attributes as JSON that keeps their types', async () => {
    const attributes = [
      kv('int', { intValue: '12' }),
      kv('long', { intValue: '9223372036854775807' }),
      kv('negative', { intValue: '-1' }),
      kv('49 bits', { intValue: '562949953421311' }),
      kv('whole', { doubleValue: 1 }),
      kv('amount', { doubleValue: 19.99 }),
      kv('tenth', { doubleValue: 0.1 }),
      kv('minus', { doubleValue: -0 }),
      kv('huge', { doubleValue: 1e21 }),
      kv('nan', { doubleValue: Number.NaN }),
      kv('bool', { boolValue: true }),
      kv('bytes', { bytesValue: Uint8Array.of(1, 2) }),
      kv('list', { arrayValue: { values: [{ stringValue: 'a' }, { intValue: '1' }, { doubleValue: 1 }] } }),
      kv('map', { kvlistValue: { values: [kv('a', { boolValue: false })] } }),
      kv('looks like bytes', { kvlistValue: { values: [kv('bytes', { stringValue: 'AQI=' })] } }),
      kv('text', { stringValue: 'a "b"\n\\ \u0001 ü \u{1F600}' }),
      kv('long text', { stringValue: 'x'.repeat(300) }),
      kv('twice', { intValue: '1' }),
      kv('twice', { intValue: '2' }),
      kv('empty', {}),
    ];
    await writer().write(7, records([request(span({ attributes }))]));
    const [row] = await archivedRows(root);
    const members = [
      '"int":12',
      '"long":9223372036854775807',
      '"negative":-1',
      '"49 bits":562949953421311',
      '"whole":1.0',
      '"amount":19.99',
      '"tenth":0.1',
      '"minus":-0.0',
      '"huge":1e+21',
      '"nan":{"double":"NaN"}',
      '"bool":true',
      '"bytes":{"bytes":"AQI="}',
      '"list":["a",1,1.0]',
      '"map":{"a":false}',
      '"looks like bytes":{"map":{"bytes":"AQI="}}',
      '"text":"a \\"b\\"\\n\\\\ \\u0001 ü \u{1F600}"',
      `"long text":"${'x'.repeat(300)}"`,
      '"twice":2',
    ];
    expect(row?.['attributes']).toBe(`{${members.join(',')}}`);
    expect(row).toMatchObject({
      service_name: 'payment',
      service_version: '1.2.3',
      environment: 'production',
      scope_name: 'lib',
      scope_version: '0.1',
      position: 1n,
      ordinal: 0,
      kind: 'unspecified',
      status_code: 'unset',
      status_message: '',
      events: '[]',
      links: '[]',
      flags: 0,
      duration_nano: 1500n,
    });
  });

  test('has its events, links, flags and status', async () => {
    const fields = {
      events: [
        { name: 'exception', timeUnixNano: String(NANOS), attributes: [kv('a', { intValue: '1' })] },
        {},
      ],
      links: [{ traceId: new Uint8Array(16).fill(1), spanId: new Uint8Array(8).fill(2) }],
      flags: 0x101,
      traceState: 'ot=th:8',
      status: { code: 2, message: 'declined' },
    };
    await writer().write(7, records([request(span(fields))]));
    const [row] = await archivedRows(root);
    expect(row).toMatchObject({
      flags: 0x101,
      trace_state: 'ot=th:8',
      status_code: 'error',
      status_message: 'declined',
      events: `[{"name":"exception","time_unix_nano":${NANOS},"attributes":{"a":1}},{"name":"","time_unix_nano":${NANOS},"attributes":{}}]`,
      links: `[{"trace_id":"${'01'.repeat(16)}","span_id":"${'02'.repeat(8)}","trace_state":"","flags":0,"attributes":{}}]`,
    });
  });

  test('of another hour than the first of its segment is written in small groups, so that little is held', async () => {
    const spanIn = (hours: bigint, ordinal: number) =>
      span({
        startTimeUnixNano: String(NANOS + hours * 3_600_000_000_000n),
        endTimeUnixNano: String(NANOS + hours * 3_600_000_000_000n),
        attributes: [kv('n', { stringValue: `${ordinal} `.repeat(200) })],
      });
    const requests = Array.from({ length: 10 }, (_, nth) =>
      request(
        ...Array.from({ length: 1000 }, (_, row) => spanIn(row % 4 === 0 ? 0n : -1n, nth * 1000 + row)),
      ),
    );
    const one = writer();
    const groupsOf = async (path: string) => {
      const text = `select num_row_groups as groups from parquet_file_metadata('${path}')`;
      return Number((await query(text))[0]?.['groups']);
    };
    for (const sequence of [1, 2]) {
      const { files } = await one.write(sequence, records(requests));
      expect(files.map(({ spans }) => spans)).toEqual([7500, 2500]);
      const [before, first] = await Promise.all(files.map(({ path }) => groupsOf(path)));
      expect(first).toBe(1);
      expect(before).toBeGreaterThan(2);
    }
    const [again] = (await writer().write(2, records(requests))).files;
    expect(again?.bytes).toBe(readFileSync(again?.path ?? '').length);
    expect(await archivedRows(root)).toHaveLength(20_000);
  });

  test('lies in the hour of its start, and in that of its arrival where its clock cannot be right', async () => {
    const hour = 3_600_000_000_000n;
    const starts = [
      NANOS,
      NANOS - 2n * hour,
      NANOS - 36n * 24n * hour,
      NANOS + 30n * hour,
      1n,
      2n ** 64n - 1n,
    ];
    const spans = starts.map((start) =>
      span({ startTimeUnixNano: String(start), endTimeUnixNano: String(start) }),
    );
    const { files } = await writer().write(42, records([request(...spans)]));
    expect(files.map((file) => [file.path.slice(root.length), file.spans])).toEqual([
      ['/spans/date=2026-11-20/hour=17/000000000042.parquet', 1],
      ['/spans/date=2026-11-20/hour=19/000000000042.parquet', 5],
    ]);
    const rows = await archivedRows(root);
    expect(rows.map((row) => row['start_unix_nano'])).toEqual([...starts.slice(0, 5), 2n ** 63n - 1n]);
    expect(readdirSync(join(root, 'tmp'))).toEqual([]);
  });

  test('that repeats another is left out, and one without an id was never taken', async () => {
    const requests = [request(span(), span({ spanId: new Uint8Array(8) }), span(), span({ name: 'b' }))];
    const written = await writer().write(1, records(requests), new Map([[1, [1]]]));
    expect(written).toMatchObject({ spans: 2, repeated: 1 });
    const rows = await archivedRows(root);
    expect(rows.map((row) => [row['name'], row['ordinal']])).toEqual([
      ['payment.charge', 0],
      ['b', 2],
    ]);
  });

  test('is archived once, however often its segment is', async () => {
    const one = writer();
    const first = await one.write(5, records([request(span()), Uint8Array.of(1)]));
    const path = first.files[0]?.path ?? '';
    const bytes = readFileSync(path);
    await one.write(6, records([request(span({ name: 'another' }))]));
    expect(await one.write(5, records([request(span()), Uint8Array.of(1)]))).toEqual(first);
    expect(readFileSync(path).equals(bytes)).toBe(true);
    expect(first.unreadable).toBe(1);
    expect(await archivedRows(root)).toHaveLength(2);
  });

  test('can be found by bounds: readers pass over files of other times', async () => {
    await writer().write(1, records([request(span(), span({ startTimeUnixNano: String(NANOS + 5n) }))]));
    const bounds = await query(
      `SELECT stats_min_value AS least, stats_max_value AS greatest FROM parquet_metadata('${root}/spans/*/*/*.parquet')
       WHERE path_in_schema IN ('start_unix_nano', 'service_name', 'trace_id') ORDER BY path_in_schema`,
    );
    expect(bounds).toEqual([
      { least: 'payment', greatest: 'payment' },
      { least: String(NANOS), greatest: String(NANOS + 5n) },
      { least: 'ab'.repeat(16), greatest: 'ab'.repeat(16) },
    ]);
  });
});
