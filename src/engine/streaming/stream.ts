/**
 * What goes into the streaming engine and what comes out of it. The engine is a pure function of its state and what it is told:
 * requests of spans with the time of their arrival, and the clock. It reads no clock, draws no random numbers and touches no disk.
 * The same sequence of `load`, `add`, `tick` and `resume` always gives the same events, however many ticks came between.
 */
import type { Nanos } from '../../base/nanos.ts';
import type { NameTable } from '../../otlp/name-table.ts';
import type { ScannedRequest } from '../../otlp/proto/scanned-request.ts';
import type { TraceId } from '../../trace/span.ts';
import type { JudgedRule } from '../judged-rule.ts';
import type { JudgeSettings, Judgment, Verdict } from '../verdict.ts';

/** Processing time in milliseconds since 1970. Never goes back: who calls sees to that. */
export type Millis = number;

/** Number of a record in the write-ahead log: a span's request. Grows. */
export type Position = number;

export interface StreamLimits {
  /** A trace closes when nothing came for so long. */
  readonly idle: Millis;
  /** The same, once its root has ended. */
  readonly idleAfterRoot: Millis;
  /** An older trace is closed, and incomplete until its root arrives. */
  readonly maxAge: Millis;
  /** How long a closed trace is remembered for spans that come late. */
  readonly lateWindow: Millis;
  /** Most spans a trace; the same number limits a group (JudgeSettings.maxSpans). */
  readonly maxSpans: number;
  /** Most spans of open and remembered traces together. Beyond: remembered ones are forgotten first, then open ones are shed. */
  readonly heldSpans: number;
  /**
   * Most of these that are held as objects, because a rule reads them: they take some hundred bytes each, the others 60. Beyond: as with `heldSpans`.
   * Absent: a million.
   */
  readonly touchedSpans?: number;
  /** Most open traces. */
  readonly openTraces: number;
  /** Most marks of traces that are held no more (about 30 bytes each), by which their spans are known to be late. Absent: a million. */
  readonly goneTraces?: number;
  /** Most members of open and remembered groups together, and most groups. */
  readonly groupMembers: number;
  readonly groups: number;
}

export const DEFAULT_STREAM_LIMITS: StreamLimits = {
  idle: 30_000,
  idleAfterRoot: 10_000,
  maxAge: 300_000,
  lateWindow: 600_000,
  maxSpans: 50_000,
  heldSpans: 4_000_000,
  openTraces: 1_000_000,
  groupMembers: 1_000_000,
  groups: 500_000,
};

/** A rule with the version of its meaning: what changes a verdict changes it. */
export interface LiveRule {
  readonly rule: JudgedRule;
  readonly version: string;
}

export interface VerdictScope {
  readonly kind: 'trace' | 'group';
  /**
   * Stable over restarts and repetitions: the trace id, or a hash of the rule's key, its values and the group's first span. With the rule's id it
   * tells violations apart.
   */
  readonly id: string;
  /** The values of the key of `across`. */
  readonly key: readonly string[] | null;
  readonly traceIds: readonly TraceId[];
  /** Start of the first span. */
  readonly start: Nanos;
}

/** What whoever keeps signals must know. All other verdicts are only counted. */
export interface VerdictEvent {
  /**
   * `violated`: the scope breaks the rule, now or again. `retracted`: it was told to break it and does not; `judgment` is what holds
   * now (null: the scope is no more, for two groups became one).
   */
  readonly kind: 'violated' | 'retracted';
  readonly rule: JudgedRule;
  readonly ruleVersion: string;
  readonly scope: VerdictScope;
  readonly judgment: Judgment | null;
  /** Before the scope closed. */
  readonly early: boolean;
  readonly at: Millis;
  /** Of the first span that triggered the rule. */
  readonly service: string;
  readonly serviceVersion: string;
}

/** Verdicts of closed scopes since the last look, net of what was taken back: `count` may be negative. */
export interface VerdictCount {
  readonly rule: string;
  readonly ruleVersion: string;
  readonly verdict: Verdict;
  /** Of the first span that triggered the rule; empty where none did. */
  readonly service: string;
  readonly serviceVersion: string;
  readonly count: number;
}

export interface UnknownAttributeCount {
  readonly rule: string;
  readonly attribute: string;
  readonly missing: number;
  readonly otherType: number;
}

