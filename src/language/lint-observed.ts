/** The lints that need traffic: rules held against what was seen. */
import type { Diagnostic, TextRange } from '../diagnostic/diagnostic.ts';
import type { CompiledRule } from './compiled-rule.ts';
import { finding } from './lint/finding.ts';
import { attributeLints } from './lint/observed-attributes.ts';
import { unknownKeys } from './lint/observed-keys.ts';
import { unknownNames } from './lint/observed-names.ts';
import { unsentValues } from './lint/observed-values.ts';
import { neverViolated } from './lint/observed-verdicts.ts';
import type { ObservedTraffic } from './observed-traffic.ts';

export {
  type ObservedAttribute,
  type ObservedName,
  type ObservedTraffic,
  type ObservedVerdicts,
  observeSpan,
  observeVerdict,
  TrafficObservation,
} from './observed-traffic.ts';

export interface NamedRule {
  readonly id: string;
  readonly condition: CompiledRule;
}

/**
 * What the traffic says against the rules; rule by rule, in the order of their texts. Nothing is said of what no traffic could
 * show: without spans there are no findings. Ranges point into each rule's own `source`.
 */
export function lintObserved(rules: readonly NamedRule[], observed: ObservedTraffic): Diagnostic[] {
  if (observed.spans === 0) return [];
  return rules.flatMap((rule, at) => {
    const { condition } = rule;
    const attributes = attributeLints(condition, observed);
    const words = attributes.flatMap(({ code, range }) => (code === 'FL425' && range ? [range] : []));
    const absent = [
      ...unknownNames(condition, observed),
      ...unknownKeys(condition, observed),
      ...attributes,
      // A word that was meant as an attribute is no value that is missing.
      ...unsentValues(condition, observed).filter(
        ({ range }) => range === undefined || !words.some((word) => isWithin(word, range)),
      ),
    ];
    const found = [
      ...withConsequences(condition, absent, [
        ...neverApplicable(rule, observed),
        ...neverViolated(condition, observed),
      ]),
      ...subsumed(rule, rules.slice(0, at), observed),
    ];
    return found.sort((a, b) => (a.range?.start ?? 0) - (b.range?.start ?? 0));
  });
}

const ABSENT: readonly string[] = ['FL422', 'FL423', 'FL427'];

/** What follows from a name that is never sent is a note of that, and no warning of its own. */
function withConsequences(
  rule: CompiledRule,
  causes: readonly Diagnostic[],
  consequences: readonly Diagnostic[],
): Diagnostic[] {
  const trigger = triggerRange(rule);
  const found = [...causes];
  for (const consequence of consequences) {
    const at = found.findIndex(
      ({ code, range }) =>
        ABSENT.includes(code) &&
        (consequence.code === 'FL421' || (range !== undefined && isWithin(range, trigger))),
    );
    const cause = found[at];
    if (cause === undefined) found.push(consequence);
    else found[at] = { ...cause, notes: [...(cause.notes ?? []), `so ${consequence.message}`] };
  }
  return found;
}

function triggerRange({ ast, each, trigger }: CompiledRule): TextRange {
  return ast.when?.range ?? each?.selector.range ?? trigger?.range ?? ast.range;
}

function isWithin(inner: TextRange, outer: TextRange): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

function neverApplicable({ id, condition }: NamedRule, observed: ObservedTraffic): Diagnostic[] {
  const verdicts = observed.rules.get(id);
  if (verdicts === undefined || verdicts.notApplicable === 0) return [];
  if (verdicts.satisfied + verdicts.violated + verdicts.inconclusive > 0) return [];
  const scopes = condition.across === null ? 'traces' : 'groups';
  return [
    finding(condition, {
      code: 'FL420',
      range: condition.ast.when?.range ?? condition.trigger?.range ?? condition.ast.range,
      message: `the trigger of \`${id}\` occurred in none of ${verdicts.notApplicable} ${scopes}`,
      help: 'check the names and the types that the trigger asks for, or look at traffic in which it is due',
    }),
  ];
}

/** The earlier rule that fires in exactly the same scopes. */
function subsumed(rule: NamedRule, earlier: readonly NamedRule[], observed: ObservedTraffic): Diagnostic[] {
  const fired = observed.rules.get(rule.id)?.fired;
  if (fired === undefined || fired === null || fired.size === 0) return [];
  const twin = earlier.find(({ id }) => {
    const other = observed.rules.get(id)?.fired;
    return other?.size === fired.size && [...fired].every((scope) => other.has(scope));
  });
  if (twin === undefined) return [];
  return [
    finding(rule.condition, {
      code: 'FL426',
      severity: 'info',
      range: rule.condition.ast.range,
      message: `\`${rule.id}\` fired in exactly the ${fired.size === 1 ? 'scope' : `${fired.size} scopes`} in which \`${twin.id}\` did`,
      help: 'keep the one that says more, or tell them apart by their triggers',
    }),
  ];
}
