/** Documents that other people wrote, where they are at hand. */
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { machineDisk } from '../../src/receiver/disk.ts';
import { durationOf } from '../../src/trace/trace.ts';
import { readFile } from './read-all.ts';

const FOLDER = '../shared/data/fixtures';
const present = existsSync(FOLDER);
if (!present) console.log(`skipped: no folder ${FOLDER} beside the checkout`);

describe.skipIf(!present)('fixtures', () => {
  test.each([
    ['jaeger-ui-genai.json', 57, 1],
    ['jaeger-ui.json', 5, 1],
    ['jaeger-otel-traces.otlp.json', 4, 2],
    ['otlp-example.json', 1, 1],
  ])('%s is read whole', async (name, spans, traces) => {
    const reading = await readFile(`${FOLDER}/${name}`, machineDisk());
    expect(reading.diagnostics).toEqual([]);
    expect(reading.damaged).toBe(0);
    expect(reading.spans).toHaveLength(spans);
    expect(new Set(reading.spans.map((span) => span.traceId)).size).toBe(traces);
    expect(durationOf(reading.spans)).toBeGreaterThan(0n);
  });

  test("Jaeger's kinds, services, parents, types and logs", async () => {
    const { spans } = await readFile(`${FOLDER}/jaeger-ui.json`, machineDisk());
    expect(spans.map((span) => [span.spanId, span.parentSpanId, span.resource.service, span.status])).toEqual(
      [
        ['0000000000000002', '', 'service-x', 'unset'],
        // Two different spans of one id: it is for the assembly of traces to say so.
        ['0000000000000002', '', 'service-x', 'error'],
        ['0000000000000003', '0000000000000002', 'service-y', 'unset'],
        // The first reference is to another trace.
        ['0000000000000004', '0000000000000002', 'service-y', 'unset'],
        ['0000000000000005', '0000000000000004', 'service-y', 'unset'],
      ],
    );
    expect(spans[0]?.events).toEqual([
      { name: 'some-event', time: 1485467191639875000n, attributes: new Map() },
      { name: '', time: 1485467191639875000n, attributes: new Map([['x', 'y']]) },
    ]);
    expect([...(spans[1]?.attributes ?? [])]).toEqual([
      ['peer.service', 'service-y'],
      ['peer.ipv4', 23456],
      ['error', true],
      ['temperature', 72.5],
      ['javascript_limit', 9223372036854775222n],
      ['blob', new Uint8Array([0, 0, 48, 57])],
    ]);
    expect(spans[1]?.end).toBe(1485467191639880000n);
    expect(spans[0]?.traceId).toBe('00000000000000000000000000000001');
  });

  test('OTLP with ids in upper case', async () => {
    const { spans } = await readFile(`${FOLDER}/otlp-example.json`, machineDisk());
    expect(spans).toEqual([
      {
        traceId: '5b8efff798038103d269b633813fc60c',
        spanId: 'eee19b7ec3c1b174',
        parentSpanId: 'eee19b7ec3c1b173',
        name: "I'm a server span",
        kind: 'server',
        start: 1544712660000000000n,
        end: 1544712661000000000n,
        status: 'unset',
        attributes: new Map([['my.span.attr', 'some value']]),
        resource: { attributes: new Map([['service.name', 'my.service']]), service: 'my.service' },
        scope: 'my.library',
        events: [],
        traceState: '',
      },
    ]);
  });
});
