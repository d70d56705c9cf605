/** Times as people take them in: how long ago, and when. */

const SECOND = 1_000;
const STEPS: readonly (readonly [unit: string, milliseconds: number])[] = [
  ['d', 86_400 * SECOND],
  ['h', 3_600 * SECOND],
  ['min', 60 * SECOND],
  ['s', SECOND],
];

/** `3 min ago`; `at` is ISO 8601. */
export function ago(at: string, now: number): string {
  const passed = now - Date.parse(at);
  const step = STEPS.find(([, milliseconds]) => passed >= milliseconds);
  return step === undefined ? 'just now' : `${Math.floor(passed / step[1])} ${step[0]} ago`;
}

/** `2026-03-01 12:00:30 UTC`. */
export function timeText(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 19)} UTC`;
}
