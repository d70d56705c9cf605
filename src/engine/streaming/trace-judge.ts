/**
 * What the live engine says of one trace: when it closes, by all rules that it woke; and before that, by those that it may have broken already. Quick looks
 * say most of it; what is violated or unclear goes to the reference.
 */
import type { Resource } from '../../trace/span.ts';
import type { IncompleteReason } from '../../trace/trace.ts';
import { judgeScope } from '../reference/judge.ts';
import { incompleteTrace, type Scope } from '../reference/scope.ts';
import type { InconclusiveReason, JudgeSettings, Judgment } from '../verdict.ts';
import { earlySettings, isTooCostly } from './early.ts';
import {
  F_APART,
  F_CONFLICT,
  F_CUT,
  F_DIRTY,
  F_FORGOTTEN,
  F_UNSAMPLED,
  type HeldTraces,
} from './held-traces.ts';
import type { GroupEngine } from './members.ts';
import { UNCLEAR } from './quick-judge.ts';
import type { NameMeaning, RuleSet } from './rule-set.ts';
import { type RuleState, VIOLATED, verdictNumber, versionOf } from './rule-states.ts';
import type { SamplingThresholds } from './sampling-thresholds.ts';
import type { Millis, StreamOptions, VerdictEvent } from './stream.ts';
import { extentOf, type Outcome, type RowTexts, spanOfRow, type TouchedTrace } from './touched-trace.ts';
import { REMEMBERED } from './trace-queues.ts';
import {
  hex8,
  T_CLOSINGS,
  T_CONFLICT_0,
  T_CONFLICT_1,
  T_FLAGS,
  T_QUEUE,
  T_SPANS,
  TIMES,
  TRACE,
} from './trace-table.ts';

/** Beyond so many touched spans early verdicts wait until there are a tenth more. */
const EAGER_SPANS = 100;
const NO_GAPS: readonly InconclusiveReason[] = [];
const MAX_AGE = { kind: 'max-age' } as const;
export const FORGOTTEN: IncompleteReason = { kind: 'forgotten' };
const NO_RULES: readonly RuleState[] = [];

/** The traces as the engine has them, by number. */
export interface EngineTraces {
  touchedOf(number: number): TouchedTrace;
  /** Null: no rule reads any span of it. */
  touchedIf(number: number): TouchedTrace | null;
  setOf(number: number): RuleSet;
}

export interface TraceJudgeParts {
  readonly held: HeldTraces;
  readonly traces: EngineTraces;
  readonly thresholds: SamplingThresholds;
  readonly texts: RowTexts;
  readonly settings: JudgeSettings;
  readonly groups: GroupEngine | null;
  readonly onVerdict: StreamOptions['onVerdict'];
}

export class TraceJudge {
  readonly #held: HeldTraces;
  readonly #traces: EngineTraces;
  readonly #thresholds: SamplingThresholds;
  readonly #texts: RowTexts;
  readonly #settings: JudgeSettings;
  readonly #fullSettings: JudgeSettings;
  readonly #earlySettings: JudgeSettings;
  readonly #groups: GroupEngine | null;
  readonly #onVerdict: StreamOptions['onVerdict'];
  /** Open traces that wait for a look. */
  readonly #dirty: number[] = [];
  #stamp = 0;

  constructor({ held, traces, thresholds, texts, settings, groups, onVerdict }: TraceJudgeParts) {
    this.#held = held;
    this.#traces = traces;
    this.#thresholds = thresholds;
    this.#texts = texts;
    this.#settings = { ...settings, witnesses: 'violations' };
    this.#fullSettings = { ...settings, witnesses: 'findings' };
    this.#earlySettings = earlySettings(this.#settings);
    this.#groups = groups;
    this.#onVerdict = onVerdict;
  }

  /** There is need for a look at an open trace before the next request. */
  setDirty(number: number): void {
    const { words } = this.#held.traces;
    const at = number * TRACE + T_FLAGS;
    if (((words[at] as number) & F_DIRTY) !== 0) return;
    words[at] = (words[at] as number) | F_DIRTY;
    this.#dirty.push(number);
  }

