/** Comparisons that exclude each other: no span ever passes. */
import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import { printPredicate } from '../print.ts';
import { walkRule } from '../walk.ts';
import { contradiction } from './contradiction.ts';
import { finding, type Lint } from './finding.ts';
import { type KeptTest, keptTests, testsOf } from './terms.ts';

export const contradictoryPredicate: Lint = (rule) => {
  const found: Diagnostic[] = [];
  const look = (tests: readonly KeptTest[], inSelector: boolean, fallback: Diagnostic['range']): void => {
    const clash = contradiction(tests);
    if (clash === null) return;
    const [one, other] = clash.map(text);
    found.push(
      finding(rule, {
        code: 'FL410',
        range: (inSelector ? fallback : clash[1].test.range) ?? clash[1].test.range,
        message:
          one === other
            ? `\`${one}\` is never true of a span`
            : `\`${one}\` and \`${other}\` are never both true of one span`,
        help: 'write `or` or `in [...]` where either is meant, or turn a bound round',
      }),
    );
  };
  walkRule(rule, {
    selector(selector, at) {
      look(testsOf(selector), true, at);
    },
    condition(condition) {
      if (condition.kind === 'all') look(keptTests(condition.predicate), false, undefined);
    },
  });
  return found;
};

function text({ test, negated }: KeptTest): string {
  return negated ? `not (${printPredicate(test)})` : printPredicate(test);
}
