/**
 * Which spans can make a rule violated that was not before they came: most that come cannot, and then there is no need for a look at the trace.
 * Only spans that some selector of the rule takes change what it says, and of those not all.
 */
import type {
  CompareNode,
  ConditionNode,
  MatcherNode,
  PredicateNode,
  SelectorNode,
} from '../../language/ast.ts';
import { nameMatcher } from '../../language/name-matcher.ts';
import { openMacros } from '../../language/walk.ts';
import type { Span } from '../../trace/span.ts';
import type { JudgedRule } from '../judged-rule.ts';
import { Budget, type Context, Unknowns } from '../reference/context.ts';
import type { JudgeSettings } from '../verdict.ts';
import { type QuickPredicate, quickPredicate, TRUE } from './quick-predicate.ts';

/** How spans of some names may matter. */
interface Concern {
  readonly matches: (name: string) => boolean;
  /** All of them must be possible. */
  readonly needs: readonly QuickPredicate[];
  /** A span that surely has it does not matter; null: each does. */
  readonly unless: QuickPredicate | null;
  /** The rule asks no more than whether there is one of the name. */
  readonly firstOnly: boolean;
}

/** What spans of one name mean to a rule. `isFirst`: no span of the name came before. */
export type SpanConcern = (span: Span, isFirst: boolean) => boolean;

const ALWAYS: SpanConcern = () => true;

export class EarlyConcerns {
  /** With fewer spans that the rule reads no trace violates it. */
  readonly leastSpans: number;
  /** Null: any span may matter. */
  readonly #concerns: readonly Concern[] | null;
  readonly #context: Context;

  /** `dependsOnOthers`: what the rule says may change with spans that no selector takes. */
  constructor(rule: JudgedRule, dependsOnOthers: boolean, settings: JudgeSettings) {
    this.leastSpans = leastSpans(rule);
    this.#concerns = dependsOnOthers ? null : concernsOf(rule);
    this.#context = contextWith(settings);
  }

