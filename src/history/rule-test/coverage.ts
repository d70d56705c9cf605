/**
 * Coverage of rules by their tests: which clause was never seen true, and which never false. A clause that no test has seen
 * both ways could say anything there.
 */
import type { SourceText, TextRange } from '../../diagnostic/diagnostic.ts';
import type { Observer } from '../../engine/reference/context.ts';
import type { Judgment } from '../../engine/verdict.ts';
import type { Rule } from '../../invariant/rule.ts';
import type { ConditionNode, PredicateNode } from '../../language/ast.ts';
import type { CompiledRule } from '../../language/compiled-rule.ts';
import { walkRule } from '../../language/walk.ts';

export interface RuleCoverage {
  readonly rule: Rule;
  /** Two for each clause: seen true, and seen false. */
  readonly goals: number;
  readonly reached: number;
  /** In the order of the condition. */
  readonly gaps: readonly CoverageGap[];
}

interface CoverageGap {
  /** As written. */
  readonly clause: string;
  /** The rule's file, and the clause's place in it. */
  readonly source: SourceText;
  readonly range: TextRange;
  readonly never: boolean;
}

/** A clause: the span that `each` binds, a condition or an operand of one, a comparison of a predicate. */
interface Clause {
  readonly range: TextRange;
  readonly node: ConditionNode | PredicateNode | null;
}

/**
 * Collects what the judgements of tests see of one rule. Clauses inside a macro are not counted: the macro belongs to its file,
 * and other rules use it otherwise.
 */
export class CoverageCounter {
  readonly #rule: Rule;
  readonly #clauses: readonly Clause[];
  readonly #seen: { true: boolean; false: boolean }[];
  readonly #observers = new WeakMap<CompiledRule, Observer>();

  constructor(rule: Rule) {
    this.#rule = rule;
    this.#clauses = clausesOf(rule.condition);
    this.#seen = this.#clauses.map(() => ({ true: false, false: false }));
  }

  /** Told of the evaluation of `rule`: the counter's own, or another load of the same text. */
  observer(rule: Rule): Observer {
    const known = this.#observers.get(rule.condition);
    if (known !== undefined) return known;
    const numbers = new Map(clausesOf(rule.condition).map((clause, index) => [clause.node, index]));
    const see = (node: ConditionNode | PredicateNode, truth: boolean | null): void => {
      const index = numbers.get(node);
      if (index !== undefined && truth !== null) this.#see(index, truth);
    };
    const observer: Observer = { condition: see, predicate: see };
    this.#observers.set(rule.condition, observer);
    return observer;
  }

  /** Told of the judgements: whether `each` had a span to bind shows only there. */
  judged(judgments: readonly Judgment[]): void {
    if (this.#rule.condition.each === null) return;
    for (const judgment of judgments) {
      if (judgment.each.length > 0) this.#see(0, true);
      else if (judgment.leftOut === null) this.#see(0, false);
    }
  }

  result(): RuleCoverage {
    const gaps: CoverageGap[] = [];
    for (const [index, { range }] of this.#clauses.entries()) {
      for (const never of [true, false]) {
        if (this.#seen[index]?.[never ? 'true' : 'false'] === true) continue;
        const { toFileOffset, file, condition } = this.#rule;
        gaps.push({
          clause: oneLine(condition.source.text.slice(range.start, range.end)),
          source: file,
          range: { start: toFileOffset(range.start), end: toFileOffset(range.end) },
          never,
        });
      }
    }
    const goals = this.#clauses.length * 2;
    return { rule: this.#rule, goals, reached: goals - gaps.length, gaps };
  }

  #see(index: number, truth: boolean): void {
    const seen = this.#seen[index];
    if (seen !== undefined) seen[truth ? 'true' : 'false'] = true;
  }
}

/** The clause of `each` first; two loads of one text give the same list. */
function clausesOf(rule: CompiledRule): Clause[] {
  const clauses: Clause[] = [];
  if (rule.each !== null) clauses.push({ range: rule.each.selector.range, node: null });
  walkRule(rule, {
    condition: (node) => {
      // `not a` is seen true exactly when `a` is seen false.
      if (node.kind !== 'not') clauses.push({ range: node.range, node });
    },
    test: (node, at) => {
      if (at === node.range) clauses.push({ range: node.range, node });
    },
  });
  return clauses;
}

function oneLine(text: string): string {
  return text
    .replace(/\/\/[^\n]*/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}
