/**
 * What can be said of a rule and a trace by the trace's span names alone, without making a span: most traces have nothing to do
 * with most rules.
 */
import type { JudgedRule } from '../../engine/judged-rule.ts';
import { judgeTrace } from '../../engine/reference/judge.ts';
import type { JudgeSettings, Verdict } from '../../engine/verdict.ts';
import type { MatcherNode } from '../../language/ast.ts';
import { nameMatcher } from '../../language/name-matcher.ts';
import { planOf } from '../../language/plan.ts';
import { buildTrace } from '../../trace/trace.ts';

export interface RuleFilter {
  readonly rule: JudgedRule;
  readonly isAcross: boolean;
  /**
   * Whether a span of this name makes a look at the trace necessary. Null: every trace must be looked at.
   */
  readonly wakes: ((name: string) => boolean) | null;
  /** The verdict of a trace that wakes nothing; null for a rule across traces, which has none of a trace. */
  readonly asleep: Verdict | null;
  /** Whether `asleep` holds of complete traces only. */
  readonly asleepIfComplete: boolean;
  /** Whether the rule looks only at spans that `reads` names, and at their parents and children. */
  readonly readsByName: boolean;
  readonly reads: (name: string) => boolean;
}

export function filterOf(rule: JudgedRule, settings: JudgeSettings): RuleFilter {
  const { condition } = rule;
  const plan = planOf(condition);
  const reads = anyOf(plan.matchers);
  const exceptions = rule.exceptions.length > 0;
  const hasTrigger = condition.trigger !== null || condition.each !== null;
  // Exceptions and, without a trigger, environments are looked for in all spans.
  const readsByName = !plan.usesTraceDuration && !exceptions && (hasTrigger || rule.environments === null);
  const common = { rule, isAcross: condition.across !== null, readsByName, reads };
  if (condition.across !== null) return { ...common, wakes: reads, asleep: null, asleepIfComplete: false };
  if (plan.triggerMatchers !== null) {
    return {
      ...common,
      wakes: anyOf(plan.triggerMatchers),
      asleep: 'not_applicable',
      asleepIfComplete: false,
    };
  }
  // To such a rule a complete trace with no span that it names is as one with no span at all.
  if (!readsByName) return { ...common, wakes: null, asleep: null, asleepIfComplete: false };
  const { verdict, unknownAttributes } = judgeTrace(rule, buildTrace([]), settings);
  const isSettled =
    unknownAttributes.length === 0 && (verdict === 'satisfied' || verdict === 'not_applicable');
  return { ...common, wakes: isSettled ? reads : null, asleep: verdict, asleepIfComplete: true };
}

function anyOf(matchers: readonly MatcherNode[]): (name: string) => boolean {
  const tests = matchers.map(nameMatcher);
  return (name) => tests.some((test) => test(name));
}

/** For each name number, as one bit a rule: whether it wakes the rule; and whether any rule reads it. Worked out once a name. */
export class NameBits {
  /** How many words a name has in `bits`. */
  readonly words: number;
  bits = new Uint32Array(0);
  /** Bit 0: some rule reads it. */
  read = new Uint8Array(0);
  #known = 0;
  readonly #filters: readonly RuleFilter[];
  readonly #textOf: (name: number) => string;

  constructor(filters: readonly RuleFilter[], textOf: (name: number) => string) {
    this.#filters = filters;
    this.#textOf = textOf;
    this.words = Math.max(1, Math.ceil(filters.length / 32));
  }

  /** Makes `bits` and `read` good for all names below `size`. Name 0, UNLISTED, may be any: it wakes all. */
  extend(size: number): void {
    if (size <= this.#known) return;
    if (size > this.read.length) {
      const capacity = Math.max(256, size * 2);
      const bits = new Uint32Array(capacity * this.words);
      bits.set(this.bits);
      this.bits = bits;
      const read = new Uint8Array(capacity);
      read.set(this.read);
      this.read = read;
    }
    for (let name = this.#known; name < size; name++) {
      const text = this.#textOf(name);
      for (const [number, filter] of this.#filters.entries()) {
        const word = name * this.words + (number >> 5);
        const wakes = name === 0 || (filter.wakes?.(text) ?? true);
        if (wakes) this.bits[word] = (this.bits[word] as number) | (1 << (number & 31));
        if (name === 0 || filter.reads(text)) this.read[name] = 1;
      }
    }
    this.#known = size;
  }
}
