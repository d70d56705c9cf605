/** The scanner and the projector against the complete reader of protobuf: on whole requests, on damaged ones, and on garbage. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatPath } from '../../src/base/exact-json.ts';
import { NameTable, UNLISTED } from '../../src/otlp/name-table.ts';
import { encodeRequest } from '../../src/otlp/proto/encode-request.ts';
import { RequestScanner } from '../../src/otlp/proto/request-scanner.ts';
import { DEFAULT_SCAN_LIMITS, type ScanLimits } from '../../src/otlp/proto/scan-limits.ts';
import { type ScannedList, ScannedRequest } from '../../src/otlp/proto/scanned-request.ts';
import { nameOf, SpanProjector } from '../../src/otlp/proto/span-projector.ts';
import { readProtoRequest } from '../../src/otlp/proto/trace-request.ts';
import { describeWireFault, type WireFault } from '../../src/otlp/proto/wire-fault.ts';
import {
  HAS_TRACE_STATE,
  IN_BYTES,
  MAY_HAVE_THRESHOLD,
  NAME,
  ROW,
  TRAITS,
  UNSAMPLED,
} from '../../src/otlp/span-rows.ts';
import { SpanSink } from '../../src/otlp/span-sink.ts';
import { type Span, samplingThreshold } from '../../src/trace/span.ts';
import { damage, damaged } from './damage.ts';
import { encode } from './otlp-schema.ts';
import { spanLists } from './sample-spans.ts';
import { otlpProto } from './write-spans.ts';

const SEED = 20260311;
const NOTHING_ASKED = {
  attributes: new Set<string>(),
  resource: new Set<string>(),
  events: false,
  traceState: false,
};
const ASKED = {
  attributes: new Set(['amount', 'a b', '\u00fc']),
  resource: new Set(['verified']),
  events: true,
  traceState: true,
};

const names = new NameTable();
const scanner = new RequestScanner(names);
const request = new ScannedRequest();
const whole = new SpanProjector(NOTHING_ASKED, names);
const asked = new SpanProjector(ASKED, names);
const without = new SpanProjector(ASKED);

function complete(bytes: Uint8Array): SpanSink {
  const sink = new SpanSink();
  readProtoRequest(sink, bytes);
  return sink;
}

function projectedBy(span: Span): Span {
  const only = (keep: (key: string) => boolean) => (pair: readonly [string, unknown]) => keep(pair[0]);
  const resourceKeys = new Set([...ASKED.attributes, ...ASKED.resource, 'service.name']);
  return {
    ...span,
    attributes: new Map([...span.attributes].filter(only((key) => ASKED.attributes.has(key)))),
    resource: {
      ...span.resource,
      attributes: new Map([...span.resource.attributes].filter(only((key) => resourceKeys.has(key)))),
    },
    events: span.events.map((event) => ({ ...event, attributes: new Map() })),
  };
}

function rowSays(row: number) {
  const traits = request.rows.words[row * ROW + TRAITS] as number;
  return {
    name: names.textOf(request.rows.words[row * ROW + NAME] as number),
    hasTraceState: (traits & HAS_TRACE_STATE) !== 0,
    isUnsampled: (traits & UNSAMPLED) !== 0,
    inBytes: (traits & IN_BYTES) !== 0,
  };
}

/** A projected span with all that it says when asked. */
function plain(span: Span): Span {
  const {
    traceId,
    spanId,
    parentSpanId,
    name,
    kind,
    start,
    end,
    status,
    resource,
    scope,
    events,
    traceState,
  } = span;
  const attributes = new Map(span.attributes);
  const { sampled } = span;
  return {
    ...{ traceId, spanId, parentSpanId, name, kind, start, end, status, attributes, resource, scope, events },
    traceState,
    ...(sampled === undefined ? {} : { sampled }),
  };
}

/** All that the rows and the projectors say is what the complete reader says. */
function expectSame(spans: readonly Span[]): void {
  expect(request.count).toBe(spans.length);
  for (const [row, span] of spans.entries()) {
    expect(whole.full(request, row)).toEqual(span);
    expectService(row, span.resource.service);
    expect(plain(asked.project(request, row))).toEqual(projectedBy(span));
    if (row === 0) expect(plain(without.project(request, row))).toEqual(projectedBy(span));
    expect(whole.project(request, row)).toMatchObject({ name: span.name, start: span.start, events: [] });
    expect(nameOf(request, row)).toBe(span.name);
    expect(rowSays(row)).toEqual({
      name: span.name,
      hasTraceState: span.traceState !== '',
      isUnsampled: span.sampled === false,
      inBytes: true,
    });
  }
}

