/** Questions that several lints ask of a rule: what its trigger needs, what it demands term by term, which names a matcher covers. */
import type { ConditionNode, HasNode, MatcherNode, PredicateNode, SelectorNode } from '../ast.ts';
import type { CompiledRule } from '../compiled-rule.ts';
import { nameMatcher } from '../name-matcher.ts';
import { matcherKey } from '../plan.ts';
import { printPredicate, printSelector } from '../print.ts';
import { openMacros, type TestNode } from '../walk.ts';

/** A term of a requirement that must be true, or must be false. */
export interface Demand {
  readonly condition: Exclude<ConditionNode, { kind: 'not' }>;
  readonly positive: boolean;
}

/** What the requirements demand one by one: `and` of what must be true and `or` of what must be false are taken apart. */
export function demandsOf(rule: CompiledRule): Demand[] {
  return rule.requirements.flatMap(({ condition, polarity }) =>
    demandTerms(condition, polarity === 'always'),
  );
}

function demandTerms(condition: ConditionNode, positive: boolean): Demand[] {
  if (condition.kind === 'not') return demandTerms(condition.term, !positive);
  if (condition.kind === (positive ? 'and' : 'or')) {
    return condition.terms.flatMap((term) => demandTerms(term, positive));
  }
  return [{ condition, positive }];
}

/** A `has` that must be true, or must be false; `selector` with macros opened. */
export interface HasTerm {
  readonly term: HasNode;
  readonly selector: SelectorNode;
  readonly positive: boolean;
}

/** Lints compare terms with each other; nobody reads a rule with more of them. */
const MOST_TERMS = 200;

/** The `has` terms among the demands. */
export function demandedSelectors(rule: CompiledRule): HasTerm[] {
  return demandsOf(rule).flatMap(hasTerm).slice(0, MOST_TERMS);
}

/** The `has` terms that the trigger needs to be true. */
export function triggerTerms(rule: CompiledRule): HasTerm[] {
  if (rule.trigger === null) return [];
  return demandTerms(rule.trigger, true)
    .flatMap(hasTerm)
    .filter(({ positive }) => positive)
    .slice(0, MOST_TERMS);
}

function hasTerm({ condition, positive }: Demand): HasTerm[] {
  if (condition.kind !== 'has') return [];
  return [{ term: condition, selector: openMacros(condition.selector), positive }];
}

/** Selectors of which a span must be there for the trigger to be true; macros opened. */
export function neededByTrigger(rule: CompiledRule): SelectorNode[] {
  const needed = triggerTerms(rule).map(({ selector }) => selector);
  return rule.each === null ? needed : [openMacros(rule.each.selector), ...needed];
}

/** Whether every span that `narrow` matches is surely one that `wide` matches. Both with macros opened. */
export function implies(narrow: SelectorNode, wide: SelectorNode): boolean {
  if (!coversNames(wide.matcher, narrow.matcher)) return false;
  const known = new Set(stepsOf(narrow));
  return stepsOf(wide).every((step) => known.has(step));
}

/** The steps as text, each comparison of a conjunction on its own. */
function stepsOf(selector: SelectorNode): string[] {
  return selector.steps.flatMap((step) => {
    if (step.kind === 'where')
      return conjuncts(step.predicate).map((term) => `where ${printPredicate(term)}`);
    const target =
      step.target.kind === 'bound' ? `bound ${step.target.name}` : printSelector(openMacros(step.target));
    return [`${step.kind} ${target} ${'within' in step ? (step.within?.nanos ?? '') : ''}`];
  });
}

/** Whether `wide` surely matches every name that `narrow` matches. */
export function coversNames(wide: MatcherNode, narrow: MatcherNode): boolean {
  if (matcherKey(wide) === matcherKey(narrow)) return true;
  if (wide.kind === 'wildcard' && /^\*+$/.test(wide.pattern)) return true;
  return narrow.kind === 'exact' && wide.kind !== 'macro' && nameMatcher(wide)(narrow.name);
}

/** Whether some name is matched by both, as far as that is certain. */
export function sharesNames(a: MatcherNode, b: MatcherNode): boolean {
  return coversNames(a, b) || coversNames(b, a);
}

/** The terms of a conjunction, taken apart. */
export function conjuncts(predicate: PredicateNode): PredicateNode[] {
  return predicate.kind === 'p-and' ? predicate.terms.flatMap(conjuncts) : [predicate];
}

/** A comparison that must be true, or (`negated`) false, for a span to be kept. */
export interface KeptTest {
  readonly test: TestNode;
  readonly negated: boolean;
}

/** The comparisons that all must come out right for a span to pass the `where` steps; what stands in an `or` is left out. */
export function testsOf(selector: SelectorNode): KeptTest[] {
  return selector.steps
    .flatMap((step) => (step.kind === 'where' ? keptTests(step.predicate) : []))
    .slice(0, MOST_TERMS);
}

export function keptTests(predicate: PredicateNode, negated = false): KeptTest[] {
  switch (predicate.kind) {
    case 'p-not':
      return keptTests(predicate.term, !negated);
    case 'p-and':
      return negated ? [] : predicate.terms.flatMap((term) => keptTests(term, negated));
    case 'p-or':
      return negated ? predicate.terms.flatMap((term) => keptTests(term, negated)) : [];
    default:
      return [{ test: predicate, negated }];
  }
}

/** The predicates of all `where` steps as text, joined by `and`; the empty text when there are none. */
export function whereText(selector: SelectorNode): string {
  const parts = selector.steps.flatMap((step) => (step.kind === 'where' ? [step.predicate] : []));
  return parts
    .map((part) =>
      part.kind === 'p-or' && parts.length > 1 ? `(${printPredicate(part)})` : printPredicate(part),
    )
    .join(' and ');
}
