/**
 * A signal: violations that are alike, as one thing that a person looks at, decides on, and is told about once.
 *
 *     violation of (rule, scope) ──► fingerprint ──► signal 1 ── n occurrences
 *
 * `Witness` is what an occurrence is shown with, as JSON: who opens the store says how it is made.
 */
import type { Millis } from '../engine/streaming/stream.ts';
import type { Enforcement, RuleSeverity } from '../invariant/rule.ts';

export const SIGNAL_STATES = [
  /** Seen, but not in as large a share of the scopes as the rule's `raise` asks for. */
  'pending',
  'open',
  'acknowledged',
  'resolved',
  /** A person said that it is no problem: counted, and quiet. */
  'false-positive',
  /** Every occurrence was taken back. */
  'retracted',
] as const;
export type SignalState = (typeof SIGNAL_STATES)[number];

export const SIGNAL_ACTIONS = ['ack', 'resolve', 'false-positive', 'reopen'] as const;
export type SignalAction = (typeof SIGNAL_ACTIONS)[number];

/** What of the rule a signal carries: as it was at the last occurrence. */
export interface SignalRule {
  readonly id: string;
  readonly name: string;
  readonly invariant: string | null;
  readonly severity: RuleSeverity;
  readonly enforcement: Enforcement;
  readonly category: string | null;
  readonly owner: string | null;
  readonly runbook: string | null;
  readonly compliance: readonly string[];
  /** The rule's text. */
  readonly condition: string;
}

/** What makes violations alike. */
export interface SignalKind {
  /** 32 hex digits. */
  readonly fingerprint: string;
  /** Of the way in which the fingerprint was made. */
  readonly fingerprintVersion: number;
  /** The deciding clause, on one line. */
  readonly clause: string;
  readonly pair: ServicePair;
  /** What the clause compares, with values that the rule writes or that are of a closed list; `*` stands for all others. */
  readonly attributes: readonly { readonly name: string; readonly value: string }[];
}

export interface ServicePair {
  /** Of the first span that triggered the rule. */
  readonly trigger: string;
  /** Another service that the deciding spans are of; empty where there is none. */
  readonly other: string;
}

/** A trace, or a group, that broke the rule. */
export interface SignalExample<Witness> {
  readonly scopeId: string;
  readonly kind: 'trace' | 'group';
  readonly traceIds: readonly string[];
  readonly at: Millis;
  readonly service: string;
  readonly serviceVersion: string;
  readonly witness: Witness;
}

export interface SignalDecision {
  readonly at: Millis;
  readonly action: SignalAction;
  /** Who, as they said it. */
  readonly by: string;
  /** Why; empty where none was given. */
  readonly reason: string;
  readonly from: SignalState;
  readonly to: SignalState;
}

export interface Signal<Witness> extends SignalKind {
  /** The first 16 digits of the fingerprint. */
  readonly id: string;
  readonly state: SignalState;
  readonly rule: SignalRule;
  /** The last ten, as the engine numbers them. */
  readonly ruleVersions: readonly string[];
  /** What broke, in a sentence or two of plain text: of the first occurrence. */
  readonly summary: string;
  /** Processing time. */
  readonly firstSeen: Millis;
  readonly lastSeen: Millis;
  /** Scopes that broke the rule, those included that were taken back. */
  readonly occurrences: number;
  /** How many of them were taken back. */
  readonly retracted: number;
  /** How often it came again after it was resolved, or after all of it was taken back. */
  readonly reopened: number;
  /** Sorted; at most 50, as are the versions and environments. */
  readonly services: readonly string[];
  readonly versions: readonly { readonly service: string; readonly version: string }[];
  readonly environments: readonly string[];
  /** The first few, and a late one. */
  readonly examples: readonly SignalExample<Witness>[];
  /** Oldest first; the last hundred. */
  readonly decisions: readonly SignalDecision[];
  /**
   * Its first records were lost, and it was made again of later ones: counts and times may lack what was before. `partly`: what kind of violation it is
   * is not known until it comes again. Absent for all others.
   */
  readonly rebuilt?: 'whole' | 'partly';
}

export const TRANSITION_KINDS = [
  'opened',
  /** It came again. */
  'reopened',
  /** Ten, a hundred, a thousand ... occurrences. */
  'grew',
  'retracted',
  'decided',
] as const;
export type TransitionKind = (typeof TRANSITION_KINDS)[number];

/** A change of a signal that somebody may want to be told. */
export interface SignalTransition {
  /** From 1, without gaps: who remembers the last one that it saw misses none. */
  readonly sequence: number;
  readonly kind: TransitionKind;
  readonly signal: string;
  readonly at: Millis;
  readonly from: SignalState | null;
  readonly to: SignalState;
  readonly occurrences: number;
  /** Who decided and why; null for what happened by itself. */
  readonly decision: SignalDecision | null;
}
