/** Makes the report of `fluo check` of what the pipeline found and the rules it judged. */
import { codeFrame } from '../diagnostic/position.ts';
import type { ClauseWitness, Judgment, Verdict, Witness } from '../engine/verdict.ts';
import type { CheckFinding, CheckResult, RuleResult } from '../history/check/check-result.ts';
import type { Rule } from '../invariant/rule.ts';
import { printAttribute } from '../language/print.ts';
import type { Span } from '../trace/span.ts';
import {
  CHECK_REPORT_VERSION,
  type CheckReport,
  type Finding,
  type FindingList,
  type FindingVerdict,
  type ReportedClause,
  type ReportedScope,
  type RuleReport,
} from './check-report.ts';
import { isApplied } from './check-totals.ts';
import { compareFindings, DEFAULT_FAIL_ON, type FailOn, isFailing } from './finding-level.ts';
import { fingerprintOf } from './fingerprint.ts';
import { compareDiagnostics, placeOf, reportedDiagnostic } from './reported-diagnostic.ts';
import { reportedHints } from './reported-hint.ts';
import { reportedReason } from './reported-reason.ts';
import { reportedSpan, reportedValue } from './reported-span.ts';

/** What a report needs of a run of the pipeline. */
type CheckOutcome = Omit<CheckResult, 'passes'>;

const MOST_SPANS = 50;
const MOST_TRACES = 100;

/**
 * Findings whose verdict is neither `violated` nor `inconclusive`, or whose rule is not among `rules`, are a bug of the caller
 * and throw. Findings are converted each time the list is walked. Cost: O(n log n) for the order.
 */
export function buildCheckReport(
  outcome: CheckOutcome,
  rules: readonly Rule[],
  failOn: FailOn = DEFAULT_FAIL_ON,
  requireApplied = false,
): CheckReport {
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  const outcomes = new Map(outcome.rules.map((rule) => [rule.id, rule]));
  return {
    schemaVersion: CHECK_REPORT_VERSION,
    traces: outcome.traces,
    spans: outcome.spans,
    damaged: outcome.damaged,
    repeated: outcome.repeated,
    conflicting: outcome.conflicting,
    foreign: outcome.foreign,
    mended: outcome.mended,
    stopped: outcome.stopped,
    failOn,
    requireApplied,
    rules: rules.map((rule) => ruleReport(rule, outcomes.get(rule.id), failOn, requireApplied)),
    findings: new ConvertedFindings(outcome.findings, byId, failOn),
    diagnostics: outcome.diagnostics.map(reportedDiagnostic).sort(compareDiagnostics),
  };
}

function ruleReport(
  rule: Rule,
  outcome: RuleResult | undefined,
  failOn: FailOn,
  requireApplied: boolean,
): RuleReport {
  const place = placeOf(rule.file, rule.range);
  const verdicts = outcome?.verdicts ?? { satisfied: 0, violated: 0, not_applicable: 0, inconclusive: 0 };
  // By the counts, which are complete: the list of findings may leave some out.
  const fails = (['violated', 'inconclusive'] as const).some(
    (verdict) => verdicts[verdict] > 0 && isFailing({ verdict, enforcement: rule.enforcement }, failOn),
  );
  return {
    id: rule.id,
    name: rule.name,
    invariant: rule.invariant,
    severity: rule.severity,
    enforcement: rule.enforcement,
    category: rule.category,
    owner: rule.owner,
    compliance: rule.compliance,
    runbook: rule.runbook,
    file: rule.file.name,
    line: place.line,
    column: place.column,
    condition: rule.condition.source.text,
    failing: fails || (requireApplied && !isApplied({ verdicts })),
    acrossKey: rule.condition.across?.key.map(printAttribute) ?? null,
    verdicts,
    unlisted: outcome?.unlisted ?? 0,
    leftOut: outcome?.leftOut ?? { environment: 0, exceptions: [] },
    keyless: outcome?.keyless ?? 0,
    unknownAttributes: outcome?.unknownAttributes ?? [],
  };
}

interface Ordered {
  readonly rule: Rule;
  readonly verdict: FindingVerdict;
  readonly witness: Witness;
  readonly outcome: CheckFinding;
}

/** One finding, for whoever has no whole check. Throws on a judgement that is none. Cost: linear in the rule's file. */
export function buildFinding(finding: CheckFinding, rule: Rule): Finding {
  const ordered = orderedOf(finding, new Map([[rule.id, rule]]));
  return findingOf(ordered, reportedClause(rule, ordered.witness.clause), DEFAULT_FAIL_ON);
}

/** Keeps the judgements and makes findings of them one by one. */
class ConvertedFindings implements FindingList {
  readonly #ordered: readonly Ordered[];
  readonly #failOn: FailOn;
  readonly #frames = new Map<string, ReportedClause>();

