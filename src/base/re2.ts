/**
 * RE2 expressions: linear in the text, whatever the pattern. Attributes come from outside, and a backtracking engine
 * would let a caller stop the program. DuckDB and ClickHouse use RE2 as well, so a stored query means the same.
 */
import { RE2JS } from 're2js';

export interface Re2 {
  readonly pattern: string;
  /** Whether the whole text matches (anchored at both ends; `.` does not match a line end). */
  matches(text: string): boolean;
}

type Re2Result = { readonly ok: true; readonly re2: Re2 } | { readonly ok: false; readonly error: string };

/** Compiles a pattern; `error` is RE2's own sentence. */
export function compileRe2(pattern: string): Re2Result {
  try {
    const compiled = RE2JS.compile(pattern);
    return { ok: true, re2: { pattern, matches: (text) => compiled.matches(text) } };
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error.message : String(error) };
  }
}
