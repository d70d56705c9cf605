/** What is told about a signal, whatever the receiver: kept in the queue as it was when it happened. */
import type { Signal, SignalDecision, SignalRule, SignalState, SignalTransition } from '../signal/signal.ts';

export const NOTIFICATION_EVENTS = ['opened', 'reopened', 'grew', 'retracted', 'resolved'] as const;
export type NotificationEvent = (typeof NOTIFICATION_EVENTS)[number];

export interface Notification {
  /** Equal for the same news, however often it is sent: receivers can tell repetitions by it. */
  readonly id: string;
  readonly event: NotificationEvent;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly signal: NotifiedSignal;
  /** Of `resolved`: who and why. */
  readonly decision: Pick<SignalDecision, 'by' | 'reason'> | null;
  /** Of a message that stands for several; absent in all others, and in those of older versions. */
  readonly heldBack?: HeldBack;
}

/** What was held back and is told in one message: changes of the signal, or signals of its rule. */
export interface HeldBack {
  readonly of: 'signal' | 'rule';
  /** Changes, or signals. */
  readonly count: number;
  /** The ids of the signals; at most 500. */
  readonly signals: readonly string[];
  /** When the first message was told that was not held back. Milliseconds since 1970. */
  readonly since: number;
}

export interface NotifiedSignal {
  readonly id: string;
  readonly fingerprint: string;
  readonly state: SignalState;
  readonly summary: string;
  readonly clause: string;
  readonly rule: SignalRule;
  readonly services: readonly string[];
  readonly versions: readonly { readonly service: string; readonly version: string }[];
  readonly environments: readonly string[];
  readonly occurrences: number;
  readonly retracted: number;
  readonly reopened: number;
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** Of the latest example. */
  readonly traceIds: readonly string[];
}

const MOST_SERVICES = 20;

/** Null for what nobody is told. */
export function notificationOf(transition: SignalTransition, signal: Signal<unknown>): Notification | null {
  const event = eventOf(transition);
  if (event === null) return null;
  const { decision, sequence, at } = transition;
  return {
    id: `${signal.id}-${sequence}`,
    event,
    at,
    signal: notifiedSignal(transition, signal),
    decision: decision === null ? null : { by: decision.by, reason: decision.reason },
  };
}

/** The signal as it was with the transition, as far as it is told of. */
export function notifiedSignal(transition: SignalTransition, signal: Signal<unknown>): NotifiedSignal {
  return {
    id: signal.id,
    fingerprint: signal.fingerprint,
    // As it was then: the signal may have moved on.
    state: transition.to,
    summary: signal.summary,
    clause: signal.clause,
    rule: signal.rule,
    services: signal.services.slice(0, MOST_SERVICES),
    versions: signal.versions.slice(0, MOST_SERVICES),
    environments: signal.environments.slice(0, MOST_SERVICES),
    occurrences: transition.occurrences,
    retracted: signal.retracted,
    reopened: signal.reopened,
    firstSeen: signal.firstSeen,
    lastSeen: signal.lastSeen,
    traceIds: signal.examples.at(-1)?.traceIds ?? [],
  };
}

function eventOf({ kind, decision }: SignalTransition): NotificationEvent | null {
  if (kind !== 'decided') return kind;
  return decision?.action === 'resolve' ? 'resolved' : null;
}
