/**
 * Counts what traces came to. An outcome is what all rules said of a trace, as one value with a number: traces with equal outcomes
 * share it, so that a trace can be remembered by a number, and taken back by it.
 */
import type { JudgedRule } from '../../engine/judged-rule.ts';
import { type Judgment, VERDICTS, type Verdict } from '../../engine/verdict.ts';
import { type CheckFinding, compareFindings, type RuleResult } from './check-result.ts';

export interface FindingLimits {
  readonly violatedFindings: number;
  readonly inconclusiveFindings: number;
}

/**
 * What a rule said of a trace: its judgment, or its verdict alone; a rule across traces says how many of the spans that it names have no
 * usable key.
 */
export type RulePart = Judgment | Verdict | number;

/** One rule's part of an outcome. */
interface RuleOutcome {
  readonly verdict: Verdict | null;
  readonly keyless: number;
  readonly leftOut: Judgment['leftOut'];
  readonly unknownAttributes: Judgment['unknownAttributes'];
}

/** A finding with the trace that it can be taken back by. */
interface HeldFinding {
  readonly trace: number;
  readonly rule: number;
  readonly finding: CheckFinding;
}

export class Tally {
  readonly #rules: readonly JudgedRule[];
  readonly #limits: FindingLimits;
  readonly #numbers = new Map<string, number>();
  readonly #outcomes: (readonly RuleOutcome[])[] = [];
  readonly #counts: number[] = [];
  #violated: HeldFinding[] = [];
  readonly #inconclusive: HeldFinding[][];
  readonly #withdrawn = new Set<number>();
  readonly #extra: {
    verdicts: Record<Verdict, number>;
    outcomes: Map<string, { part: RuleOutcome; times: number }>;
  }[];

  constructor(rules: readonly JudgedRule[], limits: FindingLimits) {
    this.#rules = rules;
    this.#limits = limits;
    this.#inconclusive = rules.map(() => []);
    this.#extra = rules.map(() => ({ verdicts: noVerdicts(), outcomes: new Map() }));
  }

  /** The number of an outcome: what each rule said. */
  outcomeOf(parts: readonly RulePart[]): number {
    let key = '';
    for (const part of parts) {
      if (typeof part === 'number') key += `-${part}`;
      else if (typeof part === 'string') key += LETTERS[part];
      else {
        key += LETTERS[part.verdict];
        if (part.leftOut !== null || part.unknownAttributes.length > 0) {
          key += JSON.stringify([part.leftOut, part.unknownAttributes]);
        }
      }
    }
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#outcomes.length;
      this.#numbers.set(key, number);
      this.#counts.push(0);
      this.#outcomes.push(parts.map(ruleOutcome));
    }
    return number;
  }

  count(outcome: number): void {
    this.#counts[outcome] = (this.#counts[outcome] as number) + 1;
  }

  /** Takes back a trace's outcome and findings. */
  withdraw(outcome: number, trace: number): void {
    this.#counts[outcome] = (this.#counts[outcome] as number) - 1;
    this.#withdrawn.add(trace);
  }

  /** Keeps a finding of a trace; `trace` is the number to withdraw it by. */
  add(trace: number, rule: number, finding: CheckFinding): void {
    const held = { trace, rule, finding };
    if (finding.judgment.verdict === 'violated') {
      this.#violated.push(held);
      if (this.#violated.length > this.#limits.violatedFindings * 2)
        this.#violated = this.#first(this.#violated, this.#limits.violatedFindings);
      return;
    }
    const list = this.#inconclusive[rule] as HeldFinding[];
    list.push(held);
    const limit = this.#limits.inconclusiveFindings;
    if (list.length > limit * 2 + 16) this.#inconclusive[rule] = this.#first(list, limit);
  }

  /** Counts a scope that can no longer be taken back: a group. */
  addFinal(rule: number, judgment: Judgment): void {
    const extra = this.#extra[rule];
    if (extra === undefined) return;
    extra.verdicts[judgment.verdict]++;
    if (judgment.leftOut === null && judgment.unknownAttributes.length === 0) return;
    const key = JSON.stringify([judgment.leftOut, judgment.unknownAttributes]);
    const same = extra.outcomes.get(key);
    if (same === undefined) extra.outcomes.set(key, { part: ruleOutcome(judgment), times: 1 });
    else same.times++;
  }

  /** All findings that were not taken back, in order, up to the limits; and the results by rule. */
  result(): {
    readonly rules: RuleResult[];
    readonly findings: CheckFinding[];
    readonly unlistedViolations: number;
  } {
    const violated = this.#first(this.#violated, this.#limits.violatedFindings);
    const inconclusive = this.#inconclusive.flatMap((list) =>
      this.#first(list, this.#limits.inconclusiveFindings),
    );
    const held = [...violated, ...inconclusive].sort(compareHeld);
    const listed = this.#rules.map(() => ({ violated: 0, inconclusive: 0 }));
    for (const { rule, finding } of held) {
      const of = listed[rule];
      if (of !== undefined) of[finding.judgment.verdict as 'violated' | 'inconclusive']++;
    }
    const rules = this.#rules.map((rule, number) => this.#ruleResult(rule.id, number, listed[number]));
    let unlistedViolations = 0;
    for (const [number, rule] of rules.entries()) {
      unlistedViolations += rule.verdicts.violated - (listed[number]?.violated ?? 0);
    }
    return { rules, findings: held.map(({ finding }) => finding), unlistedViolations };
  }

  #ruleResult(
    id: string,
    number: number,
    listed: { readonly violated: number; readonly inconclusive: number } | undefined,
  ): RuleResult {
    const extra = this.#extra[number];
    const verdicts = { ...(extra?.verdicts ?? noVerdicts()) };
    const exceptions = new Map<string, number>();
    const unknowns = new Map<string, { missing: number; otherType: number }>();
    let environment = 0;
    let keyless = 0;
    const addUp = ({ leftOut, unknownAttributes }: RuleOutcome, times: number): void => {
      if (leftOut?.by === 'environment') environment += times;
      if (leftOut?.by === 'exception')
        exceptions.set(leftOut.name, times + (exceptions.get(leftOut.name) ?? 0));
      for (const { attribute, missing, otherType } of unknownAttributes) {
        const sum = unknowns.get(attribute) ?? { missing: 0, otherType: 0 };
        unknowns.set(attribute, {
          missing: sum.missing + missing * times,
          otherType: sum.otherType + otherType * times,
        });
      }
    };
    for (const [outcome, times] of this.#counts.entries()) {
      const part = this.#outcomes[outcome]?.[number];
      if (times === 0 || part === undefined) continue;
      keyless += part.keyless * times;
      if (part.verdict === null) continue;
      verdicts[part.verdict] += times;
      addUp(part, times);
    }
    for (const { part, times } of extra?.outcomes.values() ?? []) addUp(part, times);
    const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
      a < b ? -1 : 1;
    return {
      id,
      verdicts,
      leftOut: {
        environment,
        exceptions: [...exceptions].sort(byName).map(([name, scopes]) => ({ name, scopes })),
      },
      unknownAttributes: [...unknowns].sort(byName).map(([attribute, counts]) => ({ attribute, ...counts })),
      keyless,
      unlisted:
        verdicts.inconclusive - (listed?.inconclusive ?? 0) + verdicts.violated - (listed?.violated ?? 0),
    };
  }

  /** The first of the findings that were not taken back. */
  #first(list: readonly HeldFinding[], limit: number): HeldFinding[] {
    return list
      .filter(({ trace }) => !this.#withdrawn.has(trace))
      .sort(compareHeld)
      .slice(0, limit);
  }
}

const LETTERS: Readonly<Record<Verdict, string>> = {
  satisfied: 's',
  violated: 'v',
  not_applicable: 'n',
  inconclusive: 'i',
};

function ruleOutcome(part: RulePart): RuleOutcome {
  if (typeof part === 'number') return { verdict: null, keyless: part, leftOut: null, unknownAttributes: [] };
  if (typeof part === 'string') return { verdict: part, keyless: 0, leftOut: null, unknownAttributes: [] };
  const { verdict, leftOut, unknownAttributes } = part;
  return { verdict, keyless: 0, leftOut, unknownAttributes };
}

function noVerdicts(): Record<Verdict, number> {
  return Object.fromEntries(VERDICTS.map((verdict) => [verdict, 0])) as Record<Verdict, number>;
}

function compareHeld(a: HeldFinding, b: HeldFinding): number {
  return compareFindings(a.finding, b.finding) || a.rule - b.rule || compareKeys(a.finding, b.finding);
}

function compareKeys({ scope: a }: CheckFinding, { scope: b }: CheckFinding): number {
  const [left, right] = [a.key ?? '', b.key ?? ''];
  return left < right ? -1 : left > right ? 1 : 0;
}
