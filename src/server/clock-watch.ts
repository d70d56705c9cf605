/**
 * What is said and done when the clock of the machine is not what it should be: a jump is told for an hour, and nothing is removed from the archive for
 * its age while a clock is not to be trusted with that.
 */
import { humanDuration } from '../base/nanos.ts';
import type { Millis } from '../engine/streaming/stream.ts';
import type { ServerClock, SteadyClock } from './clock.ts';
import type { Health } from './health.ts';
import type { Log } from './log.ts';

export interface ClockWatchOptions {
  readonly clock: ServerClock;
  readonly health: Health;
  readonly log: Log;
}

export interface Ageing {
  /** By which the age of what is kept is told; null: nothing is removed for its age. */
  readonly now: Millis | null;
}

const HOUR: Millis = 3_600_000;
const DAY: Millis = 24 * HOUR;
/** A jump is told for so long. */
const TOLD_FOR: Millis = HOUR;
/** A clock that is further ahead than this may remove half an archive. */
const FAR: Millis = DAY;
/** Of uptime: then a clock that was far ahead is believed. */
const BELIEVED_AFTER: Millis = DAY;
/** What a start finds further behind than this is a clock that was set back. */
const BEHIND: Millis = 60_000;

const SET_THE_CLOCK = 'see that one program sets the clock, gently: chrony or systemd-timesyncd';

export class ClockWatch {
  readonly #options: ClockWatchOptions;
  /** By the monotonic clock. */
  #heldUntil = Number.NEGATIVE_INFINITY;
  #cancelTold = () => {};
  #cancelHeld = () => {};

  constructor(options: ClockWatchOptions) {
    this.#options = options;
  }

  /** The clock jumped while the server ran. */
  jumped(byMs: number): void {
    const { clock, log } = this.#options;
    const way = byMs > 0 ? 'forward' : 'back';
    const to = clock.wall();
    const times = `from ${isoOf(to - byMs)} to ${isoOf(to)}`;
    log.warn('the clock of the machine jumped', { byMs, from: isoOf(to - byMs), to: isoOf(to) });
    this.#tell(`the clock of the machine jumped ${way} by ${shown(Math.abs(byMs))}, ${times}`);
    if (byMs > FAR) this.#hold(`the clock jumped ${times}`);
  }

  /** What a start finds. `lastRecord`: the last time that is on disk; 0: nothing is. */
  started(lastRecord: Millis): void {
    const { clock, log } = this.#options;
    const wall = clock.wall();
    const times = { clock: isoOf(wall), lastRecord: isoOf(lastRecord) };
    if (lastRecord === 0) return;
    if (wall < lastRecord - BEHIND) {
      log.warn('the clock of the machine is behind what is on disk', times);
      this.#tell(
        `the clock says ${times.clock}, and the last record on disk is of ${times.lastRecord}: it was set back`,
      );
    } else if (wall > lastRecord + FAR) {
      this.#hold(`the clock says ${times.clock}, and the last record on disk is of ${times.lastRecord}`);
    }
  }

  /** The time by which the archive's age is told. */
  ageing(time: SteadyClock): Ageing {
    const { clock, health } = this.#options;
    // First of all: it may find a jump.
    const now = time.now();
    const isDoubted = clock.monotonic() < this.#heldUntil || health.has('clock-jumped');
    // Of two times the earlier: it removes less.
    return { now: isDoubted ? null : Math.min(now, clock.wall()) };
  }

  stop(): void {
    this.#cancelTold();
    this.#cancelHeld();
  }

  #tell(message: string): void {
    const { clock, health } = this.#options;
    health.set('clock-jumped', message, SET_THE_CLOCK);
    this.#cancelTold();
    this.#cancelTold = clock.after(TOLD_FOR, () => health.clear('clock-jumped'));
  }

  #hold(why: string): void {
    const { clock, health, log } = this.#options;
    const help =
      'set the clock if it is wrong; if it is right, nothing has to be done: the server believes it after a day, or after another start';
    log.warn('nothing is removed from the archive for its age', { why, help });
    health.set('retention-held', `nothing is removed from the archive for its age: ${why}`, help);
    this.#heldUntil = clock.monotonic() + BELIEVED_AFTER;
    this.#cancelHeld();
    this.#cancelHeld = clock.after(BELIEVED_AFTER, () => health.clear('retention-held'));
  }
}

function isoOf(at: Millis): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

function shown(milliseconds: number): string {
  return humanDuration(BigInt(Math.round(milliseconds / 1000)) * 1_000_000_000n);
}
