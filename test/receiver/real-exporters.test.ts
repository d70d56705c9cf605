/** What the exporters of the OpenTelemetry SDK really send: received over loopback, written to files, read as traces. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { context, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtoExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { ZipkinExporter } from '@opentelemetry/exporter-zipkin';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, SimpleSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { machineDisk } from '../../src/receiver/disk.ts';
import type { Span } from '../../src/trace/span.ts';
import { type Reading, readFile } from './read-all.ts';

const PATHS = { json: '/json', proto: '/proto', zipkin: '/zipkin' } as const;
type Exporter = keyof typeof PATHS;

let folder: string;
let server: Server;
const bodies: Record<string, Buffer[]> = {};
const readings = {} as Record<Exporter, Reading>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fluo-exporters-'));
  server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const path = request.url ?? '';
      bodies[path] = [...(bodies[path] ?? []), Buffer.concat(parts)];
      response.writeHead(path === PATHS.zipkin ? 202 : 200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const at = (exporter: Exporter) => `http://127.0.0.1:${port}${PATHS[exporter]}`;
  await makeSpans([
    new JsonExporter({ url: at('json') }),
    new ProtoExporter({ url: at('proto') }),
    new ZipkinExporter({ url: at('zipkin') }),
  ]);
  for (const [exporter, path] of Object.entries(PATHS)) {
    const files = bodies[path] ?? [];
    const readingsOfOne: Reading[] = [];
    for (const [index, body] of files.entries()) {
      const file = join(folder, `${exporter}-${index}`);
      await writeFile(file, body);
      readingsOfOne.push(await readFile(file, machineDisk()));
    }
    readings[exporter as Exporter] = {
      ...(readingsOfOne[0] as Reading),
      spans: readingsOfOne.flatMap((reading) => reading.spans),
      diagnostics: readingsOfOne.flatMap((reading) => reading.diagnostics),
    };
  }
});

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true, force: true });
});

/** A checkout with a failed charge, the same for all exporters. */
async function makeSpans(exporters: readonly SpanExporter[]): Promise<void> {
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({
      'service.name': 'shop',
      'deployment.environment.name': 'test',
      'process.pid': 4711,
    }),
    spanProcessors: exporters.map((exporter) => new SimpleSpanProcessor(exporter)),
  });
  const tracer = provider.getTracer('checkout-library', '1.2.3');
  const remote = trace.setSpanContext(context.active(), {
    traceId: '5b8efff798038103d269b633813fc60c',
    spanId: 'eee19b7ec3c1b174',
    traceFlags: TraceFlags.SAMPLED,
    isRemote: true,
  });
  const root = tracer.startSpan(
    'POST /checkout',
    { kind: SpanKind.SERVER, startTime: [1_700_000_000, 123_456_000] },
    remote,
  );
  const inRoot = trace.setSpan(remote, root);
  const charge = tracer.startSpan(
    'payment.charge',
    {
      kind: SpanKind.CLIENT,
      startTime: [1_700_000_000, 200_000_000],
      attributes: {
        amount: 1500,
        rate: 0.25,
        verified: true,
        currency: 'EUR',
        items: ['book', 'pen'],
        quantities: [1, 2],
        'large.number': 2 ** 53 - 1,
      },
    },
    inRoot,
  );
  charge.addEvent('declined', { code: 51 }, [1_700_000_000, 250_000_000]);
  charge.setStatus({ code: SpanStatusCode.ERROR, message: 'card declined' });
  charge.end([1_700_000_000, 300_000_000]);
  tracer
    .startSpan('note', { startTime: [1_700_000_000, 310_000_000] }, inRoot)
    .end([1_700_000_000, 310_000_000]);
  root.setStatus({ code: SpanStatusCode.OK });
  root.end([1_700_000_001, 0]);
  await provider.forceFlush();
  await provider.shutdown();
}

const byName = (spans: readonly Span[]) => new Map(spans.map((span) => [span.name, span]));

test.each(['json', 'proto', 'zipkin'] as const)('%s: all spans, nothing objected to', (exporter) => {
  const { spans, diagnostics } = readings[exporter];
  expect(diagnostics).toEqual([]);
  expect(spans.map((span) => span.name).sort()).toEqual(['POST /checkout', 'note', 'payment.charge']);
});

test('JSON says what the program said, with its types', () => {
  const spans = byName(readings.json.spans);
  const root = spans.get('POST /checkout');
  const charge = spans.get('payment.charge');
  expect(root).toMatchObject({
    traceId: '5b8efff798038103d269b633813fc60c',
    parentSpanId: 'eee19b7ec3c1b174',
    kind: 'server',
    status: 'ok',
    start: 1_700_000_000_123_456_000n,
    end: 1_700_000_001_000_000_000n,
    scope: 'checkout-library',
  });
  expect(charge).toMatchObject({ parentSpanId: root?.spanId, kind: 'client', status: 'error' });
  expect(Object.fromEntries(charge?.attributes ?? [])).toEqual({
    amount: 1500,
    rate: 0.25,
    verified: true,
    currency: 'EUR',
    items: ['book', 'pen'],
    quantities: [1, 2],
    'large.number': 2 ** 53 - 1,
  });
  expect(charge?.events).toEqual([
    { name: 'declined', time: 1_700_000_000_250_000_000n, attributes: new Map([['code', 51]]) },
  ]);
  expect(charge?.resource.service).toBe('shop');
  expect(charge?.resource.attributes.get('process.pid')).toBe(4711);
});

test('protobuf says the same', () => {
  expect(byName(readings.proto.spans)).toEqual(byName(readings.json.spans));
});

test('Zipkin says the same, with all values as text and the resource among them', () => {
  const json = byName(readings.json.spans);
  for (const [name, zipkin] of byName(readings.zipkin.spans)) {
    const { attributes, resource, events, ...rest } = json.get(name) as Span;
    expect(zipkin).toMatchObject({ ...rest, scope: expect.any(String) });
    expect(zipkin.resource.service).toBe(resource.service);
    expect(zipkin.events.map(({ time }) => time)).toEqual(events.map(({ time }) => time));
    for (const [key, value] of attributes) expect(zipkin.attributes.get(key)).toBe(String(value));
    expect(zipkin.attributes.get('process.pid')).toBe('4711');
  }
});
