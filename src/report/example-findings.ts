/** The few findings that are shown of many: first one of each kind, so that a frequent cause does not hide a rare one. */
import type { Finding } from './check-report.ts';

/** Holds three times `most` findings at most, however many are added. */
export class ExampleFindings {
  readonly #most: number;
  readonly #causes = new Set<string>();
  readonly #first: Finding[] = [];
  /** First of their kind, and perhaps none: they come after the others. */
  readonly #doubtful: Finding[] = [];
  readonly #more: Finding[] = [];
  #count = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get count(): number {
    return this.#count;
  }

  /** Kinds of which the list has none. */
  get hiddenKinds(): number {
    return Math.max(0, this.#causes.size - this.#most);
  }

  add(finding: Finding): void {
    this.#count++;
    const cause = causeOf(finding);
    const isFirst = !this.#causes.has(cause);
    this.#causes.add(cause);
    const list = !isFirst ? this.#more : finding.hints.length > 0 ? this.#doubtful : this.#first;
    if (list.length < this.#most) list.push(finding);
  }

  list(): Finding[] {
    return [...this.#first, ...this.#doubtful, ...this.#more].slice(0, this.#most);
  }
}

/** What decided, and what sort of evidence there is for it. */
function causeOf({ clause, missing, nearest, order, reasons, hints }: Finding): string {
  return JSON.stringify([
    clause.line,
    clause.column,
    clause.endLine,
    clause.endColumn,
    missing.length > 0,
    nearest?.failed ?? null,
    [...new Set(order.map(({ problem }) => problem))].sort(),
    [...new Set(reasons.map(({ kind }) => kind))].sort(),
    hints.map(({ kind }) => kind),
  ]);
}
