/** `never { a and b }` forbids only both together. */
import { printCondition } from '../print.ts';
import { finding, type Lint } from './finding.ts';

export const neverWithAnd: Lint = (rule) =>
  rule.requirements.flatMap(({ condition, polarity, range }) => {
    if (polarity !== 'never' || condition.kind !== 'and') return [];
    const terms = condition.terms.map((term) =>
      term.kind === 'and' || term.kind === 'or' ? `(${printCondition(term)})` : printCondition(term),
    );
    return [
      finding(rule, {
        code: 'FL405',
        range,
        message: 'this forbids only that all of it happens in one trace; each part alone is allowed',
        help: `where each is forbidden, write \`never { ${terms.join(' or ')} }\`; where both together are, \`always { not (${terms.join(' and ')}) }\` says so without a doubt`,
      }),
    ];
  });
