/** A demanded `x.where(a != v)` does not mean that there is no `x` with the value `v`. */
import type { SelectorNode } from '../ast.ts';
import { printMatcher, printPredicate } from '../print.ts';
import type { TestNode } from '../walk.ts';
import { finding, type Lint } from './finding.ts';
import { demandedSelectors, type KeptTest, testsOf } from './terms.ts';

export const negatedComparison: Lint = (rule) =>
  demandedSelectors(rule).flatMap(({ term, selector, positive }) => {
    const [first] = testsOf(selector);
    if (!positive || first === undefined || !onlyNegations(selector)) return [];
    const name = printMatcher(selector.matcher);
    return [
      finding(rule, {
        code: 'FL406',
        range: term.range,
        message: `any one \`${name}\` span with another value satisfies this, also beside one that has it`,
        help: `to forbid the value, write \`never { ${name}.where(${printPredicate(plain(first.test))}) }\``,
      }),
    ];
  });

/** What else a `where` asks tells which span is meant, and the negation is then a detail of it. */
function onlyNegations(selector: SelectorNode): boolean {
  return (
    selector.steps.every((step) => step.kind === 'where' && step.predicate.kind !== 'p-or') &&
    testsOf(selector).every(isNegation)
  );
}

function isNegation({ test, negated }: KeptTest): boolean {
  if (test.left.attribute.where === 'field') return false;
  if (test.kind === 'in') return test.negated !== negated;
  return test.kind === 'test' && test.right.kind === 'value' && test.operator === (negated ? '==' : '!=');
}

function plain(test: TestNode): TestNode {
  if (test.kind === 'in') return { ...test, negated: false };
  return test.kind === 'test' ? { ...test, operator: '==' } : test;
}