/** Why spans or scopes were not judged as they would have been with more room or time. */
export const SHED_REASONS = [
  /** An open trace was dropped for want of memory: inconclusive for the rules it had touched. */
  'trace-memory',
  /** A closed trace was forgotten before its late window was over. */
  'remembered-memory',
  /** A span of a trace that had closed and is held no more. */
  'late-span',
  /** A span beyond `maxSpans` of its trace. */
  'trace-spans',
  /** A group or its members were dropped for want of memory. */
  'group-memory',
  /** A span of an open or remembered trace that differs from the one with its identity. */
  'conflicting-span',
  /** The mark of a trace had to go before its late window was over: spans that still come for it make a trace that is incomplete. */
  'mark-memory',
] as const;
export type ShedReason = (typeof SHED_REASONS)[number];

/** What the engine holds and has done; all counts from its beginning. */
export interface StreamStats {
  readonly openTraces: number;
  readonly rememberedTraces: number;
  readonly heldSpans: number;
  readonly openGroups: number;
  readonly groupMembers: number;
  readonly spans: number;
  readonly repeatedSpans: number;
  readonly closedTraces: number;
  readonly reopenedTraces: number;
  readonly incompleteTraces: number;
  readonly oneSpanTraces: number;
  readonly keylessSpans: number;
  readonly shed: Readonly<Record<ShedReason, number>>;
  /** Rough, from counts of rows and objects: bytes that open and remembered scopes take. */
  readonly bytes: number;
}

/** Traces that closed for the first time since the last look, as words of ids (four a trace) and first positions. */
export interface ClosedTraces {
  readonly count: number;
  readonly ids: Uint32Array;
  readonly firstPositions: Float64Array;
}

/** What a rule has seen, for its health. Counts since the rule was loaded. */
export interface RuleHealth {
  readonly rule: string;
  readonly ruleVersion: string;
  readonly unknownAttributes: readonly UnknownAttributeCount[];
  /** Closed scopes whose trigger occurred, and of those the traces that had one span only: a producer that loses the context. */
  readonly applicable: number;
  readonly applicableInOneSpanTraces: number;
  /** Names that the rule's selectors name exactly and that no span ever had. */
  readonly unseenNames: readonly string[];
  readonly inconclusiveReasons: Readonly<Record<string, number>>;
  readonly exceptedScopes: Readonly<Record<string, number>>;
  /** Closed scopes that are violated, less those that were taken back. */
  readonly violated: number;
  /** Of a rule with `across`: spans that its selectors name, and of those the ones without its key, which are in no group. */
  readonly memberSpans: number;
  readonly keylessSpans: number;
}

export interface StreamEngine {
  /**
   * Rules for traces that begin from now on; those that began before keep the rules that they began with, in the version that they began with, but for
   * rules whose id is not in the new set any more, which end at once. So do groups; spans of later traces join those that began before.
   */
  load(rules: readonly LiveRule[], at: Millis): void;
  /**
   * Takes the spans of a request; the request may be reused afterwards. Everything that falls due until `at` happens first.
   * Gives, for the archive, the ordinals of spans that repeat one that came before (reused array: read it at once).
   */
  add(request: ScannedRequest, at: Millis, position: Position): readonly number[];
  /** Lets happen what falls due until `at`: traces and groups close, memories fade. */
  tick(at: Millis): void;
  /** When something falls due next; null: never. */
  nextDue(): Millis | null;
  /** After a restart: the time between counts as no time at all for what is open. */
  resume(at: Millis): void;
  /** Marks a trace as closed and forgotten at that time: its spans are late spans. Four words of its id. */
  markGone(id: Uint32Array, at: Millis): void;
  /** Spans that came before `at` are not known: a group of a rule with `across` that begins while such a span may belong to it is incomplete. */
  doubtGroups(at: Millis): void;
  /** Open and remembered traces whose first span is no later than that position: four words of each id. Cost: linear in them. */
  heldTraces(through: Position): Uint32Array;
  /** The smallest position that something open or remembered still needs; null: none. */
  lowWater(): Position | null;
  takeCounts(): VerdictCount[];
  takeClosed(): ClosedTraces;
  health(): RuleHealth[];
  stats(): StreamStats;
}

export interface StreamOptions {
  /** The table that the scanner of the requests writes numbers of. UNLISTED is a name that found no room: read it from the bytes. */
  readonly names: NameTable;
  readonly settings: JudgeSettings;
  readonly limits: StreamLimits;
  /**
   * A secret 32-bit number, drawn at random: it decides the places of span ids in tables, so that ids cannot be made up that slow the engine down.
   * What the engine says does not depend on it. Absent: a constant.
   */
  readonly seed?: number;
  /** Called from within `load`, `add`, `tick`; must not call the engine. */
  readonly onVerdict: (event: VerdictEvent) => void;
}
