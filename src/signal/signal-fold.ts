/**
 * The state of all signals as a fold over the records of the log: a pure function of the records in their order, so that a restart comes to the
 * state that the running server had.
 *
 *                 raise is met            ack                 resolve
 *     pending ────────────────► open ◄────────► acknowledged ─────────► resolved ──► (a new occurrence) open
 *                                │ all taken back                 └───► false-positive ──► (a new version of the rule breaks) open
 *                                └────────────► retracted ──► (a new occurrence) open
 */
import type { Millis } from '../engine/streaming/stream.ts';
import { DecidedNumbers, type NumbersSnapshot } from './decided-numbers.ts';
import { aboutOf, bornOf, decidedOn, withHead } from './rebuilt-signal.ts';
import type {
  Signal,
  SignalDecision,
  SignalExample,
  SignalState,
  SignalTransition,
  TransitionKind,
} from './signal.ts';
import { FIRST_EXAMPLES, merged, withExample, withLast, withVersion } from './signal-lists.ts';
import type {
  DecisionRecord,
  RaisedRecord,
  RetractionRecord,
  SignalHead,
  SignalRecord,
  ViolationRecord,
} from './signal-record.ts';

export interface FoldLimits {
  /** Occurrences that are remembered one by one; of older ones only the count is kept, and they can no longer be taken back. */
  readonly occurrences: number;
  /** Transitions that are kept for whoever has not seen them yet. */
  readonly transitions: number;
}

export const DEFAULT_FOLD_LIMITS: FoldLimits = { occurrences: 200_000, transitions: 10_000 };

/** How much later than the last example a new one must be to take its place. */
const LATE_EXAMPLE_AFTER: Millis = 60_000;
const MOST_VERSIONS = 10;
const MOST_DECISIONS = 100;

/** What the fold keeps of an occurrence. */
export interface Occurrence {
  readonly signal: string;
  /** Of the last thing that was said of it. */
  readonly at: Millis;
  readonly live: boolean;
}

interface Kept<Witness> {
  readonly signal: Signal<Witness>;
  /** When it was resolved or called a false positive; null in other states. */
  readonly closedAt: Millis | null;
  /** It was resolved or taken back before, and opens again when its rule's `raise` is met. */
  readonly returning: boolean;
}

/** JSON. Of the same form as long as `version` is. */
export interface FoldSnapshot<Witness> {
  readonly version: 1;
  readonly sequence: number;
  readonly signals: readonly Kept<Witness>[];
  readonly occurrences: readonly (readonly [key: string, signal: string, at: Millis, live: 0 | 1])[];
  readonly transitions: readonly SignalTransition[];
  /** Absent in what versions before wrote. */
  readonly decided?: NumbersSnapshot;
}

/** What is known of signals besides the records so far, by id: what a later record says of them. */
export type KnownHeads = ReadonlyMap<string, SignalHead>;
const NO_HEADS: KnownHeads = new Map();

export function occurrenceKey(rule: string, scopeId: string): string {
  return `${rule} ${scopeId}`;
}

export class SignalFold<Witness> {
  readonly #limits: FoldLimits;
  readonly #signals = new Map<string, Kept<Witness>>();
  readonly #byRule = new Map<string, number>();
  readonly #occurrences = new Map<string, Occurrence>();
  /** By signal, as JSON. */
  readonly #exampleBytes = new Map<string, number>();
  /** By example: none is ever changed. */
  readonly #sizes = new WeakMap<object, number>();
  #allExampleBytes = 0;
  #transitions: SignalTransition[] = [];
  #sequence = 0;
  /** Of the records that are kept for good: each is applied once. */
  readonly #decided: DecidedNumbers;
  /** Signals whose first record is missing, and what they were made of since this fold began. */
  readonly #madeAgain = new Map<string, 'decision' | 'occurrence'>();

  constructor(limits: FoldLimits, snapshot: FoldSnapshot<Witness> | null = null) {
    this.#limits = limits;
    this.#decided = new DecidedNumbers(snapshot?.decided);
    if (snapshot === null) return;
    this.#sequence = snapshot.sequence;
    this.#transitions = [...snapshot.transitions];
    for (const kept of snapshot.signals) this.#keep(kept);
    for (const [key, signal, at, live] of snapshot.occurrences) {
      this.#occurrences.set(key, { signal, at, live: live === 1 });
    }
  }

