/**
 * What the API answers, as JSON-safe values. Every key is always there: what is absent is null or an empty list. Times are ISO 8601 in UTC.
 * The shapes in `schema/` are bound to these types.
 */
import type { Verdict } from '../../engine/verdict.ts';
import type { StatsTransport } from '../../receiver/otlp/receiver-stats.ts';
import type { RefusedRequest } from '../../receiver/otlp/refused-request.ts';
import type { Finding, UnknownAttributeCount } from '../../report/check-report.ts';
import type { SignalAction, SignalRule, SignalState } from '../../signal/signal.ts';

/** Raised when a key changes its meaning or goes away; a new key does not raise it. */
export const API_VERSION = 1;

export interface SignalSummary {
  readonly id: string;
  readonly fingerprint: string;
  readonly fingerprintVersion: number;
  readonly state: SignalState;
  readonly rule: SignalRule;
  readonly summary: string;
  readonly clause: string;
  readonly pair: { readonly trigger: string; readonly other: string };
  readonly attributes: readonly { readonly name: string; readonly value: string }[];
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly occurrences: number;
  readonly retracted: number;
  readonly reopened: number;
  readonly services: readonly string[];
  readonly versions: readonly { readonly service: string; readonly version: string }[];
  readonly environments: readonly string[];
  readonly traceIds: readonly string[];
  /** Its first records were lost: counts and times may lack what was before. */
  readonly rebuilt: boolean;
}

export interface SignalListDocument {
  readonly schemaVersion: typeof API_VERSION;
  /** The latest first. */
  readonly signals: readonly SignalSummary[];
  readonly next: string | null;
  readonly total: number;
}

export interface SignalDocument {
  readonly schemaVersion: typeof API_VERSION;
  readonly signal: SignalSummary;
  readonly ruleVersions: readonly string[];
  readonly examples: readonly SignalExampleDocument[];
  readonly decisions: readonly SignalDecisionDocument[];
}

export interface SignalExampleDocument {
  readonly scope: 'trace' | 'group';
  readonly traceIds: readonly string[];
  readonly at: string;
  readonly service: string;
  readonly serviceVersion: string;
  /** What `fluo check` would report of it. */
  readonly finding: Finding;
}

export interface SignalDecisionDocument {
  readonly at: string;
  readonly action: SignalAction;
  readonly by: string;
  readonly reason: string;
  readonly from: SignalState;
  readonly to: SignalState;
}

export interface VerdictsDocument {
  readonly schemaVersion: typeof API_VERSION;
  readonly from: string;
  readonly to: string;
  /** From when on the counts are complete; later than `from` where no more is known. */
  readonly since: string;
  readonly rows: readonly VerdictRowDocument[];
}

export interface VerdictRowDocument {
  readonly rule: string;
  readonly service: string | null;
  readonly version: string | null;
  readonly verdicts: { readonly [verdict in Verdict]: number };
  /** Of those that are satisfied or violated, the share that is violated; null where there is none. */
  readonly violatedShare: number | null;
  readonly minutes: readonly {
    readonly at: string;
    readonly verdicts: { readonly [verdict in Verdict]: number };
  }[];
}

export interface RulesDocument {
  readonly schemaVersion: typeof API_VERSION;
  /** Traces that were closed since the server started. */
  readonly traces: number;
  /** Of them with one span only. */
  readonly oneSpanTraces: number;
  readonly rules: readonly RuleHealthDocument[];
}

export interface RuleHealthDocument {
  readonly rule: SignalRule;
  readonly file: string;
  readonly line: number;
  readonly version: string;
  /** Closed scopes whose trigger occurred, since the rule was loaded. */
  readonly applicable: number;
  /** Of those the traces of one span. */
  readonly applicableInOneSpanTraces: number;
  readonly unseenNames: readonly string[];
  readonly unknownAttributes: readonly UnknownAttributeCount[];
  readonly inconclusiveReasons: { readonly [reason: string]: number };
  readonly exceptedScopes: { readonly [exception: string]: number };
  /** Of the applicable ones, those that are violated. */
  readonly violated: number;
  /** Of a rule with `across`: spans that its selectors name. */
  readonly memberSpans: number;
  /** Of those, spans without its key, which are in no group. */
  readonly keylessSpans: number;
  /** What is wrong with the rule or the traffic, in words; empty where nothing is. */
  readonly concerns: readonly string[];
  /** What to do about each, in the same order. */
  readonly remedies: readonly string[];
}

export interface StatusDocument {
  readonly schemaVersion: typeof API_VERSION;
  readonly version: string;
  readonly startedAt: string;
  /** `127.0.0.1:4317`: where it really listens; null: off. */
  readonly listens: { readonly grpc: string | null; readonly http: string | null; readonly api: string };
  readonly ready: boolean;
  /** Why it is not ready, and what is not as it should be besides. */
  readonly notes: readonly { readonly condition: string; readonly message: string; readonly help: string }[];
  readonly signals: { readonly kept: number; readonly open: number; readonly unsaved: number };
  readonly engine: { readonly [name: string]: number };
  readonly receivers: readonly ReceiverStatusDocument[];
  /** Export requests that were refused or taken in part: the last few, the latest first, what is alike as one. */
  readonly refusals: readonly RefusalDocument[];
}

export interface RefusalDocument {
  /** When it happened last. */
  readonly at: string;
  /** How often, since it came among the last few. */
  readonly times: number;
  readonly transport: StatsTransport;
  readonly outcome: RefusedRequest['outcome'];
  /** `HTTP 415`, `gRPC 3`. */
  readonly status: string;
  readonly peer: string;
  readonly userAgent: string;
  /** What the client was told. */
  readonly message: string;
  /** Spans that were left out of the last one, where the rest was taken. */
  readonly spans: number;
}

export interface ReceiverStatusDocument {
  readonly name: string;
  readonly type: 'slack' | 'webhook';
  readonly pending: number;
  readonly delivered: number;
  readonly failedAttempts: number;
  readonly dead: number;
  readonly problem: string | null;
  readonly lastDeliveredAt: string | null;
}

/** RFC 9457, with the code and help of a diagnostic. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly help: string;
}
