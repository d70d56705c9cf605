/** Time as OpenTelemetry has it: whole nanoseconds since 1970-01-01T00:00:00Z, or a length of time in nanoseconds. */
export type Nanos = bigint;

/** Nanoseconds in each unit that the language knows, longest first. */
export const NANOS_PER_UNIT = {
  d: 86_400_000_000_000n,
  h: 3_600_000_000_000n,
  m: 60_000_000_000n,
  s: 1_000_000_000n,
  ms: 1_000_000n,
  us: 1_000n,
  ns: 1n,
} as const;

type DurationUnit = keyof typeof NANOS_PER_UNIT;

const DURATION = /^(\d+)(?:\.(\d+))?(ns|us|ms|s|m|h|d)$/;

/**
 * Reads a duration such as `250ms` or `1.5s`; null when the text is none. Digits below a nanosecond are dropped.
 */
export function parseDuration(text: string): Nanos | null {
  const match = DURATION.exec(text);
  if (match === null) return null;
  const [, whole = '0', fraction = '', unit = 'ns'] = match;
  const scale = NANOS_PER_UNIT[unit as DurationUnit];
  const part = fraction === '' ? 0n : (BigInt(fraction) * scale) / 10n ** BigInt(fraction.length);
  return BigInt(whole) * scale + part;
}

/** Writes a duration with the longest unit that needs no fraction: 5000000000n is `5s`, 1500000000n is `1500ms`. */
export function formatDuration(nanos: Nanos): string {
  if (nanos === 0n) return '0s';
  if (nanos < 0n) return `-${formatDuration(-nanos)}`;
  for (const [unit, scale] of Object.entries(NANOS_PER_UNIT)) {
    if (nanos % scale === 0n) return `${nanos / scale}${unit}`;
  }
  return `${nanos}ns`;
}

/** Writes a duration for a person, with about three figures: 81234567n is `81.2ms`. */
export function humanDuration(nanos: Nanos): string {
  if (nanos < 0n) return `-${humanDuration(-nanos)}`;
  for (const unit of ['d', 'h', 'm', 's', 'ms', 'us'] as const) {
    const scale = NANOS_PER_UNIT[unit];
    if (nanos >= scale) {
      const value = Number(nanos) / Number(scale);
      const figures = value >= 100 ? 0 : value >= 10 ? 1 : 2;
      return `${Number(value.toFixed(figures))}${unit}`;
    }
  }
  return `${nanos}ns`;
}
