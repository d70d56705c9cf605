/** Judges a recording of an example with rules, by the reference evaluator: verdicts and judgments, rule by rule. */
import { judgeTrace } from '../../src/engine/reference/judge.ts';
import { judgeAcross, membersOf } from '../../src/engine/reference/judge-across.ts';
import type { Judgment, Verdict } from '../../src/engine/verdict.ts';
import { drawnTraces as tracesOf } from '../../src/history/rule-test/verdict-of-test.ts';
import { judgedRule } from '../../src/invariant/catalogue.ts';
import type { Rule } from '../../src/invariant/rule.ts';
import { decodeRecord } from '../../src/receiver/decode-record.ts';
import type { TraceFormat } from '../../src/receiver/record.ts';
import type { Span, TraceId } from '../../src/trace/span.ts';

/** The spans by trace, in the order in which the traces are met. */
export { tracesOf };

/** A day on which nothing in the library has expired. */
export const TODAY = '2026-01-01';

export interface RuleVerdicts {
  readonly id: string;
  readonly counts: { readonly [verdict in Verdict]: number };
  readonly judgments: readonly { readonly traceIds: readonly TraceId[]; readonly judgment: Judgment }[];
}

/** The spans of a recording, in the order sent: lines of OTLP/JSON, or one protobuf request. Throws on damage: recordings are ours. */
export function readRecording(bytes: Uint8Array, format: TraceFormat): Span[] {
  const records =
    format === 'otlp-json'
      ? Buffer.from(bytes)
          .toString('utf8')
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => Buffer.from(line))
      : [bytes];
  return records.flatMap((record, index) => {
    const decoded = decodeRecord({ file: 'recording', line: index + 1, format, bytes: record });
    const [problem] = decoded.diagnostics;
    if (problem !== undefined) throw new Error(problem.message);
    return decoded.spans;
  });
}

/** Each rule over all traces of the spans, in the order of the rules. */
export function judgeRecording(rules: readonly Rule[], spans: readonly Span[]): RuleVerdicts[] {
  const traces = tracesOf(spans);
  return rules.map((rule) => {
    const judged = judgedRule(rule, TODAY);
    const judgments =
      rule.condition.across === null
        ? traces.map((trace) => ({ traceIds: [trace.id], judgment: judgeTrace(judged, trace) }))
        : judgeAcross(
            judged,
            traces.flatMap((trace) => membersOf(judged, trace)),
          ).groups;
    const counts = { satisfied: 0, violated: 0, not_applicable: 0, inconclusive: 0 };
    for (const { judgment } of judgments) counts[judgment.verdict]++;
    return { id: rule.id, counts, judgments };
  });
}

/** The ids of the rules that have at least one such verdict, sorted. */
export function withVerdict(verdicts: readonly RuleVerdicts[], verdict: Verdict): string[] {
  return verdicts
    .filter(({ counts }) => counts[verdict] > 0)
    .map(({ id }) => id)
    .sort();
}
