/** What is said of records that are damaged, and what is read of them all the same. */
import { describe, expect, test } from 'vitest';
import type { AttributeValue } from '../trace/attribute-value.ts';
import { decodeRecord } from './decode-record.ts';
import type { TraceFormat } from './record.ts';

const encoder = new TextEncoder();

function decode(text: string | Uint8Array, format: TraceFormat = 'otlp-json', line = 1) {
  const bytes = typeof text === 'string' ? encoder.encode(text) : text;
  return decodeRecord({ file: 'traces.json', line, format, bytes });
}

const GOOD = {
  traceId: '5b8efff798038103d269b633813fc60c',
  spanId: 'eee19b7ec3c1b174',
  name: 'payment.charge',
  startTimeUnixNano: '1544712660000000000',
  endTimeUnixNano: '1544712661000000000',
};
const OTHER = { ...GOOD, spanId: '0000000000000001' };

const request = (...spans: unknown[]) => JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
const SPAN = 'resourceSpans[0].scopeSpans[0].spans[0]';

describe('OTLP/JSON spans that are lost, while the next one is read', () => {
  test.each<[object, string, string]>([
    [
      { traceId: 'abc' },
      'FL520',
      `\`${SPAN}.traceId\` must be 32 hex digits, not all zero, but is \`"abc"\``,
    ],
    [
      { traceId: undefined },
      'FL520',
      `\`${SPAN}.traceId\` must be 32 hex digits, not all zero, but is missing`,
    ],
    [{ traceId: '0'.repeat(32) }, 'FL520', 'not all zero'],
    [{ traceId: `${'0'.repeat(31)}g` }, 'FL520', 'hex digits'],
    [{ spanId: '0'.repeat(16) }, 'FL521', `\`${SPAN}.spanId\` must be 16 hex digits, not all zero`],
    [{ spanId: 7 }, 'FL521', 'but is `7`'],
    [
      { parentSpanId: 'xyz' },
      'FL521',
      `\`${SPAN}.parentSpanId\` must be 16 hex digits or empty, but is \`"xyz"\``,
    ],
    [{ startTimeUnixNano: undefined }, 'FL522', `\`${SPAN}.startTimeUnixNano\` must be there and not 0`],
    [{ startTimeUnixNano: 'soon' }, 'FL522', 'nanoseconds since 1970 as a whole number, but is `"soon"`'],
    [{ startTimeUnixNano: -5 }, 'FL522', 'but is `-5`'],
    [{ endTimeUnixNano: 1.5 }, 'FL522', `\`${SPAN}.endTimeUnixNano\``],
    [{ name: 5 }, 'FL523', `\`${SPAN}.name\` must be text, but is \`5\``],
  ])('%j', (part, code, message) => {
    const result = decode(request({ ...GOOD, ...part }, OTHER));
    expect(result.spans.map(({ spanId }) => spanId)).toEqual([OTHER.spanId]);
    expect(result.damaged).toBe(1);
    expect(result.diagnostics.map((diagnostic) => diagnostic.code)).toEqual([code]);
    expect(result.diagnostics[0]?.message).toContain(message);
    expect(result.diagnostics[0]?.help).not.toBe('');
  });

  test('something that is no span', () => {
    const result = decode(request(5, GOOD));
    expect(result.spans).toHaveLength(1);
    expect(result.diagnostics[0]?.message).toBe(`\`${SPAN}\` must be an object, but is \`5\``);
  });
});

