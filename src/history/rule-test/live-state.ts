/**
 * What the live engine says of drawn spans, in virtual time: a span arrives when it ends, or as much later as the test says, and what has been told by
 * a moment is what the engine would have told by then.
 */
import type { Nanos } from '../../base/nanos.ts';
import type { JudgedRule } from '../../engine/judged-rule.ts';
import { createStreamEngine } from '../../engine/streaming/create-stream-engine.ts';
import {
  DEFAULT_STREAM_LIMITS,
  type Millis,
  type StreamEngine,
  type StreamLimits,
  type VerdictEvent,
} from '../../engine/streaming/stream.ts';
import type { JudgeSettings, Judgment, Verdict } from '../../engine/verdict.ts';
import { DRAWN_EPOCH } from '../../invariant/drawn-trace.ts';
import type { LiveTest } from '../../invariant/rule-test-file.ts';
import { NameTable } from '../../otlp/name-table.ts';
import { encodeRequest } from '../../otlp/proto/encode-request.ts';
import { RequestScanner } from '../../otlp/proto/request-scanner.ts';
import { ScannedRequest } from '../../otlp/proto/scanned-request.ts';
import type { Span } from '../../trace/span.ts';

/** What holds of a rule at a moment. */
export interface LiveState {
  /**
   * Of the violations that were told and stand, and the scopes that have closed: violated if any is, else inconclusive if any is, else satisfied if any
   * is, else not applicable. So of a rule of which nothing was told yet.
   */
  readonly verdict: Verdict;
  /** A violation was told and taken back, and none stands. */
  readonly isRetracted: boolean;
  /** Of the violations that stand, or of the last that was taken back. */
  readonly judgments: readonly Judgment[];
}

/** The state of each rule, by its id, at each of the moments; the last is when everything has closed. */
export function playLive(
  spans: readonly Span[],
  delays: LiveTest['delays'],
  moments: readonly Nanos[],
  rules: readonly JudgedRule[],
  settings: JudgeSettings,
  limits: StreamLimits = DEFAULT_STREAM_LIMITS,
): ReadonlyMap<string, LiveState>[] {
  const play = new Play(rules, settings, limits);
  const arrivals = arrivalsOf(spans, delays);
  const states: ReadonlyMap<string, LiveState>[] = [];
  let next = 0;
  for (const moment of moments) {
    const at = millisOf(DRAWN_EPOCH + moment);
    while (next < arrivals.length && (arrivals[next] as Arrival).at <= at)
      play.add(arrivals[next++] as Arrival);
    states.push(play.stateAt(at));
  }
  while (next < arrivals.length) play.add(arrivals[next++] as Arrival);
  states.push(play.lastState());
  return states;
}

interface Arrival {
  readonly at: Millis;
  readonly spans: Span[];
}

/** Spans that arrive in one millisecond come in one request. */
function arrivalsOf(spans: readonly Span[], delays: LiveTest['delays']): Arrival[] {
  const delayOf = new Map(delays.map(({ span, delay }) => [span, delay] as const));
  const timed = spans.map((span) => ({ span, at: millisOf(span.end + (delayOf.get(span) ?? 0n)) }));
  const arrivals: Arrival[] = [];
  for (const { span, at } of timed.sort((a, b) => a.at - b.at)) {
    const last = arrivals.at(-1);
    if (last?.at === at) last.spans.push(span);
    else arrivals.push({ at, spans: [span] });
  }
  return arrivals;
}

class Play {
  readonly #engine: StreamEngine;
  readonly #scanner: RequestScanner;
  readonly #request = new ScannedRequest();
  readonly #rules: readonly JudgedRule[];
  /** By rule: violations that stand, by their scopes. */
  readonly #standing = new Map<string, Map<string, VerdictEvent>>();
  readonly #retracted = new Map<string, VerdictEvent>();
  readonly #counts = new Map<string, number>();
  #position = 0;

  constructor(rules: readonly JudgedRule[], settings: JudgeSettings, limits: StreamLimits) {
    const names = new NameTable();
    this.#rules = rules;
    this.#scanner = new RequestScanner(names);
    this.#engine = createStreamEngine({ names, settings, limits, onVerdict: (event) => this.#note(event) });
    const loaded = rules.map((rule) => ({ rule, version: '' }));
    this.#engine.load(loaded, Number.MIN_SAFE_INTEGER);
  }

  add({ at, spans }: Arrival): void {
    const fault = this.#scanner.scan(encodeRequest(spans), this.#request);
    if (fault !== null || this.#request.count < spans.length) {
      throw new Error(`a drawn span is no OTLP: ${JSON.stringify(fault ?? this.#request.faults)}`);
    }
    this.#engine.add(this.#request, at, this.#position++);
  }

  stateAt(at: Millis): ReadonlyMap<string, LiveState> {
    this.#engine.tick(at);
    return this.#state();
  }

  lastState(): ReadonlyMap<string, LiveState> {
    for (let due = this.#engine.nextDue(); due !== null; due = this.#engine.nextDue()) this.#engine.tick(due);
    return this.#state();
  }

  #note(event: VerdictEvent): void {
    const { kind, rule, scope } = event;
    let standing = this.#standing.get(rule.id);
    if (standing === undefined) {
      standing = new Map();
      this.#standing.set(rule.id, standing);
    }
    if (kind === 'violated') standing.set(scope.id, event);
    else {
      standing.delete(scope.id);
      this.#retracted.set(rule.id, event);
    }
  }

  #state(): ReadonlyMap<string, LiveState> {
    for (const { rule, verdict, count } of this.#engine.takeCounts()) {
      const key = `${rule} ${verdict}`;
      this.#counts.set(key, count + (this.#counts.get(key) ?? 0));
    }
    return new Map(this.#rules.map(({ id }) => [id, this.#stateOf(id)] as const));
  }

  #stateOf(id: string): LiveState {
    const standing = [...(this.#standing.get(id)?.values() ?? [])];
    const has = (verdict: Verdict): boolean => (this.#counts.get(`${id} ${verdict}`) ?? 0) > 0;
    const verdict =
      standing.length > 0
        ? 'violated'
        : (CLOSED_FROM_WORST.find((candidate) => has(candidate)) ?? 'not_applicable');
    const retracted = standing.length > 0 ? undefined : this.#retracted.get(id);
    const told = retracted === undefined ? standing : [retracted];
    return {
      verdict,
      isRetracted: retracted !== undefined,
      judgments: told.flatMap(({ judgment }) => judgment ?? []),
    };
  }
}

/** What is violated is told, and need not be counted. */
const CLOSED_FROM_WORST = ['inconclusive', 'satisfied'] as const;

/** Up to a whole millisecond: nothing arrives before its time. */
function millisOf(nanos: Nanos): Millis {
  return Number((nanos + 999_999n) / 1_000_000n);
}
