/** A rule that has passed the checker, in the normal form that evaluators, the plan and the explanation read. */
import type { Nanos } from '../base/nanos.ts';
import type { SourceText, TextRange } from '../diagnostic/diagnostic.ts';
import type { AttributeNode, ConditionNode, RuleNode, SelectorNode } from './ast.ts';

export interface CompiledRule {
  /** The text that all ranges below point into, except those inside a macro's selector. */
  readonly source: SourceText;
  /** Macros and lists resolved. */
  readonly ast: RuleNode;
  readonly across: { readonly key: readonly AttributeNode[]; readonly within: Nanos } | null;
  readonly each: { readonly bound: string; readonly selector: SelectorNode } | null;
  /** Null for a rule without a trigger; with `each`, what `and` adds to it. */
  readonly trigger: ConditionNode | null;
  /**
   * All must hold, in the order written. The short form `A and B and not C` has trigger A and the requirements B and not C;
   * `always { a and b }` is one requirement; a rule without a trigger has its whole condition as the only one.
   */
  readonly requirements: readonly Requirement[];
}

export interface Requirement {
  readonly polarity: 'always' | 'never';
  readonly condition: ConditionNode;
  /** Of the clause with its braces, or of the term in the short form. */
  readonly range: TextRange;
}

/** What a file gives the rules in it. */
export interface RuleScope {
  /** Name without `$` to the parsed selector. */
  readonly macros: ReadonlyMap<string, SelectorNode>;
  readonly lists: ReadonlyMap<string, readonly (string | number | bigint | boolean)[]>;
}

/** Whether the rule promises something only when something else happened. */
export function hasTrigger(rule: CompiledRule): boolean {
  return rule.each !== null || rule.trigger !== null;
}
