/** Whether the clock of the machine is steady. */
import { type Finding, problem } from './finding.ts';
import type { Machine } from './machine.ts';

/** In half a second; what a clock that is being corrected gently moves is a thousandth of that. */
const MOST_DRIFT_MS = 50;
/** Before the first release of this program no clock can be right. */
const EARLIEST = Date.UTC(2025, 0, 1);

export async function checkClock(machine: Machine, now: number): Promise<Finding> {
  const { driftMs, watchedMs } = await machine.clockDrift();
  const text = `${new Date(now).toISOString().slice(0, 19)}Z, moved ${Math.abs(driftMs).toFixed(1)} ms in ${Math.round(watchedMs)} ms`;
  const problems = [];
  if (Math.abs(driftMs) > MOST_DRIFT_MS) {
    problems.push(
      problem(
        'FL808',
        'warning',
        `the wall clock moved by ${Math.round(driftMs)} ms while it was watched for ${Math.round(watchedMs)} ms`,
        'see that one program sets the clock, gently: chrony or systemd-timesyncd',
      ),
    );
  }
  if (now < EARLIEST) {
    problems.push(
      problem(
        'FL808',
        'error',
        `the clock says ${new Date(now).toISOString()}, which is past`,
        'set the clock, or start NTP',
      ),
    );
  }
  return { subject: 'clock', text, problems };
}
