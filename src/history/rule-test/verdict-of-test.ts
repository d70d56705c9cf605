/** What a rule says of the drawn traces of a test: one verdict, and the judgements behind it. */
import type { JudgedRule } from '../../engine/judged-rule.ts';
import type { Observer } from '../../engine/reference/context.ts';
import { judgeTrace } from '../../engine/reference/judge.ts';
import { judgeAcross, membersOf } from '../../engine/reference/judge-across.ts';
import {
  DEFAULT_JUDGE_SETTINGS,
  type JudgeSettings,
  type Judgment,
  type Verdict,
} from '../../engine/verdict.ts';
import type { Span, TraceId } from '../../trace/span.ts';
import { buildTrace, type Trace } from '../../trace/trace.ts';

interface TestVerdict {
  /** Violated if any scope is, else inconclusive if any is, else satisfied if any is, else not applicable. */
  readonly verdict: Verdict;
  /** Of the scopes (traces, or groups of a rule across traces) with that verdict, in their order. */
  readonly judgments: readonly Judgment[];
  /** Of all scopes. */
  readonly all: readonly Judgment[];
}

/** Drawn spans as closed traces, in the order in which the traces are first met. */
export function drawnTraces(spans: readonly Span[]): Trace[] {
  const byTrace = new Map<TraceId, Span[]>();
  for (const span of spans) {
    const same = byTrace.get(span.traceId);
    if (same === undefined) byTrace.set(span.traceId, [span]);
    else same.push(span);
  }
  return [...byTrace.values()].map((own) => buildTrace(own));
}

/** Judges all traces as closed. */
export function verdictOfTest(
  rule: JudgedRule,
  traces: readonly Trace[],
  observer: Observer | null = null,
  settings: JudgeSettings = DEFAULT_JUDGE_SETTINGS,
): TestVerdict {
  const judgments =
    rule.condition.across === null
      ? traces.map((trace) => judgeTrace(rule, trace, settings, observer))
      : judgeAcross(
          rule,
          traces.flatMap((trace) => membersOf(rule, trace)),
          settings,
          observer,
        ).groups.map((group) => group.judgment);
  const verdict = combined(judgments.map((judgment) => judgment.verdict));
  return { verdict, judgments: judgments.filter((judgment) => judgment.verdict === verdict), all: judgments };
}

const FROM_WORST = ['violated', 'inconclusive', 'satisfied'] as const;

function combined(verdicts: readonly Verdict[]): Verdict {
  return FROM_WORST.find((verdict) => verdicts.includes(verdict)) ?? 'not_applicable';
}
