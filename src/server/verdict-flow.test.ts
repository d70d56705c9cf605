import { describe, expect, it } from 'vitest';
import type { StreamEngine, VerdictCount } from '../engine/streaming/stream.ts';
import { systemClock } from './clock.ts';
import { Health } from './health.ts';
import { SILENT_LOG } from './log.ts';
import { serverMetrics } from './metrics/server-metrics.ts';
import type { Signalling } from './signalling.ts';
import { VerdictFlow } from './verdict-flow.ts';

function flowOf(counts: readonly VerdictCount[]) {
  const bugs: unknown[] = [];
  const told: VerdictCount[][] = [];
  const flow = new VerdictFlow({
    engine: { takeCounts: () => counts, takeClosed: () => [] } as unknown as StreamEngine,
    signalling: { counts: async () => {}, apply: async () => {} } as unknown as Signalling,
    lookup: () => undefined,
    clock: systemClock(),
    now: () => 0,
    metrics: serverMetrics(),
    health: new Health(),
    log: SILENT_LOG,
    onBug: (error) => bugs.push(error),
  });
  flow.start({
    through: () => ({ position: 1, at: 0 }),
    told: async (_through, some) => void told.push([...some]),
  });
  return { flow, bugs, told };
}

const count = (serviceVersion: string): VerdictCount => ({
  rule: 'r',
  ruleVersion: '1',
  verdict: 'satisfied',
  service: 'shop',
  serviceVersion,
  count: 1,
});

describe('VerdictFlow', () => {
  it('takes as many counts as many rules have of many services', async () => {
    const { flow, bugs, told } = flowOf(new Array<VerdictCount>(700_000).fill(count('1')));
    await flow.stop();
    expect(bugs).toEqual([]);
    expect(told.flat().reduce((sum, one) => sum + one.count, 0)).toBe(700_000);
  });

  it('bounds the versions that are told apart, and loses no count', async () => {
    const { flow, told } = flowOf(Array.from({ length: 20_000 }, (_, version) => count(`v${version}`)));
    await flow.stop();
    const [counts = []] = told;
    expect(counts.length).toBeLessThan(2_100);
    expect(counts.reduce((sum, one) => sum + one.count, 0)).toBe(20_000);
  });
});
