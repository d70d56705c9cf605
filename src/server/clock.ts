/**
 * Time as the server knows it. Timeouts go by the monotonic clock; what people read goes by the wall clock, which may jump. `SteadyClock`
 * makes one of the two that never goes back.
 */
import type { Millis } from '../engine/streaming/stream.ts';

export interface ServerClock {
  /** Milliseconds since 1970; may jump either way. */
  wall(): Millis;
  /** Milliseconds since some moment; never jumps. */
  monotonic(): number;
  /** Calls `callback` once after so many milliseconds; returns a function that ends it. */
  after(milliseconds: number, callback: () => void): () => void;
}

export interface ClockJump {
  /** Forward or, if negative, back. */
  readonly byMs: number;
}

/** Less is taken for the ordinary corrections of a synchronised clock. */
const JUMP_MS = 1_000;
/** So much is caught up with by another pace; every window is longer or shorter by then, so it must not last. */
const SLEW_MS = 60_000;
/** Pace of what is further ahead of the wall clock: it comes back in the end, and no window is longer by more than a hundredth. */
const LEAD_PACE = 0.99;
/** The longest wait that Node's timers know; beyond it they call back at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * The wall clock without its jumps: a step forward must not be taken for silence, nor one back for time that has not passed. Up to a minute is caught
 * up with at half the pace, or one and a half times it. What jumps further ahead is stepped to at once, and told: whoever watches windows
 * notes that the time in between was none. What is further behind is awaited at nearly the ordinary pace.
 */
export class SteadyClock {
  readonly #clock: ServerClock;
  readonly #onJump: (jump: ClockJump) => void;
  #last: Millis;
  #monotonic: number;
  /** Wall minus monotonic, as it was last: a jump changes it. */
  #offset: number;

  constructor(clock: ServerClock, onJump: (jump: ClockJump) => void) {
    this.#clock = clock;
    this.#onJump = onJump;
    this.#last = clock.wall();
    this.#monotonic = clock.monotonic();
    this.#offset = this.#last - this.#monotonic;
  }

  /** Milliseconds since 1970, not before what it said last. A jump is told before it answers. */
  now(): Millis {
    const wall = this.#clock.wall();
    const monotonic = this.#clock.monotonic();
    const passed = monotonic - this.#monotonic;
    const jumped = wall - monotonic - this.#offset;
    this.#monotonic = monotonic;
    this.#offset = wall - monotonic;
    const behind = wall - (this.#last + passed);
    const steps = behind > SLEW_MS;
    if (steps) this.#last = wall;
    else if (behind < -SLEW_MS) this.#last += passed * LEAD_PACE;
    else this.#last = Math.min(Math.max(wall, this.#last + passed / 2), this.#last + passed * 1.5);
    if (Math.abs(jumped) > JUMP_MS) this.#onJump({ byMs: Math.round(jumped) });
    else if (steps) this.#onJump({ byMs: Math.round(behind) });
    return Math.floor(this.#last);
  }

  /** Not before this from now on: what was written before a restart may be ahead of the wall clock. */
  atLeast(time: Millis): void {
    this.#last = Math.max(this.#last, time);
  }
}

/** The real ones. */
export function systemClock(): ServerClock {
  return {
    wall: () => Date.now(),
    monotonic: () => performance.now(),
    after(milliseconds, callback) {
      const timer = setTimeout(callback, Math.min(milliseconds, LONGEST_TIMER_MS));
      return () => clearTimeout(timer);
    },
  };
}
