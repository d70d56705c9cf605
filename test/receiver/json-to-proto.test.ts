/** OTLP/JSON to protobuf: what is read from either is the same, what is wrong is said alike, and nothing is lost that only other tools look at. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type JsonObject, type JsonValue, readJson } from '../../src/base/exact-json.ts';
import { readJsonRequest } from '../../src/otlp/json-request.ts';
import { jsonToProto } from '../../src/otlp/json-to-proto.ts';
import { readProtoRequest } from '../../src/otlp/proto/trace-request.ts';
import { SpanSink } from '../../src/otlp/span-sink.ts';
import type { Span } from '../../src/trace/span.ts';
import { decode } from './otlp-schema.ts';
import { spanLists } from './sample-spans.ts';
import { jsonText, otlpRequest } from './write-spans.ts';

const SEED = 20260313;
const encoder = new TextEncoder();
const bytesOf = (value: unknown): Uint8Array => encoder.encode(jsonText(value));

function readProto(bytes: Uint8Array): SpanSink {
  const sink = new SpanSink();
  readProtoRequest(sink, bytes);
  return sink;
}

function readSpans(value: unknown): readonly Span[] {
  const { bytes, faults } = jsonToProto(bytesOf(value));
  expect(faults).toEqual([]);
  const sink = readProto(bytes as Uint8Array);
  expect(sink.faults).toEqual([]);
  return sink.spans;
}

test('requests give the spans that were written', () => {
  fc.assert(
    fc.property(spanLists('otlp'), (spans) => {
      expect(readSpans(otlpRequest(spans))).toEqual(spans);
    }),
    { seed: SEED, numRuns: 400 },
  );
});

const snake = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(snake);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      snake(inner),
    ]),
  );
};

test('in snake_case too', () => {
  fc.assert(
    fc.property(spanLists('otlp'), (spans) => {
      expect(readSpans(snake(otlpRequest(spans)))).toEqual(spans);
    }),
    { seed: SEED, numRuns: 100 },
  );
});

/** Replaces the value at one place, counted in the order of the text. */
function replaced(value: unknown, place: { left: number }, by: unknown): unknown {
  if (place.left-- === 0) return by;
  if (Array.isArray(value)) return value.map((element) => replaced(element, place, by));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, replaced(inner, place, by)]));
}

const placesIn = (value: unknown): number =>
  1 +
  (typeof value === 'object' && value !== null
    ? Object.values(value).reduce((sum: number, inner) => sum + placesIn(inner), 0)
    : 0);

test('where something else stands than belongs there, it says and reads what the reader of spans does', () => {
  const junk = fc.constantFrom<JsonValue>(
    null,
    true,
    -1,
    1.5,
    2 ** 60,
    '',
    'x',
    '12',
    'AAAAAAAAAAE=',
    'SPAN_KIND_SERVER',
    'STATUS_CODE_ERROR',
    [],
    [null],
    {},
    { stringValue: 5 },
    { laterValue: 1 },
    { doubleValue: 'NaN' },
    { values: [{ key: 'a', value: { intValue: 1 } }] },
  );
  let refused = 0;
  let different = 0;
  fc.assert(
    fc.property(spanLists('otlp'), fc.nat(), junk, (spans, place, by) => {
      const request = otlpRequest(spans);
      const changed = replaced(request, { left: place % placesIn(request) }, by);
      const text = jsonText(changed);
      const { bytes, faults, rejected } = jsonToProto(encoder.encode(text));
      if (bytes === null) {
        expect(faults.length).toBeGreaterThan(0);
        refused++;
        return;
      }
      const sink = new SpanSink();
      readJsonRequest(sink, readJson(text).value as JsonObject);
      const read = readProto(bytes);
      expect(read.spans).toEqual(sink.spans);
      expect(read.faults).toEqual([]);
      expect([...faults].sort(byPath)).toEqual([...sink.faults].sort(byPath));
      expect(rejected).toBeLessThanOrEqual(sink.damaged);
      expect(rejected > 0 && faults.length === 0).toBe(false);
      if (faults.length > 0) different++;
    }),
    { seed: SEED, numRuns: 3000, endOnFailure: true },
  );
  expect(refused).toBeGreaterThan(20);
  expect(different).toBeGreaterThan(500);
});

function byPath(a: { readonly path: readonly unknown[] }, b: { readonly path: readonly unknown[] }): number {
  return a.path.join('.') < b.path.join('.') ? -1 : 1;
}

test('random text is refused with a reason, or is an empty request', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.json().map((text) => encoder.encode(text)),
        fc.uint8Array({ maxLength: 60 }),
      ),
      (bytes) => {
        const result = jsonToProto(bytes);
        if (result.bytes === null) expect(result.faults.length).toBeGreaterThan(0);
        else expect(result.bytes.length).toBe(0);
      },
    ),
    { seed: SEED, numRuns: 2000 },
  );
});

const SPAN = {
  traceId: '5b8efff798038103d269b633813fc60c',
  spanId: 'eee19b7ec3c1b174',
  name: 'x',
  startTimeUnixNano: '5',
  endTimeUnixNano: '9',
};
const requestOf = (...spans: unknown[]) => ({ resourceSpans: [{ scopeSpans: [{ spans }] }] });