/** Whatever was taken, each projector reads every row of it, and gives whole spans. */
function expectReadable(): number {
  for (let row = 0; row < request.count; row++) {
    const full = whole.full(request, row);
    expectService(row, full.resource.service);
    if (samplingThreshold(full.traceState) !== null) {
      expect((request.rows.words[row * ROW + TRAITS] as number) & MAY_HAVE_THRESHOLD).not.toBe(0);
    }
    for (const span of [
      full,
      asked.project(request, row),
      without.project(request, row),
      whole.project(request, row),
    ]) {
      expect(span.traceId).toMatch(/^[0-9a-f]{32}$/);
      expect(span.spanId).toMatch(/^[0-9a-f]{16}$/);
      expect([span.name, span.start, span.end]).toEqual([full.name, full.start, full.end]);
      for (const [key, value] of span.attributes) expect(full.attributes.get(key)).toEqual(value);
    }
  }
  return request.count;
}

/** Where the scanner says where a service's name is, it is there. */
function expectService(row: number, service: string): void {
  const { serviceFrom, serviceTo } = request.lists[request.rows.link[row] as number] as ScannedList;
  if (serviceFrom >= 0) {
    expect(new TextDecoder().decode(request.bytes.subarray(serviceFrom, serviceTo))).toBe(service);
  }
}

/** What is taken although the complete reader has something to say has faults of spans, which are left out, or texts that are no UTF-8. */
function expectOnlyMildFaults(sink: SpanSink): void {
  const severe = sink.faults.filter(({ code }) => !['FL511', 'FL520', 'FL521', 'FL522'].includes(code));
  // A span that is left out may be one that is over the limits.
  if (request.rejected === 0 && sink.foreign === 0) expect(severe).toEqual([]);
}

test('whole requests give the spans that were encoded', () => {
  fc.assert(
    fc.property(spanLists('otlp'), (spans) => {
      expect(scanner.scan(otlpProto(spans), request)).toBeNull();
      expect(request.rejected).toBe(0);
      expectSame(spans);
    }),
    { seed: SEED, numRuns: 150 },
  );
});

test('of damaged requests those that the complete reader has nothing to say about are taken, and read alike', () => {
  let clean = 0;
  let refused = 0;
  let mild = 0;
  fc.assert(
    fc.property(spanLists('otlp'), damage, (spans, changes) => {
      const bytes = damaged(otlpProto(spans), changes);
      const fault = scanner.scan(bytes, request);
      const sink = complete(bytes);
      if (sink.faultCount === 0 && sink.foreign === 0) {
        expect(fault).toBeNull();
        expect(request.rejected).toBe(0);
        expect(request.mended).toBe(sink.mended);
        expectSame(sink.spans);
        clean++;
      } else if (fault === null) {
        expectOnlyMildFaults(sink);
        expect(request.count + request.rejected).toBeGreaterThanOrEqual(sink.spans.length);
        mild += expectReadable();
      } else {
        expect(fault.offset).toBeLessThanOrEqual(bytes.length);
        expect(describeWireFault(fault).length).toBeGreaterThan(10);
        refused++;
      }
    }),
    { seed: SEED, numRuns: 3000, endOnFailure: true },
  );
  // Otherwise the comparison would prove nothing.
  expect(clean).toBeGreaterThan(150);
  expect(mild).toBeGreaterThan(100);
  expect(refused).toBeGreaterThan(500);
});

