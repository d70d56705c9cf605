/** What a judgement says, and what it says it with. */
import type { TextRange } from '../diagnostic/diagnostic.ts';
import type { AttributeValue } from '../trace/attribute-value.ts';
import type { Span, TraceId } from '../trace/span.ts';
import type { IncompleteReason } from '../trace/trace.ts';

export const VERDICTS = ['satisfied', 'violated', 'not_applicable', 'inconclusive'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Why an answer is not proved. */
export type InconclusiveReason =
  /** It rests on the absence of spans, and the scope is known to be incomplete. */
  | { readonly kind: 'incomplete'; readonly reason: IncompleteReason; readonly traceId: TraceId }
  /** Traffic is sampled: an absent span of a group proves nothing. */
  | { readonly kind: 'sampled' }
  /** The group was cut, or lost spans for want of memory. */
  | { readonly kind: 'group-cut'; readonly limit: GroupLimit }
  /** It rests on an attribute that a span does not have, or has with another type. */
  | { readonly kind: 'missing-attribute'; readonly attribute: string; readonly span: Span }
  /** It rests on clocks that cannot tell the order: of two services, or too coarse. */
  | { readonly kind: 'clock-skew'; readonly left: Span; readonly right: Span }
  /** It would take more comparisons than `maxComparisons`. */
  | { readonly kind: 'too-costly' };

/** What keeps spans out of a group: the limits of its length and size, and in a running server the memory for all groups. */
export type GroupLimit = 'max_group_age' | 'max_spans' | 'memory';

export interface ClauseWitness {
  /** The deciding clause (the smallest condition that decides) as written. */
  readonly text: string;
  readonly range: TextRange;
  /** From 1, in the condition's own text. */
  readonly line: number;
  readonly column: number;
}

/** The span that came nearest to a selector that nothing matched. */
export interface NearestMiss {
  /** The selector, on one line. */
  readonly selector: string;
  readonly span: Span;
  /** The comparison or relation that failed, as written. */
  readonly failed: string;
  /** The attribute compared and its value there (undefined: missing); absent for a relation. */
  readonly attribute?: string;
  readonly actual?: AttributeValue | undefined;
  /** What the comparison met when the right side was a reference. */
  readonly expected?: AttributeValue | undefined;
}

/** Two spans that should be in an order and are not, with their intervals in them. */
export interface OrderViolation {
  /** `left` was to be `relation` `right`. */
  readonly relation: 'before' | 'after';
  readonly left: Span;
  readonly right: Span;
  /** They overlap, are the other way round, are further apart than `within` allows, or are nearer than their clocks can tell. */
  readonly problem: 'overlap' | 'reversed' | 'too-far' | 'unknown';
}

/** A counted or added quantity with the value it had. */
export interface MeasureWitness {
  readonly text: string;
  /**
   * Decimal digits, or a duration as the language writes it. Where only bounds are known (the scope was still open, spans are missing):
   * `2 or more`, `5 or less`, `2 to 5`; `unknown` where nothing is.
   */
  readonly value: string;
}

export interface Witness {
  readonly clause: ClauseWitness;
  /** Spans that a selector of the trigger matches, in canonical order; with `each`, the bound span of this verdict. */
  readonly trigger: readonly Span[];
  /** Selectors, on one line, that had to match and matched nothing. */
  readonly missing: readonly string[];
  readonly nearest: NearestMiss | null;
  readonly order: readonly OrderViolation[];
  /**
   * Spans that are there and must not be, or fail an `all`, or were counted; for `satisfied`, those that satisfied it. With a
   * span that is there by a relation comes the span that it is related to: the `b` of `never { a.inside(b) }`.
   */
  readonly spans: readonly Span[];
  readonly measures: readonly MeasureWitness[];
}

/** How often a comparison met an attribute that is not there, or of a type that it does not expect. */
export interface UnknownAttribute {
  readonly attribute: string;
  readonly missing: number;
  readonly otherType: number;
}

export interface Judgment {
  readonly verdict: Verdict;
  /** Not empty exactly when `inconclusive`. */
  readonly reasons: readonly InconclusiveReason[];
  /**
   * For `violated`, `inconclusive` and `satisfied` (unless the settings do without it); null for `not_applicable`. With `each`: of the first bound span, in canonical
   * order, that has the verdict; the others are in `others`.
   */
  readonly witness: Witness | null;
  /** With `each`: all the bound spans by their own verdict, in canonical order; empty otherwise. */
  readonly each: readonly { readonly span: Span; readonly verdict: Verdict }[];
  readonly unknownAttributes: readonly UnknownAttribute[];
  /** Why a scope that would have triggered did not: an exception by its name, or the environments of the rule. */
  readonly leftOut:
    | { readonly by: 'exception'; readonly name: string }
    | { readonly by: 'environment' }
    | null;
}

/** What a rule is judged with besides its text. */
export interface JudgeSettings {
  /** Spans of different services nearer than this are in no known order. */
  readonly clockSkewNanos: bigint;
  /**
   * Times nearer than this are in no known order, in one service too. The OpenTelemetry SDK for Node cuts starts to whole
   * milliseconds: two steps of less than a millisecond that follow one another then seem to overlap.
   */
  readonly clockResolutionNanos: bigint;
  /** The environment of spans that name none; null: they are of none. */
  readonly defaultEnvironment: string | null;
  /** Whether the configuration says that traffic is sampled. */
  readonly sampling: boolean;
  readonly maxGroupAgeNanos: bigint;
  readonly maxSpans: number;
  /**
   * So many tests of spans one judgement makes; what is not decided by then is inconclusive. Only rules whose cost grows with the square of a
   * scope come near it.
   */
  readonly maxComparisons: number;
  /**
   * Where nobody will look at it, a judgment comes without a witness: with `findings` one that is `satisfied`, with `violations` one that is
   * not `violated`. Absent: `all`.
   */
  readonly witnesses?: 'all' | 'findings' | 'violations';
}

export const DEFAULT_JUDGE_SETTINGS: JudgeSettings = {
  clockSkewNanos: 0n,
  clockResolutionNanos: 0n,
  defaultEnvironment: null,
  sampling: false,
  maxGroupAgeNanos: 3_600_000_000_000n,
  maxSpans: 50_000,
  maxComparisons: 5_000_000,
};
