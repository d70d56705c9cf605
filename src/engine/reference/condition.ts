/** Conditions over a scope, in Kleene's three truths. */

import { toBillionths } from '../../base/decimal.ts';
import type { AllNode, CompareNode, ConditionNode, MeasureNode, SelectorNode } from '../../language/ast.ts';
import type { Span } from '../../trace/span.ts';
import { durationOf } from '../../trace/trace.ts';
import type { InconclusiveReason } from '../verdict.ts';
import { readAttribute, valueKey } from './attribute.ts';
import { type Context, type Outcome, TOO_COSTLY } from './context.ts';
import { attributeName, matchPredicate, numericValue } from './predicate.ts';
import { select, testsIn } from './selector.ts';
import { ANY_NUMBER, compareRanges, exactly, negate, type Range, type Truth } from './truth.ts';

/** Keeps spans from triggering; null outside a trigger and under `not` in one. */
export type Eligible = ((span: Span) => boolean) | null;

/**
 * Evaluates from left to right; `and` stops at the first false, `or` at the first true. With `context.open` the result is
 * what the table of early verdicts in the language reference says of a scope that may still get spans.
 */
export function evaluateCondition(node: ConditionNode, context: Context, eligible: Eligible = null): Outcome {
  const outcome = evaluateNode(node, context, eligible);
  context.observer?.condition?.(node, outcome.truth);
  return outcome;
}

function evaluateNode(node: ConditionNode, context: Context, eligible: Eligible): Outcome {
  switch (node.kind) {
    case 'and':
      return connect(node.terms, false, context, eligible);
    case 'or':
      return connect(node.terms, true, context, eligible);
    case 'not': {
      const { truth, doubts } = evaluateCondition(node.term, context, null);
      return { truth: negate(truth), doubts };
    }
    case 'has':
      return evaluateHas(node.selector, context, eligible);
    case 'all':
      return evaluateAll(node, context, eligible);
    case 'compare':
      return evaluateComparison(node, context, eligible);
  }
}

/** `and` is decided by a false term, `or` by a true one. */
function connect(
  terms: readonly ConditionNode[],
  deciding: boolean,
  context: Context,
  eligible: Eligible,
): Outcome {
  const doubts: InconclusiveReason[] = [];
  let truth: Truth = !deciding;
  for (const term of terms) {
    const outcome = evaluateCondition(term, context, eligible);
    if (outcome.truth === deciding) return outcome;
    if (outcome.truth === null) truth = null;
    for (const doubt of outcome.doubts) doubts.push(doubt);
  }
  return { truth, doubts };
}

function evaluateHas(selector: SelectorNode, context: Context, eligible: Eligible): Outcome {
  const { sure, maybe } = select(selector, context, eligible);
  if (sure.length > 0) return known(true);
  return settle(false, [...maybe.values()], context.open ? context.scope.gaps : []);
}

function evaluateAll(node: AllNode, context: Context, eligible: Eligible): Outcome {
  const { sure, maybe } = select(node.selector, context, eligible);
  const doubts: InconclusiveReason[] = [];
  const isAffordable = context.budget.spend((sure.length + maybe.size) * testsIn(node.predicate));
  if (!isAffordable) return settle(null, [TOO_COSTLY], []);
  for (const span of sure) {
    const match = matchPredicate(node.predicate, span, context);
    if (match.kind === 'no') return known(false);
    if (match.kind === 'maybe') doubts.push(match.doubt);
  }
  for (const [span, reason] of maybe) {
    if (matchPredicate(node.predicate, span, context).kind !== 'yes') doubts.push(reason);
  }
  return settle(true, doubts, context.open ? context.scope.gaps : []);
}

function evaluateComparison(node: CompareNode, context: Context, eligible: Eligible): Outcome {
  const left = measure(node.left, context, eligible);
  const right = rightMeasure(node, context, eligible);
  const truth = compareRanges(left.range, node.operator, right.range);
  if (truth !== null) return known(truth);
  const doubts = [...left.doubts, ...right.doubts];
  return settle(null, doubts, context.open ? context.scope.gaps : []);
}

/** The right side in the unit of the left: durations in nanoseconds, numbers in billionths. */
function rightMeasure({ right }: CompareNode, context: Context, eligible: Eligible): Measured {
  switch (right.kind) {
    case 'duration':
      return { range: exactly(right.nanos), doubts: [] };
    case 'number':
      return { range: numberRange(right.value), doubts: [] };
    default:
      return measure(right, context, eligible);
  }
}

