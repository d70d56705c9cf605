/** The lines of the log that signals are rebuilt from. Each says what happened with all that the state takes from it. */
import type { Millis } from '../engine/streaming/stream.ts';
import type { Verdict } from '../engine/verdict.ts';
import {
  SIGNAL_ACTIONS,
  type Signal,
  type SignalAction,
  type SignalExample,
  type SignalKind,
  type SignalRule,
} from './signal.ts';

export type SignalRecord<Witness> =
  | ViolationRecord<Witness>
  | RetractionRecord
  | RaisedRecord
  | DecisionRecord
  | ForgottenRecord;

export interface ViolationRecord<Witness> {
  readonly kind: 'violation';
  readonly at: Millis;
  readonly signal: string;
  readonly rule: string;
  readonly ruleVersion: string;
  /** With the rule's id it tells occurrences apart. */
  readonly scopeId: string;
  readonly service: string;
  readonly serviceVersion: string;
  /** Of the spans that the witness shows. */
  readonly services: readonly string[];
  readonly environments: readonly string[];
  /** Whether it is a signal now: always, but for rules with `raise`. */
  readonly raised: boolean;
  /** What the signal is; absent where the log has said it and nothing of it changed. */
  readonly head?: SignalHead;
  /** Absent where the signal has examples enough. */
  readonly example?: SignalExample<Witness>;
}

export interface SignalHead extends SignalKind {
  readonly facts: SignalRule;
  readonly summary: string;
}

export interface RetractionRecord {
  readonly kind: 'retraction';
  readonly at: Millis;
  readonly rule: string;
  readonly scopeId: string;
  /** What holds now; null: the scope is no more. */
  readonly verdict: Verdict | null;
}

/** So many of a rule's scopes broke it that its pending signals are open now. */
export interface RaisedRecord {
  readonly kind: 'raised';
  readonly at: Millis;
  readonly rule: string;
  readonly signals: readonly string[];
  readonly violated: number;
  readonly applicable: number;
}

export interface DecisionRecord {
  readonly kind: 'decision';
  readonly at: Millis;
  readonly signal: string;
  readonly action: SignalAction;
  readonly by: string;
  readonly reason: string;
  /** From 1, over all records that are kept for good: which of them the state has is known by it. Absent in what versions before wrote. */
  readonly number?: number;
  /** The signal before the decision: it can be made again of it. Absent in what versions before wrote. */
  readonly about?: SignalAbout;
}

/** All that does not grow with each decision. */
export type SignalAbout = Omit<Signal<never>, 'id' | 'examples' | 'decisions'>;

/** Signals that are no longer kept, for age or for number. */
export interface ForgottenRecord {
  readonly kind: 'forgotten';
  readonly at: Millis;
  readonly signals: readonly string[];
  /** As that of a decision, where somebody had decided about them: so that nobody makes them again. */
  readonly number?: number;
}

/**
 * Whether a value out of a log is a record, as far as the state relies on it: a line that is whole and of another program, or of a later
 * version, is none.
 */
export function isSignalRecord(value: unknown): value is SignalRecord<never> {
  if (typeof value !== 'object' || value === null) return false;
  const record = value as Readonly<Record<string, unknown>>;
  const has = (name: string, type: string) => typeof record[name] === type;
  if (!has('at', 'number')) return false;
  switch (record['kind']) {
    case 'violation':
      return (
        ['signal', 'rule', 'ruleVersion', 'scopeId', 'service', 'serviceVersion'].every((name) =>
          has(name, 'string'),
        ) &&
        isTexts(record['services']) &&
        isTexts(record['environments']) &&
        has('raised', 'boolean') &&
        (record['head'] === undefined || isHead(record['head'])) &&
        (record['example'] === undefined || isExample(record['example']))
      );
    case 'retraction':
      return has('rule', 'string') && has('scopeId', 'string');
    case 'raised':
      return has('rule', 'string') && isTexts(record['signals']);
    case 'decision':
      return (
        has('signal', 'string') &&
        has('by', 'string') &&
        has('reason', 'string') &&
        isNumber(record['number']) &&
        SIGNAL_ACTIONS.some((action) => action === record['action'])
      );
    case 'forgotten':
      return isTexts(record['signals']) && isNumber(record['number']);
    default:
      return false;
  }
}

function isNumber(value: unknown): boolean {
  return value === undefined || (Number.isSafeInteger(value) && (value as number) > 0);
}

export function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((element) => typeof element === 'string');
}

export function isHead(value: unknown): boolean {
  const head = value as Partial<SignalHead> | null;
  return (
    typeof head === 'object' &&
    head !== null &&
    typeof head.fingerprint === 'string' &&
    typeof head.fingerprintVersion === 'number' &&
    typeof head.clause === 'string' &&
    typeof head.summary === 'string' &&
    typeof head.facts?.id === 'string' &&
    typeof head.facts.severity === 'string' &&
    typeof head.pair?.trigger === 'string' &&
    typeof head.pair.other === 'string' &&
    Array.isArray(head.attributes)
  );
}

function isExample(value: unknown): boolean {
  const example = value as Partial<SignalExample<unknown>> | null;
  return (
    typeof example === 'object' &&
    example !== null &&
    typeof example.scopeId === 'string' &&
    typeof example.at === 'number' &&
    isTexts(example.traceIds)
  );
}
