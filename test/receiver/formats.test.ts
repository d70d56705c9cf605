/** The same spans in every format, gzipped or not, in chunks of any size, come out as they went in. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TraceFormat } from '../../src/receiver/record.ts';
import type { Span } from '../../src/trace/span.ts';
import { type ReadOptions, readBytes } from './read-all.ts';
import { type Carrier, spanLists } from './sample-spans.ts';
import { framed, jaegerTraces, jsonText, otlpProto, otlpRequest, zipkinSpans } from './write-spans.ts';

interface Form {
  readonly name: string;
  readonly carrier: Carrier;
  readonly format: TraceFormat;
  readonly write: (spans: readonly Span[]) => Uint8Array | string;
}

const halves = (spans: readonly Span[]) => [
  spans.slice(0, spans.length >> 1),
  spans.slice(spans.length >> 1),
];
const perSpan = (spans: readonly Span[]) => spans.map((span) => [span]);
const lines = (values: readonly unknown[]) => values.map((value) => `${jsonText(value)}\n`).join('');

const FORMS: readonly Form[] = [
  otlp('a request', (spans) => jsonText(otlpRequest(spans))),
  otlp('a pretty request', (spans) => jsonText(otlpRequest(spans), 2)),
  otlp('a request without indentation', (spans) => jsonText(otlpRequest(spans), 1).replace(/^ +/gm, '')),
  otlp('an array of requests', (spans) => jsonText(halves(spans).map(otlpRequest))),
  otlp(
    'an array with a request on each line',
    (spans) =>
      `[\n${perSpan(spans)
        .map((one) => jsonText(otlpRequest(one)))
        .join(',\n')}\n]\n`,
  ),
  otlp('lines', (spans) => lines(perSpan(spans).map(otlpRequest))),
  otlp('lines without a last line end', (spans) => lines(halves(spans).map(otlpRequest)).trimEnd()),
  otlp(
    'lines with CRLF, blank lines and a byte order mark',
    (spans) => `\ufeff\r\n${lines(perSpan(spans).map(otlpRequest)).replaceAll('\n', '\r\n\r\n')}`,
  ),
  otlp('pretty requests one behind the other', (spans) =>
    perSpan(spans)
      .map((one) => jsonText(otlpRequest(one), 2))
      .join('\n'),
  ),
  otlp('requests without anything between', (spans) =>
    perSpan(spans)
      .map((one) => jsonText(otlpRequest(one)))
      .join(''),
  ),
  proto('one message', otlpProto),
  proto('messages with the lengths of the Collector', (spans) =>
    framed(perSpan(spans).map(otlpProto), 'be32'),
  ),
  proto('messages with an empty one first', (spans) =>
    framed([new Uint8Array(0), ...perSpan(spans).map(otlpProto)], 'be32'),
  ),
  proto('messages with varints', (spans) => framed(perSpan(spans).map(otlpProto), 'varint')),
  jaeger('an answer of the query service', (spans) =>
    jsonText({ data: jaegerTraces(spans), total: 0, errors: null }),
  ),
  jaeger('a pretty answer', (spans) => jsonText({ total: 0, data: jaegerTraces(spans) }, 4)),
  jaeger('an array of traces', (spans) => jsonText(jaegerTraces(spans))),
  jaeger('a trace on each line', (spans) => lines(jaegerTraces(spans))),
  zipkin('an array of spans', (spans) => jsonText(zipkinSpans(spans))),
  zipkin('a pretty array', (spans) => jsonText(zipkinSpans(spans), 2)),
  zipkin('an array of traces', (spans) => jsonText(halves(spans).map(zipkinSpans))),
  zipkin('a list on each line', (spans) => lines(halves(spans).map(zipkinSpans))),
  zipkin('a span on each line', (spans) => lines(zipkinSpans(spans))),
];

const TINY = { wholeDocument: 64, longLine: 100, headerWait: 1 << 20, record: 1 << 20, jaegerTrace: 1 << 20 };
const WAYS: readonly (ReadOptions & { name: string })[] = [
  { name: 'chunks of 1 byte', chunkBytes: 1 },
  { name: 'chunks of 7 bytes, gzipped', chunkBytes: 7, gzip: true },
  { name: 'chunks of 1 MiB', chunkBytes: 1 << 20 },
  { name: 'chunks of 1 MiB, gzipped', chunkBytes: 1 << 20, gzip: true },
  { name: 'chunks of 13 bytes, cut wherever possible', chunkBytes: 13, limits: TINY },
];

describe.each(FORMS)('$format: $name', ({ carrier, format, write }) => {
  test.each(WAYS)('$name', async (way) => {
    const anySpans = spanLists(carrier);
    await fc.assert(
      fc.asyncProperty(anySpans, async (spans) => {
        const reading = await readBytes(write(spans), way);
        expect(reading.diagnostics).toEqual([]);
        expect(reading.damaged + reading.foreign + reading.mended).toBe(0);
        expect([...reading.formats]).toEqual([format]);
        expect(canonical(reading.spans)).toEqual(canonical(spans));
      }),
      { seed: 20260120, numRuns: 12 },
    );
  });
});

/** In an order that no cutting changes: pieces of one document come from the outside in. */
function canonical(spans: readonly Span[]): Span[] {
  return spans
    .map((span) => ({ ...span, resource: { ...span.resource } }))
    .sort((a, b) => (a.spanId < b.spanId ? -1 : a.spanId > b.spanId ? 1 : Number(a.start - b.start)));
}

function otlp(name: string, write: Form['write']): Form {
  return { name, carrier: 'otlp', format: 'otlp-json', write };
}

function proto(name: string, write: Form['write']): Form {
  return { name, carrier: 'otlp', format: 'otlp-proto', write };
}

function jaeger(name: string, write: Form['write']): Form {
  return { name, carrier: 'jaeger', format: 'jaeger-json', write };
}

function zipkin(name: string, write: Form['write']): Form {
  return { name, carrier: 'zipkin', format: 'zipkin-json', write };
}