describe('OTLP/JSON spans that are read without a part', () => {
  const attribute = (value: unknown, key: unknown = 'amount') => ({ attributes: [{ key, value }] });
  test.each<[object, string, string]>([
    [
      attribute({ intValue: 'ten' }),
      'FL524',
      '.attributes[0].value.intValue` must be a whole number of 64 bits',
    ],
    [attribute({ intValue: '9223372036854775808' }), 'FL524', 'whole number of 64 bits'],
    [attribute({ stringValue: 5 }), 'FL524', '.stringValue` must be text'],
    [attribute({ boolValue: 'true' }), 'FL524', 'must be `true` or `false`'],
    [attribute({ doubleValue: 'much' }), 'FL524', 'must be a number, "NaN"'],
    [attribute({ bytesValue: '*' }), 'FL524', 'must be base64 text'],
    [attribute({ arrayValue: 5 }), 'FL524', 'must be an object with `values`'],
    [attribute({ laterValue: 5 }), 'FL524', 'no known kind of value in it, but `laterValue`'],
    [attribute('text'), 'FL524', 'must be an object such as'],
    [attribute({ stringValue: 'x' }, 5), 'FL524', '.attributes[0].key` must be text'],
    [{ attributes: {} }, 'FL523', '.attributes` must be an array'],
    [{ attributes: [null] }, 'FL524', 'must be an object with `key` and `value`'],
    [{ kind: 'SERVER' }, 'FL523', '.kind` must be a number or a name such as `SPAN_KIND_INTERNAL`'],
    [{ status: 5 }, 'FL523', '.status` must be an object'],
    [
      { status: { code: 'BAD' } },
      'FL523',
      '.status.code` must be a number or a name such as `STATUS_CODE_OK`',
    ],
    [{ events: [5] }, 'FL523', '.events[0]` must be an object'],
    [{ traceState: 5 }, 'FL523', '.traceState` must be text'],
  ])('%j', (part, code, message) => {
    const result = decode(request({ ...GOOD, ...part }));
    expect(result.spans).toHaveLength(1);
    expect(result.spans[0]?.attributes.size).toBe(0);
    expect(result.damaged).toBe(1);
    expect(result.diagnostics.map((diagnostic) => diagnostic.code)).toEqual([code]);
    expect(result.diagnostics[0]?.message).toContain(message);
  });
});

describe('what OTLP/JSON allows', () => {
  const one = (part: object) => {
    const result = decode(request({ ...GOOD, ...part }));
    expect(result.diagnostics).toEqual([]);
    return result.spans[0];
  };
  const value = (any: object): AttributeValue | undefined =>
    one({ attributes: [{ key: 'x', value: any }] })?.attributes.get('x');

  test.each<[string, string, unknown]>([
    ['ids in upper case', '"traceId":"5B8EFFF798038103D269B633813FC60C"', GOOD.traceId],
    ['ids in base64', '"traceId":"W47/95gDgQPSabYzgT/GDA=="', GOOD.traceId],
    ['ids in base64 without padding', '"trace_id":"W47_95gDgQPSabYzgT_GDA"', GOOD.traceId],
  ])('%s', (_, field, traceId) => {
    const { traceId: _left, ...rest } = GOOD;
    const text = request(rest).replace('"spanId"', `${field},"spanId"`);
    expect(decode(text).spans[0]?.traceId).toBe(traceId);
  });

  test('names with underscores', () => {
    const text = JSON.stringify({
      resource_spans: [
        {
          resource: { attributes: [{ key: 'service.name', value: { string_value: 'shop' } }] },
          scope_spans: [
            {
              scope: { name: 'lib' },
              spans: [
                {
                  trace_id: GOOD.traceId,
                  span_id: GOOD.spanId,
                  parent_span_id: OTHER.spanId,
                  trace_state: 'a=1',
                  name: 'x',
                  start_time_unix_nano: 5,
                  end_time_unix_nano: '7',
                },
              ],
            },
          ],
        },
      ],
    });
    expect(decode(text).spans[0]).toMatchObject({
      parentSpanId: OTHER.spanId,
      start: 5n,
      end: 7n,
      scope: 'lib',
      traceState: 'a=1',
      resource: { service: 'shop' },
    });
  });

  test('instrumentation libraries from before OTLP 0.15', () => {
    const text = JSON.stringify({
      resourceSpans: [
        { instrumentationLibrarySpans: [{ instrumentationLibrary: { name: 'old' }, spans: [GOOD] }] },
      ],
    });
    expect(decode(text).spans[0]?.scope).toBe('old');
  });

  test('times past 2^53 as numbers, exactly', () => {
    const text = request(GOOD).replace('"1544712660000000000"', '1544712660000000001');
    expect(decode(text).spans[0]?.start).toBe(1544712660000000001n);
  });

  test('enums as names', () => {
    expect(one({ kind: 'SPAN_KIND_SERVER', status: { code: 'STATUS_CODE_ERROR' } })).toMatchObject({
      kind: 'server',
      status: 'error',
    });
  });

  test('numbers of enums that a later version may add, unknown fields, nulls', () => {
    expect(
      one({ kind: 99, status: null, flags: 256, links: [{}], attributes: null, news: { a: 1 } }),
    ).toMatchObject({
      kind: 'unspecified',
      status: 'unset',
    });
  });

  test('zeros for no parent', () => {
    expect(one({ parentSpanId: '0'.repeat(16) })?.parentSpanId).toBe('');
  });

  test('an event without a name or a time', () => {
    expect(one({ events: [{}] })?.events).toEqual([
      { name: '', time: BigInt(GOOD.startTimeUnixNano), attributes: new Map() },
    ]);
  });

  test.each<[object, AttributeValue | undefined]>([
    [{ intValue: '9007199254740993' }, 9007199254740993n],
    [{ intValue: 5 }, 5],
    [{ intValue: '-0' }, 0],
    [{ doubleValue: 'NaN' }, Number.NaN],
    [{ doubleValue: '-Infinity' }, Number.NEGATIVE_INFINITY],
    [{ doubleValue: '1.5' }, 1.5],
    [{ bytesValue: '' }, new Uint8Array(0)],
    [{ arrayValue: {} }, []],
    [{ kvlistValue: { values: [{ key: 'a', value: { boolValue: false } }] } }, { a: false }],
    [{}, undefined],
    [{ stringValue: null }, undefined],
  ])('the value %j', (any, expected) => {
    expect(value(any)).toEqual(expected);
  });

  test('ends that are missing or early are set to the start and counted', () => {
    const result = decode(
      request({ ...GOOD, endTimeUnixNano: undefined }, { ...OTHER, endTimeUnixNano: '5' }),
    );
    expect(result.spans.map(({ start, end }) => end - start)).toEqual([0n, 0n]);
    expect(result).toMatchObject({ mended: 2, damaged: 0, diagnostics: [] });
  });

  test('logs, metrics and profiles are counted', () => {
    for (const key of ['resourceLogs', 'resourceMetrics', 'resource_profiles']) {
      expect(decode(JSON.stringify({ [key]: [{}] }))).toMatchObject({
        foreign: 1,
        spans: [],
        diagnostics: [],
      });
    }
    expect(decode('[{"resourceLogs":[]},{"resourceSpans":[]}]')).toMatchObject({
      foreign: 1,
      diagnostics: [],
    });
  });
});

