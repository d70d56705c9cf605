/**
 * What the part of the engine that holds traces hands to the part that holds groups across traces. Spans are handed over when they arrive, once
 * each; what becomes of their trace is told as it happens.
 */
import type { Span, TraceId } from '../../trace/span.ts';
import type { IncompleteReason } from '../../trace/trace.ts';
import type { LiveRule, Millis, Position, RuleHealth, StreamOptions, VerdictCount } from './stream.ts';

/**
 * The trace that members came in: one object a trace, the same for all rules. While the trace is held it answers from what is there now; once the
 * trace is forgotten it stays as it was at its last close.
 */
export interface MemberTrace {
  readonly id: TraceId;
  /** Of the first record that brought a span of it: what must be read again to know the trace. Absent: as of its members. */
  readonly firstPosition?: Position;
  /** Spans may still come, and `incomplete` says nothing yet. */
  readonly open: boolean;
  readonly incomplete: IncompleteReason | null;
  /** A parent that is a member is the very object that was handed over; others have no attributes. */
  parentOf(span: Span): Span | null;
  childrenOf(span: Span): readonly Span[];
}

export interface LiveMember {
  /** A rule with `across`, one of whose selectors names the span. */
  readonly rule: LiveRule;
  /** The rule is an earlier version of one that the trace began with: the span may join a group of it, and begins none. */
  readonly joins?: boolean;
  /** With the attributes that any loaded rule asks. */
  readonly span: Span;
  readonly trace: MemberTrace;
  /** When it arrived, and with which record. */
  readonly at: Millis;
  readonly position: Position;
}

export type LostMember = Pick<LiveMember, 'rule' | 'joins' | 'span' | 'at'>;

/** Told only of traces with members. */
export interface MemberSink {
  /** A span with this identity in this trace has not been handed over for this rule before. Whether it has a key is for the sink to see. */
  add(member: LiveMember): void;
  /** As `add`, but nothing is known of its trace, which was dropped for want of memory: its group is incomplete. */
  lose(member: LostMember): void;
  /** Also when it was dropped for want of memory: it is incomplete then. */
  traceClosed(trace: MemberTrace, at: Millis): void;
  /** A span came late; the trace will close again. */
  traceReopened(trace: MemberTrace, at: Millis): void;
}

export interface GroupStats {
  readonly openGroups: number;
  readonly groupMembers: number;
  readonly keylessSpans: number;
  /** Groups or members dropped for want of memory. */
  readonly shed: number;
  readonly bytes: number;
}

/** The groups, as the engine drives them: see `StreamEngine` for what the methods of the same name promise. */
export interface GroupEngine extends MemberSink {
  /** All rules that are loaded now; those without `across` are not for it. */
  load(rules: readonly LiveRule[], at: Millis): void;
  /** Whether there are groups of the rule. */
  holds(rule: LiveRule): boolean;
  /** No trace that began with this earlier version of a loaded rule is held any more: it ends with its last group. */
  release(rule: LiveRule): void;
  /** Called at the end of a request, after its last `add`: spans find their groups, and what can be decided early is told. */
  settle(at: Millis): void;
  /** Called with times in order, never beyond the next thing that is due to a trace. Traces go first where both are due at one time. */
  tick(at: Millis): void;
  nextDue(): Millis | null;
  resume(at: Millis): void;
  doubtGroups(at: Millis): void;
  lowWater(): Position | null;
  takeCounts(): VerdictCount[];
  health(): RuleHealth[];
  stats(): GroupStats;
}

export type CreateGroupEngine = (options: StreamOptions) => GroupEngine;