  get size(): number {
    return this.#signals.size;
  }

  /** Of the last transition; 0 before the first. */
  get sequence(): number {
    return this.#sequence;
  }

  get occurrences(): number {
    return this.#occurrences.size;
  }

  /** Of all examples, as JSON. */
  get exampleBytes(): number {
    return this.#allExampleBytes;
  }

  exampleBytesOf(id: string): number {
    return this.#exampleBytes.get(id) ?? 0;
  }

  get(id: string): Signal<Witness> | null {
    return this.#signals.get(id)?.signal ?? null;
  }

  /** In no order that means anything. */
  *signals(): Iterable<Signal<Witness>> {
    for (const { signal } of this.#signals.values()) yield signal;
  }

  countOfRule(rule: string): number {
    return this.#byRule.get(rule) ?? 0;
  }

  occurrence(rule: string, scopeId: string): Occurrence | null {
    return this.#occurrences.get(occurrenceKey(rule, scopeId)) ?? null;
  }

  /** Whether the state would keep an example of that time. */
  wantsExample(id: string, at: Millis): boolean {
    const examples = this.#signals.get(id)?.signal.examples ?? [];
    if (examples.length <= FIRST_EXAMPLES) return true;
    return at >= (examples.at(-1)?.at ?? 0) + LATE_EXAMPLE_AFTER;
  }

  /** Those behind `sequence`; fewer where so many are no longer kept. */
  transitionsAfter(sequence: number): readonly SignalTransition[] {
    const behind = this.#sequence - sequence;
    return behind <= 0 ? [] : this.#transitions.slice(-Math.min(behind, this.#transitions.length));
  }

  /** The number of the next record that is kept for good. */
  get nextNumber(): number {
    return this.#decided.highest + 1;
  }

  /** The record of that number needs not be applied. */
  skipNumber(number: number): void {
    this.#decided.add(number);
  }

  /** Whether the record of that number was applied. */
  hasNumber(number: number): boolean {
    return this.#decided.has(number);
  }

  /** Signals that are there and whose first record was missing, and what they were made of since this fold began. */
  get madeAgain(): ReadonlyMap<string, 'decision' | 'occurrence'> {
    return this.#madeAgain;
  }

  apply(record: SignalRecord<Witness>, heads: KnownHeads = NO_HEADS): void {
    switch (record.kind) {
      case 'violation':
        this.#violation(record, heads);
        return;
      case 'retraction':
        this.#retraction(record);
        return;
      case 'raised':
        this.#raised(record);
        return;
      case 'decision':
        if (this.#isFirst(record)) this.#decision(record, heads);
        return;
      case 'forgotten':
        if (!this.#isFirst(record)) return;
        for (const id of record.signals) this.#forget(id);
    }
  }

  snapshot(): FoldSnapshot<Witness> {
    return {
      version: 1,
      sequence: this.#sequence,
      signals: [...this.#signals.values()],
      occurrences: [...this.#occurrences].map(([key, { signal, at, live }]) => [
        key,
        signal,
        at,
        live ? 1 : 0,
      ]),
      transitions: [...this.#transitions],
      decided: this.#decided.snapshot(),
    };
  }

  /** A record that is kept for good may be in two logs, or twice in one. */
  #isFirst({ number }: { readonly number?: number }): boolean {
    return number === undefined || this.#decided.add(number);
  }

  #violation(record: ViolationRecord<Witness>, heads: KnownHeads): void {
    const key = occurrenceKey(record.rule, record.scopeId);
    const before = this.#occurrences.get(key);
    if (before?.live === true) return;
    const kept = this.#signals.get(record.signal) ?? {
      signal: bornOf<Witness>(record, heads),
      closedAt: null,
      returning: false,
    };
    // The record that said what the signal is was lost.
    if (!this.#signals.has(record.signal) && record.head === undefined) {
      this.#madeAgain.set(record.signal, 'occurrence');
    }
    const isOfThis = before?.signal === record.signal;
    this.#occurrences.set(key, { signal: record.signal, at: record.at, live: true });
    this.#limitOccurrences();
    const { signal } = kept;
    const isNew = !this.#signals.has(record.signal);
    const occurrences = signal.occurrences + (isOfThis ? 0 : 1);
    const next: Signal<Witness> = {
      ...withHead(signal, record.head),
      occurrences,
      retracted: signal.retracted - (isOfThis ? 1 : 0),
      firstSeen: Math.min(signal.firstSeen, record.at),
      lastSeen: Math.max(signal.lastSeen, record.at),
      ruleVersions: withLast(signal.ruleVersions, record.ruleVersion, MOST_VERSIONS),
      services: merged(signal.services, record.services),
      environments: merged(signal.environments, record.environments),
      versions: withVersion(signal.versions, record.service, record.serviceVersion),
      examples: record.example === undefined ? signal.examples : withExample(signal.examples, record.example),
    };
    const opened = openedBy(kept, record, isNew);
    if (opened === null) {
      this.#keep({ ...kept, signal: next });
      if (isListed(next.state) && !isOfThis && isPowerOfTen(occurrences)) {
        this.#transition('grew', next, next.state, record.at);
      }
      return;
    }
    const reopened = opened === 'reopened' ? next.reopened + 1 : next.reopened;
    if (!record.raised) {
      const returning = kept.returning || opened === 'reopened';
      this.#keep({ signal: { ...next, state: 'pending' }, closedAt: null, returning });
      return;
    }
    const open: Signal<Witness> = { ...next, state: 'open', reopened };
    this.#keep({ signal: open, closedAt: null, returning: false });
    this.#transition(opened, open, isNew ? null : signal.state, record.at);
  }

  #retraction(record: RetractionRecord): void {
    const key = occurrenceKey(record.rule, record.scopeId);
    const occurrence = this.#occurrences.get(key);
    if (occurrence?.live !== true) return;
    this.#occurrences.set(key, { ...occurrence, at: record.at, live: false });
    const kept = this.#signals.get(occurrence.signal);
    if (kept === undefined) return;
    const { signal } = kept;
    const retracted = signal.retracted + 1;
    const next: Signal<Witness> = {
      ...signal,
      retracted,
      examples: signal.examples.filter(({ scopeId }) => scopeId !== record.scopeId),
    };
    const isGone = retracted >= signal.occurrences && !isClosed(signal.state);
    if (!isGone) {
      this.#keep({ ...kept, signal: next });
      return;
    }
    const gone: Signal<Witness> = { ...next, examples: signal.examples.slice(0, 1), state: 'retracted' };
    this.#keep({ ...kept, signal: gone, returning: kept.returning || isListed(signal.state) });
    if (isListed(signal.state)) this.#transition('retracted', gone, signal.state, record.at);
  }

