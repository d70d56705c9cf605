/** Walks over the parts of a rule, macros opened: what the plan, the lints and the explanation have in common. */
import type { TextRange } from '../diagnostic/diagnostic.ts';
import type {
  AttributeNode,
  ComparisonTestNode,
  ConditionNode,
  LeftNode,
  MeasureNode,
  MembershipTestNode,
  PredicateNode,
  ReferenceNode,
  SelectorNode,
  StepNode,
} from './ast.ts';
import type { CompiledRule } from './compiled-rule.ts';

/** The predicates that hold no others. */
export type TestNode =
  | ComparisonTestNode
  | MembershipTestNode
  | Extract<PredicateNode, { kind: 'exists' | 'is-true' }>;

/**
 * Called for each part in the order written; what is inside a macro is met where the macro stands. `at` is the part's place in
 * the rule's own text: of the macro's name for what comes of a macro.
 */
export interface Visitor {
  /** Macros opened. Targets of steps are met after the selector that they belong to. */
  selector?(selector: SelectorNode, at: TextRange): void;
  condition?(condition: ConditionNode): void;
  measure?(measure: MeasureNode): void;
  /** `of`: the selector whose spans it is asked of. */
  test?(test: TestNode, at: TextRange, of: SelectorNode): void;
  /** An attribute read on a span: of the span in question, of a bound one, of `this`; also what `distinct` and `sum` read. */
  attribute?(
    attribute: AttributeNode,
    by: LeftNode | ReferenceNode | MeasureNode,
    at: TextRange,
    of: SelectorNode,
  ): void;
}

/** Walks trigger, then requirements. The keys of `across` are no part of either. */
export function walkRule(rule: CompiledRule, visitor: Visitor): void {
  if (rule.each !== null) walkSelector(rule.each.selector, visitor);
  if (rule.trigger !== null) walkCondition(rule.trigger, visitor);
  for (const requirement of rule.requirements) walkCondition(requirement.condition, visitor);
}

export function walkCondition(condition: ConditionNode, visitor: Visitor): void {
  visitor.condition?.(condition);
  switch (condition.kind) {
    case 'and':
    case 'or':
      for (const term of condition.terms) walkCondition(term, visitor);
      return;
    case 'not':
      walkCondition(condition.term, visitor);
      return;
    case 'has':
      walkSelector(condition.selector, visitor);
      return;
    case 'all':
      walkSelector(condition.selector, visitor);
      walkPredicate(condition.predicate, visitor, openMacros(condition.selector), null);
      return;
    case 'compare':
      walkMeasure(condition.left, visitor);
      if (condition.right.kind !== 'number' && condition.right.kind !== 'duration') {
        walkMeasure(condition.right, visitor);
      }
      return;
  }
}

export function walkSelector(
  written: SelectorNode,
  visitor: Visitor,
  macroAt: TextRange | null = null,
): void {
  const selector = openMacros(written);
  visitor.selector?.(selector, macroAt ?? written.range);
  const inMacro = selector.steps.length - written.steps.length;
  const inner = macroAt ?? written.matcher.range;
  selector.steps.forEach((step, at) => {
    walkStep(step, visitor, selector, at < inMacro ? inner : macroAt);
  });
}

function walkStep(step: StepNode, visitor: Visitor, of: SelectorNode, macroAt: TextRange | null): void {
  if (step.kind === 'where') walkPredicate(step.predicate, visitor, of, macroAt);
  else if (step.target.kind === 'selector') walkSelector(step.target, visitor, macroAt);
}

function walkPredicate(
  predicate: PredicateNode,
  visitor: Visitor,
  of: SelectorNode,
  macroAt: TextRange | null,
): void {
  switch (predicate.kind) {
    case 'p-and':
    case 'p-or':
      for (const term of predicate.terms) walkPredicate(term, visitor, of, macroAt);
      return;
    case 'p-not':
      walkPredicate(predicate.term, visitor, of, macroAt);
      return;
    default: {
      const { left } = predicate;
      visitor.test?.(predicate, macroAt ?? predicate.range, of);
      visitor.attribute?.(left.attribute, left, macroAt ?? left.attribute.range, of);
      if (predicate.kind === 'test' && predicate.right.kind === 'reference') {
        visitor.attribute?.(predicate.right.attribute, predicate.right, macroAt ?? predicate.right.range, of);
      }
    }
  }
}

function walkMeasure(measure: MeasureNode, visitor: Visitor): void {
  visitor.measure?.(measure);
  if (measure.kind === 'trace-duration') return;
  walkSelector(measure.selector, visitor);
  if (measure.kind === 'count') return;
  visitor.attribute?.(measure.attribute, measure, measure.attribute.range, openMacros(measure.selector));
}

/**
 * The selector with its macro, and the macro within that, written out: `$paid.where(p)` becomes the steps of `$paid`, then
 * `.where(p)`. A macro that nothing has resolved stays as it is.
 */
export function openMacros(selector: SelectorNode): SelectorNode {
  const { matcher } = selector;
  if (matcher.kind !== 'macro' || matcher.selector === null) return selector;
  const inner = openMacros(matcher.selector);
  return { ...selector, matcher: inner.matcher, steps: [...inner.steps, ...selector.steps] };
}
