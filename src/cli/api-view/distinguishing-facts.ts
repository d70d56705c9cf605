/** What tells the signals of one rule apart, for a list of them: of all that makes a signal what it is, the parts in which they differ. */
import type { SignalSummary } from '../../server/api/api-documents.ts';

type Distinguished = Pick<
  SignalSummary,
  'id' | 'rule' | 'clause' | 'pair' | 'attributes' | 'fingerprintVersion'
>;

/** By the signal's id; nothing for a signal that is the only one of its rule. Text of foreign origin: to be made printable. */
export function distinguishingFacts(
  signals: readonly Distinguished[],
): ReadonlyMap<string, readonly string[]> {
  const byRule = new Map<string, Distinguished[]>();
  for (const signal of signals) {
    byRule.set(signal.rule.id, [...(byRule.get(signal.rule.id) ?? []), signal]);
  }
  const told = new Map<string, readonly string[]>();
  for (const group of byRule.values()) {
    const facts = group.map((signal) => ({ id: signal.id, parts: partsOf(signal) }));
    const names = new Set(facts.flatMap(({ parts }) => [...parts.keys()]));
    const differing = [...names].filter(
      (name) => new Set(facts.map(({ parts }) => parts.get(name) ?? null)).size > 1,
    );
    for (const { id, parts } of facts)
      told.set(
        id,
        differing.flatMap((name) => parts.get(name) ?? []),
      );
  }
  return told;
}

function partsOf(signal: Distinguished): ReadonlyMap<string, string> {
  const { trigger, other } = signal.pair;
  const parts = new Map<string, string>();
  for (const { name, value } of signal.attributes) {
    parts.set(`attribute ${name}`, value === '*' ? `${name} (any)` : `${name} = ${value}`);
  }
  // Without a service it is what a rule with too many kinds of violations has for the rest of a clause.
  const services = other === '' ? `${trigger} alone` : `${trigger} and ${other}`;
  parts.set('services', trigger === '' ? 'all the others of this clause' : services);
  parts.set('clause', `clause ${signal.clause}`);
  parts.set('version', `fingerprint of version ${signal.fingerprintVersion}`);
  return parts;
}