test('parts that a span here does not hold are seen to as well', () => {
  const pair = { key: 'a', value: { kvlistValue: { values: [{ key: 'b', value: { doubleValue: 1.5 } }] } } };
  const link = {
    traceId: SPAN.traceId,
    spanId: SPAN.spanId,
    traceState: 'a=1',
    attributes: [pair],
    droppedAttributesCount: 300,
    flags: 257,
  };
  const bytes = encode('TracesData', {
    resourceSpans: [
      {
        scopeSpans: [
          {
            scope: { name: 'lib', version: '1', attributes: [pair] },
            spans: [{ ...SPAN, links: [link, link], status: { message: 'no', code: 2 } }],
          },
        ],
      },
    ],
  });
  let refused = 0;
  for (let at = 0; at < bytes.length; at++) {
    for (const bit of [1, 2, 4, 8, 64, 128]) {
      const changed = Uint8Array.from(bytes);
      changed[at] = (changed[at] as number) ^ bit;
      const fault = scanner.scan(changed, request);
      const sink = complete(changed);
      if (sink.faultCount === 0 && sink.foreign === 0) {
        expect(fault).toBeNull();
        expectSame(sink.spans);
      } else if (fault !== null) refused++;
      else {
        expectOnlyMildFaults(sink);
        expectReadable();
      }
    }
  }
  expect(refused).toBeGreaterThan(100);
});

test('spliced requests: pieces of one in the other', () => {
  const piece = fc.record({ from: fc.nat(), length: fc.integer({ min: 1, max: 60 }), at: fc.nat() });
  fc.assert(
    fc.property(
      spanLists('otlp'),
      spanLists('otlp'),
      fc.array(piece, { minLength: 1, maxLength: 3 }),
      (a, b, pieces) => {
        let bytes = Buffer.from(otlpProto(a));
        const other = Buffer.from(encodeRequest(b));
        for (const { from, length, at } of pieces) {
          const cut = other.subarray(from % other.length, (from % other.length) + length);
          const place = at % (bytes.length + 1);
          bytes = Buffer.concat([bytes.subarray(0, place), cut, bytes.subarray(place)]);
        }
        const fault = scanner.scan(bytes, request);
        const sink = complete(bytes);
        if (sink.faultCount === 0 && sink.foreign === 0) {
          expect(fault).toBeNull();
          expectSame(sink.spans);
        } else if (fault === null) {
          expectOnlyMildFaults(sink);
          expectReadable();
        }
      },
    ),
    { seed: SEED, numRuns: 1000, endOnFailure: true },
  );
});

test('two requests one behind the other are one', () => {
  fc.assert(
    fc.property(spanLists('otlp'), spanLists('otlp'), (a, b) => {
      const bytes = Buffer.concat([otlpProto(a), encodeRequest(b)]);
      expect(scanner.scan(bytes, request)).toBeNull();
      expectSame([...a, ...b]);
    }),
    { seed: SEED, numRuns: 100 },
  );
});

/** Bytes that read as protobuf for a while: tags of known fields, short lengths, long varints. */
const garbage = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc
    .array(
      fc.constantFrom(
        0x0a,
        0x12,
        0x1a,
        0x2a,
        0x30,
        0x39,
        0x4a,
        0x5a,
        0x7a,
        0x85,
        0x01,
        0x00,
        0x02,
        0x10,
        0x80,
        0xff,
        0x7f,
      ),
      { maxLength: 300 },
    )
    .map((list) => Uint8Array.from(list)),
);

test('on garbage it ends, throws nothing, and looks at no byte outside and at none too often', () => {
  fc.assert(
    fc.property(garbage, (list) => {
      let looks = 0;
      const counted = new Proxy(list, {
        get(target, property) {
          if (typeof property === 'string' && /^-?\d+$/.test(property)) {
            looks++;
            expect(Number(property)).toBeGreaterThanOrEqual(0);
            expect(Number(property)).toBeLessThan(target.length);
          }
          const value: unknown = Reflect.get(target, property, target);
          return typeof value === 'function' ? value.bind(target) : value;
        },
      });
      const fault = scanner.scan(counted, request);
      // Every level of a message looks at the lengths and tags in it once more: eight levels above the values, and their own nesting.
      expect(looks).toBeLessThanOrEqual(list.length * 12 + 40);
      if (fault === null) expectReadable();
    }),
    { seed: SEED, numRuns: 6000, endOnFailure: true },
  );
});

const SPAN = {
  traceId: Buffer.from('5b8efff798038103d269b633813fc60c', 'hex'),
  spanId: Buffer.from('eee19b7ec3c1b174', 'hex'),
  name: 'x',
  startTimeUnixNano: '5',
  endTimeUnixNano: '9',
};
const OTHER = { ...SPAN, spanId: Buffer.from('0000000000000001', 'hex') };
const requestOf = (...spans: object[]): Uint8Array =>
  encode('TracesData', { resourceSpans: [{ scopeSpans: [{ spans }] }] });

