/**
 * What `fluo check` found, as JSON-safe values: the one input of every reporter, and the output of `--format json`.
 *
 *     CheckReport ─┬─ rules: RuleReport[]       one for each loaded rule, with its verdicts counted
 *                  ├─ findings: Finding[]       what is violated or not proved, worst first
 *                  └─ diagnostics               damaged records and the like
 *
 * Every key is always there: what is absent is null or an empty list. Times are decimal digits (nanoseconds), for JSON
 * numbers end at 2^53. Texts are as they were sent: each reporter neutralises them for its own format.
 */
import type { Severity } from '../diagnostic/diagnostic.ts';
import type { Verdict } from '../engine/verdict.ts';
import type { Enforcement, RuleSeverity } from '../invariant/rule.ts';
import type { SpanKind, SpanStatus } from '../trace/span.ts';
import type { FailOn } from './finding-level.ts';

/** Raised when a key changes its meaning or goes away; a new key does not raise it. */
export const CHECK_REPORT_VERSION = 1;

export interface CheckReport {
  readonly schemaVersion: typeof CHECK_REPORT_VERSION;
  /** Distinct traces that were judged. */
  readonly traces: number;
  /** Distinct spans that were read. */
  readonly spans: number;
  /** Records that could not be read. */
  readonly damaged: number;
  /** Spans that came again, and were counted once. */
  readonly repeated: number;
  /** Spans with the identity of another, different span: the first was kept. */
  readonly conflicting: number;
  /** Records that are well formed and hold no spans (metrics, logs). */
  readonly foreign: number;
  /** Spans whose end was missing or before their start, and was set to the start. */
  readonly mended: number;
  /** With `--strict`: reading stopped at the first damage, and the rest was not looked at. */
  readonly stopped: boolean;
  /** What makes the run fail. */
  readonly failOn: FailOn;
  /** Whether a rule that applied to no scope makes the run fail. */
  readonly requireApplied: boolean;
  readonly rules: readonly RuleReport[];
  readonly findings: FindingList;
  readonly diagnostics: readonly ReportedDiagnostic[];
}

/** An array, or a list that converts its findings each time it is walked (there may be a hundred thousand). */
export interface FindingList extends Iterable<Finding> {
  readonly length: number;
}

export interface RuleReport {
  readonly id: string;
  readonly name: string;
  readonly invariant: string | null;
  readonly severity: RuleSeverity;
  readonly enforcement: Enforcement;
  readonly category: string | null;
  readonly owner: string | null;
  readonly compliance: readonly string[];
  readonly runbook: string | null;
  readonly file: string;
  /** Of the rule in its file, from 1. */
  readonly line: number;
  readonly column: number;
  /** The rule's text. */
  readonly condition: string;
  /** Whether it makes this run of `fluo check` fail. */
  readonly failing: boolean;
  /** The key of `across`, as written; null for a rule over single traces. */
  readonly acrossKey: readonly string[] | null;
  /** Scopes by verdict. */
  readonly verdicts: { readonly [verdict in Verdict]: number };
  /** Inconclusive scopes that are counted and not among the findings, for there were too many. */
  readonly unlisted: number;
  /** Scopes that an exception or the rule's environments left out; they are among the `not_applicable`. */
  readonly leftOut: LeftOutCounts;
  /** Across traces: spans without a usable key, which are in no group. */
  readonly keyless: number;
  readonly unknownAttributes: readonly UnknownAttributeCount[];
}

export interface LeftOutCounts {
  readonly environment: number;
  readonly exceptions: readonly { readonly name: string; readonly scopes: number }[];
}

/** How often a comparison of the rule met an attribute that is not there, or of a type it does not expect. */
export interface UnknownAttributeCount {
  readonly attribute: string;
  readonly missing: number;
  readonly otherType: number;
}

export type FindingVerdict = 'violated' | 'inconclusive';

export interface Finding {
  /** The rule's id. */
  readonly rule: string;
  readonly name: string;
  readonly severity: RuleSeverity;
  readonly enforcement: Enforcement;
  readonly compliance: readonly string[];
  readonly runbook: string | null;
  readonly verdict: FindingVerdict;
  /** Whether it made this run of `fluo check` fail. */
  readonly failing: boolean;
  /** Equal for the same rule, clause and scope in every run over the same traces. */
  readonly fingerprint: string;
  /** Of a group: the trace of its first span. */
  readonly traceId: string;
  readonly scope: ReportedScope;
  readonly clause: ReportedClause;
  /** Spans that triggered the rule. */
  readonly trigger: readonly ReportedSpan[];
  /** Spans that are there and must not be (with those that they are related to), fail an `all`, or were counted. */
  readonly spans: readonly ReportedSpan[];
  /** How many spans `trigger` and `spans` leave out of themselves, for length. */
  readonly omitted: { readonly trigger: number; readonly spans: number };
  /** Selectors, as written, that had to match and matched nothing. */
  readonly missing: readonly string[];
  readonly nearest: ReportedNearestMiss | null;
  readonly order: readonly ReportedOrderViolation[];
  readonly measures: readonly { readonly text: string; readonly value: string }[];
  /** Why the answer is not proved; empty unless `inconclusive`. */
  readonly reasons: readonly ReportedReason[];
  /** Why the finding may be none, as far as its spans tell. */
  readonly hints: readonly ReportedHint[];
  /** With `each`: bound spans by their own verdict; null otherwise. */
  readonly each: { readonly [verdict in Verdict]: number } | null;
}

