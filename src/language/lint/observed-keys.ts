/** FL423 for the key of `across`: a key that no span carries makes no groups, so nothing is ever judged. */
import { didYouMean } from '../../base/suggest.ts';
import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import type { SelectorNode } from '../ast.ts';
import type { CompiledRule } from '../compiled-rule.ts';
import type { ObservedTraffic } from '../observed-traffic.ts';
import { matcherKey } from '../plan.ts';
import { printAttribute } from '../print.ts';
import { walkRule } from '../walk.ts';
import { finding } from './finding.ts';
import { listed, namesOfAttributes, sightingOf } from './observed-attributes.ts';
import { observedUnder } from './observed-names.ts';

/** One for each part of the key that none of the spans has that the rule looks at. */
export function unknownKeys(rule: CompiledRule, observed: ObservedTraffic): Diagnostic[] {
  if (rule.across === null) return [];
  const selectors = new Map<string, SelectorNode>();
  walkRule(rule, {
    selector(selector) {
      selectors.set(matcherKey(selector.matcher), selector);
    },
  });
  return rule.across.key.flatMap((attribute) => {
    const seen = [...selectors.values()].flatMap((of) => sightingOf(attribute, of, observed) ?? []);
    if (seen.length === 0 || seen.some(({ count, complete }) => count > 0 || !complete)) return [];
    const names = [...selectors.values()].flatMap(({ matcher }) => observedUnder(matcher, observed));
    const own = attribute.where === 'any';
    const known = new Set(names.flatMap((name) => namesOfAttributes(name, own)));
    const near = didYouMean(attribute.name, known);
    const spans = [...new Set(names)].reduce((sum, { count }) => sum + count, 0);
    return [
      finding(rule, {
        code: 'FL423',
        range: attribute.range,
        message: `none of the ${spans === 1 ? 'one span' : `${spans} spans`} that the rule groups has the key \`${printAttribute(attribute)}\`${near === '' ? '' : `: ${near}`}`,
        notes: [
          'spans without the key are in no group, so nothing is judged',
          ...(near === '' && known.size > 0 ? [`they have ${listed([...known])}`] : []),
        ],
        help: 'use the name that is sent, or set the attribute where the spans are made',
      }),
    ];
  });
}