function scanWith(limits: Partial<ScanLimits>, bytes: Uint8Array): WireFault | null {
  return new RequestScanner(names, { ...DEFAULT_SCAN_LIMITS, ...limits }).scan(bytes, request);
}

const faults = () =>
  request.faults.map(({ code, path, message }) => `${code} ${formatPath(path)} ${message}`);

describe('a span with a fault of its own is left out, and the next is not', () => {
  const attributes = Array.from({ length: 4 }, (_, index) => ({
    key: `k${index}`,
    value: { intValue: '1' },
  }));
  const deep = (levels: number): object =>
    levels === 0 ? { intValue: '1' } : { arrayValue: { values: [deep(levels - 1)] } };
  const place = 'resourceSpans[0].scopeSpans[0].spans[0]';
  test.each<[string, object, Partial<ScanLimits>, string]>([
    [
      'trace id of zeros',
      { traceId: Buffer.alloc(16) },
      {},
      `FL520 ${place}.traceId must be 16 bytes, not all zero`,
    ],
    [
      'short trace id',
      { traceId: Buffer.alloc(15, 1) },
      {},
      `FL520 ${place}.traceId must be 16 bytes, not all zero`,
    ],
    ['no span id', { spanId: Buffer.alloc(0) }, {}, `FL521 ${place}.spanId must be 8 bytes, not all zero`],
    [
      'long parent id',
      { parentSpanId: Buffer.alloc(9, 1) },
      {},
      `FL521 ${place}.parentSpanId must be 8 bytes or empty`,
    ],
    ['no start', { startTimeUnixNano: '0' }, {}, `FL522 ${place}.startTimeUnixNano must be there and not 0`],
    [
      'many attributes',
      { attributes },
      { attributesPerSpan: 3 },
      `FL527 ${place} has 4 attributes, of which 3 are allowed`,
    ],
    [
      'a large attribute',
      { attributes: [{ key: 'k', value: { stringValue: 'x'.repeat(300) } }] },
      { attributeBytes: 300 },
      `FL527 ${place} has an attribute (number 0) of 309 bytes, of which 300 are allowed`,
    ],
    [
      'a large attribute of an event',
      { events: [{ attributes: [{ key: 'k', value: { stringValue: 'x'.repeat(300) } }] }] },
      { attributeBytes: 300 },
      `FL527 ${place} has an attribute (number 0) of 309 bytes, of which 300 are allowed`,
    ],
    [
      'many attributes of an event',
      { events: [{}, { attributes }] },
      { attributesPerSpan: 3 },
      `FL527 ${place} has an event (number 1) that has 4 attributes, of which 3 are allowed`,
    ],
    [
      'many events',
      { events: [{}, {}, {}] },
      { eventsPerSpan: 2 },
      `FL527 ${place} has 3 events, of which 2 are allowed`,
    ],
    [
      'a deep value',
      { attributes: [attributes[0], { key: 'deep', value: deep(40) }] },
      {},
      `FL527 ${place} has an attribute (number 1) whose value nests deeper than 32 levels`,
    ],
  ])('%s', (_, part, limits, fault) => {
    expect(scanWith(limits, requestOf({ ...SPAN, ...part }, OTHER))).toBeNull();
    expect(faults()).toEqual([fault]);
    expect([request.count, request.rejected]).toEqual([1, 1]);
    expect(whole.full(request, 0).spanId).toBe('0000000000000001');
  });

  test('values as deep as the complete reader goes are taken', () => {
    const bytes = requestOf({ ...SPAN, attributes: [{ key: 'deep', value: deep(31) }] });
    expect(scanWith({}, bytes)).toBeNull();
    expect(request.count).toBe(1);
    expectSame(complete(bytes).spans);
    expect(complete(bytes).faults).toEqual([]);
  });

  test('values that nest without end overflow nothing', () => {
    let value = Buffer.from([0x08, 0x01]);
    for (let depth = 0; depth < 20_000; depth++) {
      const inner = Buffer.concat([Buffer.from([0x0a]), lengthOf(value), value]);
      value = Buffer.concat([Buffer.from([0x2a]), lengthOf(inner), inner]);
      if (value.length > 60_000) break;
    }
    const bytes = requestOf({ ...SPAN, attributes: [{ key: 'k', value: { stringValue: 'x' } }] });
    // The value stands at the end: what is around it grows by as much.
    const pair = Buffer.concat([Buffer.from([0x12]), lengthOf(value), value]);
    const span = Buffer.concat([bytesOf(SPAN), Buffer.from([0x4a]), lengthOf(pair), pair]);
    expect(bytes.length).toBeGreaterThan(0);
    expect(scanWith({}, wrapped(wrapped(wrapped(span, 0x12), 0x12), 0x0a))).toBeNull();
    expect([request.count, request.rejected]).toEqual([0, 1]);
    expect(faults()[0]).toMatch(/nests deeper than 32/);
  });

  test('only the first twenty are told, all are counted', () => {
    const bad = { ...SPAN, traceId: Buffer.alloc(0) };
    expect(scanWith({}, requestOf(...Array.from({ length: 50 }, () => bad)))).toBeNull();
    expect([request.faults.length, request.rejected]).toEqual([20, 50]);
  });

  test('a resource beyond the limits costs the spans under it', () => {
    const bytes = encode('TracesData', {
      resourceSpans: [
        { resource: { attributes }, scopeSpans: [{ spans: [SPAN, SPAN] }] },
        { scopeSpans: [{ spans: [OTHER] }] },
      ],
    });
    expect(scanWith({ attributesPerSpan: 3 }, bytes)).toBeNull();
    expect([request.count, request.listCount, request.rejected]).toEqual([1, 1, 2]);
    expect(faults()).toEqual(['FL527 resourceSpans[0].resource has 4 attributes, of which 3 are allowed']);
    expect(whole.full(request, 0).spanId).toBe('0000000000000001');
  });
});