  /** What spans of a name mean. Cost: a match of the name for each selector of the rule. */
  ofName(name: string): SpanConcern {
    const context = this.#context;
    if (this.#concerns === null) return ALWAYS;
    const concerns = this.#concerns.filter(({ matches }) => matches(name));
    if (
      concerns.some(({ needs, unless, firstOnly }) => needs.length === 0 && unless === null && !firstOnly)
    ) {
      return ALWAYS;
    }
    return (span, isFirst) => {
      for (let nth = 0; nth < concerns.length; nth++) {
        if (isConcern(concerns[nth] as Concern, span, isFirst, context)) return true;
      }
      return false;
    };
  }
}

function isConcern(
  { needs, unless, firstOnly }: Concern,
  span: Span,
  isFirst: boolean,
  context: Context,
): boolean {
  if (firstOnly) return isFirst;
  for (let nth = 0; nth < needs.length; nth++) {
    if (((needs[nth] as QuickPredicate)(span, context) & TRUE) === 0) return false;
  }
  return unless === null || unless(span, context) !== TRUE;
}

function concernsOf(rule: JudgedRule): Concern[] {
  const { each, trigger, requirements } = rule.condition;
  const concerns: Concern[] = [];
  // A span that is excepted does not count as the first.
  const isPlain = rule.environments === null && rule.exceptions.length === 0;
  const addSelector = (written: SelectorNode, unless: PredicateNode | null, firstOnly: boolean): void => {
    const { matcher, steps } = openMacros(written);
    const needs: QuickPredicate[] = [];
    for (const step of steps) {
      if (step.kind !== 'where') {
        if (step.target.kind !== 'bound') addSelector(step.target, null, false);
      } else if (isOfSpan(step.predicate)) needs.push(quickPredicate(step.predicate));
    }
    concerns.push({
      matches: matcherOf(matcher),
      needs,
      unless: unless !== null && isOfSpan(unless) ? quickPredicate(unless) : null,
      firstOnly: firstOnly && isPlain && steps.length === 0,
    });
  };
  const addCondition = (node: ConditionNode): void => {
    switch (node.kind) {
      case 'and':
      case 'or':
        for (const term of node.terms) addCondition(term);
        return;
      case 'not':
        addCondition(node.term);
        return;
      case 'has':
        addSelector(node.selector, null, true);
        return;
      case 'all':
        addSelector(node.selector, node.predicate, false);
        return;
      case 'compare':
        for (const side of [node.left, node.right])
          if ('selector' in side) addSelector(side.selector, null, false);
    }
  };
  if (each !== null) addSelector(each.selector, null, false);
  if (trigger !== null) addCondition(trigger);
  for (const { condition } of requirements) addCondition(condition);
  return concerns;
}

function matcherOf(matcher: MatcherNode): (name: string) => boolean {
  return matcher.kind === 'exact' ? (name) => name === matcher.name : nameMatcher(matcher);
}

/** Whether it depends on the span alone: on no other, and on nothing that changes while children come. */
function isOfSpan(node: PredicateNode): boolean {
  switch (node.kind) {
    case 'p-and':
    case 'p-or':
      return node.terms.every(isOfSpan);
    case 'p-not':
      return isOfSpan(node.term);
    default: {
      const { attribute } = node.left;
      if (attribute.where === 'field' && attribute.name === 'self') return false;
      if (node.kind !== 'test' || node.right.kind !== 'reference') return true;
      const { of, attribute: other } = node.right;
      return of === 'this' && !(other.where === 'field' && other.name === 'self');
    }
  }
}

/** The least number of spans with which the rule may be violated. */
function leastSpans({ condition: { each, trigger, requirements } }: JudgedRule): number {
  const broken = requirements.map(({ polarity, condition }) => needed(polarity === 'never', condition));
  return Math.max(
    each === null ? 0 : 1,
    trigger === null ? 0 : needed(true, trigger),
    Math.min(Number.POSITIVE_INFINITY, ...broken),
  );
}

function needed(truth: boolean, node: ConditionNode): number {
  switch (node.kind) {
    case 'and':
    case 'or': {
      const terms = node.terms.map((term) => needed(truth, term));
      return (node.kind === 'and') === truth ? Math.max(...terms) : Math.min(...terms);
    }
    case 'not':
      return needed(!truth, node.term);
    case 'has':
      return truth ? 1 : 0;
    case 'all':
      return truth ? 0 : 1;
    case 'compare':
      return neededToCompare(truth, node);
  }
}

/** A count, also of distinct values, is at most the number of spans. */
function neededToCompare(truth: boolean, { left, operator, right }: CompareNode): number {
  if ((left.kind !== 'count' && left.kind !== 'distinct') || right.kind !== 'number') return 0;
  const limit = Number(right.value);
  switch (truth ? operator : NEGATED[operator]) {
    case '>':
      return Math.max(0, Math.floor(limit) + 1);
    case '>=':
    case '==':
      return Math.max(0, Math.ceil(limit));
    case '!=':
      return limit === 0 ? 1 : 0;
    default:
      return 0;
  }
}

const NEGATED = { '==': '!=', '!=': '==', '<': '>=', '<=': '>', '>': '<=', '>=': '<' } as const;

/** For predicates of one span: no scope is asked. */
function contextWith(settings: JudgeSettings): Context {
  return {
    scope: { spans: [], gaps: [], parentOf: () => null, childrenOf: () => [] },
    settings,
    open: false,
    bound: null,
    unknowns: new Unnoted(),
    observer: null,
    selections: new Map(),
    boundSelections: new Map(),
    indexes: new Map(),
    names: new Map(),
    matched: new Map(),
    budget: new Budget(Number.POSITIVE_INFINITY),
  };
}

/** What is unknown is counted when the trace is judged. */
class Unnoted extends Unknowns {
  override note(): void {}
}