describe('places', () => {
  test('a fault is told on its line in the file', () => {
    const pretty = JSON.stringify(JSON.parse(request(GOOD, { ...OTHER, name: 5 })), null, 2);
    const line = pretty.slice(0, pretty.indexOf('"name": 5')).split('\n').length;
    expect(decode(pretty, 'otlp-json', 100).diagnostics[0]?.line).toBe(99 + line);
  });

  test('broken JSON is told on its line, with what stands there', () => {
    const [diagnostic] = decode('{\n"resourceSpans":[\n oops]}', 'otlp-json', 7).diagnostics;
    expect(diagnostic).toMatchObject({
      code: 'FL510',
      line: 9,
      message: 'the record is not valid JSON: expected a value, but `oops` was found',
      notes: ['near `{ "resourceSpans":[ oops]}`'],
    });
  });

  test('one broken span costs one span', () => {
    const text = request(GOOD, OTHER).replace('"name":"payment.charge"', '"name":oops');
    const result = decode(text);
    expect(result.spans.map(({ spanId }) => spanId)).toEqual([OTHER.spanId]);
    expect(result).toMatchObject({ damaged: 1, diagnostics: [{ code: 'FL510' }] });
  });

  test('bytes that are not UTF-8 are told, and the spans read', () => {
    const bytes = encoder.encode(request(GOOD, { ...OTHER, name: 'x#y' }));
    bytes[bytes.indexOf(0x23)] = 0xff;
    const result = decode(bytes);
    expect(result.spans.map(({ name }) => name)).toEqual(['payment.charge', 'x\ufffdy']);
    expect(result).toMatchObject({ damaged: 1, diagnostics: [{ code: 'FL511', line: 1 }] });
  });

  test('many faults are told by the first ones and a count', () => {
    const result = decode(request(...Array.from({ length: 100 }, () => ({ ...GOOD, traceId: 'x' }))));
    expect(result.damaged).toBe(100);
    expect(result.diagnostics).toHaveLength(21);
    expect(result.diagnostics.at(-1)).toMatchObject({
      code: 'FL525',
      message: 'the record has 80 more faults',
    });
  });

  test.each([
    [
      '{"message":"started"}',
      'the record must be an OTLP request, a Jaeger trace or a Zipkin span, but is an object with `message`',
    ],
    ['[5]', '`[0]` must be an OTLP request, a Jaeger trace or a Zipkin span, but is `5`'],
    [
      '{"data":[{"a":1}]}',
      '`data[0]` must be an OTLP request, a Jaeger trace or a Zipkin span, but is an object with `a`',
    ],
  ])('%s is none of the shapes', (text, message) => {
    expect(decode(text)).toMatchObject({ damaged: 1, diagnostics: [{ code: 'FL514', message }] });
  });
});