  #raised(record: RaisedRecord): void {
    for (const id of record.signals) {
      const kept = this.#signals.get(id);
      if (kept === undefined || kept.signal.state !== 'pending') continue;
      const kind = kept.returning ? 'reopened' : 'opened';
      const signal: Signal<Witness> = {
        ...kept.signal,
        state: 'open',
        reopened: kept.signal.reopened + (kept.returning ? 1 : 0),
      };
      this.#keep({ signal, closedAt: null, returning: false });
      this.#transition(kind, signal, 'pending', record.at);
    }
  }

  #decision(record: DecisionRecord, heads: KnownHeads): void {
    const known = this.#signals.get(record.signal)?.signal;
    if (known === undefined) this.#madeAgain.set(record.signal, 'decision');
    // Of a signal that was made again the decision knows more than is known here.
    const signal =
      known !== undefined && known.rebuilt === undefined
        ? known
        : decidedOn<Witness>(record, aboutOf(record), known ?? null, heads);
    const to = stateAfter(record.action);
    const decision: SignalDecision = {
      at: record.at,
      action: record.action,
      by: record.by,
      reason: record.reason,
      from: signal.state,
      to,
    };
    const next: Signal<Witness> = {
      ...signal,
      state: to,
      decisions: [...signal.decisions, decision].slice(-MOST_DECISIONS),
    };
    this.#keep({ signal: next, closedAt: isClosed(to) ? record.at : null, returning: false });
    this.#transition('decided', next, signal.state, record.at, decision);
  }

  #forget(id: string): void {
    const kept = this.#signals.get(id);
    if (kept === undefined) return;
    this.#signals.delete(id);
    this.#madeAgain.delete(id);
    this.#countExamples(id, []);
    this.#countRule(kept.signal.rule.id, -1);
  }

  #countRule(rule: string, by: 1 | -1): void {
    const count = this.countOfRule(rule) + by;
    if (count > 0) this.#byRule.set(rule, count);
    else this.#byRule.delete(rule);
  }

  #keep(kept: Kept<Witness>): void {
    const { id, rule } = kept.signal;
    const before = this.#signals.get(id)?.signal.rule.id;
    if (before !== rule.id) {
      // The rule of a signal that was made again may become known later.
      if (before !== undefined) this.#countRule(before, -1);
      this.#countRule(rule.id, 1);
    }
    if (this.#signals.get(id)?.signal.examples !== kept.signal.examples) {
      this.#countExamples(id, kept.signal.examples);
    }
    this.#signals.set(id, kept);
  }

  #countExamples(id: string, examples: readonly SignalExample<Witness>[]): void {
    const bytes = examples.reduce((sum, example) => sum + this.#sizeOf(example), 0);
    this.#allExampleBytes += bytes - this.exampleBytesOf(id);
    if (bytes === 0) this.#exampleBytes.delete(id);
    else this.#exampleBytes.set(id, bytes);
  }

  #sizeOf(example: SignalExample<Witness>): number {
    const known = this.#sizes.get(example);
    if (known !== undefined) return known;
    const size = JSON.stringify(example).length;
    this.#sizes.set(example, size);
    return size;
  }

  #limitOccurrences(): void {
    if (this.#occurrences.size <= this.#limits.occurrences) return;
    const [oldest] = this.#occurrences.keys();
    if (oldest !== undefined) this.#occurrences.delete(oldest);
  }

  #transition(
    kind: TransitionKind,
    signal: Signal<Witness>,
    from: SignalState | null,
    at: Millis,
    decision: SignalDecision | null = null,
  ): void {
    this.#sequence++;
    this.#transitions.push({
      sequence: this.#sequence,
      kind,
      signal: signal.id,
      at,
      from,
      to: signal.state,
      occurrences: signal.occurrences,
      decision,
    });
    // Cut now and then, not each time: cutting costs as much as the list is long.
    if (this.#transitions.length > 2 * this.#limits.transitions) {
      this.#transitions = this.#transitions.slice(-this.#limits.transitions);
    }
  }
}

