/** How much of an input is held at once. */

export interface InputLimits {
  /** A JSON document up to this many bytes is one record; of a larger one the elements that are whole become records. */
  readonly wholeDocument: number;
  /** A line longer than this is not waited for: it is cut like a document of many lines. */
  readonly longLine: number;
  /** So much is held before spans are read without the resource that should stand before them. */
  readonly headerWait: number;
  /** A piece that cannot be cut further, in bytes. */
  readonly record: number;
  /** The same for a Jaeger trace, whose processes stand behind its spans. */
  readonly jaegerTrace: number;
}

const MIB = 1024 * 1024;

export const INPUT_LIMITS: InputLimits = {
  wholeDocument: 2 * MIB,
  longLine: 8 * MIB,
  headerWait: 16 * MIB,
  record: 64 * MIB,
  jaegerTrace: 256 * MIB,
};

/** Writes a limit for a person. */
export function humanBytes(bytes: number): string {
  return bytes % MIB === 0 ? `${bytes / MIB} MiB` : `${bytes} bytes`;
}
