import { describe, expect, it } from 'vitest';
import { NameTable } from '../otlp/name-table.ts';
import { RequestScanner } from '../otlp/proto/request-scanner.ts';
import { ScannedRequest } from '../otlp/proto/scanned-request.ts';
import { SpanProjector } from '../otlp/proto/span-projector.ts';
import type { Span } from '../trace/span.ts';
import type { ServerClock } from './clock.ts';
import { ownTelemetry } from './own-telemetry.ts';

function exporter(ratio = 1, taken = true) {
  const time = { wall: 1_000_000, monotonic: 50 };
  const timers: (() => void)[] = [];
  const sent: Span[] = [];
  const outcomes: [string, number][] = [];
  const clock: ServerClock = {
    wall: () => time.wall,
    monotonic: () => time.monotonic,
    after: (_milliseconds, callback) => {
      timers.push(callback);
      return () => timers.splice(timers.indexOf(callback), 1);
    },
  };
  let ids = 0;
  const telemetry = ownTelemetry({
    settings: { endpoint: 'http://collector/v1/traces', headers: {}, ratio },
    clock,
    version: '1.2.3',
    random: () => 0.5,
    bytes: (count) => new Uint8Array(count).fill(++ids),
    post: async (body) => {
      const request = new ScannedRequest();
      const names = new NameTable();
      expect(new RequestScanner(names).scan(body, request)).toBeNull();
      const projector = new SpanProjector({
        names,
        attributes: new Set(),
        resource: new Set(),
        events: true,
        traceState: true,
      } as never);
      for (let row = 0; row < request.count; row++) sent.push(projector.full(request, row));
      return taken;
    },
    onOutcome: (outcome, spans) => outcomes.push([outcome, spans]),
  });
  return { telemetry, time, timers, sent, outcomes };
}

describe('ownTelemetry', () => {
  it('sends spans with their children, timed by the monotonic clock', async () => {
    const { telemetry, time, timers, sent, outcomes } = exporter();
    const root = telemetry.begin('export', 'server');
    time.monotonic += 2;
    // The wall clock is set back: an end must not come before its start.
    time.wall -= 3_600_000;
    const child = root?.child('sync');
    time.monotonic += 3;
    child?.end();
    root?.set('spans', 7);
    root?.end(true);
    timers[0]?.();
    await telemetry.stop();
    expect(sent).toMatchObject([
      { name: 'sync', kind: 'internal', status: 'unset', start: 1_000_002_000_000n, end: 1_000_005_000_000n },
      { name: 'export', kind: 'server', status: 'error', parentSpanId: '', start: 1_000_000_000_000n },
    ]);
    expect(sent[0]?.traceId).toBe(sent[1]?.traceId);
    expect(sent[0]?.parentSpanId).toBe(sent[1]?.spanId);
    expect(sent[1]?.attributes.get('spans')).toBe(7);
    expect(sent[1]?.resource.attributes.get('service.name')).toBe('fluo');
    expect(outcomes).toEqual([['exported', 2]]);
  });

  it('observes a share only', () => {
    expect(exporter(0.4).telemetry.begin('export')).toBeNull();
    expect(exporter(0.6).telemetry.begin('export')).not.toBeNull();
    expect(exporter(0).telemetry.begin('export')).toBeNull();
  });

  it('drops what cannot be sent, and what is too much', async () => {
    const { telemetry, outcomes } = exporter(1, false);
    telemetry.begin('a')?.end();
    await telemetry.stop();
    expect(outcomes).toEqual([['dropped', 1]]);
    const full = exporter();
    for (let at = 0; at < 3_000; at++) full.telemetry.begin('a')?.end();
    await full.telemetry.stop();
    const sum = (kind: string) =>
      full.outcomes.filter(([outcome]) => outcome === kind).reduce((total, [, spans]) => total + spans, 0);
    expect(sum('exported') + sum('dropped')).toBe(3_000);
    expect(sum('dropped')).toBeGreaterThan(0);
  });
});
