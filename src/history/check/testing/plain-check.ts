/** The check as one would write it down without a thought of time and memory: what the real one is held against. */
import type { Nanos } from '../../../base/nanos.ts';
import type { JudgedRule } from '../../../engine/judged-rule.ts';
import { judgeTrace } from '../../../engine/reference/judge.ts';
import { type GroupMember, judgeAcross, membersOf } from '../../../engine/reference/judge-across.ts';
import { DEFAULT_JUDGE_SETTINGS, type Judgment, VERDICTS, type Verdict } from '../../../engine/verdict.ts';
import { type Span, spanIdentity } from '../../../trace/span.ts';
import { buildTrace, durationOf, sameSpan } from '../../../trace/trace.ts';

export interface PlainResult {
  readonly traces: number;
  readonly spans: number;
  readonly repeated: number;
  readonly conflicting: number;
  readonly rules: readonly {
    readonly id: string;
    readonly verdicts: Record<Verdict, number>;
    readonly environment: number;
    readonly exceptions: readonly string[];
    readonly unknown: readonly string[];
    readonly keyless: number;
  }[];
  /** `rule start traceIds` to the judgment, in order. */
  readonly findings: readonly { readonly at: string; readonly judgment: Judgment }[];
}

export function plainCheck(rules: readonly JudgedRule[], spans: readonly Span[], maxAge: Nanos): PlainResult {
  const byTrace = new Map<string, Span[]>();
  for (const span of spans) byTrace.set(span.traceId, [...(byTrace.get(span.traceId) ?? []), span]);
  let distinct = 0;
  let conflicting = 0;
  for (const all of byTrace.values()) {
    const first = new Map<string, Span>();
    for (const span of all) {
      const known = first.get(spanIdentity(span));
      if (known === undefined) first.set(spanIdentity(span), span);
      else if (!sameSpan(known, span)) conflicting++;
    }
    distinct += first.size;
  }
  const traces = [...byTrace.values()].map((all) => buildTrace(all, { maxAge: durationOf(all) > maxAge }));
  const found: {
    start: bigint;
    traceIds: readonly string[];
    rule: number;
    key: string;
    judgment: Judgment;
  }[] = [];
  const results = rules.map((rule, number) => {
    const verdicts = Object.fromEntries(VERDICTS.map((verdict) => [verdict, 0])) as Record<Verdict, number>;
    const judgments: Judgment[] = [];
    const note = (judgment: Judgment, start: bigint, traceIds: readonly string[], key = ''): void => {
      judgments.push(judgment);
      verdicts[judgment.verdict]++;
      if (judgment.verdict === 'violated' || judgment.verdict === 'inconclusive') {
        found.push({ start, traceIds, rule: number, key, judgment });
      }
    };
    let keyless = 0;
    if (rule.condition.across === null) {
      for (const trace of traces) {
        note(judgeTrace(rule, trace, DEFAULT_JUDGE_SETTINGS), trace.spans[0]?.start ?? 0n, [trace.id]);
      }
    } else {
      const members: GroupMember[] = traces.flatMap((trace) => membersOf(rule, trace));
      const judged = judgeAcross(rule, members, DEFAULT_JUDGE_SETTINGS);
      keyless = judged.keyless;
      const names = rule.condition.across.key;
      for (const { judgment, spans: of, traceIds, key } of judged.groups) {
        const text = key.map((value, index) => `${names[index]?.name}=${value}`).join(', ');
        note(judgment, of[0]?.start ?? 0n, traceIds, text);
      }
    }
    const unknown = judgments.flatMap(({ unknownAttributes }) =>
      unknownAttributes.flatMap(({ attribute, missing, otherType }) => [
        ...Array.from({ length: missing }, () => `${attribute} missing`),
        ...Array.from({ length: otherType }, () => `${attribute} other`),
      ]),
    );
    return {
      id: rule.id,
      verdicts,
      environment: judgments.filter(({ leftOut }) => leftOut?.by === 'environment').length,
      exceptions: judgments
        .flatMap(({ leftOut }) => (leftOut?.by === 'exception' ? [leftOut.name] : []))
        .sort(),
      unknown: unknown.sort(),
      keyless,
    };
  });
  const order = (a: (typeof found)[number], b: (typeof found)[number]): number => {
    if (a.start !== b.start) return a.start < b.start ? -1 : 1;
    const [left = '', right = ''] = [a.traceIds[0], b.traceIds[0]];
    if (left !== right) return left < right ? -1 : 1;
    return a.rule - b.rule || (a.key < b.key ? -1 : 1);
  };
  return {
    traces: byTrace.size,
    spans: distinct + conflicting,
    repeated: spans.length - distinct - conflicting,
    conflicting,
    rules: results,
    findings: found.sort(order).map(({ rule, start, traceIds, judgment }) => ({
      at: `${rule} ${start} ${traceIds.join()}`,
      judgment,
    })),
  };
}