function lengthOf({ length }: Uint8Array): Buffer {
  const bytes: number[] = [];
  let rest = length;
  for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128);
  return Buffer.from([...bytes, rest]);
}

const wrapped = (inner: Uint8Array, tag: number): Buffer =>
  Buffer.concat([Buffer.from([tag]), lengthOf(inner), inner]);

/** A Span message without anything around it. */
function bytesOf(span: object): Buffer {
  const whole = Buffer.from(requestOf(span));
  // Three tags with lengths of one byte before it.
  return whole.subarray(6);
}

describe('a request that cannot be taken', () => {
  test('too many spans', () => {
    const fault = scanWith({ spans: 2 }, requestOf(SPAN, SPAN, SPAN));
    expect(fault?.kind).toBe('too-many-spans');
    expect(describeWireFault(fault as WireFault)).toBe(
      'the request holds more than 2 spans: send smaller batches',
    );
  });

  test('logs and metrics', () => {
    const logs = encode('LogsData', {
      resourceLogs: [{ scopeLogs: [{ logRecords: [{ timeUnixNano: '5', body: { stringValue: 'x' } }] }] }],
    });
    const gauge = { dataPoints: [{ timeUnixNano: '5', asDouble: 1.5 }] };
    const metrics = encode('MetricsData', {
      resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'cpu', unit: '1', gauge }] }] }],
    });
    for (const bytes of [logs, metrics]) {
      const fault = scanWith({}, bytes);
      expect(fault?.kind).toBe('foreign');
      expect(describeWireFault(fault as WireFault)).toMatch(/^the request holds logs or metrics/);
    }
  });

  test.each<[string, Uint8Array, string]>([
    ['cut off', requestOf(SPAN).subarray(0, 40), '`resourceSpans[0]` is damaged: a length of'],
    [
      'a group',
      Uint8Array.of(0x0b, 0x0c),
      '`resourceSpans[0]` is damaged: `resource_spans` is sent as a group',
    ],
    ['field 0', Uint8Array.of(0x02, 0x00), 'the request is damaged: a field has the number 0'],
    [
      'a long varint',
      Uint8Array.of(0x10, ...Array<number>(10).fill(0x80), 1),
      'the request is damaged: a varint is longer',
    ],
    [
      'a long tag',
      Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0x01),
      'the request is damaged: a tag is longer than 32 bits',
    ],
    [
      'a name that is a number',
      wrapped(wrapped(wrapped(Buffer.concat([bytesOf(SPAN), Buffer.from([0x28, 0x01])]), 0x12), 0x12), 0x0a),
      '`resourceSpans[0].scopeSpans[0].spans[0]` is damaged: `name` is sent as a varint, where bytes belong (at byte',
    ],
    [
      'a damaged value',
      wrapped(
        wrapped(
          wrapped(Buffer.concat([bytesOf(SPAN), Buffer.from([0x4a, 0x04, 0x12, 0x02, 0x0a, 0x05])]), 0x12),
          0x12,
        ),
        0x0a,
      ),
      '`resourceSpans[0].scopeSpans[0].spans[0].attributes[0]` is damaged: a length of 5 bytes passes',
    ],
    [
      'JSON',
      Buffer.from('{"resourceSpans":[]}'),
      'looks like JSON: send it as `content-type: application/json`',
    ],
    ['gzip', Uint8Array.of(0x1f, 0x8b, 0x08, 0x00), 'looks gzipped: say so by `content-encoding: gzip`'],
  ])('%s', (_, bytes, message) => {
    const fault = scanWith({}, bytes);
    expect(fault?.kind).toBe('damaged');
    expect(describeWireFault(fault as WireFault)).toContain(message);
  });
});

