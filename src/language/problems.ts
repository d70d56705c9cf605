/** Collects what is wrong with one text, in the order of the text. */
import type { DiagnosticCode } from '../diagnostic/codes.ts';
import type { Diagnostic, SourceText, TextRange } from '../diagnostic/diagnostic.ts';

/** Nobody mends more in one go, and a text of 64 KiB can hold thousands. */
const MOST_PROBLEMS = 100;

export interface Problem {
  readonly code: DiagnosticCode;
  readonly range: TextRange;
  readonly message: string;
  readonly help: string;
  readonly notes?: readonly string[];
  readonly fix?: { readonly range: TextRange; readonly text: string } | undefined;
}

export class Problems {
  readonly source: SourceText;
  readonly #found: Diagnostic[] = [];

  constructor(source: SourceText) {
    this.source = source;
  }

  report(problem: Problem): void {
    if (this.#found.length >= MOST_PROBLEMS) return;
    const { fix, ...rest } = problem;
    this.#found.push({
      ...rest,
      severity: 'error',
      source: this.source,
      ...(fix === undefined ? {} : { fix }),
    });
  }

  get any(): boolean {
    return this.#found.length > 0;
  }

  /** By position; what was reported first stands first where two begin together. */
  list(): Diagnostic[] {
    return this.#found.toSorted((a, b) => (a.range?.start ?? 0) - (b.range?.start ?? 0));
  }
}
