/** Collects what is wrong with one text, in the order of the text. */
import type { DiagnosticCode } from '../diagnostic/codes.ts';
import type { Diagnostic, SourceText, TextRange } from '../diagnostic/diagnostic.ts';

/** Nobody mends more in one go, and a text of 64 KiB can hold thousands. */
const MOST_PROBLEMS = 100;

const LONGEST_SENTENCE = 500;

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
  readonly #misread = new Set<number>();

  constructor(source: SourceText) {
    this.source = source;
  }

  /** From here on a problem that begins where one was told before is noise: it comes of how that was read. */
  startChecking(): void {
    for (const { range } of this.#found) if (range !== undefined) this.#misread.add(range.start);
  }

  report(problem: Problem): void {
    if (this.#found.length >= MOST_PROBLEMS || this.#misread.has(problem.range.start)) return;
    const { fix, message, help, ...rest } = problem;
    this.#found.push({
      ...rest,
      message: cut(message),
      help: cut(help),
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

/** A name of 60,000 letters is quoted in part: a message is for a person to read. */
function cut(sentence: string): string {
  return sentence.length <= LONGEST_SENTENCE ? sentence : `${sentence.slice(0, LONGEST_SENTENCE - 1)}…`;
}
