/** Selectors: which spans of a scope belong to a set, for certain or perhaps. */
import type { OrderNode, PredicateNode, SelectorNode, StepNode, TargetNode } from '../../language/ast.ts';
import { nameMatcher } from '../../language/name-matcher.ts';
import type { Span } from '../../trace/span.ts';
import { LONGEST_PARENT_CHAIN } from '../../trace/trace.ts';
import type { InconclusiveReason } from '../verdict.ts';
import { type BoundEquality, candidatesFor, equalityIn } from './bound-equality.ts';
import { type Context, type Selection, TOO_COSTLY } from './context.ts';
import { gapBetween, inOrder, widestMargin } from './order.ts';
import { type Match, matchPredicate, openDoubt } from './predicate.ts';

/**
 * The spans of a selector. `eligible` keeps some spans from being looked at (trigger spans of other environments).
 * Cost: spans of that name times the cost of the steps; an order step looks at each span of its target only where clocks leave its nearest open. Where an attribute must equal one of
 * the bound span, only the first bound span costs so much; the others cost the spans that have the value, or none of its type.
 */
export function select(
  selector: SelectorNode,
  context: Context,
  eligible: ((span: Span) => boolean) | null = null,
): Selection {
  const memory = mentionsBound(selector) ? context.boundSelections : context.selections;
  if (eligible === null) {
    const remembered = memory.get(selector);
    if (remembered !== undefined) return remembered;
  }
  const sure: Span[] = [];
  const maybe = new Map<Span, InconclusiveReason>();
  const equality = eligible === null ? boundEqualityOf(selector) : null;
  const named = (): readonly Span[] => namedSpans(selector, context);
  const candidates = equality === null ? named() : candidatesFor(selector, equality, named, context);
  const isAffordable = context.budget.spend(candidates.length * costOf(selector));
  for (const span of candidates) {
    if (eligible !== null && !eligible(span)) continue;
    const match = isAffordable ? matchSteps(selector, span, context) : UNDECIDED;
    if (match.kind === 'yes') sure.push(span);
    else if (match.kind === 'maybe') maybe.set(span, match.doubt);
  }
  const selection = { sure, maybe };
  if (eligible === null) memory.set(selector, selection);
  return selection;
}

/** The spans whose name the selector names, in canonical order, before any step. */
export function namedSpans(selector: SelectorNode, context: Context): readonly Span[] {
  const { matcher } = selector;
  if (matcher.kind === 'exact') return context.names.get(matcher.name) ?? [];
  const known = context.matched.get(selector);
  if (known !== undefined) return known;
  const matches = nameMatcher(matcher);
  const names = new Set([...context.names.keys()].filter(matches));
  const spans = context.scope.spans.filter((span) => names.has(span.name));
  context.matched.set(selector, spans);
  return spans;
}

/** All steps in the order written: a macro's own first. */
export function stepsOf(selector: SelectorNode): readonly StepNode[] {
  const { matcher, steps } = selector;
  if (matcher.kind !== 'macro' || matcher.selector === null) return steps;
  return [...stepsOf(matcher.selector), ...steps];
}

function matchSteps(selector: SelectorNode, span: Span, context: Context): Match {
  let match: Match = YES;
  for (const step of stepsOf(selector)) {
    const next = matchStep(step, span, context);
    if (next.kind === 'no') return next;
    if (match.kind === 'yes') match = next;
  }
  return match;
}

const YES: Match = { kind: 'yes' };
const NO: Match = { kind: 'no' };
const UNDECIDED: Match = { kind: 'maybe', doubt: TOO_COSTLY };

/** Whether one step keeps the span. */
export function matchStep(step: StepNode, span: Span, context: Context): Match {
  switch (step.kind) {
    case 'where':
      return matchPredicate(step.predicate, span, context);
    case 'child_of':
      return matchAncestors(span, targetOf(step.target, context), context, 1);
    case 'inside':
      return matchAncestors(span, targetOf(step.target, context), context, LONGEST_PARENT_CHAIN);
    case 'before':
    case 'after':
      return matchOrder(step, span, context);
  }
}

