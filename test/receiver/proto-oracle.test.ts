/** The protobuf reader by hand against protobufjs with OTLP's definitions: on whole messages, and on damaged ones. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeRecord } from '../../src/receiver/decode-record.ts';
import type { TraceRecord } from '../../src/receiver/record.ts';
import { damage, damaged } from './damage.ts';
import { decode, encode } from './otlp-schema.ts';
import { spanLists } from './sample-spans.ts';
import { otlpProto } from './write-spans.ts';

const SEED = 20260121;
const encoder = new TextEncoder();

function protoRecord(bytes: Uint8Array): TraceRecord {
  return { file: 'traces.pb', line: 1, format: 'otlp-proto', bytes };
}

/**
 * What protobufjs understands, read as OTLP/JSON: base64 ids, integers as text. Null where it throws. It checks the UTF-8 of
 * all fields, also of those that the reader has no use for.
 */
function byOracle(bytes: Uint8Array) {
  let message: Record<string, unknown>;
  try {
    message = decode('TracesData', bytes);
  } catch (error) {
    return error instanceof TypeError && /utf-8/.test(error.message)
      ? 'text in a field that is passed over'
      : null;
  }
  const json = encoder.encode(JSON.stringify(message));
  return decodeRecord({ file: 'oracle', line: 1, format: 'otlp-json', bytes: json });
}

test('whole messages give the spans that protobufjs gives', () => {
  fc.assert(
    fc.property(spanLists('otlp'), (spans) => {
      const bytes = otlpProto(spans);
      const read = decodeRecord(protoRecord(bytes));
      expect(read.diagnostics).toEqual([]);
      expect(read.spans).toEqual(spans);
      expect(byOracle(bytes)).toMatchObject({ spans });
    }),
    { seed: SEED, numRuns: 300 },
  );
});

test('a damaged message never throws, and where nothing is objected to, protobufjs reads the same', () => {
  let clean = 0;
  fc.assert(
    fc.property(spanLists('otlp'), damage, (spans, changes) => {
      const bytes = damaged(otlpProto(spans), changes);
      const read = decodeRecord(protoRecord(bytes));
      if (read.diagnostics.length > 0 || read.foreign > 0) {
        expect(read.damaged + read.foreign).toBeGreaterThan(0);
        return;
      }
      expect(read.damaged).toBe(0);
      const oracle = byOracle(bytes);
      if (typeof oracle === 'string') return;
      expect(oracle).not.toBeNull();
      expect(read.spans).toEqual(oracle?.spans);
      clean++;
    }),
    { seed: SEED, numRuns: 4000, endOnFailure: true },
  );
  // Otherwise the comparison above would prove nothing.
  expect(clean).toBeGreaterThan(200);
});

test('random bytes never throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const read = decodeRecord(protoRecord(bytes));
      expect(read.spans.length + read.diagnostics.length + read.foreign).toBeLessThanOrEqual(
        bytes.length + 1,
      );
    }),
    { seed: SEED, numRuns: 3000 },
  );
});