describe('Jaeger', () => {
  const span = {
    traceID: 'a1',
    spanID: 'b2',
    operationName: 'x',
    startTime: 5,
    duration: 2,
    processID: 'p1',
  };
  const trace = (...spans: object[]) =>
    JSON.stringify({ traceID: 'a1', spans, processes: { p1: { serviceName: 'shop', tags: [] } } });
  const read = (part: object) => decode(trace({ ...span, ...part }), 'jaeger-json');
  const reference = (refType: string, spanID: string, traceID = 'a1') => ({ refType, traceID, spanID });

  test.each<[string, object, string]>([
    ['the first child-of', { references: [reference('CHILD_OF', '1'), reference('CHILD_OF', '2')] }, '1'],
    [
      'a child-of before a follows-from',
      { references: [reference('FOLLOWS_FROM', '1'), reference('CHILD_OF', '2')] },
      '2',
    ],
    ['a follows-from alone', { references: [reference('FOLLOWS_FROM', '1')] }, '1'],
    ['not of another trace', { references: [reference('CHILD_OF', '1', 'ff')] }, ''],
    [
      'of the same trace in long form',
      { references: [reference('CHILD_OF', '1', 'a1'.padStart(32, '0'))] },
      '1',
    ],
    ['the older field', { parentSpanID: '3' }, '3'],
  ])('the parent is %s', (_, part, parent) => {
    const result = read(part);
    expect(result.diagnostics).toEqual([]);
    expect(result.spans[0]?.parentSpanId).toBe(parent === '' ? '' : parent.padStart(16, '0'));
  });

  test.each<[object[], string, string[]]>([
    [[{ key: 'error', type: 'bool', value: true }], 'error', ['error']],
    [[{ key: 'error', type: 'string', value: 'true' }], 'error', ['error']],
    [[{ key: 'error', type: 'bool', value: false }], 'unset', ['error']],
    [[{ key: 'otel.status_code', type: 'string', value: 'OK' }], 'ok', []],
    [
      [
        { key: 'otel.status_code', type: 'string', value: 'ERROR' },
        { key: 'error', type: 'bool', value: true },
        { key: 'otel.status_description', type: 'string', value: 'x' },
      ],
      'error',
      [],
    ],
  ])('the status of %j is %s', (tags, status, left) => {
    const [read1] = read({ tags }).spans;
    expect(read1?.status).toBe(status);
    expect([...(read1?.attributes.keys() ?? [])]).toEqual(left);
  });

  test('a span with its process inside, as in Elasticsearch', () => {
    const alone = {
      ...span,
      process: { serviceName: 'shop', tags: [{ key: 'v', type: 'int64', value: '5' }] },
    };
    const [read1] = decode(JSON.stringify(alone), 'jaeger-json').spans;
    expect(read1?.resource).toEqual({
      service: 'shop',
      attributes: new Map<string, AttributeValue>([
        ['service.name', 'shop'],
        ['v', 5],
      ]),
    });
  });

  test.each<[object, string]>([
    [{ processID: 'p9' }, 'FL526'],
    [{ processID: 'constructor' }, 'FL526'],
    [{ tags: [{ key: 'x', type: 'int64', value: 'ten' }] }, 'FL524'],
    [{ tags: [{ key: 'x', type: 'int64', value: '99999999999999999999' }] }, 'FL524'],
    [{ tags: [{ type: 'string', value: 'x' }] }, 'FL524'],
    [{ logs: [5] }, 'FL523'],
  ])('%j costs a part', (part, code) => {
    expect(read(part)).toMatchObject({ spans: [{ name: 'x' }], damaged: 1, diagnostics: [{ code }] });
  });

  test.each<[object, string]>([
    [{ traceID: 'x' }, 'FL520'],
    [{ spanID: '1'.repeat(17) }, 'FL521'],
    [{ startTime: 'noon' }, 'FL522'],
    [{ startTime: 0 }, 'FL522'],
    [{ duration: 1e30 }, 'FL522'],
    [{ references: [reference('CHILD_OF', 'x')] }, 'FL521'],
  ])('%j costs the span', (part, code) => {
    expect(read(part)).toMatchObject({ spans: [], damaged: 1, diagnostics: [{ code }] });
  });

  test('a negative duration ends at the start', () => {
    expect(read({ duration: -4 })).toMatchObject({ mended: 1, spans: [{ start: 5000n, end: 5000n }] });
  });
});

