/** `span.status == ok`: most good spans are `unset`. */
import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import { walkRule } from '../walk.ts';
import { finding, type Lint } from './finding.ts';

export const statusOk: Lint = (rule) => {
  const found: Diagnostic[] = [];
  walkRule(rule, {
    test(test, at) {
      if (test.kind !== 'test' || test.operator !== '==' || test.right.kind !== 'value') return;
      const { attribute } = test.left;
      if (attribute.where !== 'field' || attribute.name !== 'status' || test.right.value !== 'ok') return;
      const inMacro = at !== test.range;
      found.push(
        finding(rule, {
          code: 'FL407',
          range: at,
          message:
            'most SDKs leave the status of a good span `unset`, and `span.status == ok` does not match it',
          help: 'write `span.status != error`',
          fix: inMacro ? null : { range: test.range, text: 'span.status != error' },
        }),
      );
    },
  });
  return found;
};
