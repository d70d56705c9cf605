import { describe, expect, it } from 'vitest';
import type { ServerClock } from '../clock.ts';
import { observeProcess } from './process-metrics.ts';
import { serverMetrics } from './server-metrics.ts';

function observed() {
  const metrics = serverMetrics();
  const loop = { late: 0 };
  let timers: (() => void)[] = [];
  const clock: ServerClock = {
    wall: () => 0,
    monotonic: () => 0,
    after(_milliseconds, callback) {
      timers.push(callback);
      return () => {
        timers = timers.filter((timer) => timer !== callback);
      };
    },
  };
  const usage = {
    startedAt: 0,
    memory: () => ({ resident: 1, heap: 1 }),
    cpuSeconds: () => 0,
    watchLoop: () => ({
      quantile: () => loop.late,
      reset: () => {
        loop.late = 0;
      },
      stop: () => {},
    }),
  };
  const end = observeProcess(metrics, '1', usage, clock);
  const longest = () =>
    /fluo_event_loop_delay_seconds\{quantile="1"\} (\S+)/.exec(metrics.registry.expose())?.[1];
  const turn = () => {
    for (const timer of timers.splice(0)) timer();
  };
  return { loop, longest, turn, end, timers: () => timers.length };
}

describe('observeProcess', () => {
  it('tells each that asks how late the loop was, for a window after it', () => {
    const { loop, longest, turn, end, timers } = observed();
    loop.late = 0.4;
    expect([longest(), longest()]).toEqual(['0.4', '0.4']);
    turn();
    loop.late = 0.1;
    expect([longest(), longest()]).toEqual(['0.4', '0.4']);
    turn();
    expect(longest()).toBe('0.1');
    turn();
    expect(longest()).toBe('0');
    end();
    expect(timers()).toBe(0);
  });
});
