/** `always { a.before(b) }` where nothing says that there is a `b`. */
import { printSelector } from '../print.ts';
import { openMacros } from '../walk.ts';
import { finding, type Lint } from './finding.ts';
import { demandedSelectors, implies, neededByTrigger } from './terms.ts';

export const orderWithoutAnchor: Lint = (rule) => {
  const demanded = demandedSelectors(rule).filter(({ positive }) => positive);
  return demanded.flatMap(({ term, selector }) => {
    const known = [
      ...neededByTrigger(rule),
      ...demanded.filter((one) => one.term !== term).map((one) => one.selector),
    ];
    return selector.steps.flatMap((step) => {
      if ((step.kind !== 'before' && step.kind !== 'after') || step.target.kind === 'bound') return [];
      const target = openMacros(step.target);
      if (known.some((one) => implies(one, target))) return [];
      const anchor = printSelector(target);
      return [
        finding(rule, {
          code: 'FL403',
          range: term.range,
          message: `without a \`${anchor}\` span this is violated, and the trigger does not need one`,
          help: `add \`${anchor}\` to the trigger, or demand it as well`,
        }),
      ];
    });
  });
};