/** A step's target: the bound span, or the spans of a selector. */
export function targetOf(target: TargetNode, context: Context): Selection {
  if (target.kind === 'selector') return select(target, context);
  if (context.bound === null) throw new Error(`unbound ${target.name}`);
  let selection = BOUND.get(context.bound);
  if (selection === undefined) {
    selection = { sure: [context.bound.span], maybe: NOTHING_PERHAPS };
    BOUND.set(context.bound, selection);
  }
  return selection;
}

/** Each span of a scope may be asked about one bound span. */
const BOUND = new WeakMap<object, Selection>();

const NOTHING_PERHAPS: ReadonlyMap<Span, InconclusiveReason> = new Map();

function matchAncestors(span: Span, target: Selection, context: Context, longest: number): Match {
  const wanted = membersOf(target.sure);
  let doubt: InconclusiveReason | null = null;
  let seen: Set<Span> | null = null;
  let below = span;
  for (let steps = 0; steps < longest; steps++) {
    const parent = context.scope.parentOf(below);
    if (parent === null) {
      // The missing parent of an open scope may yet be one.
      if (context.open && below.parentSpanId !== '') doubt ??= openDoubt(context, span);
      break;
    }
    if (parent === span || seen?.has(parent)) break;
    if (wanted.has(parent)) return YES;
    doubt ??= target.maybe.get(parent) ?? null;
    if (steps + 1 < longest) {
      seen ??= new Set();
      seen.add(parent);
    }
    below = parent;
  }
  return doubt === null ? NO : { kind: 'maybe', doubt };
}

/** By the list: a set for each span that is asked about would cost the square of a large trace. */
const MEMBERS = new WeakMap<readonly Span[], ReadonlySet<Span>>();

function membersOf(spans: readonly Span[]): ReadonlySet<Span> {
  const known = MEMBERS.get(spans);
  if (known !== undefined) return known;
  const members = new Set(spans);
  MEMBERS.set(spans, members);
  return members;
}

/**
 * Before the first span of the target, which is before all of them; after the last. A relation to nothing never holds, and
 * no span is related to itself.
 */
function matchOrder(step: OrderNode, span: Span, context: Context): Match {
  const { sure, maybe } = targetOf(step.target, context);
  const clocks = context.settings;
  let doubt: InconclusiveReason | null = null;
  let related = false;
  const nearest = nearestOther(step.kind, span, sure);
  const gap = nearest === null ? null : gapBetween(step.kind, span, nearest);
  const margin = widestMargin(clocks);
  // What is further away is in the same order.
  if (gap !== null && gap < 0n && gap <= -margin) return NO;
  if (nearest !== null && gap !== null && gap >= margin) related = isNear(step, span, nearest);
  else {
    if (!context.budget.spend(sure.length)) return UNDECIDED;
    for (const other of sure) {
      if (other === span) continue;
      const truth = inOrder(step.kind, span, other, clocks);
      if (truth === false) return NO;
      if (truth === null) doubt ??= { kind: 'clock-skew', left: span, right: other };
      related ||= isNear(step, span, other);
    }
  }
  if (!context.budget.spend(maybe.size)) return UNDECIDED;
  let perhapsRelated = related;
  for (const [other, reason] of maybe) {
    if (other === span) continue;
    const truth = inOrder(step.kind, span, other, clocks);
    const helps = truth !== false && isNear(step, span, other);
    if (truth !== true || (helps && !related)) doubt ??= reason;
    perhapsRelated ||= helps;
  }
  // A span in flight may change which is the first and which the last; a bound span stays what it is.
  const unsettled = context.open && step.target.kind === 'selector';
  if (!perhapsRelated && !unsettled) return NO;
  if (unsettled) doubt ??= openDoubt(context, span);
  return doubt === null ? YES : { kind: 'maybe', doubt };
}

