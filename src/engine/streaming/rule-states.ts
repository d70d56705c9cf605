/** A loaded rule with what the engine works out about it once, and what it counts for it. */

import type { ConditionNode, MatcherNode, SelectorNode } from '../../language/ast.ts';
import { hasTrigger } from '../../language/compiled-rule.ts';
import { nameMatcher } from '../../language/name-matcher.ts';
import { matcherKey, planOf } from '../../language/plan.ts';
import { openMacros, walkRule } from '../../language/walk.ts';
import type { Resource } from '../../trace/span.ts';
import { buildTrace } from '../../trace/trace.ts';
import type { JudgedRule } from '../judged-rule.ts';
import { judgeScope, judgeTrace } from '../reference/judge.ts';
import type { JudgeSettings, Judgment, Verdict } from '../verdict.ts';
import { VERDICTS } from '../verdict.ts';
import { canBreakEarly } from './early.ts';
import { EarlyConcerns } from './early-concern.ts';
import { QuickJudge } from './quick-judge.ts';
import type { LiveRule, RuleHealth, UnknownAttributeCount, VerdictCount } from './stream.ts';

export type RulePlan = ReturnType<typeof planOf>;

/** Verdicts as numbers: their places in VERDICTS. */
export const SATISFIED = 0;
export const VIOLATED = 1;
export const NOT_APPLICABLE = 2;
export const INCONCLUSIVE = 3;

/** Resources that a rule's verdicts are counted by between two looks; what further ones bring is counted of no service. */
const MOST_RESOURCES = 2_000;
/** More than any quick look makes. */
const QUICK_COMPARISONS = 1_000_000;

/** Lives as long as a rule of this id and version is loaded, over any number of rule sets. */
export class RuleState {
  readonly live: LiveRule;
  readonly rule: JudgedRule;
  /** The same rule, judging incomplete scopes as such whatever its file says: for scopes that are open. */
  readonly openRule: JudgedRule;
  readonly plan: RulePlan;
  readonly isAcross: boolean;
  /** Looks at spans that its selectors do not name. */
  readonly readsAll: boolean;
  readonly wakers: readonly MatcherNode[];
  /** Names of spans that trigger it; for a rule without a trigger, of any that it reads. */
  readonly triggers: readonly MatcherNode[];
  /** Every trace must be judged. */
  readonly isAlwaysAwake: boolean;
  /** Verdicts, as numbers, of complete and incomplete traces in which no name wakes it and that are shorter than `sleepsBelow` nanoseconds. */
  readonly asleepComplete: number;
  readonly asleepIncomplete: number;
  readonly sleepsBelow: number;
  readonly breaksEarly: boolean;
  /** A trace of so many nanoseconds may break it by its length alone; infinite: none does, before it closes. */
  readonly breaksFrom: number;
  /** Loaded still. */
  isAlive = true;
  /** For walks that must meet each rule once. */
  stamp = 0;
  /** Closed traces in which it was awake since the last look: those are not to be counted as asleep. */
  awakeComplete = 0;
  awakeIncomplete = 0;
  /** All closed traces of its rule sets, complete and incomplete, since then. */
  closedComplete = 0;
  closedIncomplete = 0;

  readonly #counts = new Map<Resource | null, Int32Array>();
  readonly #unknown = new Map<string, { missing: number; otherType: number }>();
  readonly #reasons = new Map<string, number>();
  readonly #excepted = new Map<string, number>();
  readonly #unseen: Set<string>;
  #applicable = 0;
  #applicableInOneSpan = 0;
  #violated = 0;
  #memberSpans = 0;
  #keylessSpans = 0;

  readonly #settings: JudgeSettings;
  #quick: QuickJudge | null = null;
  #concerns: EarlyConcerns | null = null;

