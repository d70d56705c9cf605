/** What the reference says of all spans of a stream at once, in the terms in which an engine tells it. */
import type { JudgedRule } from '../../src/engine/judged-rule.ts';
import { judgeScope, judgeTrace } from '../../src/engine/reference/judge.ts';
import { judgeAcross, membersOf } from '../../src/engine/reference/judge-across.ts';
import { traceScope } from '../../src/engine/reference/scope.ts';
import type { VerdictEvent } from '../../src/engine/streaming/stream.ts';
import type { JudgeSettings, Judgment } from '../../src/engine/verdict.ts';
import type { Span } from '../../src/trace/span.ts';
import { buildTrace, type Trace } from '../../src/trace/trace.ts';

export interface Expected {
  /** `rule verdict` to number of scopes. */
  readonly counts: Readonly<Record<string, number>>;
  /** Rules with the scopes that break them, sorted. */
  readonly violated: readonly string[];
}

export function judgeAll(
  rules: readonly JudgedRule[],
  spans: readonly Span[],
  settings: JudgeSettings,
): Expected {
  const counts: Record<string, number> = {};
  const violated: string[] = [];
  const traces = tracesOf(spans);
  for (const rule of rules) {
    for (const { scope, judgment } of scopesOf(rule, traces, settings)) {
      const name = `${rule.id} ${judgment.verdict}`;
      counts[name] = 1 + (counts[name] ?? 0);
      if (judgment.verdict === 'violated') violated.push(`${rule.id} ${scope}`);
    }
  }
  return { counts: Object.fromEntries(Object.entries(counts).sort()), violated: violated.sort() };
}

/** Whether the reference, told that spans may still come, finds the scope of an event violated by the spans that are there. */
export function isViolatedWhatever(
  { rule, scope }: Pick<VerdictEvent, 'rule' | 'scope'>,
  spans: readonly Span[],
  settings: JudgeSettings,
): boolean {
  const open: JudgedRule = { ...rule, onIncomplete: 'inconclusive' };
  const traces = tracesOf(spans);
  if (rule.condition.across !== null) {
    const incomplete = { kind: 'max-age' } as const;
    const members = traces.flatMap((trace) =>
      membersOf(open, trace).map((member) => ({
        ...member,
        trace: {
          id: trace.id,
          incomplete,
          parentOf: (span: Span) => trace.parentOf(span),
          childrenOf: (span: Span) => trace.childrenOf(span),
        },
      })),
    );
    return judgeAcross(open, members, settings).groups.some(
      ({ key, spans: own, judgment }) =>
        judgment.verdict === 'violated' &&
        textOf(key, own[0]?.start) === textOf(scope.key ?? [], scope.start),
    );
  }
  const trace = traces.find(({ id }) => id === scope.id);
  if (trace === undefined) return false;
  const gaps = [{ kind: 'incomplete', reason: { kind: 'max-age' }, traceId: trace.id }] as const;
  return judgeScope(open, { ...traceScope(trace), gaps }, settings).verdict === 'violated';
}

/** The scopes that were told to break a rule, and not taken back. */
export function standing(events: readonly VerdictEvent[]): string[] {
  const told = new Map<string, string>();
  for (const { kind, rule, scope } of events) {
    const id = `${rule.id} ${scope.id}`;
    if (kind === 'retracted') told.delete(id);
    else told.set(id, `${rule.id} ${scope.key === null ? scope.id : JSON.stringify(scope.key)}`);
  }
  return [...told.values()].sort();
}

function scopesOf(
  rule: JudgedRule,
  traces: readonly Trace[],
  settings: JudgeSettings,
): { scope: string; judgment: Judgment }[] {
  if (rule.condition.across === null) {
    return traces.map((trace) => ({ scope: trace.id, judgment: judgeTrace(rule, trace, settings) }));
  }
  const members = traces.flatMap((trace) => membersOf(rule, trace));
  return judgeAcross(rule, members, settings).groups.map(({ key, judgment }) => ({
    scope: JSON.stringify(key),
    judgment,
  }));
}

function tracesOf(spans: readonly Span[]): Trace[] {
  const byTrace = new Map<string, Span[]>();
  for (const span of spans) {
    const same = byTrace.get(span.traceId);
    if (same === undefined) byTrace.set(span.traceId, [span]);
    else same.push(span);
  }
  return [...byTrace.values()].map((own) => buildTrace(own));
}

function textOf(key: readonly string[], start: bigint | undefined): string {
  return `${JSON.stringify(key)} ${start}`;
}
