/**
 * The reference evaluator: what a rule says of one scope. It is written to be read next to the language reference; every
 * faster evaluator is held against it.
 */
import type { Span } from '../../trace/span.ts';
import type { Trace } from '../../trace/trace.ts';
import type { JudgedRule } from '../judged-rule.ts';
import {
  DEFAULT_JUDGE_SETTINGS,
  type InconclusiveReason,
  type JudgeSettings,
  type Judgment,
  type Verdict,
} from '../verdict.ts';
import { type Eligible, evaluateCondition } from './condition.ts';
import {
  Budget,
  type Context,
  type Observer,
  type Outcome,
  spansByName,
  TOO_COSTLY,
  Unknowns,
} from './context.ts';
import { exceptionOf, isOfEnvironment } from './eligibility.ts';
import { type Scope, traceScope } from './scope.ts';
import { select } from './selector.ts';
import type { Truth } from './truth.ts';
import { requirementWitness, satisfiedWitness, triggerSpans, triggerWitness } from './witness.ts';

export type { Observer } from './context.ts';

/**
 * Judges a rule without `across` over a closed trace. Pure: equal inputs give equal judgments, whatever the order in which
 * the spans of the trace arrived. Cost: the spans that the rule's selectors name, times the bound spans of `each`.
 */
export function judgeTrace(
  rule: JudgedRule,
  trace: Trace,
  settings: JudgeSettings = DEFAULT_JUDGE_SETTINGS,
  observer: Observer | null = null,
): Judgment {
  return judgeScope(rule, traceScope(trace), settings, observer);
}

/** Judges a rule over any scope; for `across`, see judge-across.ts. */
export function judgeScope(
  rule: JudgedRule,
  scope: Scope,
  settings: JudgeSettings,
  observer: Observer | null = null,
): Judgment {
  const session = new Judging(rule, scope, settings, observer);
  return rule.condition.each === null ? session.whole() : session.each();
}

/** What one bound span, or the scope as a whole, comes to. */
interface Decision {
  readonly verdict: Verdict;
  readonly reasons: readonly InconclusiveReason[];
  /** The context that decided. */
  readonly context: Context;
  /** The requirement that decided (its index), `trigger`, or null when all hold. */
  readonly by: number | 'trigger' | null;
}

class Judging {
  readonly #rule: JudgedRule;
  readonly #scope: Scope;
  readonly #settings: JudgeSettings;
  readonly #closed: Context;
  readonly #open: Context | null;

  constructor(rule: JudgedRule, scope: Scope, settings: JudgeSettings, observer: Observer | null) {
    this.#rule = rule;
    this.#scope = scope;
    this.#settings = settings;
    const shared = {
      scope,
      settings,
      bound: null,
      unknowns: new Unknowns(),
      observer,
      names: spansByName(scope.spans),
      matched: new Map(),
      budget: new Budget(settings.maxComparisons),
    };
    this.#closed = { ...shared, open: false, ...noSelections() };
    const isOpen = scope.gaps.length > 0 && rule.onIncomplete === 'inconclusive';
    this.#open = isOpen ? { ...shared, open: true, ...noSelections() } : null;
  }