  /** Judges a trace that closes, by all rules that are awake for it. `isFirst`: it never closed before. */
  judge(
    number: number,
    set: RuleSet,
    touched: TouchedTrace,
    isComplete: boolean,
    isFirst: boolean,
    at: Millis,
  ): void {
    const isForgotten = this.#held.isForgotten(number);
    const rules = this.awake(set, touched, this.#held.durationOf(number), isForgotten);
    touched.open = false;
    const isAsked = rules.length > 0 || touched.isMember;
    touched.incomplete = isComplete || !isAsked ? null : this.#incompleteness(number);
    const gaps = touched.incomplete === null ? NO_GAPS : [incompleteTrace(touched.id, touched.incomplete)];
    if (rules.length > 0) {
      const spans = this.#held.traces.words[number * TRACE + T_SPANS] as number;
      const unordered = touched.quickScope(false);
      let scope: Scope | null = null;
      const outcomes = new Array<Outcome>(rules.length);
      for (let nth = 0; nth < rules.length; nth++) {
        const rule = rules[nth] as RuleState;
        const resource = touched.triggerResource(rule);
        const quick = this.#judgeQuickly(rule, touched, unordered);
        if (quick !== UNCLEAR) {
          rule.count(quick, resource, 1);
          if (isComplete) rule.awakeComplete++;
          else rule.awakeIncomplete++;
          if (isFirst) rule.noteQuick(quick, spans);
          outcomes[nth] = { rule, verdict: quick, resource };
          continue;
        }
        scope ??= touched.scope(gaps);
        // What `on_incomplete: judge` accepts is a producer's loss, not one of this program's own.
        const judged = isForgotten ? rule.openRule : rule.rule;
        const judgment = judgeScope(judged, scope, this.#settings);
        const stands = touched.told.includes(rule) && isTooCostly(judgment);
        const verdict = stands ? VIOLATED : verdictNumber(judgment.verdict);
        rule.count(verdict, resource, 1);
        if (isComplete) rule.awakeComplete++;
        else rule.awakeIncomplete++;
        if (isFirst) rule.note(judgment, spans);
        outcomes[nth] = { rule, verdict, resource };
        if (verdict === VIOLATED) {
          if (!touched.told.includes(rule))
            this.#tell('violated', rule, touched, number, judgment, false, at, resource);
        } else if (touched.told.includes(rule)) {
          const full = judgeScope(judged, scope, this.#fullSettings);
          this.#tell('retracted', rule, touched, number, full, false, at, resource);
        }
      }
      touched.outcomes = outcomes;
    }
    touched.settle();
    if (touched.isMember) this.#groups?.traceClosed(touched, at);
  }

  /** The verdict, where it is settled without the reference and nothing is to be told. */
  #judgeQuickly(rule: RuleState, touched: TouchedTrace, unordered: Scope): number {
    if (rule.quick === null) return UNCLEAR;
    const { incomplete } = touched;
    if (incomplete !== null && (incomplete === FORGOTTEN || rule.rule.onIncomplete !== 'judge'))
      return UNCLEAR;
    let verdict = rule.quick.judge(unordered, true);
    if (rule.quick.dependedOnOrder) verdict = rule.quick.judge(touched.quickScope(true), true);
    if (verdict === UNCLEAR) return UNCLEAR;
    return (verdict === VIOLATED) === touched.told.includes(rule) ? verdict : UNCLEAR;
  }

  /** The rules that are awake for a trace; each once. */
  awake(set: RuleSet, touched: TouchedTrace, duration: number, isForgotten = false): RuleState[] {
    const stamp = ++this.#stamp;
    const found: RuleState[] = [];
    for (let index = 0; index < touched.meanings.length; index++) {
      const { wakes } = touched.meanings[index] as NameMeaning;
      for (let nth = 0; nth < wakes.length; nth++) takeOnce(wakes[nth] as RuleState, stamp, found);
    }
    for (const rule of set.alwaysAwake) takeOnce(rule, stamp, found);
    if (isForgotten) for (const rule of set.lenient) takeOnce(rule, stamp, found);
    if (duration >= set.timedFrom) {
      for (const rule of set.timed) if (duration >= rule.sleepsBelow) takeOnce(rule, stamp, found);
    }
    return found;
  }

  /** Looks at open traces that may have become violated. */
  judgeEarly(at: Millis): void {
    if (this.#dirty.length === 0) return;
    for (let index = 0; index < this.#dirty.length; index++) {
      const number = this.#dirty[index] as number;
      const { words } = this.#held.traces;
      const place = number * TRACE;
      if (((words[place + T_FLAGS] as number) & F_DIRTY) === 0) continue;
      words[place + T_FLAGS] = (words[place + T_FLAGS] as number) & ~F_DIRTY;
      if (words[place + T_QUEUE] === REMEMBERED) continue;
      this.#judgeOpen(number, at);
    }
    this.#dirty.length = 0;
  }

  #judgeOpen(number: number, at: Millis): void {
    const touched = this.#traces.touchedOf(number);
    const { length } = touched.spans;
    if (length > EAGER_SPANS && length < touched.evaluated * 1.1) return;
    const set = this.#traces.setOf(number);
    const stamp = ++this.#stamp;
    const rules: RuleState[] = [];
    const { suspects } = touched;
    for (let nth = 0; nth < suspects.length; nth++) takeOnce(suspects[nth] as RuleState, stamp, rules);
    touched.suspects = NO_RULES;
    const duration = this.#held.durationOf(number);
    for (const rule of set.timedBreaks) if (duration >= rule.breaksFrom) takeOnce(rule, stamp, rules);
    touched.evaluated = length;
    const isAgain = (this.#held.traces.times[number * TIMES + T_CLOSINGS] as number) > 0;
    if (isAgain && touched.told.length > 0) this.#judgeTold(number, touched, at);
    if (rules.length === 0) return;
    const unordered = touched.quickScope(false);
    let scope: Scope | null = null;
    for (const rule of rules) {
      // What is broken now may still be mended; what is not broken now is not broken for good either.
      if (touched.told.includes(rule) || touched.tooCostly.includes(rule)) continue;
      const quick = rule.quick === null ? UNCLEAR : rule.quick.judge(unordered, false);
      if (quick !== UNCLEAR && quick !== VIOLATED) continue;
      scope ??= touched.scope([incompleteTrace(touched.id, MAX_AGE)]);
      const judgment = judgeScope(rule.openRule, scope, this.#earlySettings);
      // With more spans it costs more.
      if (isTooCostly(judgment)) touched.tooCostly = [...touched.tooCostly, rule];
      if (judgment.verdict !== 'violated') continue;
      const resource = touched.triggerResource(rule);
      this.#tell('violated', rule, touched, number, judgment, true, at, resource);
    }
  }

  /** What a trace was told to break when it closed, the spans that came late may disprove: whoever was told need not wait for it to close again. */
  #judgeTold(number: number, touched: TouchedTrace, at: Millis): void {
    const scope = touched.scope(NO_GAPS);
    for (const rule of touched.told) {
      if (!rule.isAlive) continue;
      const judgment = judgeScope(rule.rule, scope, this.#settings);
      if (judgment.verdict === 'violated' || isTooCostly(judgment)) continue;
      const full = judgeScope(rule.rule, scope, this.#fullSettings);
      const resource = touched.triggerResource(rule);
      this.#tell('retracted', rule, touched, number, full, true, at, resource);
    }
  }

  #tell(
    kind: VerdictEvent['kind'],
    rule: RuleState,
    touched: TouchedTrace,
    number: number,
    judgment: Judgment,
    early: boolean,
    at: Millis,
    resource: Resource | null,
  ): void {
    touched.told = kind === 'violated' ? [...touched.told, rule] : touched.told.filter((one) => one !== rule);
    this.#onVerdict({
      kind,
      rule: rule.rule,
      ruleVersion: rule.live.version,
      scope: {
        kind: 'trace',
        id: touched.id,
        key: null,
        traceIds: [touched.id],
        start: extentOf(this.#held, number).first,
      },
      judgment,
      early,
      at,
      service: resource?.service ?? '',
      serviceVersion: resource === null ? '' : versionOf(resource),
    });
  }

  /** Why a trace that is not complete is not: as `buildTrace` finds. */
  #incompleteness(number: number): IncompleteReason {
    const { words } = this.#held.traces;
    const at = number * TRACE;
    const flags = words[at + T_FLAGS] as number;
    if ((flags & F_FORGOTTEN) !== 0) return FORGOTTEN;
    if ((flags & F_CUT) !== 0) return { kind: 'max-spans' };
    if ((flags & F_CONFLICT) !== 0) {
      const spanId =
        hex8((words[at + T_CONFLICT_0] as number) >>> 0) + hex8((words[at + T_CONFLICT_1] as number) >>> 0);
      return { kind: 'conflicting-spans', spanId };
    }
    if (this.#held.isOverAge(number)) return { kind: 'max-age' };
    if ((flags & (F_APART | F_UNSAMPLED)) !== 0) {
      return {
        kind: 'sampled-apart',
        thresholds: this.#thresholds.textsOf(number, (flags & F_UNSAMPLED) !== 0),
      };
    }
    const orphan = this.#held.firstOrphan(number);
    const touched = this.#traces.touchedIf(number);
    const span =
      touched === null
        ? spanOfRow(this.#held, orphan, this.#held.traces.idOf(number), this.#texts)
        : touched.spanAt(orphan);
    return { kind: 'missing-parent', span };
  }
}

/** Takes a live rule, unless it has this stamp already. */
function takeOnce(rule: RuleState, stamp: number, into: RuleState[]): void {
  if (rule.stamp === stamp || !rule.isAlive) return;
  rule.stamp = stamp;
  into.push(rule);
}
