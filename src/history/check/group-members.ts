/**
 * Spans that take part in groups across traces, collected until all traces have closed. A member keeps of its trace what its
 * rule can look at, its chain of parents and its children, not the trace. Many members go to disk, divided by their key, so
 * that each part can be judged alone.
 */
import { deserialize, serialize } from 'node:v8';
import type { JudgedRule } from '../../engine/judged-rule.ts';
import { type GroupJudgment, type GroupMember, judgeAcross } from '../../engine/reference/judge-across.ts';
import type { JudgeSettings } from '../../engine/verdict.ts';
import { planOf } from '../../language/plan.ts';
import type { Span } from '../../trace/span.ts';
import { LONGEST_PARENT_CHAIN, type Trace } from '../../trace/trace.ts';
import { FrameReader, frameOf } from './frames.ts';
import type { TempFile, TempStorage } from './temp-storage.ts';

/** The members of one trace in one rule, as values that can be written. */
interface MemberTrace {
  /** Number of the trace, to leave out what was withdrawn. */
  readonly number: number;
  readonly id: string;
  readonly incomplete: Trace['incomplete'];
  /** First the members, then the spans that they lead to. */
  readonly spans: readonly Span[];
  /** Of each member. */
  readonly keys: readonly (readonly string[] | null)[];
  /** Of each span the index of its parent in `spans`, or -1. */
  readonly parents: readonly number[];
  /** Of each span the indexes of its children. */
  readonly children: readonly (readonly number[])[];
}

/** Parts on disk, for each rule. */
const PARTS = 32;

export class GroupMembers {
  readonly #rules: readonly JudgedRule[];
  readonly #needs: readonly { readonly parents: boolean; readonly children: boolean }[];
  readonly #most: number;
  readonly #temp: TempStorage;
  readonly #held: MemberTrace[][];
  #count = 0;
  #files: TempFile[][] | null = null;
  readonly #withdrawn = new Set<number>();

  constructor(rules: readonly JudgedRule[], most: number, temp: TempStorage) {
    this.#rules = rules;
    this.#most = most;
    this.#temp = temp;
    this.#held = rules.map(() => []);
    this.#needs = rules.map((rule) => {
      const plan = planOf(rule.condition);
      // The time of its own is asked of a member, and so are its children.
      return { parents: plan.usesParents, children: plan.usesChildren };
    });
  }

  get spilled(): number {
    return this.#files === null ? 0 : this.#files.flat().length;
  }

  /** Adds the members of a closed trace. */
  add(rule: number, number: number, members: readonly GroupMember[]): void {
    if (members.length === 0) return;
    this.#count += members.length;
    const needs = this.#needs[rule] ?? { parents: false, children: false };
    if (this.#files === null) {
      this.#held[rule]?.push(memberTrace(number, members, needs));
      if (this.#count > this.#most) this.#spill();
    } else this.#write(rule, number, members, needs);
  }

  /** Leaves out what a trace had given. */
  withdraw(number: number): void {
    this.#withdrawn.add(number);
  }

  /** Judges the groups of all rules, part after part. */
  judge(
    settings: JudgeSettings,
    each: (rule: number, judged: { groups: GroupJudgment[]; keyless: number }) => void,
  ): void {
    for (const [number, rule] of this.#rules.entries()) {
      if (rule.condition.across === null) continue;
      for (const traces of this.#partsOf(number)) {
        const members = traces.flatMap((trace) =>
          this.#withdrawn.has(trace.number) ? [] : membersOfTrace(trace),
        );
        each(number, judgeAcross(rule, members, settings));
      }
    }
  }

  *#partsOf(rule: number): Iterable<readonly MemberTrace[]> {
    if (this.#files === null) {
      yield this.#held[rule] ?? [];
      return;
    }
    for (const file of this.#files[rule] ?? []) {
      const frames = new FrameReader(file.read());
      const traces: MemberTrace[] = [];
      for (const frame of frames) traces.push(deserialize(frame) as MemberTrace);
      file.remove();
      yield traces;
    }
  }

  #spill(): void {
    this.#files = this.#rules.map((rule) =>
      rule.condition.across === null ? [] : Array.from({ length: PARTS }, () => this.#temp.create()),
    );
    for (const [rule, traces] of this.#held.entries()) {
      const needs = this.#needs[rule] ?? { parents: false, children: false };
      for (const trace of traces) this.#write(rule, trace.number, membersOfTrace(trace), needs);
      this.#held[rule] = [];
    }
  }

  #write(
    rule: number,
    number: number,
    members: readonly GroupMember[],
    needs: { readonly parents: boolean; readonly children: boolean },
  ): void {
    const byPart = new Map<number, GroupMember[]>();
    for (const member of members) {
      const part = member.key === null ? 0 : partOf(member.key);
      const same = byPart.get(part);
      if (same === undefined) byPart.set(part, [member]);
      else same.push(member);
    }
    for (const [part, some] of byPart) {
      this.#files?.[rule]?.[part]?.append(frameOf(serialize(memberTrace(number, some, needs))));
    }
  }
}

function memberTrace(
  number: number,
  members: readonly GroupMember[],
  needs: { readonly parents: boolean; readonly children: boolean },
): MemberTrace {
  const trace = (members[0] as GroupMember).trace;
  const spans: Span[] = [];
  const indexOf = new Map<Span, number>();
  const add = (span: Span): number => {
    let index = indexOf.get(span);
    if (index === undefined) {
      index = spans.push(span) - 1;
      indexOf.set(span, index);
    }
    return index;
  };
  for (const { span } of members) add(span);
  const parents: number[] = [];
  const children: number[][] = [];
  if (needs.parents) {
    for (const { span } of members) {
      let below = span;
      for (let steps = 0; steps < LONGEST_PARENT_CHAIN && parents[add(below)] === undefined; steps++) {
        const parent = trace.parentOf(below);
        parents[add(below)] = parent === null ? -1 : add(parent);
        if (parent === null) break;
        below = parent;
      }
    }
  }
  if (needs.children) {
    for (const { span } of members) children[add(span)] = trace.childrenOf(span).map(add);
  }
  return {
    number,
    id: trace.id,
    incomplete: trace.incomplete,
    spans,
    keys: members.map(({ key }) => key),
    parents: Array.from(spans, (_, index) => parents[index] ?? -1),
    children: Array.from(spans, (_, index) => children[index] ?? []),
  };
}

function membersOfTrace({ id, incomplete, spans, keys, parents, children }: MemberTrace): GroupMember[] {
  const indexOf = new Map(spans.map((span, index) => [span, index] as const));
  const trace: GroupMember['trace'] = {
    id,
    incomplete,
    parentOf: (span) => spans[parents[indexOf.get(span) ?? -1] ?? -1] ?? null,
    childrenOf: (span) => (children[indexOf.get(span) ?? -1] ?? []).map((index) => spans[index] as Span),
  };
  return keys.map((key, index) => ({ span: spans[index] as Span, key, trace }));
}

function partOf(key: readonly string[]): number {
  let hash = 0x811c9dc5;
  for (const text of key) {
    for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    hash = Math.imul(hash ^ 0x1f, 0x01000193);
  }
  return ((hash ^ (hash >>> 15)) >>> 0) % PARTS;
}