test('nothing is an empty request', () => {
  expect(scanWith({}, new Uint8Array(0))).toBeNull();
  expect(request.count).toBe(0);
});

describe('parts in unusual places', () => {
  const resource = (service: string, key: string) =>
    encode('TracesData', {
      resourceSpans: [
        {
          resource: {
            attributes: [
              { key: 'service.name', value: { stringValue: service } },
              { key, value: { boolValue: true } },
            ],
          },
        },
      ],
    }).subarray(2);
  const scope = (name: string) =>
    wrapped(Buffer.concat([Buffer.from([0x0a, name.length]), Buffer.from(name)]), 0x0a);
  const spans = wrapped(bytesOf(SPAN), 0x12);

  test('a resource behind its spans is theirs, and so is a scope', () => {
    const list = wrapped(Buffer.concat([spans, scope('late')]), 0x12);
    const bytes = wrapped(Buffer.concat([list, resource('shop', 'a')]), 0x0a);
    expect(scanWith({}, bytes)).toBeNull();
    expectSame(complete(bytes).spans);
    expect(whole.full(request, 0)).toMatchObject({ scope: 'late', resource: { service: 'shop' } });
  });

  test('a resource in several parts is merged, and so is a scope; what is kept is a request of the same meaning', () => {
    const list = wrapped(Buffer.concat([scope('first'), spans, scope('second')]), 0x12);
    const empty = wrapped(scope('x'), 0x12);
    const bytes = Buffer.concat([
      wrapped(Buffer.concat([empty, resource('none', 'none'), resource('none', 'none')]), 0x0a),
      wrapped(Buffer.concat([resource('one', 'a'), list, empty, resource('two', 'b'), list]), 0x0a),
      wrapped(list, 0x0a),
    ]);
    expect(scanWith({}, bytes)).toBeNull();
    const expected = complete(bytes).spans;
    expectSame(expected);
    expect([...whole.full(request, 1).resource.attributes.keys()]).toEqual(['service.name', 'a', 'b']);
    expect(whole.full(request, 0)).toMatchObject({ scope: 'second', resource: { service: 'two' } });
    expect(complete(request.bytes)).toMatchObject({ spans: expected, faults: [] });
  });

  test('fields that come twice: the last one counts', () => {
    const twice = Buffer.concat([
      bytesOf({ ...SPAN, kind: 2, status: { code: 2 }, traceState: 'a=1' }),
      bytesOf({ ...OTHER, name: '', kind: 0, startTimeUnixNano: '7' }),
    ]);
    const bytes = wrapped(wrapped(wrapped(twice, 0x12), 0x12), 0x0a);
    expect(scanWith({}, bytes)).toBeNull();
    expectSame(complete(bytes).spans);
    expect(whole.full(request, 0)).toMatchObject({ spanId: '0000000000000001', start: 7n, status: 'error' });
  });
});

