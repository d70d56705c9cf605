import { describe, expect, it } from 'vitest';
import { type ClockJump, type ServerClock, SteadyClock } from './clock.ts';

function steady() {
  const time = { wall: 1_000_000, monotonic: 0 };
  const jumps: ClockJump[] = [];
  const clock: ServerClock = {
    wall: () => time.wall,
    monotonic: () => time.monotonic,
    after: () => () => {},
  };
  const pass = (milliseconds: number) => {
    time.wall += milliseconds;
    time.monotonic += milliseconds;
  };
  return { time, pass, jumps, clock: new SteadyClock(clock, (jump) => jumps.push(jump)) };
}

describe('SteadyClock', () => {
  it('is the wall clock while that is steady', () => {
    const { clock, pass, jumps } = steady();
    pass(500);
    expect(clock.now()).toBe(1_000_500);
    expect(jumps).toEqual([]);
  });

  it('does not take a step forward for time that has passed, tells it, and catches up', () => {
    const { clock, pass, time, jumps } = steady();
    time.wall += 3_600_000;
    pass(100);
    expect(clock.now()).toBe(1_000_150);
    expect(jumps).toEqual([{ byMs: 3_600_000 }]);
    pass(7_199_000);
    expect(clock.now()).toBe(11_798_650);
    expect(clock.now()).toBeLessThan(time.wall);
    pass(1_000);
    expect(clock.now()).toBe(time.wall);
    expect(jumps).toHaveLength(1);
  });

  it('goes on at half its pace after a step back, until the wall clock has caught up', () => {
    const { clock, pass, time, jumps } = steady();
    time.wall -= 10_000;
    pass(1);
    clock.now();
    expect(jumps).toEqual([{ byMs: -10_000 }]);
    let last = clock.now();
    // In single milliseconds, of which half is none: the halves must add up.
    for (let at = 0; at < 10_000; at++) {
      pass(1);
      const now = clock.now();
      expect(now).toBeGreaterThanOrEqual(last);
      last = now;
    }
    expect(last).toBe(1_005_000);
    pass(20_000);
    expect(clock.now()).toBe(time.wall);
    expect(jumps).toHaveLength(1);
  });

  it('does not begin before what was written before a restart', () => {
    const { clock, pass } = steady();
    clock.atLeast(1_000_500);
    expect(clock.now()).toBe(1_000_500);
    pass(1_000);
    expect(clock.now()).toBe(1_001_000);
  });
});