describe('Zipkin', () => {
  const span = { traceId: 'a1', id: 'b2', name: 'get', timestamp: 5, duration: 2 };
  const read = (part: object) => decode(JSON.stringify([{ ...span, ...part }]), 'zipkin-json');

  test('both halves of a shared span', () => {
    const client = { ...span, kind: 'CLIENT', localEndpoint: { serviceName: 'front' } };
    const server = { ...span, kind: 'SERVER', shared: true, localEndpoint: { serviceName: 'back' } };
    const { spans } = decode(JSON.stringify([client, server]), 'zipkin-json');
    expect(spans.map((one) => [one.spanId, one.kind, one.resource.service])).toEqual([
      ['00000000000000b2', 'client', 'front'],
      ['00000000000000b2', 'server', 'back'],
    ]);
  });

  test('a span without a kind is internal, without a duration it ends at its start', () => {
    expect(read({ duration: undefined })).toMatchObject({
      mended: 1,
      spans: [{ kind: 'internal', end: 5000n }],
    });
  });

  test('an error tag is an error, and stays', () => {
    const [read1] = read({ tags: { error: 'timeout' } }).spans;
    expect([read1?.status, read1?.attributes.get('error')]).toEqual(['error', 'timeout']);
    expect(read({ tags: { error: '' } }).spans[0]?.status).toBe('error');
    expect(read({ tags: { error: 'false' } }).spans[0]?.status).toBe('unset');
  });

  test('the other end of a call is told in attributes, unless the tags do', () => {
    const remoteEndpoint = { serviceName: 'db', ipv4: '10.0.0.1', port: 5432 };
    expect([
      ...(read({ remoteEndpoint, tags: { 'peer.service': 'mine' } }).spans[0]?.attributes ?? []),
    ]).toEqual([
      ['peer.service', 'mine'],
      ['network.peer.address', '10.0.0.1'],
      ['network.peer.port', 5432],
    ]);
  });

  test.each<[object, string]>([
    [{ traceId: 'x' }, 'FL520'],
    [{ id: 5 }, 'FL521'],
    [{ parentId: 'zz' }, 'FL521'],
    [{ timestamp: undefined }, 'FL522'],
    [{ name: 5 }, 'FL523'],
  ])('%j costs the span', (part, code) => {
    expect(read(part)).toMatchObject({ spans: [], damaged: 1, diagnostics: [{ code }] });
  });

  test.each<[object, string]>([
    [{ tags: { n: 5 } }, 'FL524'],
    [{ tags: [] }, 'FL523'],
    [{ kind: 'OTHER' }, 'FL523'],
    [{ localEndpoint: 5 }, 'FL523'],
    [{ annotations: [5] }, 'FL523'],
  ])('%j costs a part', (part, code) => {
    expect(read(part)).toMatchObject({ spans: [{ name: 'get' }], damaged: 1, diagnostics: [{ code }] });
  });
});
