/** A term that is the same for every trace. */
import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import type { CompareNode } from '../ast.ts';
import { printCondition } from '../print.ts';
import { openMacros, walkRule } from '../walk.ts';
import { finding, type Lint } from './finding.ts';

export const constantCondition: Lint = (rule) => {
  const found: Diagnostic[] = [];
  walkRule(rule, {
    condition(condition) {
      const outcome =
        condition.kind === 'has'
          ? isAnySpan(openMacros(condition.selector)) || null
          : condition.kind === 'compare'
            ? outcomeOf(condition)
            : null;
      if (outcome === null) return;
      found.push(
        finding(rule, {
          code: 'FL411',
          range: condition.range,
          message: `\`${printCondition(condition)}\` is ${outcome ? 'true' : 'false'} of every trace`,
          help:
            condition.kind === 'has'
              ? 'name the spans that are meant, or leave the term out'
              : 'compare with a number that a count can reach on both sides',
        }),
      );
    },
  });
  return found;
};

function isAnySpan({ matcher, steps }: ReturnType<typeof openMacros>): boolean {
  return matcher.kind === 'wildcard' && /^\*+$/.test(matcher.pattern) && steps.length === 0;
}

/** Counts are whole numbers from 0 on; null where the comparison can go both ways. */
function outcomeOf({ left, operator, right }: CompareNode): boolean | null {
  if ((left.kind !== 'count' && left.kind !== 'distinct') || right.kind !== 'number') return null;
  if (Number(right.value) > 0) return null;
  if (operator === '>=') return true;
  return operator === '<' ? false : null;
}
