/** What the process itself costs: memory, processor, and how late its event loop is. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { ServerMetrics } from './server-metrics.ts';

const QUANTILES = [0.5, 0.9, 0.99] as const;
const RESOLUTION_MS = 20;

/** Begins to measure; returns a function that ends it. */
export function observeProcess(metrics: ServerMetrics, version: string): () => void {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  metrics.buildInfo.set(1, version, process.version);
  metrics.startTime.set(Math.round(Date.now() / 1000 - process.uptime()));
  metrics.registry.onCollect(() => {
    const { rss, heapUsed } = process.memoryUsage();
    metrics.residentMemory.set(rss);
    metrics.heapUsed.set(heapUsed);
    const { user, system } = process.cpuUsage();
    metrics.cpuSeconds.setTotal((user + system) / 1e6);
    // The timer's own period is no delay.
    const late = (nanos: number) => Math.max(0, nanos / 1e9 - RESOLUTION_MS / 1e3);
    for (const quantile of QUANTILES) {
      metrics.eventLoopDelay.set(late(delay.percentile(quantile * 100)), String(quantile));
    }
    metrics.eventLoopDelay.set(delay.count === 0 ? 0 : late(delay.max), '1');
    delay.reset();
  });
  return () => delay.disable();
}
