/** Rules in the form that evaluators read: when this happened, all of that must hold. */
import type { SourceText } from '../diagnostic/diagnostic.ts';
import type { AndNode, ConditionNode, RuleNode } from './ast.ts';
import type { CompiledRule, Requirement } from './compiled-rule.ts';

/** The short form: an `and` whose first term is a selector is trigger, then requirements. */
export function isTriggerForm(condition: ConditionNode): condition is AndNode {
  return condition.kind === 'and' && condition.terms[0]?.kind === 'has';
}

/** `ast` has its macros and lists resolved. */
export function normalForm(source: SourceText, ast: RuleNode): CompiledRule {
  const across = ast.across === null ? null : { key: ast.across.key, within: ast.across.within.nanos };
  const written = ast.when?.each ?? null;
  const each = written === null ? null : { bound: written.bound.name, selector: written.selector };
  if (ast.condition === null) {
    const requirements = ast.clauses.map(({ polarity, condition, range }) => ({
      polarity,
      condition,
      range,
    }));
    return { source, ast, across, each, trigger: ast.when?.condition ?? null, requirements };
  }
  if (!isTriggerForm(ast.condition)) {
    const { condition } = ast;
    return {
      source,
      ast,
      across,
      each,
      trigger: null,
      requirements: [{ polarity: 'always', condition, range: condition.range }],
    };
  }
  const [trigger = null, ...rest] = ast.condition.terms;
  return { source, ast, across, each, trigger, requirements: rest.map(requirementOf) };
}

/** `not X` in the short form is read as: never X. */
function requirementOf(term: ConditionNode): Requirement {
  return term.kind === 'not'
    ? { polarity: 'never', condition: term.term, range: term.range }
    : { polarity: 'always', condition: term, range: term.range };
}