  constructor(outcomes: readonly CheckFinding[], rules: ReadonlyMap<string, Rule>, failOn: FailOn) {
    this.#failOn = failOn;
    const places = new Map([...rules.keys()].map((id, place) => [id, place]));
    this.#ordered = outcomes
      .map((outcome) => orderedOf(outcome, rules))
      .sort(
        (a, b) =>
          compareFindings({ ...a.rule, verdict: a.verdict }, { ...b.rule, verdict: b.verdict }) ||
          (places.get(a.rule.id) ?? 0) - (places.get(b.rule.id) ?? 0),
      );
  }

  get length(): number {
    return this.#ordered.length;
  }

  *[Symbol.iterator](): Iterator<Finding> {
    for (const one of this.#ordered) {
      yield findingOf(one, this.#clauseOf(one.rule, one.witness.clause), this.#failOn);
    }
  }

  /** Lets `JSON.stringify` write the list as an array. */
  toJSON(): Finding[] {
    return [...this];
  }

  /** Drawn once for each clause: a hundred thousand findings share a few. */
  #clauseOf(rule: Rule, clause: ClauseWitness): ReportedClause {
    const key = `${clause.range.start} ${clause.range.end} ${rule.id}`;
    const drawn = this.#frames.get(key) ?? reportedClause(rule, clause);
    this.#frames.set(key, drawn);
    return drawn;
  }
}

function orderedOf(outcome: CheckFinding, rules: ReadonlyMap<string, Rule>): Ordered {
  const rule = rules.get(outcome.rule);
  const { verdict, witness } = outcome.judgment;
  if (rule === undefined) throw new Error(`a finding of the rule ${outcome.rule}, which is not loaded`);
  if ((verdict !== 'violated' && verdict !== 'inconclusive') || witness === null) {
    throw new Error(`the verdict ${verdict} of the rule ${rule.id} is no finding`);
  }
  return { rule, verdict, witness, outcome };
}

function findingOf(
  { rule, verdict, witness, outcome }: Ordered,
  clause: ReportedClause,
  failOn: FailOn,
): Finding {
  const { judgment } = outcome;
  const scope = reportedScope(outcome.scope);
  const { nearest } = witness;
  return {
    rule: rule.id,
    name: rule.name,
    severity: rule.severity,
    enforcement: rule.enforcement,
    compliance: rule.compliance,
    runbook: rule.runbook,
    verdict,
    failing: isFailing({ verdict, enforcement: rule.enforcement }, failOn),
    fingerprint: fingerprintOf([
      rule.id,
      clause.text,
      verdict,
      scope.kind,
      scope.key,
      ...outcome.scope.traceIds,
    ]),
    traceId: scope.traceIds[0] ?? '',
    scope,
    clause,
    trigger: witness.trigger.slice(0, MOST_SPANS).map(reportedSpan),
    spans: witness.spans.slice(0, MOST_SPANS).map(reportedSpan),
    omitted: { trigger: leftOver(witness.trigger), spans: leftOver(witness.spans) },
    missing: witness.missing,
    nearest:
      nearest === null
        ? null
        : {
            selector: nearest.selector,
            span: reportedSpan(nearest.span),
            failed: nearest.failed,
            attribute: nearest.attribute ?? null,
            actual: nearest.actual === undefined ? null : reportedValue(nearest.actual),
            expected: nearest.expected === undefined ? null : reportedValue(nearest.expected),
          },
    order: witness.order.slice(0, MOST_SPANS).map((order) => ({
      relation: order.relation,
      problem: order.problem,
      left: reportedSpan(order.left),
      right: reportedSpan(order.right),
    })),
    measures: witness.measures,
    reasons: judgment.reasons.map(reportedReason),
    hints: reportedHints(witness),
    each: judgment.each.length === 0 ? null : countVerdicts(judgment.each),
  };
}

function reportedScope(scope: CheckFinding['scope']): ReportedScope {
  return {
    kind: scope.kind,
    key: scope.key,
    traceIds: scope.traceIds.slice(0, MOST_TRACES),
    traceIdsOmitted: Math.max(0, scope.traceIds.length - MOST_TRACES),
    start: String(scope.start),
  };
}

function reportedClause(rule: Rule, clause: ClauseWitness): ReportedClause {
  const range = {
    start: rule.toFileOffset(clause.range.start),
    end: Math.max(rule.toFileOffset(clause.range.start), rule.toFileOffset(clause.range.end)),
  };
  return {
    text: clause.text,
    file: rule.file.name,
    ...placeOf(rule.file, range),
    frame: codeFrame(rule.file, range),
  };
}

function leftOver(spans: readonly Span[]): number {
  return Math.max(0, spans.length - MOST_SPANS);
}

function countVerdicts(each: Judgment['each']): { readonly [verdict in Verdict]: number } {
  const counts = { satisfied: 0, violated: 0, not_applicable: 0, inconclusive: 0 };
  for (const { verdict } of each) counts[verdict]++;
  return counts;
}
