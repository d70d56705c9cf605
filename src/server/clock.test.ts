import { afterEach, describe, expect, it, vi } from 'vitest';
import { type ClockJump, type ServerClock, SteadyClock, systemClock } from './clock.ts';

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

  it('catches up with a small step forward at one and a half times its pace, and tells it', () => {
    const { clock, pass, time, jumps } = steady();
    time.wall += 30_000;
    pass(100);
    expect(clock.now()).toBe(1_000_150);
    expect(jumps).toEqual([{ byMs: 30_000 }]);
    pass(59_000);
    expect(clock.now()).toBe(1_088_650);
    expect(clock.now()).toBeLessThan(time.wall);
    pass(1_000);
    expect(clock.now()).toBe(time.wall);
    expect(jumps).toHaveLength(1);
  });

  it('takes a large step forward at once, told before it answers, and keeps its pace', () => {
    const { clock, pass, time, jumps } = steady();
    time.wall += 60 * 86_400_000;
    pass(100);
    expect(clock.now()).toBe(time.wall);
    expect(jumps).toEqual([{ byMs: 60 * 86_400_000 }]);
    pass(10_000);
    expect(clock.now()).toBe(time.wall);
    expect(jumps).toHaveLength(1);
  });

  it('goes on at half its pace after a small step back, until the wall clock has caught up', () => {
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

  it('hardly changes its pace after a large step back, and still comes back in the end', () => {
    const { clock, pass, time, jumps } = steady();
    time.wall -= 3_600_000;
    pass(1_000);
    expect(clock.now()).toBe(1_000_990);
    expect(jumps).toEqual([{ byMs: -3_600_000 }]);
    for (let hour = 0; hour < 101; hour++) {
      pass(3_600_000);
      clock.now();
    }
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

describe('systemClock', () => {
  afterEach(() => vi.restoreAllMocks());

  it('never asks for a longer wait than the timers of the system know', () => {
    const set = vi.spyOn(globalThis, 'setTimeout');
    systemClock().after(60 * 86_400_000, () => {})();
    expect(set.mock.calls.map(([, wait]) => wait)).toEqual([2 ** 31 - 1]);
  });
});
