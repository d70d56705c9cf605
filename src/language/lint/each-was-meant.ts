/** Without `each`, one span that is related to one of the trigger's spans answers for all of them. */
import type { SelectorNode, StepNode } from '../ast.ts';
import { matcherKey } from '../plan.ts';
import { printMatcher, printSelector } from '../print.ts';
import { openMacros } from '../walk.ts';
import { finding, type Lint } from './finding.ts';
import { demandedSelectors, sharesNames, triggerTerms } from './terms.ts';

export const eachWasMeant: Lint = (rule) => {
  if (rule.each !== null) return [];
  const triggers = triggerTerms(rule).map(({ selector }) => selector);
  return demandedSelectors(rule).flatMap(({ term, selector, positive }) => {
    if (!positive) return [];
    const trigger = triggers.find((one) => isPairedWith(one, selector));
    if (trigger === undefined) return [];
    const name = printMatcher(trigger.matcher);
    return [
      finding(rule, {
        code: 'FL404',
        range: term.range,
        message: `one \`${printMatcher(selector.matcher)}\` span answers for every \`${name}\` span of the trace`,
        help: `bind the span, \`when { each ${printSelector(trigger)} as it }\`, and relate the demand to \`it\``,
      }),
    ];
  });
};

/** The demand relates its span to one of the trigger's, or one of the trigger's to another. */
function isPairedWith(trigger: SelectorNode, demanded: SelectorNode): boolean {
  const itself = matcherKey(trigger.matcher) === matcherKey(demanded.matcher);
  return demanded.steps.some((step) => {
    const target = targetOf(step);
    if (target === null) return false;
    // `a.before(b)` is said of every b as it stands; with a limit it is not.
    const pairs =
      step.kind === 'child_of' || step.kind === 'inside' || ('within' in step && step.within !== null);
    if (itself)
      return (
        step.kind === 'child_of' || step.kind === 'inside' || step.kind === 'before' || step.kind === 'after'
      );
    return pairs && sharesNames(trigger.matcher, target.matcher);
  });
}

function targetOf(step: StepNode): SelectorNode | null {
  return step.kind !== 'where' && step.target.kind === 'selector' ? openMacros(step.target) : null;
}
