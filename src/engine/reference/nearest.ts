/** The nearest miss: of the spans that have the name, the one that got furthest, and what stopped it. */
import type { OrderNode, PredicateNode, SelectorNode, StepNode } from '../../language/ast.ts';
import { printPredicate, printSelector, printStep } from '../../language/print.ts';
import type { Span } from '../../trace/span.ts';
import type { NearestMiss, OrderViolation } from '../verdict.ts';
import type { Context } from './context.ts';
import { gapBetween, inOrder } from './order.ts';
import { matchPredicate, metValues } from './predicate.ts';
import { matchStep, namedSpans, stepsOf, targetOf } from './selector.ts';

/** Null when no span has the name. */
export function nearestMiss(selector: SelectorNode, context: Context): NearestMiss | null {
  const best = furthest(selector, context);
  if (best === null) return null;
  const { span, step } = best;
  const text = printSelector(selector);
  if (step.kind === 'where') return { selector: text, ...unmetPredicate(step.predicate, span, context) };
  return { selector: text, span, failed: printStep(step) };
}

/** The smallest part of a predicate that the span does not meet, and the values that it compared. */
export function unmetPredicate(
  predicate: PredicateNode,
  span: Span,
  context: Context,
): Omit<NearestMiss, 'selector'> {
  const unmet = firstUnmet(predicate, span, context);
  return { span, failed: printPredicate(unmet), ...metValues(unmet, span, context) };
}

const MOST_ORDER_VIOLATIONS = 5;

/** For each span that only an order step stopped: the pair that is out of order. The nearest first. */
export function orderViolations(selector: SelectorNode, context: Context): OrderViolation[] {
  const violations: OrderViolation[] = [];
  for (const span of namedSpans(selector, context)) {
    const steps = stepsOf(selector);
    const failed = steps.filter((step) => matchStep(step, span, context).kind !== 'yes');
    const onlyOrder = failed.every((step) => step.kind === 'before' || step.kind === 'after');
    if (!onlyOrder) continue;
    for (const step of failed) {
      if (step.kind !== 'before' && step.kind !== 'after') continue;
      const violation = violationOf(step, span, context);
      if (violation !== null) violations.push(violation);
    }
  }
  return violations.sort((a, b) => excess(a) - excess(b)).slice(0, MOST_ORDER_VIOLATIONS);
}

function violationOf(step: OrderNode, span: Span, context: Context): OrderViolation | null {
  const relation = step.kind;
  const { sure } = targetOf(step.target, context);
  if (!context.budget.spend(sure.length)) return null;
  let worst: Span | null = null;
  for (const other of sure) {
    if (other === span) continue;
    const apart = inOrder(relation, span, other, context.settings);
    if (apart === true && step.within === null) continue;
    if (worst === null || gapBetween(relation, span, other) < gapBetween(relation, span, worst))
      worst = other;
  }
  if (worst === null) return null;
  const problem = problemOf(step, span, worst, context);
  return problem === null ? null : { relation, left: span, right: worst, problem };
}

/** Null for a pair that is as the step wants it. */
function problemOf(
  { kind: relation, within }: OrderNode,
  span: Span,
  other: Span,
  context: Context,
): OrderViolation['problem'] | null {
  const gap = gapBetween(relation, span, other);
  // However the clocks go: the distance is measured as recorded.
  if (within !== null && gap > within.nanos) return 'too-far';
  const apart = inOrder(relation, span, other, context.settings);
  if (apart === null) return 'unknown';
  if (apart) return null;
  const reversed = gapBetween(relation === 'before' ? 'after' : 'before', span, other) >= 0n;
  return reversed ? 'reversed' : 'overlap';
}

function excess({ relation, left, right }: OrderViolation): number {
  const gap = gapBetween(relation, left, right);
  return Number(gap < 0n ? -gap : gap);
}

function furthest(selector: SelectorNode, context: Context): { span: Span; step: StepNode } | null {
  let best: { span: Span; step: StepNode; passed: number } | null = null;
  const steps = stepsOf(selector);
  for (const span of namedSpans(selector, context)) {
    let passed = 0;
    let stopped: StepNode | null = null;
    for (const step of steps) {
      if (matchStep(step, span, context).kind === 'yes') passed += 1;
      else stopped ??= step;
    }
    if (stopped === null) continue;
    if (stopped.kind === 'where') passed += shareMet(stopped.predicate, span, context);
    if (best === null || passed > best.passed) best = { span, step: stopped, passed };
  }
  return best;
}

/** How much of a joined predicate the span meets, from 0 to below 1. */
function shareMet(predicate: PredicateNode, span: Span, context: Context): number {
  if (predicate.kind !== 'p-and') return 0;
  const met = predicate.terms.filter((term) => matchPredicate(term, span, context).kind === 'yes');
  return met.length / (predicate.terms.length + 1);
}

function firstUnmet(predicate: PredicateNode, span: Span, context: Context): PredicateNode {
  if (predicate.kind !== 'p-and') return predicate;
  const unmet = predicate.terms.find((term) => matchPredicate(term, span, context).kind !== 'yes');
  return unmet === undefined ? predicate : firstUnmet(unmet, span, context);
}
