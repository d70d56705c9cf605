/**
 * A quick look at a rule and a small complete scope: it says satisfied, violated or not applicable exactly where the reference evaluator does, with no
 * witness and no reasons, or that it cannot say. What it cannot say, and what must be shown, is for the reference.
 */

import { toBillionths } from '../../base/decimal.ts';
import { internalized } from '../../base/internalized.ts';
import type {
  ComparisonOperator,
  ConditionNode,
  MeasureNode,
  SelectorNode,
  TargetNode,
} from '../../language/ast.ts';
import { nameMatcher } from '../../language/name-matcher.ts';
import { openMacros } from '../../language/walk.ts';
import type { Span } from '../../trace/span.ts';
import { LONGEST_PARENT_CHAIN } from '../../trace/trace.ts';
import type { JudgedRule } from '../judged-rule.ts';
import { readAttribute, valueKey } from '../reference/attribute.ts';
import { Budget, type Context, Unknowns } from '../reference/context.ts';
import { exceptionOf, isOfEnvironment } from '../reference/eligibility.ts';
import { gapBetween, inOrder } from '../reference/order.ts';
import { numericValue } from '../reference/predicate.ts';
import type { Scope } from '../reference/scope.ts';
import type { JudgeSettings } from '../verdict.ts';
import { VERDICTS } from '../verdict.ts';
import { type QuickPredicate, quickPredicate, TRUE } from './quick-predicate.ts';

export const UNCLEAR = -1;
const SATISFIED = VERDICTS.indexOf('satisfied');
const VIOLATED = VERDICTS.indexOf('violated');
const NOT_APPLICABLE = VERDICTS.indexOf('not_applicable');

/** Scopes with more spans are left to the reference, which looks spans up by name and value. */
const MOST_SPANS = 200;
/** The same for those times the spans bound by `each`. */
const MOST_PAIRS = 5_000;

/** Notes of one judgement are few, or it is left to the reference. */
const MOST_NOTES = 64;

/** What was unknown in one judgement: once for each comparison and span. */
class MetUnknowns extends Unknowns {
  count = 0;
  isFull = false;
  readonly attributes: string[] = [];
  readonly whys: ('missing' | 'otherType')[] = [];
  readonly #comparisons: object[] = [];
  readonly #spans: Span[] = [];

  override note(comparison: object, span: Span, attribute: string, why: 'missing' | 'otherType'): void {
    for (let nth = 0; nth < this.count; nth++) {
      if (this.#spans[nth] === span && this.#comparisons[nth] === comparison) return;
    }
    if (this.count === MOST_NOTES) {
      this.isFull = true;
      return;
    }
    this.#comparisons[this.count] = comparison;
    this.#spans[this.count] = span;
    this.attributes[this.count] = attribute;
    this.whys[this.count++] = why;
  }

  clear(): void {
    this.count = 0;
    this.isFull = false;
    this.#spans.length = 0;
  }
}

/** One judgement at a time: it is used again and again. */
interface Look {
  spans: readonly Span[];
  unclear: boolean;
  /** A walk over spans ended before the last, so that in another order it may have met other unknowns. */
  endedEarly: boolean;
  readonly unknowns: MetUnknowns;
  readonly context: Mutable<Context>;
}
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

type Eligible = ((span: Span) => boolean) | null;
type Condition = (look: Look, eligible: Eligible) => boolean;

export class QuickJudge {
  readonly #rule: JudgedRule;
  readonly #each: QuickSelector | null;
  readonly #trigger: Condition | null;
  readonly #requirements: readonly { readonly isForbidden: boolean; readonly holds: Condition }[];
  readonly #eligible: Eligible;
  readonly #look: Look;