  /** A rule without `each`. */
  whole(): Judgment {
    const { trigger } = this.#rule.condition;
    if (trigger === null) return this.#withoutTrigger();
    const eligible = this.#eligible('all');
    const seen = evaluateCondition(trigger, this.#closed, eligible).truth;
    if (seen === false) return this.#notApplicable(this.#leftOut());
    const excepted = this.#exceptedAnywhere();
    if (excepted !== null) return this.#notApplicable(excepted);
    const context = this.#open ?? this.#closed;
    const decision = this.#decide(evaluateCondition(trigger, context, eligible), context);
    return this.#judgment(decision, []);
  }

  /** A promise for every span of the trigger: judged for each, and worst verdict wins. */
  each(): Judgment {
    const each: { span: Span; verdict: Verdict }[] = [];
    // The first of the worst: what others selected is not kept, which may be the square of the scope.
    let decision: Decision | null = null;
    for (const { span, doubt } of this.#boundSpans(this.#eligible('all'))) {
      const next = this.#decideBound(span, doubt, this.#eligible('all'));
      if (next === null) continue;
      each.push({ span, verdict: next.verdict });
      if (decision === null || rank(next) > rank(decision)) decision = next;
    }
    if (decision === null) return this.#notApplicable(this.#leftOut());
    const excepted = this.#exceptedAnywhere();
    if (excepted !== null) return this.#notApplicable(excepted);
    // More spans of the trigger may come to an open scope, and break the promise.
    const unproved = this.#open !== null && decision.verdict === 'satisfied';
    return this.#judgment(
      unproved ? { ...decision, verdict: 'inconclusive', reasons: this.#scope.gaps } : decision,
      each,
    );
  }

  #withoutTrigger(): Judgment {
    const { environments } = this.#rule;
    const { spans } = this.#scope;
    if (environments !== null && !spans.some((span) => this.#ofEnvironment(span))) {
      return this.#notApplicable({ by: 'environment' });
    }
    const excepted = this.#exceptedAnywhere();
    if (excepted !== null) return this.#notApplicable(excepted);
    const context = this.#open ?? this.#closed;
    return this.#judgment(this.#decide({ truth: true, doubts: [] }, context), []);
  }

  /** The spans to bind: matched for certain, or perhaps, with the reason of the doubt. */
  #boundSpans(eligible: Eligible): { span: Span; doubt: InconclusiveReason | null }[] {
    const { each } = this.#rule.condition;
    if (each === null) return [];
    const closed = select(each.selector, this.#closed, eligible);
    const now = this.#open === null ? closed : select(each.selector, this.#open, eligible);
    const sure = new Set(now.sure);
    const candidates = new Set([...closed.sure, ...closed.maybe.keys()]);
    return this.#scope.spans
      .filter((span) => candidates.has(span))
      .map((span) => ({
        span,
        doubt: sure.has(span)
          ? null
          : (now.maybe.get(span) ?? closed.maybe.get(span) ?? this.#scope.gaps[0] ?? null),
      }));
  }

  /** Null when the condition behind `and` says that the span is no trigger. */
  #decideBound(span: Span, doubt: InconclusiveReason | null, eligible: Eligible): Decision | null {
    const { each, trigger } = this.#rule.condition;
    if (each === null) return null;
    const bind = (context: Context): Context => ({
      ...context,
      bound: { name: each.bound, span },
      boundSelections: new Map(),
    });
    const closed = bind(this.#closed);
    const context = this.#open === null ? closed : bind(this.#open);
    if (closed.budget.isSpent)
      return { verdict: 'inconclusive', reasons: [TOO_COSTLY], context, by: 'trigger' };
    let triggered: Outcome = doubt === null ? HOLDS : { truth: null, doubts: [doubt] };
    if (trigger !== null) {
      if (evaluateCondition(trigger, closed, eligible).truth === false) return null;
      const added = evaluateCondition(trigger, context, eligible);
      triggered = and(triggered, added);
    }
    return this.#decide(triggered, context);
  }

  /** The verdict of a trigger that occurred or may have. All requirements are evaluated, so that all are observed. */
  #decide(trigger: Outcome, context: Context): Decision {
    const outcomes = this.#rule.condition.requirements.map(({ polarity, condition }) => {
      const outcome = evaluateCondition(condition, context);
      const kept: Truth =
        polarity === 'always' ? outcome.truth : outcome.truth === null ? null : !outcome.truth;
      return { kept, doubts: outcome.doubts };
    });
    const broken = outcomes.findIndex(({ kept }) => kept === false);
    const unproved = outcomes.findIndex(({ kept }) => kept === null);
    const decision = ((): Omit<Decision, 'context'> => {
      if (trigger.truth !== true) return { verdict: 'inconclusive', reasons: trigger.doubts, by: 'trigger' };
      if (broken !== -1) return { verdict: 'violated', reasons: [], by: broken };
      if (unproved !== -1) {
        return { verdict: 'inconclusive', reasons: outcomes[unproved]?.doubts ?? [], by: unproved };
      }
      return { verdict: 'satisfied', reasons: [], by: null };
    })();
    const waits = this.#open !== null && decision.verdict !== 'inconclusive' && this.#hasAnywhere();
    // A span that excepts the whole scope may yet come.
    if (waits) return { ...decision, verdict: 'inconclusive', reasons: this.#scope.gaps, context };
    return { ...decision, context };
  }

