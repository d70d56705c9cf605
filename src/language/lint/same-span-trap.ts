/** `has(q).where(a) and has(q).where(b)` is satisfied by two different spans. */
import type { CompiledRule } from '../compiled-rule.ts';
import { matcherKey } from '../plan.ts';
import { printMatcher, printSelector } from '../print.ts';
import { contradiction } from './contradiction.ts';
import { finding, type Lint } from './finding.ts';
import { demandedSelectors, type HasTerm, implies, testsOf, triggerTerms, whereText } from './terms.ts';

export const sameSpanTrap: Lint = (rule) => {
  const triggers = triggerTerms(rule);
  const demanded = demandedSelectors(rule).filter(({ positive }) => positive);
  const terms = [...triggers, ...demanded];
  return terms.flatMap((late, at) => {
    const early = terms.slice(0, at).find((one) => isTrap(one, late));
    if (early === undefined) return [];
    const other =
      early.selector.steps.length === 0
        ? 'the one that triggers the rule'
        : `the one of \`${printSelector(early.selector)}\``;
    return [
      finding(rule, {
        code: 'FL401',
        range: late.term.range,
        message: `this can be another \`${printMatcher(late.selector.matcher)}\` span than ${other}`,
        help: advice(rule, early, late, triggers.includes(early) && demanded.includes(late)),
      }),
    ];
  });
};

function isTrap(early: HasTerm, late: HasTerm): boolean {
  return (
    matcherKey(early.selector.matcher) === matcherKey(late.selector.matcher) &&
    late.selector.steps.length > 0 &&
    [early, late].every(({ selector }) => selector.steps.every((step) => step.kind === 'where')) &&
    !implies(early.selector, late.selector) &&
    contradiction([...testsOf(early.selector), ...testsOf(late.selector)]) === null
  );
}

function advice(rule: CompiledRule, early: HasTerm, late: HasTerm, isDemand: boolean): string {
  if (!isDemand) {
    const both = [early, late].map(({ selector }) => whereText(selector)).filter((text) => text !== '');
    return `to ask both of one span, write \`${printMatcher(late.selector.matcher)}.where(${both.join(' and ')})\``;
  }
  const whole = rule.trigger?.kind === 'has' ? `when { ${printSelector(early.selector)} } always { ` : '';
  const all = `all(${printSelector(early.selector)}, ${whereText(late.selector)})`;
  return `to ask it of every such span, write \`${whole}${all}${whole === '' ? '' : ' }'}\``;
}
