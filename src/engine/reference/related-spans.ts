/** The spans by which a span belongs to a selector: its ancestor, the span before it, the span after it. */
import type { SelectorNode, StepNode } from '../../language/ast.ts';
import type { Span } from '../../trace/span.ts';
import { LONGEST_PARENT_CHAIN } from '../../trace/trace.ts';
import type { Context } from './context.ts';
import { gapBetween } from './order.ts';
import { stepsOf, targetOf } from './selector.ts';

/**
 * One span for each relation, and what that span is related to in its turn. A bound span is left out: a witness has it as its
 * trigger. Cost: for each relation the spans of its target, or the ancestors.
 */
export function relatedSpans(selector: SelectorNode, span: Span, context: Context): Span[] {
  return stepsOf(selector).flatMap((step) => {
    if (step.kind === 'where' || step.target.kind === 'bound') return [];
    const { sure } = targetOf(step.target, context);
    const related =
      step.kind === 'before' || step.kind === 'after'
        ? nearestOf(step.kind, span, sure)
        : nearestAncestor(step.kind, span, new Set(sure), context);
    return related === null ? [] : [related, ...relatedSpans(step.target, related, context)];
  });
}

function nearestOf(relation: 'before' | 'after', span: Span, others: readonly Span[]): Span | null {
  let nearest: Span | null = null;
  for (const other of others) {
    if (other === span) continue;
    const isNearer =
      nearest === null || gapBetween(relation, span, other) < gapBetween(relation, span, nearest);
    if (isNearer) nearest = other;
  }
  return nearest;
}

function nearestAncestor(
  relation: Exclude<StepNode['kind'], 'where' | 'before' | 'after'>,
  span: Span,
  wanted: ReadonlySet<Span>,
  context: Context,
): Span | null {
  const longest = relation === 'child_of' ? 1 : LONGEST_PARENT_CHAIN;
  let above = context.scope.parentOf(span);
  for (let steps = 0; steps < longest && above !== null; steps++) {
    if (wanted.has(above)) return above;
    above = context.scope.parentOf(above);
  }
  return null;
}
