/** A requirement that holds, or fails, whenever the trigger occurs. */
import { printSelector } from '../print.ts';
import { finding, type Lint } from './finding.ts';
import { demandedSelectors, implies, triggerTerms } from './terms.ts';

export const decidedByTrigger: Lint = (rule) => {
  // What the bound span of `each` decides is another lint.
  const triggers = triggerTerms(rule).map(({ selector }) => selector);
  return demandedSelectors(rule).flatMap(({ term, selector, positive }) => {
    const trigger = triggers.find((one) => implies(one, selector));
    if (trigger === undefined) return [];
    const text = printSelector(selector);
    return [
      finding(rule, {
        code: 'FL412',
        range: term.range,
        message: positive
          ? `the trigger \`${printSelector(trigger)}\` has found a \`${text}\` already: this demand is always met`
          : `the trigger \`${printSelector(trigger)}\` has found a \`${text}\`: this ban is always broken`,
        help: positive
          ? 'demand something that the trigger does not need, or count the spans'
          : `to forbid the span as such, write \`never { ${text} }\` without a trigger`,
      }),
    ];
  });
};
