/** What a check of rules over traces comes to. */
import type { Nanos } from '../../base/nanos.ts';
import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import type { Judgment, UnknownAttribute, Verdict } from '../../engine/verdict.ts';
import type { TraceId } from '../../trace/span.ts';

export interface CheckResult {
  /** Distinct trace ids. */
  readonly traces: number;
  /** Distinct spans: repetitions are counted once, different spans with one identity each. */
  readonly spans: number;
  /** Spans that came again. */
  readonly repeated: number;
  /** Spans with the identity of another, different span; the first was kept. */
  readonly conflicting: number;
  /** Records that could not be read. */
  readonly damaged: number;
  /** Records that are well formed and hold no spans. */
  readonly foreign: number;
  /** Spans whose end was missing or before their start, and was set to the start. */
  readonly mended: number;
  /** In the order of the rules given. */
  readonly rules: readonly RuleResult[];
  /** What is violated or inconclusive: by the scope's first start, then trace id, then the order of the rules, then key. */
  readonly findings: readonly CheckFinding[];
  readonly diagnostics: readonly Diagnostic[];
  /** With `strict`: reading stopped at the first damage, and the rest was not looked at. */
  readonly stopped: boolean;
  /** How the input was gone through, for `--verbose` and benches. */
  readonly passes: PassCounts;
}

export interface RuleResult {
  readonly id: string;
  /** Scopes by verdict: traces, or groups of a rule across traces. */
  readonly verdicts: { readonly [verdict in Verdict]: number };
  /** Scopes that would have triggered: by exception (sorted by name), or because no trigger span is of the rule's environments. */
  readonly leftOut: {
    readonly environment: number;
    readonly exceptions: readonly { readonly name: string; readonly scopes: number }[];
  };
  /** Sorted by name. */
  readonly unknownAttributes: readonly UnknownAttribute[];
  /** Spans without a usable key, which are in no group; 0 for a rule that is not across traces. */
  readonly keyless: number;
  /** Inconclusive scopes that are counted and not among the findings, for there were too many. */
  readonly unlisted: number;
}

export interface CheckFinding {
  /** The rule's id. */
  readonly rule: string;
  readonly scope: FindingScope;
  /** `violated` or `inconclusive`. */
  readonly judgment: Judgment;
}

interface FindingScope {
  readonly kind: 'trace' | 'group';
  /** Of a group, `payment_intent_id=pi_1`, its parts joined by `, `; null for a trace. */
  readonly key: string | null;
  /** Sorted; of a trace its own id. */
  readonly traceIds: readonly TraceId[];
  /** When the scope's first span started. */
  readonly start: Nanos;
}

interface PassCounts {
  /** Records that the fast scanner took, of those it was offered. */
  readonly scanned: number;
  readonly decoded: number;
  /** Traces that were gone through again because spans came late, or because memory was short. */
  readonly redone: number;
  /** Temporary files that were written. */
  readonly spilled: number;
}

/** The order of findings, as far as their scopes' first spans tell. */
export function compareFindings(a: CheckFinding, b: CheckFinding): number {
  if (a.scope.start !== b.scope.start) return a.scope.start < b.scope.start ? -1 : 1;
  const left = a.scope.traceIds[0] ?? '';
  const right = b.scope.traceIds[0] ?? '';
  return left < right ? -1 : left > right ? 1 : 0;
}
