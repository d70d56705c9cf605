/** The encoder against the readers and against protobufjs. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeRequest } from '../../src/otlp/proto/encode-request.ts';
import { readProtoRequest } from '../../src/otlp/proto/trace-request.ts';
import { SpanSink } from '../../src/otlp/span-sink.ts';
import { decodeRecord } from '../../src/receiver/decode-record.ts';
import type { Span } from '../../src/trace/span.ts';
import { decode } from './otlp-schema.ts';
import { span, spanLists } from './sample-spans.ts';

const SEED = 20260312;

function read(bytes: Uint8Array): readonly Span[] {
  const sink = new SpanSink();
  readProtoRequest(sink, bytes);
  expect(sink.faults).toEqual([]);
  return sink.spans;
}

test('what is encoded is read back', () => {
  fc.assert(
    fc.property(spanLists('otlp'), (spans) => {
      expect(read(encodeRequest(spans))).toEqual(spans);
    }),
    { seed: SEED, numRuns: 500 },
  );
});

test('protobufjs decodes it to the same spans', () => {
  fc.assert(
    fc.property(spanLists('otlp'), (spans) => {
      const json = JSON.stringify(decode('TracesData', encodeRequest(spans)));
      const bytes = new TextEncoder().encode(json);
      expect(decodeRecord({ file: 'oracle', line: 1, format: 'otlp-json', bytes })).toMatchObject({ spans });
    }),
    { seed: SEED, numRuns: 300 },
  );
});

test('values that JavaScript numbers do not hold, and empty ones', () => {
  const attributes = new Map<string, Span['attributes'] extends ReadonlyMap<string, infer V> ? V : never>([
    ['least', -(2n ** 63n)],
    ['most', 2n ** 63n - 1n],
    ['beyond 2^53', 2n ** 53n + 1n],
    ['negative', -1],
    ['minus zero', -0],
    ['not a number', Number.NaN],
    ['infinite', Number.NEGATIVE_INFINITY],
    ['large', 1e300],
    ['no bytes', new Uint8Array(0)],
    ['bytes', Uint8Array.from([0, 255])],
    ['no text', ''],
    ['no list', []],
    ['no map', {}],
    ['nested', [{ a: [1, 'x', { b: true }], '': new Uint8Array(3) }]],
    ['', 'no key'],
    ['long', 'ä€😀'.repeat(5000)],
  ]);
  const spans = [span({ attributes }), span({ name: '', kind: 'unspecified', sampled: false })];
  expect(read(encodeRequest(spans))).toEqual(spans);
});

test.each([0, 1, 126, 127, 128, 16_383, 16_384, 2_097_152])('a text of %i bytes', (length) => {
  const spans = [span({ attributes: new Map([['text', 'x'.repeat(length)]]) })];
  expect(read(encodeRequest(spans))).toEqual(spans);
});