test('names beyond the table are read from the bytes', () => {
  const small = new NameTable(2);
  const spans = ['a', 'b', 'c', 'd'].map((name) => ({ ...SPAN, name }));
  expect(new RequestScanner(small).scan(requestOf(...spans), request)).toBeNull();
  const ids = spans.map((_, row) => request.rows.words[row * ROW + NAME]);
  expect(ids).toEqual([1, 2, UNLISTED, UNLISTED]);
  const projector = new SpanProjector(NOTHING_ASKED, small);
  expect(spans.map((_, row) => projector.project(request, row).name)).toEqual(['a', 'b', 'c', 'd']);
  expect(nameOf(request, 3)).toBe('d');
});

test('names that are alike but for a few letters are told apart', () => {
  const table = new NameTable();
  const alike = Array.from(
    { length: 40 },
    (_, nth) => `GET /x${String.fromCharCode(65 + nth)}yyyyyyyyyyyyyyyyyyyyyyy/end`,
  );
  const spans = [...alike, ...alike.toReversed()].map((name) => ({ ...SPAN, name }));
  const bytes = encode('TracesData', { resourceSpans: [{ scopeSpans: [{ spans }] }] });
  expect(new RequestScanner(table).scan(bytes, request)).toBe(null);
  expect(spans.map((_, row) => table.textOf(request.rows.words[row * ROW + NAME] as number))).toEqual(
    spans.map(({ name }) => name),
  );
});

test("where a resource says its service's name in an unusual way, it has to be decoded", () => {
  const service = (attributes: unknown[]) => {
    const bytes = encode('TracesData', {
      resourceSpans: [{ resource: { attributes }, scopeSpans: [{ spans: [SPAN] }] }],
    });
    expect(scanner.scan(bytes, request)).toBe(null);
    expectService(0, whole.full(request, 0).resource.service);
    return (request.lists[0] as ScannedList).serviceFrom >= 0;
  };
  const name = (value: object) => ({ key: 'service.name', value });
  expect(service([{ key: 'a', value: { stringValue: 'b' } }])).toBe(true);
  expect(service([name({ stringValue: 'shop' }), { key: 'a', value: { arrayValue: { values: [] } } }])).toBe(
    true,
  );
  expect(service([name({ stringValue: 'shop' }), name({ stringValue: 'other' })])).toBe(true);
  expect(service([name({ stringValue: 'shop' }), name({ intValue: 7 })])).toBe(false);
  expect(service([name({ stringValue: 'x'.repeat(200) })])).toBe(false);
  // A length of two bytes where one would do, and behind that text another: the last one counts.
  const other = 's'.repeat(125);
  const value = [0x0a, 0x85, 0x00, ...Buffer.from('other'), 0x0a, other.length, ...Buffer.from(other)];
  const pair = [0x0a, 12, ...Buffer.from('service.name'), 0x12, value.length | 0x80, 1, ...value];
  const attribute = [0x0a, pair.length | 0x80, 1, ...pair];
  const resource = [0x0a, attribute.length | 0x80, 1, ...attribute];
  const plain = encode('TracesData', { resourceSpans: [{ scopeSpans: [{ spans: [SPAN] }] }] });
  const inner = [...resource, ...plain.subarray(2)];
  const bytes = Uint8Array.from([0x0a, (inner.length & 0x7f) | 0x80, inner.length >> 7, ...inner]);
  expect([value.length, plain[0], (plain[1] as number) < 0x80]).toEqual([135, 0x0a, true]);
  expect(scanner.scan(bytes, request)).toBe(null);
  expectService(0, other);
});

test('a name that is no UTF-8 is read with U+FFFD, and the span is kept', () => {
  const bytes = requestOf({ ...SPAN, name: 'x?y?' });
  bytes[bytes.indexOf(0x78) + 1] = 0xff;
  expect(scanWith({}, bytes)).toBeNull();
  expect(request.rows.words[NAME]).toBe(UNLISTED);
  expect(asked.project(request, 0).name).toBe('x\ufffdy?');
  expect(whole.full(request, 0).name).toBe('x\ufffdy?');
});

test('a resource is the same object in all requests that have its bytes', () => {
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] };
  const bytes = encode('TracesData', { resourceSpans: [{ resource, scopeSpans: [{ spans: [SPAN] }] }] });
  scanner.scan(bytes, request);
  const first = asked.project(request, 0).resource;
  scanner.scan(Buffer.concat([requestOf(OTHER), bytes]), request);
  expect(asked.project(request, 0).resource).not.toBe(first);
  expect(asked.project(request, 1).resource).toBe(first);
});
