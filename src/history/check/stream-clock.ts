/**
 * How far a stream of spans has come, in seconds of its own time, from the ends of the spans as they arrive. Files that
 * are put behind each other begin again at an earlier hour, and hosts with other clocks are mixed: a jump moves the clock by
 * a second only, whichever its direction, so that it neither closes what is still coming nor stands still.
 */

/** A step of more than this is a jump. */
const JUMP_SECONDS = 60;

export class StreamClock {
  /** Never goes back. */
  progress = 0;
  #latest = Number.NaN;

  /** Takes the latest end of a record's spans, in seconds. */
  observe(seconds: number): void {
    const step = seconds - this.#latest;
    if (step > 0 && step <= JUMP_SECONDS) {
      this.progress += step;
      this.#latest = seconds;
    } else if (step > JUMP_SECONDS || step < -JUMP_SECONDS) {
      this.progress += 1;
      this.#latest = seconds;
    } else if (Number.isNaN(step)) this.#latest = seconds;
  }
}