test('everything of the definition is kept', () => {
  const message = {
    resourceSpans: [
      {
        resource: {
          attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }],
          droppedAttributesCount: 1,
        },
        scopeSpans: [
          {
            scope: {
              name: 'lib',
              version: '1.2',
              attributes: [{ key: 'a', value: { intValue: '9007199254740993' } }],
            },
            spans: [
              {
                ...SPAN,
                traceId: 'W47/95gDgQPSabYzgT/GDA==',
                spanId: '7uGbfsPBsXQ=',
                kind: 'SPAN_KIND_PRODUCER',
                droppedAttributesCount: 2,
                droppedEventsCount: '3',
                droppedLinksCount: 4,
                flags: 257,
                status: { message: 'no', code: 'STATUS_CODE_ERROR' },
                events: [{ timeUnixNano: 7, name: 'e', droppedAttributesCount: 5 }],
                links: [{ traceId: SPAN.traceId, spanId: SPAN.spanId, flags: 1, unknownField: {} }],
                attributes: [{ key: 'empty', value: {} }, { key: 'none' }],
              },
            ],
            schemaUrl: 'https://b',
          },
        ],
        schemaUrl: 'https://a',
        anotherField: [1],
      },
    ],
  };
  const { bytes, faults } = jsonToProto(bytesOf(message));
  expect(faults).toEqual([]);
  expect(decode('TracesData', bytes as Uint8Array)).toEqual({
    resourceSpans: [
      {
        resource: {
          attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }],
          droppedAttributesCount: 1,
        },
        scopeSpans: [
          {
            scope: {
              name: 'lib',
              version: '1.2',
              attributes: [{ key: 'a', value: { intValue: '9007199254740993' } }],
            },
            spans: [
              {
                traceId: 'W47/95gDgQPSabYzgT/GDA==',
                spanId: '7uGbfsPBsXQ=',
                name: 'x',
                kind: 4,
                startTimeUnixNano: '5',
                endTimeUnixNano: '9',
                attributes: [{ key: 'empty', value: {} }, { key: 'none' }],
                droppedAttributesCount: 2,
                events: [{ timeUnixNano: '7', name: 'e', droppedAttributesCount: 5 }],
                droppedEventsCount: 3,
                links: [{ traceId: 'W47/95gDgQPSabYzgT/GDA==', spanId: '7uGbfsPBsXQ=', flags: 1 }],
                droppedLinksCount: 4,
                status: { message: 'no', code: 2 },
                flags: 257,
              },
            ],
            schemaUrl: 'https://b',
          },
        ],
        schemaUrl: 'https://a',
      },
    ],
  });
});

test('the scope of the time before OTLP 0.15', () => {
  const [span] = readSpans({
    resourceSpans: [
      { instrumentationLibrarySpans: [{ instrumentationLibrary: { name: 'old' }, spans: [SPAN] }] },
    ],
  });
  expect(span?.scope).toBe('old');
});

test('a span with a fault of its own is left out and counted', () => {
  const { bytes, faults, rejected } = jsonToProto(
    bytesOf(requestOf({ ...SPAN, traceId: 'x' }, 5, { ...SPAN, startTimeUnixNano: 0 }, SPAN)),
  );
  expect(rejected).toBe(3);
  expect(faults.map(({ code, path }) => [code, path.slice(4).join('.')])).toEqual([
    ['FL520', 'spans.0.traceId'],
    ['FL523', 'spans.1'],
    ['FL522', 'spans.2.startTimeUnixNano'],
  ]);
  expect(readProto(bytes as Uint8Array).spans).toHaveLength(1);
});

describe('what is no request is refused', () => {
  test.each([
    ['', 'FL510', /not valid JSON/],
    ['{"resourceSpans":[', 'FL510', /not valid JSON: expected .* character 19/],
    ['[]', 'FL514', /must be an object with `resourceSpans`/],
    ['5', 'FL514', /must be an object with `resourceSpans`/],
    ['{"message":"hello"}', 'FL514', /must be an object/],
    ['{"resourceLogs":[]}', 'FL514', /logs, metrics/],
    ['{"resourceSpans":5}', 'FL523', /must be an array/],
    ['{"resourceSpans":[5]}', 'FL523', /must be an object/],
    ['{"resourceSpans":[{"scopeSpans":{}}]}', 'FL523', /must be an array/],
    ['{"resourceSpans":[{"scopeSpans":[{"spans":"x"}]}]}', 'FL523', /must be an array/],
  ])('%s', (text, code, message) => {
    const result = jsonToProto(encoder.encode(text));
    expect(result.bytes).toBeNull();
    expect(result.rejected).toBe(0);
    expect(result.faults.map((fault) => fault.code)).toEqual([code]);
    expect(result.faults[0]?.message).toMatch(message);
  });

  test.each([
    ['a document', (open: string) => open],
    ['a field', (open: string) => `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":${open}`],
    ['a field that is passed over', (open: string) => `{"resourceSpans":[],"other":${open}`],
  ])('%s that nests very deep', (_, textOf) => {
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const) {
      const head = textOf(open.repeat(50_000));
      const tail = head.startsWith('{"resourceSpans":[{') ? '}]}]}]}' : head.startsWith('{"r') ? '}' : '';
      expect(() => jsonToProto(encoder.encode(`${head}1${close.repeat(50_000)}${tail}`))).not.toThrow();
      expect(() => jsonToProto(encoder.encode(head))).not.toThrow();
    }
  });
});

test('bytes that are no UTF-8 are read as U+FFFD, and that is said', () => {
  const bytes = bytesOf(requestOf({ ...SPAN, name: 'x?y' }));
  bytes[bytes.indexOf(0x3f)] = 0xff;
  const result = jsonToProto(bytes);
  expect(result.faults.map(({ code }) => code)).toEqual(['FL511']);
  expect(readProto(result.bytes as Uint8Array).spans.map(({ name }) => name)).toEqual(['x\ufffdy']);
});
