/** What one judgement carries along: the scope, the bound span, what was found unknown on the way. */
import type { ConditionNode, PredicateNode, SelectorNode } from '../../language/ast.ts';
import type { Span } from '../../trace/span.ts';
import type { InconclusiveReason, JudgeSettings, UnknownAttribute } from '../verdict.ts';
import type { ValueIndex } from './bound-equality.ts';
import type { Scope } from './scope.ts';
import type { Truth } from './truth.ts';

/** Told of each condition and comparison that is evaluated: the rule tests' coverage. */
export interface Observer {
  condition?(node: ConditionNode, truth: Truth): void;
  predicate?(node: PredicateNode, truth: Truth): void;
}

export interface Context {
  readonly scope: Scope;
  readonly settings: JudgeSettings;
  /**
   * Judge as if more spans could come: only what no further span can change is true or false. How an incomplete scope is
   * judged.
   */
  readonly open: boolean;
  /** The span that `each` has bound, by its name. */
  readonly bound: { readonly name: string; readonly span: Span } | null;
  readonly unknowns: Unknowns;
  readonly observer: Observer | null;
  /** Selections that do not depend on the bound span: shared by the contexts of all bound spans. */
  readonly selections: Map<SelectorNode, Selection>;
  /** Those that do. */
  readonly boundSelections: Map<SelectorNode, Selection>;
  /** Spans by the values that selectors compare with the bound span's; shared by the contexts of all bound spans. */
  readonly indexes: Map<SelectorNode, ValueIndex | 'looked at once'>;
  readonly names: ReadonlyMap<string, readonly Span[]>;
  /** Spans by the selectors that name them with a pattern. */
  readonly matched: Map<SelectorNode, readonly Span[]>;
  /** What one judgement may still cost. */
  readonly budget: Budget;
}

/** Counts tests of spans, list by list: the same everywhere for the same scope. */
export class Budget {
  #left: number;

  constructor(comparisons: number) {
    this.#left = comparisons;
  }

  get isSpent(): boolean {
    return this.#left < 0;
  }

  /** Whether so many more tests are within the budget. */
  spend(comparisons: number): boolean {
    this.#left -= comparisons;
    return this.#left >= 0;
  }
}

export const TOO_COSTLY: InconclusiveReason = { kind: 'too-costly' };

/** A selector's spans: those that belong to it for certain, and those that may, with the reason of the doubt. */
export interface Selection {
  /** Canonical order. */
  readonly sure: readonly Span[];
  readonly maybe: ReadonlyMap<Span, InconclusiveReason>;
}

/** The truth of a condition; when unknown, at least one reason why. */
export interface Outcome {
  readonly truth: Truth;
  readonly doubts: readonly InconclusiveReason[];
}

/** Spans by name, for selectors that name one exactly. */
export function spansByName(spans: readonly Span[]): ReadonlyMap<string, readonly Span[]> {
  const known = namesOf.get(spans);
  if (known !== undefined) return known;
  const names = new Map<string, Span[]>();
  for (const span of spans) {
    const same = names.get(span.name);
    if (same === undefined) names.set(span.name, [span]);
    else same.push(span);
  }
  namesOf.set(spans, names);
  return names;
}

/** A trace is judged by many rules, and its list of spans never changes. */
const namesOf = new WeakMap<readonly Span[], ReadonlyMap<string, readonly Span[]>>();

/** Counts comparisons that met a missing attribute or another type: once for each comparison and span. */
export class Unknowns {
  readonly #met = new Map<object, Set<Span>>();
  readonly #byAttribute = new Map<string, { missing: number; otherType: number }>();

  note(comparison: object, span: Span, attribute: string, why: 'missing' | 'otherType'): void {
    let spans = this.#met.get(comparison);
    if (spans === undefined) {
      spans = new Set();
      this.#met.set(comparison, spans);
    }
    if (spans.has(span)) return;
    spans.add(span);
    let counts = this.#byAttribute.get(attribute);
    if (counts === undefined) {
      counts = { missing: 0, otherType: 0 };
      this.#byAttribute.set(attribute, counts);
    }
    counts[why]++;
  }

  /** By attribute, in code point order. */
  list(): UnknownAttribute[] {
    return [...this.#byAttribute]
      .map(([attribute, counts]) => ({ attribute, ...counts }))
      .sort((a, b) => (a.attribute < b.attribute ? -1 : 1));
  }
}
