/** The lints that need only the rule's text: one file each, in the order in which they are told. */
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import type { CompiledRule } from './compiled-rule.ts';
import { attributeBehindAPrefix } from './lint/attribute-behind-a-prefix.ts';
import { attributeNamedLikeAField } from './lint/attribute-named-like-a-field.ts';
import { constantCondition } from './lint/constant-condition.ts';
import { contradictoryPredicate } from './lint/contradictory-predicate.ts';
import { decidedByTrigger } from './lint/decided-by-trigger.ts';
import { eachWasMeant } from './lint/each-was-meant.ts';
import type { Lint } from './lint/finding.ts';
import { matchesItself } from './lint/matches-itself.ts';
import { negatedComparison } from './lint/negated-comparison.ts';
import { neverWithAnd } from './lint/never-with-and.ts';
import { orderWithoutAnchor } from './lint/order-without-anchor.ts';
import { redundantTerm } from './lint/redundant-term.ts';
import { sameSpanTrap } from './lint/same-span-trap.ts';
import { statusOk } from './lint/status-ok.ts';
import { unusedBinding } from './lint/unused-binding.ts';

const LINTS: readonly Lint[] = [
  sameSpanTrap,
  matchesItself,
  orderWithoutAnchor,
  eachWasMeant,
  neverWithAnd,
  negatedComparison,
  statusOk,
  attributeNamedLikeAField,
  attributeBehindAPrefix,
  redundantTerm,
  contradictoryPredicate,
  constantCondition,
  decidedByTrigger,
  unusedBinding,
];

/**
 * Where a correct rule probably does not say what was meant; in the order of the text. Ranges point into `rule.source`. Cost:
 * quadratic in the number of terms, which the language limits.
 */
export function lintRule(rule: CompiledRule): Diagnostic[] {
  return LINTS.flatMap((lint) => lint(rule)).sort((a, b) => (a.range?.start ?? 0) - (b.range?.start ?? 0));
}
