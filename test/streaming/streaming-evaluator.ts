/**
 * The streaming engine in the form in which the conformance corpus asks an evaluator. An engine tells witnesses of violations only and counts all
 * other verdicts: what it does not tell is filled in from the reference, where both agree on the verdict.
 */
import type { JudgedRule } from '../../src/engine/judged-rule.ts';
import { judgeTrace } from '../../src/engine/reference/judge.ts';
import { type GroupJudgment, judgeAcross, membersOf } from '../../src/engine/reference/judge-across.ts';
import { createStreamEngine } from '../../src/engine/streaming/create-stream-engine.ts';
import type { VerdictEvent } from '../../src/engine/streaming/stream.ts';
import { StreamDriver } from '../../src/engine/streaming/testing/stream-driver.ts';
import {
  DEFAULT_JUDGE_SETTINGS,
  type JudgeSettings,
  type Judgment,
  type Verdict,
} from '../../src/engine/verdict.ts';
import type { Span } from '../../src/trace/span.ts';
import { buildTrace, type Trace } from '../../src/trace/trace.ts';
import type { Evaluator } from '../conformance/run-case.ts';

export interface StreamingEvaluator extends Evaluator {
  /** How often it was the engine, and not the reference alone, that was asked. */
  readonly asked: () => number;
}

/** `arrival`: the spans in the order in which they are to arrive, each at least once. */
export function streamingEvaluator(arrival: (spans: readonly Span[]) => readonly Span[]): StreamingEvaluator {
  let asked = 0;
  /** All spans as they came, with those that repeat another: a built trace has them once. */
  const drawn = new Map<Trace, readonly Span[]>();
  const tracesOfMembers = new WeakMap<object, Trace>();
  const play = (rule: JudgedRule, traces: readonly Trace[], settings: JudgeSettings): Told => {
    asked++;
    return told(rule, arrival(traces.flatMap((trace) => drawn.get(trace) ?? trace.spans)), settings);
  };
  return {
    asked: () => asked,
    buildTrace: (spans, cut = {}) => {
      const trace = buildTrace(spans, cut);
      // A limit that cut the drawing cannot be met with spans that were left out of it.
      if (Object.keys(cut).length === 0 && spans.length > 0) drawn.set(trace, spans);
      return trace;
    },
    judgeTrace: (rule, trace, settings = DEFAULT_JUDGE_SETTINGS) => {
      const judgment = judgeTrace(rule, trace, settings);
      // Whether witnesses of kept promises are wanted changes nothing about the engine.
      if (!drawn.has(trace) || settings.witnesses === 'findings') return judgment;
      const { verdicts, events } = play(rule, [trace], settings);
      if (verdicts.join() !== judgment.verdict) return { ...judgment, verdict: wrong(verdicts, judgment) };
      return judgment.verdict === 'violated' ? witnessed(judgment, events[0], trace.spans) : judgment;
    },
    membersOf: (rule, trace) => {
      const members = membersOf(rule, trace);
      for (const member of members) tracesOfMembers.set(member, trace);
      return members;
    },
    judgeAcross: (rule, members, settings = DEFAULT_JUDGE_SETTINGS) => {
      const all = [...members];
      const result = judgeAcross(rule, all, settings);
      const traces = [...new Set(all.flatMap((member) => tracesOfMembers.get(member) ?? []))];
      if (traces.length === 0 || !traces.every((trace) => drawn.has(trace))) return result;
      const { verdicts, events, keyless } = play(rule, traces, settings);
      const expected = result.groups.map(({ judgment }) => judgment.verdict).sort();
      const agrees = verdicts.join() === expected.join();
      const groups = result.groups.map((group): GroupJudgment => {
        const { judgment } = group;
        if (!agrees) return { ...group, judgment: { ...judgment, verdict: wrong(verdicts, judgment) } };
        if (judgment.verdict !== 'violated') return group;
        const event = events.find(({ scope }) => isOf(scope, group));
        return { ...group, judgment: witnessed(judgment, event, group.spans) };
      });
      return { groups, keyless };
    },
  };
}

interface Told {
  /** Of all scopes, sorted. */
  readonly verdicts: readonly Verdict[];
  /** The last word of each scope that is told to be violated. */
  readonly events: readonly VerdictEvent[];
  readonly keyless: number;
}

function told(rule: JudgedRule, spans: readonly Span[], settings: JudgeSettings): Told {
  const driver = new StreamDriver(createStreamEngine, { settings });
  driver.load([rule]);
  for (const [index, span] of spans.entries()) driver.add([span], 1_000 + index);
  driver.tick(1_000_000_000);
  const verdicts = Object.entries(driver.counts()).flatMap(([name, count]) =>
    Array.from({ length: count }, () => name.slice(rule.id.length + 1) as Verdict),
  );
  const last = new Map(driver.events.map((event) => [event.scope.id, event] as const));
  const events = [...last.values()].filter(({ kind }) => kind === 'violated');
  return { verdicts: verdicts.sort(), events, keyless: driver.engine.stats().keylessSpans };
}

/** Another verdict than the reference's, so that the case fails and shows it. */
function wrong(verdicts: readonly Verdict[], { verdict }: Judgment): Verdict {
  const other = verdicts.find((told) => told !== verdict);
  return other ?? (verdict === 'inconclusive' ? 'satisfied' : 'inconclusive');
}

function isOf(scope: VerdictEvent['scope'], { key, traceIds }: GroupJudgment): boolean {
  return JSON.stringify([scope.key, scope.traceIds]) === JSON.stringify([key, traceIds]);
}

/** The engine's judgment where it was given at the close: what is told early knows of the spans that were there. */
function witnessed(judgment: Judgment, event: VerdictEvent | undefined, spans: readonly Span[]): Judgment {
  if (event === undefined) return { ...judgment, verdict: 'inconclusive' };
  if (event.early || event.judgment === null) return judgment;
  return withSpans(event.judgment, new Map(spans.map((span) => [identityOf(span), span] as const)));
}

/** The engine's spans have only the attributes that are asked: the drawn ones stand in their place. */
function withSpans<Value>(value: Value, spans: ReadonlyMap<string, Span>): Value {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => withSpans(item, spans)) as Value;
  if ('spanId' in value && 'traceId' in value && 'kind' in value) {
    return (spans.get(identityOf(value as unknown as Span)) ?? value) as Value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, item]: [string, unknown]) => [name, withSpans(item, spans)]),
  ) as Value;
}

function identityOf({ traceId, spanId, kind }: Span): string {
  return `${traceId}/${spanId}/${kind}`;
}
