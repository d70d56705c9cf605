/** The scanner and the projector against the complete reader of protobuf: on whole requests, on damaged ones, and on garbage. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NameTable } from '../../src/otlp/name-table.ts';
import { RequestScanner } from '../../src/otlp/proto/request-scanner.ts';
import { ScannedRequest } from '../../src/otlp/proto/scanned-request.ts';
import { nameOf, SpanProjector } from '../../src/otlp/proto/span-projector.ts';
import { readProtoRequest } from '../../src/otlp/proto/trace-request.ts';
import { describeWireFault } from '../../src/otlp/proto/wire-fault.ts';
import { HAS_TRACE_STATE, IN_BYTES, NAME, ROW, TRAITS, UNSAMPLED } from '../../src/otlp/span-rows.ts';
import { SpanSink } from '../../src/otlp/span-sink.ts';
import type { Span } from '../../src/trace/span.ts';
import { damage, damaged } from './damage.ts';
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

/** All that the rows and the projectors say is what the complete reader says. */
function expectSame(spans: readonly Span[]): void {
  expect(request.count).toBe(spans.length);
  for (const [row, span] of spans.entries()) {
    expect(whole.full(request, row)).toEqual(span);
    expect(asked.project(request, row)).toEqual(projectedBy(span));
    expect(without.project(request, row)).toEqual(projectedBy(span));
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

test('whole requests give the spans that were encoded', () => {
  fc.assert(
    fc.property(spanLists('otlp'), (spans) => {
      expect(scanner.scan(otlpProto(spans), request)).toBeNull();
      expect(request.rejected).toBe(0);
      expectSame(spans);
    }),
    { seed: SEED, numRuns: 300 },
  );
});

test('of damaged requests those that the complete reader has nothing to say about are taken, and read alike', () => {
  let clean = 0;
  let refused = 0;
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
        // Faults of spans, or texts that are no UTF-8.
        expect(request.count + request.rejected).toBeGreaterThanOrEqual(sink.spans.length);
        for (let row = 0; row < request.count; row++) {
          whole.full(request, row);
          asked.project(request, row);
        }
      } else {
        expect(fault.offset).toBeLessThanOrEqual(bytes.length);
        expect(describeWireFault(fault).length).toBeGreaterThan(10);
        refused++;
      }
    }),
    { seed: SEED, numRuns: 6000, endOnFailure: true },
  );
  // Otherwise the comparison would prove nothing.
  expect(clean).toBeGreaterThan(300);
  expect(refused).toBeGreaterThan(500);
});
