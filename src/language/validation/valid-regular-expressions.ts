/** Every regular expression compiles. */
import { compileRe2 } from '../../base/re2.ts';
import type { TextRange } from '../../diagnostic/diagnostic.ts';
import { shorten } from '../lexer.ts';
import type { Visitor } from '../walk.ts';
import type { CheckContext } from './context.ts';

export function validRegularExpressions({ problems }: CheckContext): Visitor {
  const check = (pattern: string, range: TextRange): void => {
    const result = compileRe2(pattern);
    if (result.ok) return;
    problems.report({
      code: 'FL206',
      range,
      message: `\`${shorten(pattern)}\` is no regular expression of RE2: ${sentence(result.error)}`,
      help: /\(\?<?[=!]/.test(pattern)
        ? 'RE2 has no look-around: say what must not match with `not`, in a test of its own'
        : 'mend the expression; a character that is meant as itself gets `\\\\` before it',
    });
  };
  return {
    selector({ matcher }) {
      if (matcher.kind === 'regex') check(matcher.pattern, matcher.range);
    },
    test(test) {
      if (test.kind !== 'test' || test.operator !== 'matches' || test.right.kind !== 'value') return;
      if (typeof test.right.value === 'string') check(test.right.value, test.right.range);
    },
  };
}

/** RE2's own sentence without the expression repeated at full length. */
function sentence(error: string): string {
  return shorten(error.replace(/^error parsing regexp: /, ''), 120);
}
