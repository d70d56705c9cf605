/** `each x as c` where nothing names `c`. */
import { walkRule } from '../walk.ts';
import { finding, type Lint } from './finding.ts';

export const unusedBinding: Lint = (rule) => {
  const { each } = rule;
  if (each === null) return [];
  let used = false;
  walkRule(rule, {
    selector({ steps }) {
      used ||= steps.some((step) => step.kind !== 'where' && step.target.kind === 'bound');
    },
    test(test) {
      used ||= test.kind === 'test' && test.right.kind === 'reference' && test.right.of === each.bound;
    },
  });
  if (used) return [];
  return [
    finding(rule, {
      code: 'FL413',
      range: rule.ast.when?.each?.bound.range ?? each.selector.range,
      message: `nothing is asked about \`${each.bound}\`: one span answers for every span that is bound`,
      help: `relate a demand to it, as in \`.before(${each.bound})\` or \`.where(id == ${each.bound}.id)\`, or leave \`each\` out`,
    }),
  ];
};
