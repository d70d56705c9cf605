/** Shapes of settings that occur often, each with the default that the code has. */
import { BYTES, formatBytes } from '../base/bytes.ts';
import { formatDuration, type Nanos } from '../base/nanos.ts';
import { DURATION, type NumberShape, type TextShape } from '../invariant/shape/shape.ts';

export function duration(fallback: Nanos, description: string): TextShape {
  const text = formatDuration(fallback);
  return {
    kind: 'text',
    pattern: DURATION,
    what: `a duration such as \`${text}\``,
    default: text,
    description,
  };
}

/** `fallback` null: no size at all holds without it. */
export function size(fallback: number | null, description: string): TextShape {
  const text = formatBytes(fallback ?? 100 * 1024 ** 3);
  return {
    kind: 'text',
    pattern: BYTES,
    what: `a size such as \`${text}\``,
    ...(fallback === null ? {} : { default: text }),
    description,
  };
}

export function count(fallback: number, description: string): NumberShape {
  return { kind: 'number', integer: true, minimum: 1, default: fallback, description };
}