  #judgment(decision: Decision, each: Judgment['each']): Judgment {
    const { verdict, context, by } = decision;
    const unknownAttributes = this.#closed.unknowns.list();
    if (!this.#isShown(verdict)) {
      const reasons = distinctReasons(decision.reasons);
      return { verdict, reasons, witness: null, each, unknownAttributes, leftOut: null };
    }
    const { condition } = this.#rule;
    const quiet = this.#quietly(context, decision.reasons.includes(TOO_COSTLY));
    const eligible = this.#eligible('all');
    const witness =
      by === 'trigger'
        ? triggerWitness(condition, quiet, eligible)
        : by === null
          ? satisfiedWitness(condition, quiet, eligible)
          : requirementWitness(condition, by, quiet, eligible);
    return {
      verdict,
      reasons: distinctReasons(decision.reasons),
      witness,
      each,
      unknownAttributes,
      leftOut: null,
    };
  }

  /** To look at what was decided, not to decide: with a budget of its own, unless there was not enough to decide. */
  #quietly(context: Context, isSpent = false): Context {
    const budget = isSpent ? context.budget : new Budget(this.#settings.maxComparisons);
    return { ...context, observer: null, unknowns: new Unknowns(), budget };
  }

  #isShown(verdict: Verdict): boolean {
    const { witnesses } = this.#settings;
    if (witnesses === 'violations') return verdict === 'violated';
    return witnesses !== 'findings' || verdict !== 'satisfied';
  }

  #notApplicable(leftOut: Judgment['leftOut']): Judgment {
    return {
      verdict: 'not_applicable',
      reasons: [],
      witness: null,
      each: [],
      unknownAttributes: this.#closed.unknowns.list(),
      leftOut,
    };
  }

  #eligible(filters: 'all' | 'environment' | 'none'): Eligible {
    const own = this.#rule.exceptions.filter((exception) => !exception.anywhere);
    const byEnvironment = filters !== 'none' && this.#rule.environments !== null;
    const byException = filters === 'all' && own.length > 0;
    if (!byEnvironment && !byException) return null;
    return (span) =>
      (!byEnvironment || this.#ofEnvironment(span)) &&
      (!byException || exceptionOf(own, span, this.#scope) === null);
  }

  #ofEnvironment(span: Span): boolean {
    return isOfEnvironment(this.#rule, span, this.#scope, this.#settings);
  }

  #hasAnywhere(): boolean {
    return this.#rule.exceptions.some((exception) => exception.anywhere);
  }

  #exceptedAnywhere(): Judgment['leftOut'] {
    const anywhere = this.#rule.exceptions.filter((exception) => exception.anywhere);
    if (anywhere.length === 0) return null;
    for (const span of this.#scope.spans) {
      const exception = exceptionOf(anywhere, span, this.#scope);
      if (exception !== null) return { by: 'exception', name: exception.name };
    }
    return null;
  }

  /** Why a scope did not trigger that would have without exceptions and environments; null when it would not have. */
  #leftOut(): Judgment['leftOut'] {
    if (this.#eligible('all') === null || !this.#triggers(this.#eligible('none'))) return null;
    if (!this.#triggers(this.#eligible('environment'))) return { by: 'environment' };
    const own = this.#rule.exceptions.filter((exception) => !exception.anywhere);
    const quiet = this.#quietly(this.#closed);
    for (const span of triggerSpans(this.#rule.condition, quiet, this.#eligible('environment'))) {
      const exception = exceptionOf(own, span, this.#scope);
      if (exception !== null) return { by: 'exception', name: exception.name };
    }
    return null;
  }

  #triggers(eligible: Eligible): boolean {
    const quiet = this.#quietly(this.#closed);
    const { each, trigger } = this.#rule.condition;
    if (each === null) return trigger !== null && evaluateCondition(trigger, quiet, eligible).truth !== false;
    const { sure, maybe } = select(each.selector, quiet, eligible);
    return [...sure, ...maybe.keys()].some((span) => {
      if (trigger === null) return true;
      const bound = { ...quiet, bound: { name: each.bound, span }, boundSelections: new Map() };
      return evaluateCondition(trigger, bound, eligible).truth !== false;
    });
  }
}

function noSelections(): Pick<Context, 'selections' | 'boundSelections' | 'indexes'> {
  return { selections: new Map(), boundSelections: new Map(), indexes: new Map() };
}

/** The worst verdict of bound spans is that of the scope. */
function rank({ verdict }: Decision): number {
  return verdict === 'violated' ? 2 : verdict === 'inconclusive' ? 1 : 0;
}

const HOLDS: Outcome = { truth: true, doubts: [] };

function and(a: Outcome, b: Outcome): Outcome {
  if (a.truth === false || b.truth === false) return { truth: false, doubts: [] };
  const truth = a.truth === null || b.truth === null ? null : true;
  return { truth, doubts: [...a.doubts, ...b.doubts] };
}

const MOST_REASONS = 10;

function distinctReasons(reasons: readonly InconclusiveReason[]): InconclusiveReason[] {
  const seen = new Set<string>();
  return reasons
    .filter((reason) => {
      const key = reasonKey(reason);
      const fresh = !seen.has(key);
      seen.add(key);
      return fresh;
    })
    .slice(0, MOST_REASONS);
}

function reasonKey(reason: InconclusiveReason): string {
  switch (reason.kind) {
    case 'incomplete':
      return `${reason.kind} ${reason.traceId}`;
    case 'missing-attribute':
      return `${reason.kind} ${reason.attribute} ${reason.span.traceId} ${reason.span.spanId} ${reason.span.kind}`;
    case 'clock-skew':
      return `${reason.kind} ${reason.left.spanId} ${reason.right.spanId}`;
    case 'group-cut':
      return `${reason.kind} ${reason.limit}`;
    case 'sampled':
    case 'too-costly':
      return reason.kind;
  }
}
