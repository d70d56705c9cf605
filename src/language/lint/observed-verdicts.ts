/** FL421: a rule whose bans and limits are kept because what they speak of is never sent. */
import { suggest } from '../../base/suggest.ts';
import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import type { ConditionNode, SelectorNode } from '../ast.ts';
import type { CompiledRule } from '../compiled-rule.ts';
import type { ObservedTraffic } from '../observed-traffic.ts';
import { compareZero } from '../plan.ts';
import { printCondition, printMatcher } from '../print.ts';
import { openMacros } from '../walk.ts';
import { finding } from './finding.ts';
import { sightingOf } from './observed-attributes.ts';
import { wasNeverSeen } from './observed-names.ts';
import { type Demand, demandsOf, testsOf } from './terms.ts';

/** Nothing is said of a rule of which one demand can fail. */
export function neverViolated(rule: CompiledRule, observed: ObservedTraffic): Diagnostic[] {
  const demands = demandsOf(rule);
  const reasons = demands.map((demand) => unbreakable(demand, observed));
  if (demands.length === 0 || reasons.some((reason) => reason === null)) return [];
  const [first] = demands;
  if (first === undefined) return [];
  return [
    finding(rule, {
      code: 'FL421',
      range: first.condition.range,
      message: `on this traffic nothing can break ${demands.length === 1 ? `\`${printCondition(first.condition)}\`` : 'the rule'}`,
      notes: reasons.filter((reason) => reason !== null),
      help: 'check the names of the span and of its attributes against the instrumentation',
    }),
  ];
}

/** Why a demand cannot fail, or null where it can. */
function unbreakable({ condition, positive }: Demand, observed: ObservedTraffic): string | null {
  const selector = keptEmpty(condition, positive);
  if (selector === null) return null;
  return emptyBecause(openMacros(selector), condition.kind === 'has', observed);
}

/** The selector of a demand that holds as long as it matches nothing. */
function keptEmpty(condition: ConditionNode, positive: boolean): SelectorNode | null {
  if (condition.kind === 'has') return positive ? null : condition.selector;
  if (condition.kind === 'all') return positive ? condition.selector : null;
  if (condition.kind !== 'compare' || condition.right.kind !== 'number') return null;
  if (condition.left.kind === 'trace-duration') return null;
  return compareZero(condition.operator, condition.right.value) === positive ? condition.left.selector : null;
}

/** `banned`: the span must not be there, so that it never was is as it should be, unless its name is a slip of the pen. */
function emptyBecause(selector: SelectorNode, banned: boolean, observed: ObservedTraffic): string | null {
  const { matcher } = selector;
  const name = printMatcher(matcher);
  if (wasNeverSeen(matcher, observed)) {
    const isSlip = matcher.kind === 'exact' && suggest(matcher.name, observed.names.keys(), 1).length > 0;
    return banned && !isSlip ? null : `no span is called \`${name}\``;
  }
  for (const { test, negated } of testsOf(selector)) {
    if (test.kind === 'exists' && test.negated !== negated) continue;
    const seen = sightingOf(test.left.attribute, selector, observed);
    if (seen?.complete === true && seen.count === 0) {
      return `no \`${name}\` span has the attribute \`${test.left.attribute.name}\``;
    }
  }
  return null;
}
