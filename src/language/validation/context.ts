/** What every check of a rule is given. */
import type { TextRange } from '../../diagnostic/diagnostic.ts';
import type { RuleNode } from '../ast.ts';
import type { RuleScope } from '../compiled-rule.ts';
import type { Problems } from '../problems.ts';
import { type Visitor, walkCondition, walkSelector } from '../walk.ts';

export interface CheckContext {
  readonly problems: Problems;
  readonly scope: RuleScope;
  /** Null where a macro is checked. */
  readonly rule: RuleNode | null;
  /** The name that `each` gives. */
  readonly bound: string | null;
  /** False when there is an `each` whose name could not be read. */
  readonly bindingKnown: boolean;
}

/** Walks all that was written, macros unopened. */
export function walkWritten(rule: RuleNode, visitor: Visitor): void {
  if (rule.when !== null && rule.when.each !== null) walkSelector(rule.when.each.selector, visitor);
  if (rule.when !== null && rule.when.condition !== null) walkCondition(rule.when.condition, visitor);
  for (const clause of rule.clauses) walkCondition(clause.condition, visitor);
  if (rule.condition !== null) walkCondition(rule.condition, visitor);
}

/** One visitor that calls several, in their order. */
export function together(visitors: readonly Visitor[]): Visitor {
  return {
    selector: (...met) => {
      for (const visitor of visitors) visitor.selector?.(...met);
    },
    condition: (...met) => {
      for (const visitor of visitors) visitor.condition?.(...met);
    },
    measure: (...met) => {
      for (const visitor of visitors) visitor.measure?.(...met);
    },
    test: (...met) => {
      for (const visitor of visitors) visitor.test?.(...met);
    },
    attribute: (...met) => {
      for (const visitor of visitors) visitor.attribute?.(...met);
    },
  };
}

/** The text of a part of the rule; for a macro, whose text is elsewhere, the empty text. */
export function writtenText(context: CheckContext, range: TextRange): string {
  return context.problems.source.text.slice(range.start, range.end);
}
