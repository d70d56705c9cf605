/** What the process itself costs: memory, processor, and how late its event loop is. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { ServerClock } from '../clock.ts';
import type { ServerMetrics } from './server-metrics.ts';

/** What the process costs, so that tests can have their own. */
export interface ProcessUsage {
  /** When it began: milliseconds since 1970. */
  readonly startedAt: number;
  /** Bytes. */
  memory(): { readonly resident: number; readonly heap: number };
  /** Seconds of processor time since the start. */
  cpuSeconds(): number;
  /** Begins to watch the event loop. */
  watchLoop(): LoopDelay;
}

/** How late the event loop came to what was due, in seconds, since the last `reset`. */
export interface LoopDelay {
  /** From 0 to 1; 1 is the longest. */
  quantile(share: number): number;
  reset(): void;
  stop(): void;
}

const QUANTILES = [0.5, 0.9, 0.99, 1] as const;
const RESOLUTION_MS = 20;
/** How late the loop is, is told of the last window that is over and the one that runs, however often and by whom it is asked. */
const WINDOW_MS = 60_000;

/** Begins to measure; returns a function that ends it. */
export function observeProcess(
  metrics: ServerMetrics,
  version: string,
  usage: ProcessUsage,
  clock: ServerClock,
): () => void {
  const delay = usage.watchLoop();
  let before: readonly number[] = [];
  let cancel = () => {};
  const turnLater = () => {
    cancel = clock.after(WINDOW_MS, () => {
      before = QUANTILES.map((quantile) => delay.quantile(quantile));
      delay.reset();
      turnLater();
    });
  };
  turnLater();
  metrics.buildInfo.set(1, version, process.version);
  metrics.startTime.set(Math.round(usage.startedAt / 1000));
  metrics.registry.onCollect(() => {
    const { resident, heap } = usage.memory();
    metrics.residentMemory.set(resident);
    metrics.heapUsed.set(heap);
    metrics.cpuSeconds.setTotal(usage.cpuSeconds());
    QUANTILES.forEach((quantile, place) => {
      metrics.eventLoopDelay.set(Math.max(before[place] ?? 0, delay.quantile(quantile)), String(quantile));
    });
  });
  return () => {
    cancel();
    delay.stop();
  };
}

/** Of this process, as the system and Node tell it. */
export function systemUsage(clock: ServerClock): ProcessUsage {
  return {
    startedAt: clock.wall() - process.uptime() * 1000,
    memory: () => {
      const { rss, heapUsed } = process.memoryUsage();
      return { resident: rss, heap: heapUsed };
    },
    cpuSeconds: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    },
    watchLoop: systemLoopDelay,
  };
}

function systemLoopDelay(): LoopDelay {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  // The timer's own period is no delay.
  const late = (nanos: number) => Math.max(0, nanos / 1e9 - RESOLUTION_MS / 1e3);
  return {
    quantile: (share) =>
      delay.count === 0 ? 0 : late(share === 1 ? delay.max : delay.percentile(share * 100)),
    reset: () => delay.reset(),
    stop: () => delay.disable(),
  };
}
