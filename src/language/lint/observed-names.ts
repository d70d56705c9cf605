/** Names of spans that nothing seen has, and those that have a name. */
import { didYouMean, suggest } from '../../base/suggest.ts';
import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import type { MatcherNode } from '../ast.ts';
import type { CompiledRule } from '../compiled-rule.ts';
import { nameMatcher } from '../name-matcher.ts';
import type { ObservedName, ObservedTraffic } from '../observed-traffic.ts';
import { matcherKey } from '../plan.ts';
import { printMatcher } from '../print.ts';
import { walkCondition, walkRule } from '../walk.ts';
import { finding } from './finding.ts';
import { demandsOf } from './terms.ts';

/** What was seen under the names that a matcher matches. Cost: linear in the names, but for exact ones. */
export function observedUnder(matcher: MatcherNode, observed: ObservedTraffic): ObservedName[] {
  if (matcher.kind === 'exact') {
    const only = observed.names.get(matcher.name);
    return only === undefined ? [] : [only];
  }
  const matches = nameMatcher(matcher);
  return [...observed.names].flatMap(([name, seen]) => (matches(name) ? [seen] : []));
}

/** Whether it is certain that no span of such a name was there. */
export function wasNeverSeen(matcher: MatcherNode, observed: ObservedTraffic): boolean {
  return observed.unlisted === 0 && observedUnder(matcher, observed).length === 0;
}

/** FL422. A name that must not be there is told only when another is so near that it was probably meant. */
export function unknownNames(rule: CompiledRule, observed: ObservedTraffic): Diagnostic[] {
  const banned = bannedNames(rule);
  const told = new Set<string>();
  const found: Diagnostic[] = [];
  walkRule(rule, {
    selector({ matcher }, at) {
      const key = matcherKey(matcher);
      if (told.has(key) || !wasNeverSeen(matcher, observed)) return;
      const name = matcher.kind === 'exact' ? matcher.name : null;
      const [nearest] = name === null ? [] : suggest(name, observed.names.keys(), 1);
      if (banned.has(key) && nearest === undefined) return;
      told.add(key);
      const inOwnText = at.start <= matcher.range.start && matcher.range.end <= at.end;
      found.push(
        finding(rule, {
          code: 'FL422',
          range: inOwnText ? matcher.range : at,
          message: `no span of ${observed.spans} is called \`${printMatcher(matcher)}\`${question(name, observed)}`,
          notes: [...nearNote(nearest, observed), ...attributeNote(name, observed)],
          help: 'check the name against the instrumentation; `fluo instrument` lists the spans that a rule needs',
        }),
      );
    },
  });
  return found;
}

/** Names that only stand where the rule forbids: that they were never seen is as it should be. */
function bannedNames(rule: CompiledRule): Set<string> {
  const banned = new Set<string>();
  const wanted = new Set<string>();
  const collect = (into: Set<string>) => ({
    selector({ matcher }: { readonly matcher: MatcherNode }): void {
      into.add(matcherKey(matcher));
    },
  });
  for (const { condition, positive } of demandsOf(rule)) {
    walkCondition(condition, collect(positive ? wanted : banned));
  }
  if (rule.each !== null) wanted.add(matcherKey(rule.each.selector.matcher));
  if (rule.trigger !== null) walkCondition(rule.trigger, collect(wanted));
  for (const key of wanted) banned.delete(key);
  return banned;
}

function question(name: string | null, observed: ObservedTraffic): string {
  const near = name === null ? '' : didYouMean(name, observed.names.keys());
  return near === '' ? '' : `: ${near}`;
}

function nearNote(nearest: string | undefined, observed: ObservedTraffic): string[] {
  if (nearest === undefined) return [];
  const { count } = observed.names.get(nearest) ?? { count: 0 };
  return [`\`${nearest}\` was seen ${count === 1 ? 'once' : `${count} times`}`];
}

/** An attribute's name where a span's belongs. */
function attributeNote(name: string | null, observed: ObservedTraffic): string[] {
  if (name === null) return [];
  for (const [span, { attributes }] of observed.names) {
    if (attributes.has(name)) {
      return [`\`${name}\` is an attribute of \`${span}\`: attributes are asked in \`.where(...)\``];
    }
  }
  return [];
}