describe('one span', () => {
  const traceId = Buffer.from('5b8efff798038103d269b633813fc60c', 'hex');
  const spanId = Buffer.from('eee19b7ec3c1b174', 'hex');
  const good = { traceId, spanId, name: 'x', startTimeUnixNano: '5', endTimeUnixNano: '9' };
  const other = { ...good, spanId: Buffer.from('0000000000000001', 'hex') };
  const read = (...spans: object[]) =>
    decodeRecord(protoRecord(encode('TracesData', { resourceSpans: [{ scopeSpans: [{ spans }] }] })));

  test.each([
    ['FL520', { traceId: Buffer.alloc(16) }, 'spans[0].traceId` must be 16 bytes'],
    ['FL520', { traceId: Buffer.alloc(15, 1) }, 'spans[0].traceId` must be 16 bytes'],
    ['FL521', { spanId: Buffer.alloc(8) }, 'spans[0].spanId` must be 8 bytes'],
    ['FL521', { parentSpanId: Buffer.alloc(5, 1) }, 'spans[0].parentSpanId` must be 8 bytes or empty'],
    ['FL522', { startTimeUnixNano: '0' }, 'spans[0].startTimeUnixNano` must be there'],
  ])('%s: a bad field costs the span, not the next one', (code, part, message) => {
    const result = read({ ...good, ...part }, other);
    expect(result.spans.map((span) => span.spanId)).toEqual(['0000000000000001']);
    expect(result.damaged).toBe(1);
    expect(result.diagnostics).toHaveLength(1);
    expect(result.diagnostics[0]?.code).toBe(code);
    expect(result.diagnostics[0]?.message).toContain(message);
  });

  test('an end that is missing or before the start is set to the start and counted', () => {
    const result = read({ ...good, endTimeUnixNano: '3' }, { ...other, endTimeUnixNano: '0' });
    expect(result.spans.map((span) => span.end)).toEqual([5n, 5n]);
    expect(result.mended).toBe(2);
    expect(result.damaged).toBe(0);
  });

  test('a parent of zeros is no parent', () => {
    expect(read({ ...good, parentSpanId: Buffer.alloc(8) }).spans[0]?.parentSpanId).toBe('');
  });

  test('a kind and a status that a later version may add are read as unspecified and unset', () => {
    const [span] = read({ ...good, kind: 17, status: { code: -4 } }).spans;
    expect([span?.kind, span?.status]).toEqual(['unspecified', 'unset']);
  });

  test('values that nest too deep cost the attribute', () => {
    let value: object = { intValue: '1' };
    for (let depth = 0; depth < 40; depth++) value = { arrayValue: { values: [value] } };
    const result = read({
      ...good,
      attributes: [
        { key: 'deep', value },
        { key: 'flat', value: { boolValue: true } },
      ],
    });
    expect([...(result.spans[0]?.attributes ?? [])]).toEqual([['flat', true]]);
    expect(result.diagnostics.map(({ code }) => code)).toEqual(['FL524']);
    expect(result.damaged).toBe(1);
  });
});

test('a resource behind its spans is theirs', () => {
  const resource = encode('TracesData', {
    resourceSpans: [{ resource: { attributes: [{ key: 'service.name', value: { stringValue: 'late' } }] } }],
  }).subarray(2);
  const scope = otlpProto([
    {
      traceId: '5b8efff798038103d269b633813fc60c',
      spanId: 'eee19b7ec3c1b174',
      parentSpanId: '',
      name: 'x',
      kind: 'internal',
      start: 1n,
      end: 2n,
      status: 'unset',
      attributes: new Map(),
      resource: { attributes: new Map(), service: '' },
      scope: '',
      events: [],
      traceState: '',
    },
  ]).subarray(2);
  const bytes = Buffer.concat([Uint8Array.from([0x0a, scope.length + resource.length]), scope, resource]);
  expect(decodeRecord(protoRecord(bytes)).spans.map((span) => span.resource.service)).toEqual(['late']);
});

test('groups, which OTLP has none of, are refused', () => {
  const [result] = [decodeRecord(protoRecord(Uint8Array.from([0x0b, 0x0c])))];
  expect(result.diagnostics.map(({ code, message }) => `${code} ${message}`)).toEqual([
    expect.stringMatching(/^FL515 .*group/),
  ]);
});

test('logs and metrics are counted, not misread', () => {
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] };
  const logs = encode('LogsData', {
    resourceLogs: [
      {
        resource,
        scopeLogs: [{ logRecords: [{ timeUnixNano: '5', severityNumber: 9, body: { stringValue: 'x' } }] }],
      },
    ],
  });
  const gauge = { dataPoints: [{ timeUnixNano: '5', asDouble: 1.5 }] };
  const metrics = (metric: object) =>
    encode('MetricsData', { resourceMetrics: [{ resource, scopeMetrics: [{ metrics: [metric] }] }] });
  const all = [
    logs,
    metrics({ name: 'cpu', unit: '1', gauge }),
    metrics({ name: 'sixteen.letters.', sum: gauge }),
  ];
  for (const bytes of all) {
    const read = decodeRecord(protoRecord(bytes));
    expect({ ...read, diagnostics: read.diagnostics.length }).toEqual({
      spans: [],
      foreign: 1,
      diagnostics: 0,
      damaged: 0,
      mended: 0,
    });
  }
});
