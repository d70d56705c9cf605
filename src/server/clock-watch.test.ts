import { describe, expect, it } from 'vitest';
import { type ServerClock, SteadyClock } from './clock.ts';
import { ClockWatch } from './clock-watch.ts';
import { Health } from './health.ts';
import { SILENT_LOG } from './log.ts';

const BEGIN = Date.UTC(2026, 0, 2);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function watched() {
  const now = { wall: BEGIN, monotonic: 0 };
  let timers: { due: number; callback: () => void }[] = [];
  const clock: ServerClock = {
    wall: () => now.wall,
    monotonic: () => now.monotonic,
    after(milliseconds, callback) {
      const timer = { due: now.monotonic + milliseconds, callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
  };
  const health = new Health();
  const watch = new ClockWatch({ clock, health, log: SILENT_LOG });
  const time = new SteadyClock(clock, ({ byMs }) => watch.jumped(byMs));
  const pass = (milliseconds: number) => {
    now.wall += milliseconds;
    now.monotonic += milliseconds;
    const due = timers.filter((timer) => timer.due <= now.monotonic);
    timers = timers.filter((timer) => timer.due > now.monotonic);
    for (const { callback } of due) callback();
    time.now();
  };
  const notes = () => health.report().notes.map(({ condition }) => condition);
  return { now, watch, health, pass, notes, ageing: () => watch.ageing(time).now };
}

describe('ClockWatch', () => {
  it('lets the archive age by a clock that is steady', () => {
    const { ageing, pass, watch, notes, now } = watched();
    watch.started(BEGIN - HOUR);
    pass(HOUR);
    expect(ageing()).toBe(now.wall);
    expect(notes()).toEqual([]);
  });

  it('tells a jump for an hour after the last one, and lets nothing age so long', () => {
    const { now, ageing, pass, notes, health } = watched();
    now.wall += HOUR;
    pass(MINUTE);
    expect(health.report().notes[0]?.message).toBe(
      'the clock of the machine jumped forward by 1h, from 2026-01-02T00:01:00Z to 2026-01-02T01:01:00Z',
    );
    expect(ageing()).toBeNull();
    pass(50 * MINUTE);
    now.wall += HOUR;
    pass(50 * MINUTE);
    expect(notes()).toEqual(['clock-jumped']);
    pass(50 * MINUTE);
    expect(notes()).toEqual(['clock-jumped']);
    pass(15 * MINUTE);
    expect(notes()).toEqual([]);
    expect(ageing()).toBe(now.wall);
  });

  it('believes a clock that jumped far ahead only after a day', () => {
    const { now, ageing, pass, notes } = watched();
    now.wall += 60 * DAY;
    pass(MINUTE);
    pass(23 * HOUR);
    expect(notes()).toEqual(['retention-held']);
    expect(ageing()).toBeNull();
    pass(2 * HOUR);
    expect(notes()).toEqual([]);
    expect(ageing()).toBe(now.wall);
  });

  it('believes a clock that is far ahead of what is on disk only after a day', () => {
    const { ageing, pass, watch, health, now } = watched();
    watch.started(BEGIN - 60 * DAY);
    expect(health.isReady).toBe(true);
    expect(health.report().notes).toMatchObject([
      {
        condition: 'retention-held',
        message:
          'nothing is removed from the archive for its age: the clock says 2026-01-02T00:00:00Z, and the last record on disk is of 2025-11-03T00:00:00Z',
      },
    ]);
    expect(ageing()).toBeNull();
    pass(25 * HOUR);
    expect(health.report().notes).toEqual([]);
    expect(ageing()).toBe(now.wall);
  });

  it('says that the clock was set back between two runs, and ages by the earlier time', () => {
    const { ageing, pass, watch, health, now } = watched();
    watch.started(BEGIN + 60 * DAY);
    expect(health.report().notes).toMatchObject([
      {
        condition: 'clock-jumped',
        message:
          'the clock says 2026-01-02T00:00:00Z, and the last record on disk is of 2026-03-03T00:00:00Z: it was set back',
      },
    ]);
    expect(ageing()).toBeNull();
    pass(2 * HOUR);
    expect(ageing()).toBe(now.wall);
  });

  it('finds nothing in a new folder', () => {
    const { watch, notes } = watched();
    watch.started(0);
    expect(notes()).toEqual([]);
  });
});
