/**
 * Signals, safely kept: every change is a record in a log before it is promised, and the state is a fold over that log.
 *
 *     VerdictEvent ─► record ─► fold (memory) ─┐
 *                       └────► log (disk) ─────┴─► apply() resolves
 *
 * What was told before is known by rule and scope: telling it again after a crash changes nothing.
 */
import type { RecordLog } from '../archive/record-log.ts';
import type { Millis, VerdictCount, VerdictEvent } from '../engine/streaming/stream.ts';
import type { Rule } from '../invariant/rule.ts';
import type { Span } from '../trace/span.ts';
import { kindOf } from './fingerprint.ts';
import { RaiseWindows } from './raise-windows.ts';
import { aboutSignal } from './rebuilt-signal.ts';
import { ruleFacts } from './rule-facts.ts';
import type { Signal, SignalAction, SignalKind, SignalRule, SignalTransition } from './signal.ts';
import { DEFAULT_FOLD_LIMITS, type FoldLimits, type SignalFold } from './signal-fold.ts';
import type { SignalHead, SignalRecord, ViolationRecord } from './signal-record.ts';

/** What a violation is shown with. */
export interface ViolationDescription<Witness> {
  /** What broke, in a sentence or two of plain text. */
  readonly summary: string;
  /** As JSON. */
  readonly witness: Witness;
}

export type DescribeViolation<Witness> = (event: VerdictEvent, rule: Rule) => ViolationDescription<Witness>;

export interface SignalLimits extends FoldLimits {
  /** Most signals; beyond, those that are closed and then those that are oldest are forgotten. */
  readonly signals: number;
  /** Kinds of violations of a rule that are told apart; beyond, the rest of a clause is one signal. */
  readonly signalsOfRule: number;
  /**
   * Bytes of examples, as JSON. Beyond, signals that have an example get no more; beyond half as much again, signals are forgotten as where there are too
   * many.
   */
  readonly exampleBytes: number;
  /** How long a signal that is resolved or taken back is kept after its last occurrence. */
  readonly retention: Millis;
  /** Records after which a snapshot is taken. */
  readonly snapshotEvery: number;
}

export const DEFAULT_SIGNAL_LIMITS: SignalLimits = {
  ...DEFAULT_FOLD_LIMITS,
  signals: 20_000,
  signalsOfRule: 200,
  exampleBytes: 128 * 1024 * 1024,
  retention: 35 * 86_400_000,
  snapshotEvery: 20_000,
};

/** Rules as they are loaded now. */
export type RuleLookup = (id: string) => Rule | undefined;

export type DecisionOutcome<Witness> =
  | { readonly kind: 'decided'; readonly signal: Signal<Witness> }
  | { readonly kind: 'unknown-signal' }
  /** The signal is in a state in which that cannot be decided. */
  | { readonly kind: 'not-possible'; readonly signal: Signal<Witness>; readonly why: string };

export class SignalStore<Witness> {
  readonly #fold: SignalFold<Witness>;
  readonly #log: RecordLog;
  readonly #describe: DescribeViolation<Witness>;
  readonly #limits: SignalLimits;
  readonly #windows = new RaiseWindows();
  /** In the state, and not known to be in the log. */
  #unsaved: SignalRecord<Witness>[] = [];
  #saving: Promise<void> = Promise.resolve();
  /** The last transition that is in the log. */
  #savedSequence: number;
  #sweptAt: Millis = 0;

  constructor(
    fold: SignalFold<Witness>,
    log: RecordLog,
    describe: DescribeViolation<Witness>,
    limits: SignalLimits,
  ) {
    this.#fold = fold;
    this.#savedSequence = fold.sequence;
    this.#log = log;
    this.#describe = describe;
    this.#limits = limits;
  }

  /** The rules that are loaded now: those with `raise` are watched from here on. */
  load(rules: Iterable<Rule>): void {
    this.#windows.load(rules);
  }

