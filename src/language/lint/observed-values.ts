/** FL427: values that a rule waits for and nobody sends. */
import { didYouMean } from '../../base/suggest.ts';
import type { Diagnostic, TextRange } from '../../diagnostic/diagnostic.ts';
import type { SelectorNode } from '../ast.ts';
import type { CompiledRule } from '../compiled-rule.ts';
import type { ObservedTraffic } from '../observed-traffic.ts';
import { printAttribute, printMatcher, printPredicate } from '../print.ts';
import { openMacros, type TestNode, walkRule } from '../walk.ts';
import { finding } from './finding.ts';
import { listed, sightingOf } from './observed-attributes.ts';
import { demandedSelectors, neededByTrigger, testsOf } from './terms.ts';

/**
 * Only of what must match, and only where every value that was sent is known. That a forbidden value was never sent is as it
 * should be.
 */
export function unsentValues(rule: CompiledRule, observed: ObservedTraffic): Diagnostic[] {
  const wanted = [
    ...neededByTrigger(rule),
    ...demandedSelectors(rule).flatMap(({ selector, positive }) => (positive ? [selector] : [])),
  ].flatMap(withTargets);
  const places = placesOf(rule);
  const told = new Set<string>();
  return wanted.flatMap((selector) =>
    testsOf(selector).flatMap(({ test, negated }) => {
      const text = `${printPredicate(test)} ${printMatcher(selector.matcher)}`;
      const diagnostic =
        negated || told.has(text) ? null : unsentValue(rule, test, selector, observed, places);
      if (diagnostic === null) return [];
      told.add(text);
      return [diagnostic];
    }),
  );
}

/** A relation to nothing never holds: what a selector is related to must match as well. */
function withTargets(selector: SelectorNode): SelectorNode[] {
  return [
    selector,
    ...selector.steps.flatMap((step) =>
      step.kind === 'where' || step.target.kind === 'bound' ? [] : withTargets(openMacros(step.target)),
    ),
  ];
}

/** What comes of a macro stands at the macro's name. */
function placesOf(rule: CompiledRule): Map<TestNode, TextRange> {
  const places = new Map<TestNode, TextRange>();
  walkRule(rule, {
    test(test, at) {
      if (!places.has(test)) places.set(test, at);
    },
  });
  return places;
}

function unsentValue(
  rule: CompiledRule,
  test: TestNode,
  of: SelectorNode,
  observed: ObservedTraffic,
  places: ReadonlyMap<TestNode, TextRange>,
): Diagnostic | null {
  if (test.kind !== 'test' || test.operator !== '==' || test.right.kind !== 'value') return null;
  if (test.left.convert !== null) return null;
  const { value } = test.right;
  const seen = sightingOf(test.left.attribute, of, observed);
  if (seen === null || !seen.complete || !seen.allSampled) return null;
  const isNumber = (one: unknown) => typeof one === 'number' || typeof one === 'bigint';
  const alike = seen.samples.filter(
    (one) => typeof one === typeof value || (isNumber(one) && isNumber(value)),
  );
  // Values of another type are told of as such.
  // biome-ignore lint/suspicious/noDoubleEquals: 1 and 1n are the same number
  if (alike.length === 0 || alike.some((one) => one == value)) return null;
  const attribute = printAttribute(test.left.attribute);
  const near = typeof value === 'string' ? didYouMean(value, alike.map(String)) : '';
  const spans = `${seen.spans} \`${printMatcher(of.matcher)}\` ${seen.spans === 1 ? 'span' : 'spans'}`;
  return finding(rule, {
    code: 'FL427',
    range: places.get(test) ?? rule.ast.range,
    message: `none of ${spans} has \`${printPredicate(test)}\`${near === '' ? '' : `: ${near}`}`,
    notes: [`\`${attribute}\` is ${listed(alike.map(String))}`],
    help: 'compare with a value that is sent, or look at traffic in which this one is',
  });
}