/** Whether an occurrence opens the signal: for the first time, or again. Null: it is counted, and no more. */
function openedBy<Witness>(
  kept: Kept<Witness>,
  record: ViolationRecord<Witness>,
  isNew: boolean,
): 'opened' | 'reopened' | null {
  if (isNew) return 'opened';
  const { signal, closedAt, returning } = kept;
  switch (signal.state) {
    case 'open':
    case 'acknowledged':
      return null;
    case 'pending':
      return record.raised ? (returning ? 'reopened' : 'opened') : null;
    case 'retracted':
      return returning ? 'reopened' : 'opened';
    case 'resolved':
      return record.at > (closedAt ?? 0) ? 'reopened' : null;
    case 'false-positive':
      // The decision was about the rule as it was: when it was changed and still breaks, somebody has to look again.
      // Where it is not known how the rule was, the decision stands.
      return record.at > (closedAt ?? 0) &&
        signal.ruleVersions.length > 0 &&
        !signal.ruleVersions.includes(record.ruleVersion)
        ? 'reopened'
        : null;
  }
}

function stateAfter(action: DecisionRecord['action']): SignalState {
  switch (action) {
    case 'ack':
      return 'acknowledged';
    case 'resolve':
      return 'resolved';
    case 'false-positive':
      return 'false-positive';
    case 'reopen':
      return 'open';
  }
}

/** A person has closed it. */
function isClosed(state: SignalState): boolean {
  return state === 'resolved' || state === 'false-positive';
}

/** People are told of it. */
function isListed(state: SignalState): boolean {
  return state === 'open' || state === 'acknowledged';
}

function isPowerOfTen(count: number): boolean {
  return count >= 10 && /^10+$/.test(String(count));
}
