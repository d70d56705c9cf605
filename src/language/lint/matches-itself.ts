/** In an `each` rule, a selector that the bound span matches too. */
import type { PredicateNode, SelectorNode } from '../ast.ts';
import { printMatcher, printPredicate, printSelector } from '../print.ts';
import { openMacros } from '../walk.ts';
import { contradiction } from './contradiction.ts';
import { finding, type Lint } from './finding.ts';
import { conjuncts, coversNames, demandedSelectors, testsOf } from './terms.ts';

export const matchesItself: Lint = (rule) => {
  const { each } = rule;
  if (each === null) return [];
  const bound = openMacros(each.selector);
  return demandedSelectors(rule).flatMap(({ term, selector, positive }) => {
    if (!isMatchedBy(bound, selector, each.bound)) return [];
    const text = printSelector(selector);
    const outcome = positive ? 'the demand is always met' : 'the ban is always broken';
    return [
      finding(rule, {
        code: 'FL402',
        range: term.range,
        message: `the bound \`${printMatcher(bound.matcher)}\` span itself matches \`${text}\`: ${outcome}`,
        help: `count them (\`count(${text}) ${positive ? '>' : '=='} 1\`), or tell the other span apart: by \`.before(${each.bound})\`, or by a value that differs`,
      }),
    ];
  });
};

/** No span is related to itself, so a step to another span tells the two apart; so may a comparison that the trigger lacks. */
function isMatchedBy(bound: SelectorNode, selector: SelectorNode, name: string): boolean {
  const asked = new Set(wherePredicates(bound).map(printPredicate));
  return (
    coversNames(selector.matcher, bound.matcher) &&
    selector.steps.every((step) => step.kind === 'where') &&
    wherePredicates(selector).every((term) => isOfItself(term, name) || asked.has(printPredicate(term))) &&
    contradiction([...testsOf(bound), ...testsOf(selector)], name) === null
  );
}

function wherePredicates(selector: SelectorNode): PredicateNode[] {
  return selector.steps.flatMap((step) => (step.kind === 'where' ? conjuncts(step.predicate) : []));
}

/** `id == charge.id`, or that the attribute is there. */
function isOfItself(term: PredicateNode, name: string): boolean {
  if (term.kind === 'exists') return !term.negated;
  return term.kind === 'test' && term.right.kind === 'reference' && term.right.of === name;
}
