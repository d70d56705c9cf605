/** Judges closing traces: by their span names where that settles it, else by the evaluator. */
import type { JudgedRule } from '../../engine/judged-rule.ts';
import { judgeTrace } from '../../engine/reference/judge.ts';
import { isKeyed, membersOf } from '../../engine/reference/judge-across.ts';
import type { JudgeSettings } from '../../engine/verdict.ts';
import type { NameTable } from '../../otlp/name-table.ts';
import { NAME, ROW } from '../../otlp/span-rows.ts';
import type { Trace } from '../../trace/trace.ts';
import type { ClosingTrace } from './closing-trace.ts';
import type { GroupMembers } from './group-members.ts';
import type { OpenSpans } from './open-spans.ts';
import { filterOf, NameBits, type RuleFilter } from './rule-filter.ts';
import type { RulePart, Tally } from './tally.ts';

export class TraceJudge {
  readonly #settings: JudgeSettings;
  readonly #filters: readonly RuleFilter[];
  readonly #names: NameTable;
  readonly #bits: NameBits;
  readonly #tally: Tally;
  readonly #groups: GroupMembers;
  /** The outcome of a complete trace that wakes no rule, if it can be said without a look. */
  readonly #restful: number;
  readonly #sleepersNeedCompleteness: boolean;
  readonly #woken: Uint32Array;
  readonly #isRead = (name: number): boolean => this.#bits.read[name] === 1;

  constructor(
    rules: readonly JudgedRule[],
    settings: JudgeSettings,
    names: NameTable,
    tally: Tally,
    groups: GroupMembers,
  ) {
    this.#settings = settings;
    this.#filters = rules.map((rule) => filterOf(rule, settings));
    this.#names = names;
    this.#bits = new NameBits(this.#filters, (name) => names.textOf(name));
    this.#woken = new Uint32Array(this.#bits.words);
    this.#tally = tally;
    this.#groups = groups;
    this.#restful = tally.outcomeOf(this.#filters.map((filter) => filter.asleep ?? 0));
    this.#sleepersNeedCompleteness = this.#filters.some(
      (filter) => filter.asleepIfComplete || filter.wakes === null,
    );
  }

  /** Judges a trace by all rules, keeps its findings and members under `number`, and returns its outcome, counted. */
  judge(trace: ClosingTrace, pool: OpenSpans, number: number): number {
    const outcome = this.#outcomeOf(trace, pool, number);
    this.#tally.count(outcome);
    return outcome;
  }

  #outcomeOf(trace: ClosingTrace, pool: OpenSpans, number: number): number {
    const woken = this.#wake(trace, pool);
    const isSound = !this.#sleepersNeedCompleteness || trace.isSurelyComplete();
    if (!woken && isSound) return this.#restful;
    return this.#tally.outcomeOf(
      this.#filters.map((filter, rule) => this.#judgeRule(filter, rule, trace, number)),
    );
  }

  /** Sets the bits of the rules that the trace's names wake; whether there is one. */
  #wake(trace: ClosingTrace, pool: OpenSpans): boolean {
    this.#bits.extend(this.#names.size);
    const { bits, words } = this.#bits;
    const { slots, count } = trace;
    const { words: rows } = pool;
    let any = 0;
    if (words === 1) {
      for (let index = 0; index < count; index++)
        any |= bits[rows[(slots[index] as number) * ROW + NAME] as number] as number;
      this.#woken[0] = any;
      return any !== 0;
    }
    this.#woken.fill(0);
    for (let index = 0; index < count; index++) {
      const first = (rows[(slots[index] as number) * ROW + NAME] as number) * words;
      for (let word = 0; word < words; word++) {
        const set = bits[first + word] as number;
        this.#woken[word] = (this.#woken[word] as number) | set;
        any |= set;
      }
    }
    return any !== 0;
  }

  #judgeRule(filter: RuleFilter, rule: number, trace: ClosingTrace, number: number): RulePart {
    const isAwake = (((this.#woken[rule >> 5] as number) >>> (rule & 31)) & 1) === 1;
    if (filter.isAcross) {
      if (!isAwake) return 0;
      const members = membersOf(filter.rule, this.#traceFor(filter, trace));
      const keyed = members.filter(isKeyed);
      if (keyed.length > 0) this.#groups.add(rule, number, keyed);
      return members.length - keyed.length;
    }
    if (!isAwake && filter.asleep !== null && (!filter.asleepIfComplete || trace.isSurelyComplete())) {
      return filter.asleep;
    }
    const read = this.#traceFor(filter, trace);
    const judgment = judgeTrace(filter.rule, read, this.#settings);
    if (judgment.verdict === 'violated' || judgment.verdict === 'inconclusive') {
      this.#tally.add(number, rule, {
        rule: filter.rule.id,
        judgment,
        scope: { kind: 'trace', key: null, traceIds: [read.id], start: trace.firstStart() },
      });
    }
    return judgment;
  }

  #traceFor(filter: RuleFilter, trace: ClosingTrace): Trace {
    return filter.readsByName ? trace.projected(this.#isRead) : trace.full();
  }
}
