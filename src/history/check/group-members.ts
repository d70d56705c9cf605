/**
 * Spans that take part in groups across traces, collected until all traces have closed. Many go to disk, and are read back in the order
 * of their keys, so that the groups can be judged one after the other.
 */
import type { JudgedRule } from '../../engine/judged-rule.ts';
import { type GroupJudgment, judgeInOrder, type KeyedMember } from '../../engine/reference/judge-across.ts';
import type { JudgeSettings } from '../../engine/verdict.ts';
import { planOf } from '../../language/plan.ts';
import { bundlesOf, type MemberNeeds, membersInOrder } from './member-bundle.ts';
import { SortedBundles } from './sorted-bundles.ts';
import type { TempStorage } from './temp-storage.ts';

interface RuleMembers {
  readonly rule: JudgedRule;
  readonly needs: MemberNeeds;
  readonly bundles: SortedBundles;
}

export class GroupMembers {
  readonly #most: number;
  readonly #rules: readonly RuleMembers[];
  readonly #withdrawn = new Set<number>();
  #weight = 0;

  /** About `most` bytes are held in memory. */
  constructor(rules: readonly JudgedRule[], most: number, temp: TempStorage) {
    this.#most = most;
    const isWithdrawn = (number: number): boolean => this.#withdrawn.has(number);
    this.#rules = rules.map((rule) => {
      const plan = planOf(rule.condition);
      return {
        rule,
        // The time of its own is asked of a member, and so are its children.
        needs: { parents: plan.usesParents, children: plan.usesChildren },
        bundles: new SortedBundles(temp, isWithdrawn),
      };
    });
  }

  /** Temporary files that were written. */
  get spilled(): number {
    return this.#rules.reduce((sum, { bundles }) => sum + bundles.written, 0);
  }

  /** Adds the members of a closed trace. */
  add(rule: number, number: number, members: readonly KeyedMember[]): void {
    const { needs, bundles } = this.#rules[rule] as RuleMembers;
    for (const bundle of bundlesOf(number, members, needs)) this.#weight += bundles.add(bundle);
    while (this.#weight > this.#most) this.#spillHeaviest();
  }

  /** Leaves out what a trace had given. */
  withdraw(number: number): void {
    this.#withdrawn.add(number);
  }

  /** Judges the groups of all rules, one after the other. Memory: a group, and the traces that overlap with it in time. */
  judge(settings: JudgeSettings, each: (rule: number, group: GroupJudgment) => void): void {
    for (const [number, { rule, bundles }] of this.#rules.entries()) {
      if (rule.condition.across === null) continue;
      for (const group of judgeInOrder(rule, membersInOrder(bundles.all()), settings)) each(number, group);
    }
  }

  #spillHeaviest(): void {
    const heaviest = this.#rules.reduce((most, next) =>
      next.bundles.weight > most.bundles.weight ? next : most,
    );
    this.#weight -= heaviest.bundles.weight;
    heaviest.bundles.spill();
  }
}