  /** For rules whose exceptions do not look at spans at large. */
  constructor(rule: JudgedRule, settings: JudgeSettings) {
    const { each, trigger, requirements } = rule.condition;
    this.#rule = rule;
    this.#each = each === null ? null : quickSelector(each.selector);
    this.#trigger = trigger === null ? null : quickCondition(trigger);
    this.#requirements = requirements.map(({ polarity, condition }) => ({
      isForbidden: polarity === 'never',
      holds: quickCondition(condition),
    }));
    const unknowns = new MetUnknowns();
    const context: Mutable<Context> = {
      scope: NO_SCOPE,
      settings,
      open: false,
      bound: null,
      unknowns,
      observer: null,
      selections: new Map(),
      boundSelections: new Map(),
      indexes: new Map(),
      names: new Map(),
      matched: new Map(),
      budget: new Budget(Number.POSITIVE_INFINITY),
    };
    this.#look = { spans: [], unclear: false, endedEarly: false, unknowns, context };
    this.#eligible =
      rule.environments === null && rule.exceptions.length === 0
        ? null
        : (span) =>
            isOfEnvironment(rule, span, context.scope, settings) &&
            exceptionOf(rule.exceptions, span, context.scope) === null;
  }

  /**
   * A verdict by its place in VERDICTS, or UNCLEAR: of the scope as if it were complete. With `exact`, also UNCLEAR where the reference would say
   * what was left out; and `unknowns` are then those that the reference notes.
   */
  judge(scope: Scope, exact: boolean): number {
    const look = this.#look;
    look.endedEarly = false;
    if (scope.spans.length > MOST_SPANS) return UNCLEAR;
    look.spans = scope.spans;
    look.context.scope = scope;
    look.context.bound = null;
    look.unclear = false;
    look.unknowns.clear();
    const verdict = this.#each === null ? this.#whole() : this.#forEach(this.#each);
    look.spans = [];
    look.context.scope = NO_SCOPE;
    look.context.bound = null;
    if (look.unclear || (exact && look.unknowns.isFull)) return UNCLEAR;
    if (exact && verdict === NOT_APPLICABLE && this.#eligible !== null) return UNCLEAR;
    return verdict;
  }

  /** Which unknowns the last judgement met depended on the order of the spans: an exact one wants the canonical order. */
  get dependedOnOrder(): boolean {
    return this.#look.endedEarly;
  }

  /** What the last judgement met; good until the next. */
  get unknowns(): Pick<MetUnknowns, 'count' | 'attributes' | 'whys'> {
    return this.#look.unknowns;
  }

  #whole(): number {
    if (this.#trigger !== null && !this.#trigger(this.#look, this.#eligible)) return NOT_APPLICABLE;
    return this.#isBroken() ? VIOLATED : SATISFIED;
  }

  #forEach(selector: QuickSelector): number {
    const look = this.#look;
    const bound = collect(look, selector, this.#eligible);
    if (bound.length * look.spans.length > MOST_PAIRS) {
      look.unclear = true;
      return NOT_APPLICABLE;
    }
    const name = this.#rule.condition.each?.bound ?? '';
    let verdict = NOT_APPLICABLE;
    for (const span of bound) {
      look.context.bound = { name, span };
      if (this.#trigger !== null && !this.#trigger(look, this.#eligible)) continue;
      if (this.#isBroken()) verdict = VIOLATED;
      else if (verdict === NOT_APPLICABLE) verdict = SATISFIED;
    }
    return verdict;
  }

  /** All requirements are evaluated, so that all that is unknown is met. */
  #isBroken(): boolean {
    let isBroken = false;
    for (const { isForbidden, holds } of this.#requirements) {
      if (holds(this.#look, null) === isForbidden) isBroken = true;
    }
    return isBroken;
  }
}

const NO_SCOPE: Scope = { spans: [], gaps: [], parentOf: () => null, childrenOf: () => [] };

function quickCondition(node: ConditionNode): Condition {
  switch (node.kind) {
    case 'and':
    case 'or': {
      const terms = node.terms.map(quickCondition);
      const decisive = node.kind === 'or';
      return (look, eligible) => {
        for (let nth = 0; nth < terms.length; nth++) {
          if ((terms[nth] as Condition)(look, eligible) === decisive) return decisive;
        }
        return !decisive;
      };
    }
    case 'not': {
      const term = quickCondition(node.term);
      return (look) => !term(look, null);
    }
    case 'has': {
      const selector = quickSelector(node.selector);
      return (look, eligible) => count(look, selector, eligible) > 0;
    }
    case 'all': {
      const selector = quickSelector(node.selector);
      const predicate = quickPredicate(node.predicate);
      return (look, eligible) => {
        const spans = collect(look, selector, eligible);
        for (let nth = 0; nth < spans.length; nth++) {
          if (matches(look, predicate, spans[nth] as Span)) continue;
          look.endedEarly ||= spans.length > 1;
          return false;
        }
        return true;
      };
    }
    case 'compare':
      return quickComparison(node);
  }
}

function quickComparison({ left, operator, right }: ConditionNode & { kind: 'compare' }): Condition {
  if (right.kind === 'duration' || left.kind === 'trace-duration') {
    const limit = right.kind === 'duration' ? right.nanos : null;
    return (look) => {
      const { scope } = look.context;
      if (limit === null || scope.duration === undefined) {
        look.unclear = true;
        return false;
      }
      return compare(scope.duration(), operator, limit);
    };
  }
  const measured = quickMeasure(left);
  if (right.kind === 'number') {
    const billionths = toBillionths(right.value) ?? 0n;
    const { value } = right;
    return (look, eligible) => {
      const amount = measured(look, eligible);
      return compare(amount, operator, typeof amount === 'bigint' ? billionths : value);
    };
  }
  const other = quickMeasure(right);
  return (look, eligible) => {
    const a = measured(look, eligible);
    const b = other(look, eligible);
    if (typeof a === typeof b) return compare(a, operator, b);
    return compare(inBillionths(a), operator, inBillionths(b));
  };
}

function inBillionths(amount: number | bigint): bigint {
  return typeof amount === 'bigint' ? amount : BigInt(amount) * 1_000_000_000n;
}

/** A count as a number, a sum in billionths. */
function quickMeasure(node: MeasureNode): (look: Look, eligible: Eligible) => number | bigint {
  switch (node.kind) {
    case 'trace-duration':
      return (look) => {
        look.unclear = true;
        return 0;
      };
    case 'count': {
      const selector = quickSelector(node.selector);
      return (look, eligible) => count(look, selector, eligible);
    }
    case 'distinct': {
      const selector = quickSelector(node.selector);
      return (look, eligible) => {
        const values = new Set<string>();
        for (const span of collect(look, selector, eligible)) {
          const value = readAttribute(span, node.attribute, look.context.scope);
          if (value === undefined) look.unclear = true;
          else values.add(valueKey(value));
        }
        return values.size;
      };
    }
    case 'sum': {
      const selector = quickSelector(node.selector);
      return (look, eligible) => {
        let total = 0n;
        for (const span of collect(look, selector, eligible)) {
          const number = numericValue(readAttribute(span, node.attribute, look.context.scope));
          const billionths = number === undefined ? null : toBillionths(number);
          if (billionths === null) look.unclear = true;
          else total += billionths;
        }
        return total;
      };
    }
  }
}

function compare(a: number | bigint, operator: ComparisonOperator, b: number | bigint): boolean {
  switch (operator) {
    case '==':
      return a >= b && a <= b;
    case '!=':
      return a < b || a > b;
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
  }
}

interface QuickSelector {
  /** The only name that it matches, where `matchesName` is null. */
  readonly name: string;
  readonly matchesName: ((name: string) => boolean) | null;
  readonly steps: readonly QuickStep[];
  readonly hasTargets: boolean;
}

type Targets = (readonly Span[] | undefined)[];
/** Whether the step keeps the span; `targets` are of one walk over the selector's spans, filled in when first asked. */
type QuickStep = (look: Look, span: Span, targets: Targets, index: number) => boolean;

function quickSelector(written: SelectorNode): QuickSelector {
  const selector = openMacros(written);
  const { matcher } = selector;
  return {
    name: matcher.kind === 'exact' ? internalized(matcher.name) : '',
    matchesName: matcher.kind === 'exact' ? null : nameMatcher(matcher),
    steps: selector.steps.map(quickStep),
    hasTargets: selector.steps.some(({ kind }) => kind !== 'where'),
  };
}

function quickStep(step: SelectorNode['steps'][number]): QuickStep {
  switch (step.kind) {
    case 'where': {
      const predicate = quickPredicate(step.predicate);
      return (look, span) => matches(look, predicate, span);
    }
    case 'child_of':
    case 'inside': {
      const target = quickTarget(step.target);
      const longest = step.kind === 'child_of' ? 1 : LONGEST_PARENT_CHAIN;
      return (look, span, targets, index) => {
        targets[index] ??= target(look);
        return hasAncestor(look, span, targets[index] as readonly Span[], longest);
      };
    }
    case 'before':
    case 'after': {
      const target = quickTarget(step.target);
      const { kind, within } = step;
      return (look, span, targets, index) => {
        targets[index] ??= target(look);
        let isRelated = false;
        for (const other of targets[index] as readonly Span[]) {
          if (other === span) continue;
          const truth = inOrder(kind, span, other, look.context.settings);
          if (truth === null) look.unclear = true;
          if (truth !== true) return false;
          isRelated ||= within === null || gapBetween(kind, span, other) <= within.nanos;
        }
        return isRelated;
      };
    }
  }
}

function quickTarget(target: TargetNode): (look: Look) => readonly Span[] {
  if (target.kind === 'bound') {
    return ({ context }) => (context.bound === null ? NO_SPANS : [context.bound.span]);
  }
  const selector = quickSelector(target);
  return (look) => collect(look, selector, null);
}

const NO_SPANS: readonly Span[] = [];
const NO_TARGETS: Targets = [];

/** The spans of the selector, in the order of the scope. */
function collect(look: Look, selector: QuickSelector, eligible: Eligible): readonly Span[] {
  const { spans } = look;
  let found: Span[] | null = null;
  const targets = targetsOf(selector);
  for (let nth = 0; nth < spans.length; nth++) {
    const span = spans[nth] as Span;
    if (!isOf(look, selector, eligible, span, targets)) continue;
    if (found === null) found = [span];
    else found.push(span);
  }
  return found ?? NO_SPANS;
}

/** How many spans the selector has. */
function count(look: Look, selector: QuickSelector, eligible: Eligible): number {
  const { spans } = look;
  let found = 0;
  const targets = targetsOf(selector);
  for (let nth = 0; nth < spans.length; nth++) {
    if (isOf(look, selector, eligible, spans[nth] as Span, targets)) found++;
  }
  return found;
}

function targetsOf({ hasTargets }: QuickSelector): Targets {
  return hasTargets ? [] : NO_TARGETS;
}

function isOf(
  look: Look,
  { name, matchesName, steps }: QuickSelector,
  eligible: Eligible,
  span: Span,
  targets: Targets,
): boolean {
  if (matchesName === null ? span.name !== name : !matchesName(span.name)) return false;
  return (eligible === null || eligible(span)) && keeps(look, steps, span, targets);
}

function keeps(look: Look, steps: readonly QuickStep[], span: Span, targets: Targets): boolean {
  for (let index = 0; index < steps.length; index++) {
    if (!(steps[index] as QuickStep)(look, span, targets, index)) return false;
  }
  return true;
}

function matches(look: Look, predicate: QuickPredicate, span: Span): boolean {
  const set = predicate(span, look.context);
  if (set === TRUE) return true;
  if ((set & TRUE) !== 0) look.unclear = true;
  return false;
}

function hasAncestor(look: Look, span: Span, wanted: readonly Span[], longest: number): boolean {
  if (wanted.length === 0) return false;
  let below = span;
  for (let steps = 0; steps < longest; steps++) {
    const parent = look.context.scope.parentOf(below);
    // No span is related to itself; another cycle meets nothing new.
    if (parent === null || parent === span) return false;
    if (wanted.includes(parent)) return true;
    below = parent;
  }
  return false;
}
