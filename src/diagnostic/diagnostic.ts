/**
 * What Fluo says about something that a person gave it. A diagnostic is a value: functions that read user input return
 * all of theirs at once and never throw for one.
 */
import type { DiagnosticCode } from './codes.ts';

export type Severity = 'error' | 'warning' | 'info';

/** Two offsets into a text, in UTF-16 code units, the end exclusive. Line and column are computed when printed. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** A text that positions point into: a rule file, a rule's condition, a line of traces, the command line. */
export interface SourceText {
  /** What a person calls it: a path as given, `<stdin>`, `command line`. */
  readonly name: string;
  readonly text: string;
}

export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  /** One sentence, without a full stop at the end; the user's own things in backticks; what was expected and what was found. */
  readonly message: string;
  /** Where. Absent only when there is no text to point into (an unreadable file, say: then `file` names it). */
  readonly source?: SourceText;
  readonly range?: TextRange;
  /** The file concerned, where no source text is at hand. */
  readonly file?: string;
  /** Line in `file`, from 1, for inputs too large to hold. */
  readonly line?: number;
  /** Further facts, a sentence each. */
  readonly notes?: readonly string[];
  /** What to do next, imperative. Every diagnostic has one. */
  readonly help: string;
  /** A mechanical repair, where one is certain. */
  readonly fix?: { readonly range: TextRange; readonly text: string };
}

/** Moves a diagnostic of an embedded text (a condition inside a YAML file) to its place in the outer text. */
export function relocate(
  diagnostic: Diagnostic,
  outer: SourceText,
  toOuter: (offset: number) => number,
): Diagnostic {
  const { range, fix } = diagnostic;
  const move = (r: TextRange): TextRange => ({ start: toOuter(r.start), end: toOuter(r.end) });
  return {
    ...diagnostic,
    source: outer,
    ...(range === undefined ? {} : { range: move(range) }),
    ...(fix === undefined ? {} : { fix: { range: move(fix.range), text: fix.text } }),
  };
}