  constructor(live: LiveRule, settings: JudgeSettings) {
    const { rule } = live;
    const { condition } = rule;
    this.live = live;
    this.rule = rule;
    this.openRule = { ...rule, onIncomplete: 'inconclusive' };
    this.plan = planOf(condition);
    this.isAcross = condition.across !== null;
    const triggered = hasTrigger(condition);
    this.readsAll =
      !this.isAcross &&
      (rule.exceptions.some(({ anywhere }) => anywhere) || (!triggered && rule.environments !== null));
    this.triggers = triggered ? positiveMatchers(rule) : this.plan.matchers;
    this.breaksEarly = !this.isAcross && canBreakEarly(rule);
    this.#settings = settings;
    this.breaksFrom =
      this.breaksEarly && this.plan.usesTraceDuration ? shortestDuration(rule) : Number.POSITIVE_INFINITY;
    const asleep = this.isAcross ? null : asleepVerdicts(rule, this.plan, this.readsAll, settings);
    this.isAlwaysAwake = !this.isAcross && asleep === null;
    this.asleepComplete = asleep?.complete ?? 0;
    this.asleepIncomplete = asleep?.incomplete ?? 0;
    this.sleepsBelow = asleep?.below ?? Number.POSITIVE_INFINITY;
    this.wakers = this.isAcross ? [] : (this.plan.triggerMatchers ?? this.plan.matchers);
    this.#unseen = new Set(
      this.plan.matchers.flatMap((matcher) => (matcher.kind === 'exact' ? [matcher.name] : [])),
    );
  }

  /** Null: only the reference can tell. Made when first asked: most rules of many never are. */
  get quick(): QuickJudge | null {
    // With less than a quick look may cost, the reference says what is too costly.
    if (this.#settings.maxComparisons < QUICK_COMPARISONS) return null;
    if (this.#quick === null && !this.readsAll && !this.rule.exceptions.some(({ anywhere }) => anywhere)) {
      this.#quick = new QuickJudge(this.rule, this.#settings);
    }
    return this.#quick;
  }

  /** For rules that may break early: after which spans there is need for a look. */
  get concerns(): EarlyConcerns {
    const { usesParents, usesChildren, usesTraceDuration } = this.plan;
    this.#concerns ??= new EarlyConcerns(
      this.rule,
      usesParents || usesChildren || usesTraceDuration,
      this.#settings,
    );
    return this.#concerns;
  }

  count(verdict: number, resource: Resource | null, by: number): void {
    let counts = this.#counts.get(resource);
    if (counts === undefined) {
      // A client with a new resource for each trace must not cost more memory than its traces.
      if (resource !== null && this.#counts.size >= MOST_RESOURCES) {
        this.count(verdict, null, by);
        return;
      }
      counts = new Int32Array(VERDICTS.length);
      this.#counts.set(resource, counts);
    }
    counts[verdict] = (counts[verdict] as number) + by;
    if (verdict === VIOLATED) this.#violated += by;
  }

  /** Counts the traces in which it slept. */
  countSleep(): void {
    const complete = this.closedComplete - this.awakeComplete;
    const incomplete = this.closedIncomplete - this.awakeIncomplete;
    this.closedComplete = 0;
    this.closedIncomplete = 0;
    this.awakeComplete = 0;
    this.awakeIncomplete = 0;
    if (this.isAcross || this.isAlwaysAwake) return;
    if (complete !== 0) this.count(this.asleepComplete, null, complete);
    if (incomplete !== 0) this.count(this.asleepIncomplete, null, incomplete);
    if (this.asleepComplete !== NOT_APPLICABLE) this.#applicable += complete;
    if (this.asleepIncomplete !== NOT_APPLICABLE) this.#applicable += incomplete;
  }

  /** Counts of traces that were judged, net, since the last look. */
  takeCounts(into: VerdictCount[]): void {
    const { rule, version } = this.live;
    const merged = new Map<string, { service: string; serviceVersion: string; counts: Int32Array }>();
    for (const [resource, counts] of this.#counts) {
      const service = resource?.service ?? '';
      const serviceVersion = resource === null ? '' : versionOf(resource);
      const key = `${service}\0${serviceVersion}`;
      const known = merged.get(key);
      if (known === undefined) merged.set(key, { service, serviceVersion, counts });
      else
        for (let verdict = 0; verdict < counts.length; verdict++) {
          known.counts[verdict] = (known.counts[verdict] as number) + (counts[verdict] as number);
        }
    }
    for (const { service, serviceVersion, counts } of merged.values()) {
      for (const [index, verdict] of VERDICTS.entries()) {
        const count = counts[index] as number;
        if (count !== 0) {
          into.push({ rule: rule.id, ruleVersion: version, verdict, service, serviceVersion, count });
        }
      }
    }
    this.#counts.clear();
  }

  /** Notes what a judgement of a scope says for the rule's health. */
  note(judgment: Judgment, spans: number): void {
    for (const { attribute, missing, otherType } of judgment.unknownAttributes) {
      this.#noteUnknown(attribute, missing, otherType);
    }
    for (const { kind } of judgment.reasons) increase(this.#reasons, kind);
    const { leftOut } = judgment;
    if (leftOut !== null) increase(this.#excepted, leftOut.by === 'exception' ? leftOut.name : leftOut.by);
    if (judgment.verdict !== 'not_applicable') this.noteApplicable(spans);
  }

  /** Notes what the last quick look says of a trace, as `note` does. */
  noteQuick(verdict: number, spans: number): void {
    if (verdict !== NOT_APPLICABLE) this.noteApplicable(spans);
    if (this.quick === null) return;
    const { count, attributes, whys } = this.quick.unknowns;
    for (let nth = 0; nth < count; nth++) {
      const isMissing = whys[nth] === 'missing';
      this.#noteUnknown(attributes[nth] as string, isMissing ? 1 : 0, isMissing ? 0 : 1);
    }
  }

  noteApplicable(spans: number): void {
    this.#applicable++;
    if (spans === 1) this.#applicableInOneSpan++;
  }

  #noteUnknown(attribute: string, missing: number, otherType: number): void {
    const known = this.#unknown.get(attribute);
    if (known === undefined) this.#unknown.set(attribute, { missing, otherType });
    else {
      known.missing += missing;
      known.otherType += otherType;
    }
  }

  noteReason(kind: string): void {
    increase(this.#reasons, kind);
  }

  /** Notes a span that the selectors of a rule with `across` name. */
  noteMember(hasKey: boolean): void {
    this.#memberSpans++;
    if (!hasKey) this.#keylessSpans++;
  }

  noteName(name: string): void {
    if (this.#unseen.size > 0) this.#unseen.delete(name);
  }

  health(): RuleHealth {
    const unknownAttributes = [...this.#unknown].map(
      ([attribute, counts]): UnknownAttributeCount => ({ rule: this.rule.id, attribute, ...counts }),
    );
    return {
      rule: this.rule.id,
      ruleVersion: this.live.version,
      unknownAttributes,
      applicable: this.#applicable,
      applicableInOneSpanTraces: this.#applicableInOneSpan,
      unseenNames: [...this.#unseen],
      inconclusiveReasons: Object.fromEntries(this.#reasons),
      exceptedScopes: Object.fromEntries(this.#excepted),
      // What closed before this version was loaded may be taken back after it.
      violated: Math.max(0, this.#violated),
      memberSpans: this.#memberSpans,
      keylessSpans: this.#keylessSpans,
    };
  }
}

export function versionOf(resource: Resource): string {
  const version = resource.attributes.get('service.version');
  return typeof version === 'string' ? version : '';
}

export function verdictNumber(verdict: Verdict): number {
  return VERDICTS.indexOf(verdict);
}

function increase(counts: Map<string, number>, key: string): void {
  counts.set(key, 1 + (counts.get(key) ?? 0));
}

interface Asleep {
  readonly complete: number;
  readonly incomplete: number;
  readonly below: number;
}

/** What holds of every trace that has no name which wakes the rule; null: nothing does. */
function asleepVerdicts(
  rule: JudgedRule,
  plan: RulePlan,
  readsAll: boolean,
  settings: JudgeSettings,
): Asleep | null {
  const unproven = verdictNumber('not_applicable');
  if (plan.triggerMatchers !== null) {
    return { complete: unproven, incomplete: unproven, below: Number.POSITIVE_INFINITY };
  }
  if (readsAll) return null;
  // To such a rule a short trace with no span that it names is as one with no span at all.
  const complete = judgeTrace(rule, buildTrace([]), settings);
  const incomplete = judgeScope(
    rule,
    { spans: [], gaps: [EMPTY_GAP], parentOf: () => null, childrenOf: () => [] },
    settings,
  );
  const isQuiet = [complete, incomplete].every(
    ({ verdict, unknownAttributes }) => verdict !== 'violated' && unknownAttributes.length === 0,
  );
  if (!isQuiet || complete.verdict === 'inconclusive') return null;
  const below = plan.usesTraceDuration ? shortestDuration(rule) : Number.POSITIVE_INFINITY;
  if (below <= 0) return null;
  return {
    complete: verdictNumber(complete.verdict),
    incomplete: verdictNumber(incomplete.verdict),
    below,
  };
}

const EMPTY_GAP = { kind: 'incomplete', reason: { kind: 'max-age' }, traceId: '' } as const;

/**
 * The shortest duration that the rule compares the trace's with, less a microsecond for the precision of a double: all traces that are
 * shorter compare with it as an empty one does.
 */
function shortestDuration(rule: JudgedRule): number {
  let shortest = Number.POSITIVE_INFINITY;
  walkRule(rule.condition, {
    condition(node) {
      if (node.kind !== 'compare' || node.left.kind !== 'trace-duration') return;
      const limit = node.right.kind === 'duration' ? Number(node.right.nanos) - 1000 : 0;
      shortest = Math.min(shortest, limit);
    },
  });
  return shortest;
}

/** The names that the selectors of the trigger name, outside `not`. */
function positiveMatchers({ condition }: JudgedRule): readonly MatcherNode[] {
  const found = new Map<string, MatcherNode>();
  const add = (selector: SelectorNode): void => {
    const { matcher } = openMacros(selector);
    found.set(matcherKey(matcher), matcher);
  };
  const walk = (node: ConditionNode): void => {
    switch (node.kind) {
      case 'and':
      case 'or':
        for (const term of node.terms) walk(term);
        return;
      case 'has':
      case 'all':
        add(node.selector);
        return;
      case 'compare':
        for (const side of [node.left, node.right]) if ('selector' in side) add(side.selector);
        return;
      case 'not':
    }
  };
  if (condition.each !== null) add(condition.each.selector);
  if (condition.trigger !== null) walk(condition.trigger);
  return [...found.values()];
}

/** Rules by the names of spans: exact names by a look-up, patterns by a test each, so that a name costs the patterns and not the rules. */
export class RulesByName {
  readonly #exact = new Map<string, RuleState[]>();
  readonly #patterns = new Map<string, { matches: (name: string) => boolean; rules: RuleState[] }>();

  add(matchers: readonly MatcherNode[], rule: RuleState): void {
    for (const matcher of matchers) {
      if (matcher.kind === 'exact') {
        const same = this.#exact.get(matcher.name);
        if (same === undefined) this.#exact.set(matcher.name, [rule]);
        else same.push(rule);
        continue;
      }
      const key = matcherKey(matcher);
      const same = this.#patterns.get(key);
      if (same === undefined) this.#patterns.set(key, { matches: nameMatcher(matcher), rules: [rule] });
      else same.rules.push(rule);
    }
  }

  /** Each once. */
  of(name: string): RuleState[] {
    const found = new Set(this.#exact.get(name));
    for (const { matches, rules } of this.#patterns.values()) {
      if (matches(name)) for (const rule of rules) found.add(rule);
    }
    return [...found];
  }
}