  /**
   * Takes verdict events in their order. Resolves when all of it is in the log; rejects when the log cannot be written, and then the next call writes
   * what is missing first.
   */
  apply(events: readonly VerdictEvent[], rules: RuleLookup): Promise<void> {
    for (const event of events) {
      if (event.kind === 'violated') this.#violated(event, rules);
      else this.#retracted(event);
    }
    const last = events.at(-1);
    if (last !== undefined) this.#sweep(last.at);
    return this.#save();
  }

  /** Takes counts of closed scopes for the rules with `raise`; their pending signals open when enough broke. */
  counts(counts: readonly VerdictCount[], at: Millis): Promise<void> {
    this.#windows.add(counts, at);
    for (const rule of this.#windows.rules()) {
      const share = this.#windows.met(rule, at);
      if (share === null) continue;
      const signals = [...this.#fold.signals()]
        .filter((signal) => signal.rule.id === rule && signal.state === 'pending')
        .map(({ id }) => id)
        .sort();
      if (signals.length > 0) this.#record({ kind: 'raised', at, rule, signals, ...share });
    }
    return this.#save();
  }

  /** What a person decided. `by` says who. */
  async decide(
    id: string,
    action: SignalAction,
    by: string,
    reason: string,
    at: Millis,
  ): Promise<DecisionOutcome<Witness>> {
    const before = this.#fold.get(id);
    if (before === null) return { kind: 'unknown-signal' };
    const why = objectionTo(before, action);
    if (why !== null) return { kind: 'not-possible', signal: before, why };
    this.#record({
      kind: 'decision',
      // Never before what it is about: a clock that was set back must not undo the order.
      at: Math.max(at, before.lastSeen, before.decisions.at(-1)?.at ?? 0),
      signal: id,
      action,
      by,
      reason,
      number: this.#fold.nextNumber,
      about: aboutSignal(before),
    });
    await this.#save();
    return { kind: 'decided', signal: this.#fold.get(id) ?? before };
  }

  get(id: string): Signal<Witness> | null {
    return this.#fold.get(id);
  }

  /** In no order that means anything. */
  signals(): Iterable<Signal<Witness>> {
    return this.#fold.signals();
  }

  /** The number of the last transition that is in the log. */
  get sequence(): number {
    return this.#savedSequence;
  }