/** The two spans of each list that start first and that end last. */
const OUTERMOST = new WeakMap<
  readonly Span[],
  { readonly before: readonly Span[]; readonly after: readonly Span[] }
>();

/** Of the others in the list, the one that decides whether the span is before or after all of them; null: there are none. */
function nearestOther(kind: OrderNode['kind'], span: Span, others: readonly Span[]): Span | null {
  if (others.length <= 1) return others[0] === span ? null : (others[0] ?? null);
  let outermost = OUTERMOST.get(others);
  if (outermost === undefined) {
    outermost = {
      before: firstTwo(others, (a, b) => a.start < b.start),
      after: firstTwo(others, (a, b) => a.end > b.end),
    };
    OUTERMOST.set(others, outermost);
  }
  const [first, second] = outermost[kind];
  return (first === span ? second : first) ?? null;
}

function firstTwo(spans: readonly Span[], isFirst: (a: Span, b: Span) => boolean): readonly Span[] {
  let first: Span | null = null;
  let second: Span | null = null;
  for (const span of spans) {
    if (first === null || isFirst(span, first)) [first, second] = [span, first];
    else if (second === null || isFirst(span, second)) second = span;
  }
  return [first, second].filter((span) => span !== null);
}

function isNear(step: OrderNode, span: Span, other: Span): boolean {
  return step.within === null || gapBetween(step.kind, span, other) <= step.within.nanos;
}

const costs = new WeakMap<SelectorNode, number>();

/** Tests of one span by its steps; walks up the parents count for a few. */
function costOf(selector: SelectorNode): number {
  let known = costs.get(selector);
  if (known === undefined) {
    known = 1;
    for (const step of stepsOf(selector))
      known += step.kind === 'where' ? testsIn(step.predicate) : WALK_COST;
    costs.set(selector, known);
  }
  return known;
}

const WALK_COST = 4;

/** How many comparisons a predicate has. */
export function testsIn(predicate: PredicateNode): number {
  switch (predicate.kind) {
    case 'p-and':
    case 'p-or':
      return predicate.terms.reduce((sum, term) => sum + testsIn(term), 0);
    case 'p-not':
      return testsIn(predicate.term);
    default:
      return 1;
  }
}

const mentions = new WeakMap<SelectorNode, boolean>();

/** Whether the selector's spans depend on the bound span; if not, they are the same for every bound span. */
function mentionsBound(selector: SelectorNode): boolean {
  let known = mentions.get(selector);
  if (known === undefined) {
    known = stepsOf(selector).some(stepMentionsBound);
    mentions.set(selector, known);
  }
  return known;
}

const equalities = new WeakMap<SelectorNode, BoundEquality | null>();

/** The equality that a span must fulfil before anything else that speaks of the bound span. */
function boundEqualityOf(selector: SelectorNode): BoundEquality | null {
  let known = equalities.get(selector);
  if (known === undefined) {
    const first = stepsOf(selector).find(stepMentionsBound);
    known = first?.kind === 'where' ? equalityIn(first.predicate, predicateMentionsBound) : null;
    equalities.set(selector, known);
  }
  return known;
}

function stepMentionsBound(step: StepNode): boolean {
  if (step.kind === 'where') return predicateMentionsBound(step.predicate);
  return step.target.kind === 'bound' || mentionsBound(step.target);
}

function predicateMentionsBound(predicate: PredicateNode): boolean {
  switch (predicate.kind) {
    case 'p-and':
    case 'p-or':
      return predicate.terms.some(predicateMentionsBound);
    case 'p-not':
      return predicateMentionsBound(predicate.term);
    case 'test':
      return predicate.right.kind === 'reference' && predicate.right.of !== 'this';
    default:
      return false;
  }
}
