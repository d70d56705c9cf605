/** What the exporters of the OpenTelemetry SDK for Node.js do with the receivers, and with each of their answers. */
import { type Attributes, context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPTraceExporter as GrpcExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtoExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-base';
import { afterEach, describe, expect, test } from 'vitest';
import type { RunningReceiver, Started } from '../../src/receiver/otlp/listen.ts';
import { startOtlpGrpc } from '../../src/receiver/otlp/otlp-grpc-server.ts';
import { startOtlpHttp } from '../../src/receiver/otlp/otlp-http-server.ts';
import { testParts } from '../../src/receiver/otlp/testing/receiver-parts.ts';

type Client = 'grpc' | 'proto' | 'json';
const CLIENTS: readonly Client[] = ['grpc', 'proto', 'json'];
const OVER_HTTP: readonly Client[] = ['proto', 'json'];
const TRANSPORTS = { grpc: 'grpc', proto: 'http-protobuf', json: 'http-json' } as const;
const OTLP_SUCCESS = 0;

const running: RunningReceiver[] = [];
const exporters: SpanExporter[] = [];
afterEach(async () => {
  await Promise.all(exporters.splice(0).map((exporter) => exporter.shutdown()));
  await Promise.all(running.splice(0).map((receiver) => receiver.close(true)));
});

async function connected(client: Client, compression: 'gzip' | 'none' = 'none') {
  const parts = testParts();
  const started: Started = await (client === 'grpc' ? startOtlpGrpc(parts) : startOtlpHttp(parts));
  if (started.receiver === null) throw new Error(started.problem.message);
  running.push(started.receiver);
  const { port } = started.receiver.address;
  // The compressions are enums of the exporters, with these values.
  const options = { compression: compression as never, timeoutMillis: 10_000 };
  const url = `http://127.0.0.1:${port}`;
  const exporter: SpanExporter =
    client === 'grpc'
      ? new GrpcExporter({ ...options, url })
      : client === 'proto'
        ? new ProtoExporter({ ...options, url: `${url}/v1/traces` })
        : new JsonExporter({ ...options, url: `${url}/v1/traces` });
  exporters.push(exporter);
  return { ...parts, exporter };
}

/** Null for success. */
function exported(exporter: SpanExporter, spans: ReadableSpan[]): Promise<Error | null> {
  return new Promise((resolve) => {
    exporter.export(spans, ({ code, error }) => {
      resolve(code === OTLP_SUCCESS ? null : (error ?? new Error('failed without an error')));
    });
  });
}

const ATTRIBUTES: Attributes = {
  'cart.id': 'c-1 ✓',
  amount: 1250,
  total: 12.5,
  'retry.flag': true,
  tags: ['a', 'b'],
};

/** A checkout of three spans. */
function checkout(): ReadableSpan[] {
  const memory = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'shop', 'process.pid': 4711 }),
    spanProcessors: [new SimpleSpanProcessor(memory)],
  });
  const tracer = provider.getTracer('checkout-library', '1.2.3');
  const root = tracer.startSpan('POST /checkout', { kind: SpanKind.SERVER });
  const within = trace.setSpan(context.active(), root);
  const reserve = tracer.startSpan(
    'inventory.reserve',
    { kind: SpanKind.CLIENT, attributes: ATTRIBUTES },
    within,
  );
  reserve.addEvent('reserved', { warehouse: 'north' });
  reserve.end();
  const charge = tracer.startSpan('payment.charge', {}, within);
  charge.setStatus({ code: SpanStatusCode.ERROR, message: 'declined' });
  charge.end();
  root.end();
  return memory.getFinishedSpans();
}

describe.each(CLIENTS)('%s', (client) => {
  test.each(['none', 'gzip'] as const)('spans arrive complete, compression %s', async (compression) => {
    const { exporter, intake, stats, bugs } = await connected(client, compression);
    const sent = checkout();
    expect(await exported(exporter, sent)).toBeNull();
    expect(intake.requests.map(({ transport }) => transport)).toEqual([TRANSPORTS[client]]);
    const [root, reserve, charge] = ['POST /checkout', 'inventory.reserve', 'payment.charge'].map((name) =>
      intake.spans.find((span) => span.name === name),
    );
    expect(root).toMatchObject({ kind: 'server', parentSpanId: '', scope: 'checkout-library' });
    expect(root?.resource.service).toBe('shop');
    expect(reserve).toMatchObject({ kind: 'client', parentSpanId: root?.spanId, traceId: root?.traceId });
    expect(Object.fromEntries(reserve?.attributes ?? [])).toEqual(ATTRIBUTES);
    expect(reserve?.events.map(({ name, attributes }) => [name, attributes.get('warehouse')])).toEqual([
      ['reserved', 'north'],
    ]);
    expect(charge).toMatchObject({ kind: 'internal', status: 'error' });
    const original = sent.find(({ name }) => name === 'payment.charge');
    expect(charge?.spanId).toBe(original?.spanContext().spanId);
    const [seconds = 0, nanos = 0] = original?.startTime ?? [];
    expect(charge?.start).toBe(BigInt(seconds) * 1_000_000_000n + BigInt(nanos));
    expect(stats.transports[TRANSPORTS[client]].requests.accepted).toBe(1);
    expect(bugs).toEqual([]);
  });

  test('a request that cannot be read is not sent again', async () => {
    const { exporter, intake, stats } = await connected(client);
    // A fault that no client has by itself: the intake finds the request to be none.
    intake.malformed = 'this is no request of traces';
    const error = await exported(exporter, checkout());
    expect(error).toBeInstanceOf(Error);
    expect(stats.transports[TRANSPORTS[client]].requests.malformed).toBe(1);
    expect(intake.calls).toBe(1);
  });

  test('a partial success is one for the client', async () => {
    const { exporter, intake } = await connected(client);
    intake.partial = { rejectedSpans: 1, message: 'one span has no id' };
    expect(await exported(exporter, checkout())).toBeNull();
    expect(intake.calls).toBe(1);
  });
});

describe.each(OVER_HTTP)('%s', (client) => {
  test.each(['overloaded', 'unavailable'] as const)('%s: it sends the same again', async (kind) => {
    const { exporter, intake } = await connected(client);
    intake.refusals.push({ kind, retryAfterMs: 10, message: 'later' });
    expect(await exported(exporter, checkout())).toBeNull();
    expect(intake.calls).toBe(2);
    expect(intake.spans).toHaveLength(3);
  });

  test('it reads Retry-After: a time past its own deadline ends the export at once', async () => {
    const { exporter, intake } = await connected(client);
    intake.refusals.push({ kind: 'unavailable', retryAfterMs: 3_600_000, message: 'in an hour' });
    expect(await exported(exporter, checkout())).toBeInstanceOf(Error);
    expect(intake.calls).toBe(1);
  });
});

test('grpc: the exporter of Node.js never sends again, whatever it is told', async () => {
  const { exporter, intake } = await connected('grpc');
  intake.refusals.push({ kind: 'unavailable', retryAfterMs: 10, message: 'later' });
  const error = await exported(exporter, checkout());
  expect(error?.message).toContain('later');
  expect(intake.calls).toBe(1);
});