  /** What happened behind the transition of that number, in order, as far as it is in the log. */
  transitionsAfter(sequence: number): readonly SignalTransition[] {
    const transitions = this.#fold.transitionsAfter(sequence);
    return transitions.filter((transition) => transition.sequence <= this.#savedSequence);
  }

  /** How much is held. */
  stats(): { readonly signals: number; readonly occurrences: number; readonly unsaved: number } {
    return { signals: this.#fold.size, occurrences: this.#fold.occurrences, unsaved: this.#unsaved.length };
  }

  /** Resolves when everything is in the log. */
  flush(): Promise<void> {
    return this.#save();
  }

  /** Writes all that it knows anew: somebody removed the files of the log. Rejects when they cannot be written. */
  rewrite(): Promise<void> {
    const saved = this.#saving.catch(() => {}).then(() => this.#rewrite());
    this.#saving = saved;
    return saved;
  }

  #violated(event: VerdictEvent, rules: RuleLookup): void {
    const known = this.#fold.occurrence(event.rule.id, event.scope.id);
    if (known !== null && (known.live || known.at > event.at)) return;
    const rule = ruleOf(event, rules);
    if (event.judgment === null || rule === null) return;
    const kind = this.#kindOf(event);
    const id = kind.fingerprint.slice(0, 16);
    const signal = this.#fold.get(id);
    const facts = ruleFacts(rule);
    const needsExample =
      this.#fold.wantsExample(id, event.at) &&
      (this.#fold.exampleBytes < this.#limits.exampleBytes || (signal?.examples ?? []).length === 0);
    const isKnown = signal !== null && signal.rebuilt !== 'partly';
    // Also with each example, beside which it is small: so that the loss of one record loses no more than an occurrence.
    const needsHead = !isKnown || needsExample || !isSameRule(signal.rule, facts);
    // The witness is dear to make, and to keep: only where it is looked at.
    const description = needsHead || needsExample ? this.#describe(event, rule) : null;
    const head: SignalHead | null = needsHead
      ? { ...kind, facts, summary: (isKnown ? signal.summary : description?.summary) ?? '' }
      : null;
    const record: ViolationRecord<Witness> = {
      kind: 'violation',
      at: event.at,
      signal: id,
      rule: rule.id,
      ruleVersion: event.ruleVersion,
      scopeId: event.scope.id,
      service: event.service,
      serviceVersion: event.serviceVersion,
      ...placesOf(event),
      raised: rule.raise === null || this.#windows.met(rule.id, event.at) !== null,
      ...(head === null ? {} : { head }),
      ...(needsExample && description !== null
        ? {
            example: {
              scopeId: event.scope.id,
              kind: event.scope.kind,
              traceIds: event.scope.traceIds.slice(0, MOST_TRACE_IDS),
              at: event.at,
              service: event.service,
              serviceVersion: event.serviceVersion,
              witness: description.witness,
            },
          }
        : {}),
    };
    this.#record(record);
  }

  #retracted(event: VerdictEvent): void {
    const known = this.#fold.occurrence(event.rule.id, event.scope.id);
    if (known === null || !known.live || known.at > event.at) return;
    this.#record({
      kind: 'retraction',
      at: event.at,
      rule: event.rule.id,
      scopeId: event.scope.id,
      verdict: event.judgment?.verdict ?? null,
    });
  }

  #kindOf(event: VerdictEvent): SignalKind {
    const { rule, judgment, service } = event;
    if (judgment === null) throw new Error('a violation without a judgment');
    const violation = { ruleId: rule.id, condition: rule.condition, judgment, service };
    const fine = kindOf(violation);
    const isKnown = this.#fold.get(fine.fingerprint.slice(0, 16)) !== null;
    const isRoom = this.#fold.countOfRule(rule.id) < this.#limits.signalsOfRule;
    return isKnown || isRoom ? fine : kindOf(violation, 'coarse');
  }

  #record(record: SignalRecord<Witness>): void {
    this.#fold.apply(record);
    this.#unsaved.push(record);
  }

  #save(): Promise<void> {
    // One after the other: what a call promises includes all that came before it.
    const saved = this.#saving.catch(() => {}).then(() => this.#append());
    this.#saving = saved;
    return saved;
  }

  async #append(): Promise<void> {
    const records = this.#unsaved;
    const through = this.#fold.sequence;
    if (records.length > 0) {
      this.#unsaved = [];
      try {
        await Promise.all(records.map((record) => this.#log.append(record)));
      } catch (error) {
        // All of them again, in their order: a record that is in the log twice changes nothing.
        this.#unsaved = [...records, ...this.#unsaved];
        throw error;
      }
    }
    this.#savedSequence = through;
    if (this.#log.length >= this.#limits.snapshotEvery && this.#unsaved.length === 0) await this.checkpoint();
  }

  /** Takes a snapshot, if one can be taken. Not while something is being saved. */
  async checkpoint(): Promise<void> {
    // What was promised is in the log: without the snapshot only the next start takes longer.
    try {
      await this.#log.snapshot(() => this.#fold.snapshot());
    } catch {
      // Also one that is too large to be written must end nothing. The next one is taken after as many records.
    }
  }

  async #rewrite(): Promise<void> {
    // The state has them, and so has the snapshot.
    const records = this.#unsaved;
    const through = this.#fold.sequence;
    this.#unsaved = [];
    try {
      await this.#log.snapshot(() => this.#fold.snapshot());
    } catch (error) {
      this.#unsaved = [...records, ...this.#unsaved];
      throw error;
    }
    this.#savedSequence = through;
  }

  /** Forgets what is old, once an hour, and what is too much, at once. */
  #sweep(at: Millis): void {
    const mostBytes = this.#limits.exampleBytes * 1.5;
    const isFull = this.#fold.size > this.#limits.signals || this.#fold.exampleBytes > mostBytes;
    if (at - this.#sweptAt < HOUR && !isFull) return;
    this.#sweptAt = at;
    const all = [...this.#fold.signals()];
    const old = all.filter((signal) => isOver(signal) && signal.lastSeen < at - this.#limits.retention);
    const kept = all.length - old.length;
    // A tenth more than must go, so that it is not done for each new one.
    const surplus = kept > this.#limits.signals ? kept - Math.floor(this.#limits.signals * 0.9) : 0;
    const going = new Set(old.map(({ id }) => id));
    const rest = all.filter(({ id }) => !going.has(id)).sort(compareByWorth);
    for (const { id } of rest.slice(0, surplus)) going.add(id);
    let bytes = this.#fold.exampleBytes;
    if (bytes > mostBytes) {
      for (const { id } of rest.slice(0, -1)) {
        if (bytes <= this.#limits.exampleBytes) break;
        going.add(id);
        bytes -= this.#fold.exampleBytesOf(id);
      }
    }
    // What somebody decided about is forgotten for good, so that it is not made again of the decision.
    const decided = [...going].filter((id) => (this.#fold.get(id)?.decisions ?? []).length > 0);
    for (const id of decided) going.delete(id);
    if (going.size > 0) this.#record({ kind: 'forgotten', at, signals: [...going] });
    if (decided.length > 0) {
      this.#record({ kind: 'forgotten', at, signals: decided, number: this.#fold.nextNumber });
    }
  }
}

const HOUR: Millis = 3_600_000;
const MOST_TRACE_IDS = 20;

/** The rule as it was judged, where the engine was given whole rules; else as it is loaded now. */
function ruleOf(event: VerdictEvent, rules: RuleLookup): Rule | null {
  const judged = event.rule as Partial<Rule>;
  if (judged.severity !== undefined && judged.file !== undefined) return event.rule as Rule;
  return rules(event.rule.id) ?? null;
}

function isSameRule(a: SignalRule, b: SignalRule): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

const ENVIRONMENT_KEYS = ['deployment.environment.name', 'deployment.environment'] as const;

/** Services and environments of the spans that a witness shows. */
function placesOf({
  judgment,
  service,
}: VerdictEvent): Pick<ViolationRecord<never>, 'services' | 'environments'> {
  const witness = judgment?.witness ?? null;
  const spans: readonly Span[] =
    witness === null
      ? []
      : [...witness.trigger, ...witness.spans, ...witness.order.flatMap(({ left, right }) => [left, right])];
  const services = new Set([service, ...spans.map((span) => span.resource.service)]);
  const environments = new Set(witness?.trigger.map(environmentOf) ?? []);
  return { services: named(services), environments: named(environments) };
}

function environmentOf(span: Span): string {
  for (const key of ENVIRONMENT_KEYS) {
    const value = span.attributes.get(key) ?? span.resource.attributes.get(key);
    if (typeof value === 'string') return value;
  }
  return '';
}

function named(names: ReadonlySet<string>): string[] {
  return [...names].filter((name) => name !== '').sort();
}

function objectionTo(signal: Signal<unknown>, action: SignalAction): string | null {
  const { state } = signal;
  switch (action) {
    case 'ack':
      return state === 'open' || state === 'pending'
        ? null
        : `it is ${state}, and only an open signal can be acknowledged`;
    case 'resolve':
      return state === 'resolved' ? 'it is resolved already' : null;
    case 'false-positive':
      return state === 'false-positive' ? 'it is a false positive already' : null;
    case 'reopen':
      if (state === 'open' || state === 'pending') return `it is ${state} already`;
      return signal.retracted >= signal.occurrences ? 'all its occurrences were taken back' : null;
  }
}

function isOver({ state }: Signal<unknown>): boolean {
  return state === 'resolved' || state === 'retracted' || state === 'pending';
}

/** What is forgotten first comes first: what is over, then false positives, then the oldest. */
function compareByWorth(a: Signal<unknown>, b: Signal<unknown>): number {
  return worth(a) - worth(b) || a.lastSeen - b.lastSeen || (a.id < b.id ? -1 : 1);
}

function worth(signal: Signal<unknown>): number {
  return isOver(signal) ? 0 : signal.state === 'false-positive' ? 1 : 2;
}