export interface ReportedScope {
  readonly kind: 'trace' | 'group';
  /** Of a group, `payment_intent_id=pi_1`; null for a trace. */
  readonly key: string | null;
  /** The traces of the scope; at most a hundred. */
  readonly traceIds: readonly string[];
  /** How many traces `traceIds` leaves out. */
  readonly traceIdsOmitted: number;
  /** When the first span of the scope started, nanoseconds since 1970; null where it is not known. */
  readonly start: string | null;
}

/** The smallest condition that decides, in the rule file. */
export interface ReportedClause {
  readonly text: string;
  readonly file: string;
  /** From 1, in the file; columns count UTF-16 code units. */
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  /** The lines of the file with a caret line below; plain text. */
  readonly frame: string;
}

export interface ReportedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for a root. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly service: string;
  readonly kind: SpanKind;
  readonly status: SpanStatus;
  /** Nanoseconds since 1970, decimal digits. */
  readonly start: string;
  readonly end: string;
  /** At most 64, in order of their names. */
  readonly attributes: { readonly [name: string]: ReportedValue };
  /** How many attributes `attributes` leaves out. */
  readonly attributesOmitted: number;
}

/**
 * An attribute's value. What JSON cannot say, or what is too long, is an object with one or two known keys:
 * `{"bigint": "9007199254740993"}`, `{"double": "NaN"}`, `{"bytes": "base64", "length": 12}`, `{"map": {...}}`,
 * `{"text": "the first 1024 ...", "length": 1048576}`, `{"array": [...], "length": 5000}`.
 */
export type ReportedValue =
  | string
  | number
  | boolean
  | readonly ReportedValue[]
  | { readonly bigint: string }
  | { readonly double: 'NaN' | 'Infinity' | '-Infinity' | '-0' }
  | { readonly bytes: string; readonly length: number }
  | { readonly text: string; readonly length: number }
  | { readonly array: readonly ReportedValue[]; readonly length: number }
  | { readonly map: { readonly [name: string]: ReportedValue }; readonly length: number };

export interface ReportedNearestMiss {
  /** The selector as written. */
  readonly selector: string;
  readonly span: ReportedSpan;
  /** The comparison or relation that failed, as written. */
  readonly failed: string;
  /** Null for a relation. */
  readonly attribute: string | null;
  /** What the attribute was; null when it is missing, or for a relation. */
  readonly actual: ReportedValue | null;
  /** What the comparison met when its right side was a reference; else null. */
  readonly expected: ReportedValue | null;
}

export interface ReportedOrderViolation {
  /** `left` was to be `relation` `right`. */
  readonly relation: 'before' | 'after';
  readonly problem: 'overlap' | 'reversed' | 'too-far' | 'unknown';
  readonly left: ReportedSpan;
  readonly right: ReportedSpan;
}

export const REASON_KINDS = [
  'missing-parent',
  'max-age',
  'max-spans',
  'forgotten',
  'sampled-apart',
  'conflicting-spans',
  'sampled',
  'group-cut',
  'missing-attribute',
  'clock-skew',
  'too-costly',
] as const;
type ReasonKind = (typeof REASON_KINDS)[number];

export interface ReportedReason {
  readonly kind: ReasonKind;
  /** One sentence for a person: why the answer is not proved. */
  readonly message: string;
  /** What a person can do about it, imperative. */
  readonly help: string;
  /** The spans concerned. */
  readonly spans: readonly ReportedSpan[];
}

export const HINT_KINDS = ['whole-millisecond-starts'] as const;

export interface ReportedHint {
  readonly kind: (typeof HINT_KINDS)[number];
  /** What is to be seen, and what a person can do about it; one sentence. */
  readonly help: string;
}

/** A diagnostic with its position computed and its frame drawn. */
export interface ReportedDiagnostic {
  readonly code: string;
  /** The code's name, kebab-case. */
  readonly name: string;
  readonly severity: Severity;
  readonly message: string;
  readonly file: string | null;
  /** From 1; null where there is no place. */
  readonly line: number | null;
  readonly column: number | null;
  readonly endLine: number | null;
  readonly endColumn: number | null;
  readonly frame: string | null;
  readonly notes: readonly string[];
  readonly help: string;
  readonly fix: ReportedFix | null;
}

/** Replace the text between two places of the diagnostic's file with `text`. */
export interface ReportedFix {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly text: string;
}
