/** How a signal begins: of the record that says what it is, or, where that was lost, of what later records say. */
import { SIGNAL_STATES, type Signal } from './signal.ts';
import {
  type DecisionRecord,
  isHead,
  isTexts,
  type SignalAbout,
  type SignalHead,
  type ViolationRecord,
} from './signal-record.ts';

/** Stands for the rule of a signal of which only a decision is left, and that says nothing of it. */
export const UNKNOWN_RULE = 'unknown';

/** The signal before its first occurrence, which is then applied to it. */
export function bornOf<Witness>(
  record: ViolationRecord<Witness>,
  heads: ReadonlyMap<string, SignalHead>,
): Signal<Witness> {
  const { signal, at, head } = record;
  return head === undefined
    ? bornLate(signal, at, heads.get(signal) ?? madeUp(signal, record.rule))
    : blank(signal, at, head);
}

/** The signal as it was before a decision. `known`: it was made again already, of records that may lack some. */
export function decidedOn<Witness>(
  record: DecisionRecord,
  about: SignalAbout | null,
  known: Signal<Witness> | null,
  heads: ReadonlyMap<string, SignalHead>,
): Signal<Witness> {
  const { signal: id, at } = record;
  if (about !== null) {
    const { examples, decisions } = known ?? blank<Witness>(id, at, madeUp(id, UNKNOWN_RULE));
    return { ...about, id, examples, decisions, rebuilt: about.rebuilt ?? 'whole' };
  }
  if (known !== null) return known;
  return { ...bornLate(id, at, heads.get(id) ?? madeUp(id, UNKNOWN_RULE)), state: 'open' };
}

/** Of a record that does not say what the signal is. */
function bornLate<Witness>(id: string, at: number, head: SignalHead): Signal<Witness> {
  return { ...blank(id, at, head), rebuilt: head.clause === '' ? 'partly' : 'whole' };
}

/** What the decision says of its signal, if that is of a form that can be used: one that cannot is a decision all the same. */
export function aboutOf({ about }: DecisionRecord): SignalAbout | null {
  if (about === undefined || !isHead({ ...about, facts: about?.rule })) return null;
  const isWhole =
    SIGNAL_STATES.includes(about.state) &&
    [about.firstSeen, about.lastSeen, about.occurrences, about.retracted, about.reopened].every(
      (number) => typeof number === 'number',
    ) &&
    isTexts(about.ruleVersions) &&
    isTexts(about.services) &&
    isTexts(about.environments) &&
    Array.isArray(about.versions);
  return isWhole ? about : null;
}

/** What a decision keeps of its signal. */
export function aboutSignal(signal: Signal<unknown>): SignalAbout {
  const { id: _id, examples: _examples, decisions: _decisions, ...about } = signal;
  return about;
}

/** The head that a decision knows. */
export function headOfAbout(about: SignalAbout): SignalHead {
  const { fingerprint, fingerprintVersion, clause, pair, attributes, rule, summary } = about;
  return { fingerprint, fingerprintVersion, clause, pair, attributes, facts: rule, summary };
}

/** What the head of an occurrence says anew: of a known signal its rule, of one that was made up all of it. */
export function withHead<Witness>(signal: Signal<Witness>, head: SignalHead | undefined): Signal<Witness> {
  if (head === undefined) return signal;
  if (signal.rebuilt !== 'partly') return { ...signal, rule: head.facts };
  const { facts, ...kind } = head;
  return { ...signal, ...kind, rule: facts, rebuilt: 'whole' };
}

/** For a signal of which its id and its rule's are left. */
export function madeUp(id: string, rule: string): SignalHead {
  return {
    // The id is the beginning; the end is not known.
    fingerprint: id.padEnd(32, '0'),
    fingerprintVersion: 1,
    clause: '',
    pair: { trigger: '', other: '' },
    attributes: [],
    facts: {
      id: rule,
      name: rule,
      invariant: null,
      // Not to be overlooked until it is known.
      severity: 'high',
      enforcement: 'soft-warning',
      category: null,
      owner: null,
      runbook: null,
      compliance: [],
      condition: '',
    },
    summary: 'What broke is not known any more: the records of it were lost.',
  };
}

function blank<Witness>(id: string, at: number, head: SignalHead): Signal<Witness> {
  const { facts, summary, ...kind } = head;
  return {
    ...kind,
    id,
    state: 'pending',
    rule: facts,
    ruleVersions: [],
    summary,
    firstSeen: at,
    lastSeen: at,
    occurrences: 0,
    retracted: 0,
    reopened: 0,
    services: [],
    versions: [],
    environments: [],
    examples: [],
    decisions: [],
  };
}