function numberRange(value: number | bigint): Range {
  const billionths = toBillionths(value);
  if (billionths === null) throw new Error(`unchecked number ${value}`);
  return exactly(billionths);
}

interface Measured {
  /** Billionths; nanoseconds for `trace.duration`. */
  readonly range: Range;
  readonly doubts: readonly InconclusiveReason[];
}

/** The value of a measure as far as it is known: exact, or between bounds. */
export function measure(node: MeasureNode, context: Context, eligible: Eligible): Measured {
  switch (node.kind) {
    case 'trace-duration': {
      const { scope } = context;
      const nanos = scope.duration === undefined ? durationOf(scope.spans) : scope.duration();
      return { range: { least: nanos, most: context.open ? null : nanos }, doubts: [] };
    }
    case 'count': {
      const { sure, maybe } = select(node.selector, context, eligible);
      return {
        range: between(sure.length, context.open ? null : sure.length + maybe.size),
        doubts: [...maybe.values()],
      };
    }
    case 'distinct': {
      const { sure, maybe } = select(node.selector, context, eligible);
      if (!context.budget.spend(sure.length + maybe.size)) return UNAFFORDABLE;
      const certain = distinctValues(sure, node, context);
      const perhaps = distinctValues(maybe.keys(), node, context);
      const most = new Set([...certain.values, ...perhaps.values]).size;
      const doubts = [...certain.doubts, ...perhaps.doubts];
      const bounded = !context.open && doubts.length === 0;
      return {
        range: between(certain.values.size, bounded ? most : null),
        doubts: [...doubts, ...maybe.values()],
      };
    }
    case 'sum': {
      const { sure, maybe } = select(node.selector, context, eligible);
      if (!context.budget.spend(sure.length)) return UNAFFORDABLE;
      const { total, doubts } = sumOf(sure, node, context);
      const settled = !context.open && doubts.length === 0 && maybe.size === 0;
      return {
        range: settled ? exactly(total) : ANY_NUMBER,
        doubts: [...doubts, ...maybe.values()],
      };
    }
  }
}

const UNAFFORDABLE: Measured = { range: ANY_NUMBER, doubts: [TOO_COSTLY] };

function between(least: number, most: number | null): Range {
  return { least: scaled(least), most: most === null ? null : scaled(most) };
}

function scaled(count: number): bigint {
  return BigInt(count) * 1_000_000_000n;
}

function distinctValues(
  spans: Iterable<Span>,
  node: MeasureNode & { kind: 'distinct' },
  context: Context,
): { values: Set<string>; doubts: InconclusiveReason[] } {
  const values = new Set<string>();
  const doubts: InconclusiveReason[] = [];
  for (const span of spans) {
    const value = readAttribute(span, node.attribute, context.scope);
    if (value === undefined) doubts.push(lacking(node, span, context, 'missing'));
    else values.add(valueKey(value));
  }
  return { values, doubts };
}

function sumOf(
  spans: Iterable<Span>,
  node: MeasureNode & { kind: 'sum' },
  context: Context,
): { total: bigint; doubts: InconclusiveReason[] } {
  let total = 0n;
  const doubts: InconclusiveReason[] = [];
  for (const span of spans) {
    const value = readAttribute(span, node.attribute, context.scope);
    const number = numericValue(value);
    const billionths = number === undefined ? null : toBillionths(number);
    if (billionths === null) {
      doubts.push(lacking(node, span, context, value === undefined ? 'missing' : 'otherType'));
    } else {
      total += billionths;
    }
  }
  return { total, doubts };
}

function lacking(
  node: MeasureNode & { kind: 'sum' | 'distinct' },
  span: Span,
  context: Context,
  why: 'missing' | 'otherType',
): InconclusiveReason {
  const attribute = attributeName(node.attribute);
  context.unknowns.note(node, span, attribute, why);
  return { kind: 'missing-attribute', attribute, span };
}

function known(truth: boolean): Outcome {
  return { truth, doubts: [] };
}

/** `truth` when nothing is in doubt, else unknown. The scope's gaps come last: a doubt about a span says more. */
function settle(
  truth: Truth,
  doubts: readonly InconclusiveReason[],
  gaps: readonly InconclusiveReason[],
): Outcome {
  if (doubts.length === 0 && gaps.length === 0 && truth !== null) return { truth, doubts: [] };
  return { truth: null, doubts: [...doubts, ...gaps] };
}
