/** `across`: groups of spans of any trace that carry the same value of a key, each judged as one scope. */

import type { CompiledRule } from '../../language/compiled-rule.ts';
import { nameMatcher } from '../../language/name-matcher.ts';
import { planOf } from '../../language/plan.ts';
import { compareSpans, type Span, samplingThreshold, spanIdentity, type TraceId } from '../../trace/span.ts';
import type { Trace } from '../../trace/trace.ts';
import type { JudgedRule } from '../judged-rule.ts';
import {
  DEFAULT_JUDGE_SETTINGS,
  type GroupLimit,
  type InconclusiveReason,
  type JudgeSettings,
  type Judgment,
} from '../verdict.ts';
import { convertToText, readAttribute } from './attribute.ts';
import type { Observer } from './context.ts';
import { judgeScope } from './judge.ts';
import { incompleteTrace, type Scope, traceScope } from './scope.ts';

/** A span that takes part in a rule's groups, with the trace that it came in: parent chains stay within it. */
export interface GroupMember {
  readonly span: Span;
  /** The values of the rule's key, as text; null when one is missing, empty or not a single value: in no group. */
  readonly key: readonly string[] | null;
  readonly trace: Pick<Trace, 'id' | 'incomplete' | 'parentOf' | 'childrenOf'>;
}

export interface GroupJudgment {
  readonly key: readonly string[];
  /** Canonical order. */
  readonly spans: readonly Span[];
  /** Distinct, sorted. */
  readonly traceIds: readonly TraceId[];
  readonly judgment: Judgment;
}

/** The spans of a closed trace whose name a selector of the rule names. The rule must have `across`. */
export function membersOf(rule: JudgedRule, trace: Trace): GroupMember[] {
  const { across } = rule.condition;
  if (across === null) return [];
  const isNamed = namedBy(rule.condition);
  const scope = traceScope(trace);
  return trace.spans
    .filter((span) => isNamed(span.name))
    .map((span) => ({ span, key: groupKey(span, across.key, scope), trace }));
}

const named = new WeakMap<CompiledRule, (name: string) => boolean>();

function namedBy(rule: CompiledRule): (name: string) => boolean {
  let test = named.get(rule);
  if (test === undefined) {
    const matchers = planOf(rule).matchers.map(nameMatcher);
    test = (name) => matchers.some((matches) => matches(name));
    named.set(rule, test);
  }
  return test;
}

/** The values of a key as text; null when the span is in no group. */
export function groupKey(
  span: Span,
  attributes: readonly { readonly where: 'any' | 'resource' | 'field'; readonly name: string }[],
  scope: Pick<Scope, 'childrenOf'>,
): readonly string[] | null {
  const key: string[] = [];
  for (const attribute of attributes) {
    const value = readAttribute(span, attribute, scope);
    const text = value === undefined ? undefined : convertToText(value);
    if (text === undefined || text === '') return null;
    key.push(text);
  }
  return key;
}

/** A member with a key: one that is in a group. */
export type KeyedMember = GroupMember & { readonly key: readonly string[] };

export function isKeyed(member: GroupMember): member is KeyedMember {
  return member.key !== null;
}

/**
 * Judges a rule over all groups of the members. Repeated members (at-least-once delivery) count once. Groups come in the order of their
 * first span, then of their key. `keyless` is how many spans are in no group. Cost: O(n log n) and the judgements.
 */
export function judgeAcross(
  rule: JudgedRule,
  members: Iterable<GroupMember>,
  settings: JudgeSettings = DEFAULT_JUDGE_SETTINGS,
  observer: Observer | null = null,
): { groups: GroupJudgment[]; keyless: number } {
  const byKey = new Map<string, Map<string, KeyedMember>>();
  const keyless = new Set<string>();
  for (const member of members) {
    const identity = `${member.span.traceId}/${spanIdentity(member.span)}`;
    if (!isKeyed(member)) {
      keyless.add(identity);
      continue;
    }
    const text = JSON.stringify(member.key);
    let same = byKey.get(text);
    if (same === undefined) {
      same = new Map();
      byKey.set(text, same);
    }
    if (!same.has(identity)) same.set(identity, member);
  }
  const groups: GroupJudgment[] = [];
  for (const same of byKey.values()) {
    const inOrder = [...same.values()].sort((a, b) => compareSpans(a.span, b.span));
    for (const group of judgeInOrder(rule, inOrder, settings, observer)) groups.push(group);
  }
  groups.sort((a, b) => compareFirst(a, b) || compareKeys(a.key, b.key));
  return { groups, keyless: keyless.size };
}

/**
 * Judges group after group of members that come in order: those of one key together, in the canonical order of their spans, each once.
 * Memory: the members of one group.
 */
export function* judgeInOrder(
  rule: JudgedRule,
  members: Iterable<KeyedMember>,
  settings: JudgeSettings = DEFAULT_JUDGE_SETTINGS,
  observer: Observer | null = null,
): Generator<GroupJudgment> {
  const { across } = rule.condition;
  if (across === null) throw new Error(`rule ${rule.id} is not across traces`);
  for (const group of cutIntoGroups(members, across.within, settings)) {
    yield judgeGroup(rule, group, settings, observer);
  }
}

interface Group {
  readonly members: readonly KeyedMember[];
  readonly cut: 'max_group_age' | 'max_spans' | null;
}

/**
 * A span belongs to the group when it starts within `within` of the one before it. A run that grows past a limit is cut there; both
 * parts are incomplete, for each lacks what the other has.
 */
function* cutIntoGroups(
  members: Iterable<KeyedMember>,
  within: bigint,
  settings: JudgeSettings,
): Generator<Group> {
  let current: KeyedMember[] = [];
  let cut: Group['cut'] = null;
  for (const member of members) {
    const previous = current.at(-1);
    if (previous !== undefined) {
      const isNext = isSameKey(previous.key, member.key) && member.span.start - previous.span.start <= within;
      const first = current[0] ?? member;
      const limit = isNext ? groupLimit(current.length, first.span, member.span, settings) : null;
      if (!isNext || limit !== null) {
        yield { members: current, cut: cut ?? limit };
        current = [];
        cut = limit;
      }
    }
    current.push(member);
  }
  if (current.length > 0) yield { members: current, cut };
}

function isSameKey(a: readonly string[], b: readonly string[]): boolean {
  return a === b || a.every((value, index) => value === b[index]);
}

/** The limit that keeps a group of so many spans from taking one more span behind them. */
export function groupLimit(
  size: number,
  first: Span,
  next: Span,
  settings: JudgeSettings,
): 'max_group_age' | 'max_spans' | null {
  if (next.start - first.start > settings.maxGroupAgeNanos) return 'max_group_age';
  return size >= settings.maxSpans ? 'max_spans' : null;
}

function judgeGroup(
  rule: JudgedRule,
  group: Group,
  settings: JudgeSettings,
  observer: Observer | null,
): GroupJudgment {
  const scope = groupScope(group.members, group.cut, settings);
  return {
    key: group.members[0]?.key ?? [],
    spans: scope.spans,
    traceIds: [...new Set(scope.spans.map((span) => span.traceId))].sort(),
    judgment: judgeScope(rule, scope, settings, observer),
  };
}

/** What a group is judged as. Members in canonical order. */
export function groupScope(
  members: readonly GroupMember[],
  cut: GroupLimit | null,
  settings: JudgeSettings,
): Scope {
  const spans = members.map((member) => member.span);
  // Made when somebody asks: few rules look at parents or children.
  let traces: Map<Span, GroupMember['trace']> | null = null;
  let tracesById: Map<TraceId, GroupMember['trace']> | null = null;
  const traceOf = (span: Span): GroupMember['trace'] | undefined => {
    traces ??= new Map(members.map((member) => [member.span, member.trace] as const));
    // For an ancestor that is in no group itself: the trace of a member with its id.
    tracesById ??= new Map(members.map(({ trace }) => [trace.id, trace] as const));
    return traces.get(span) ?? tracesById.get(span.traceId);
  };
  return {
    spans,
    gaps: gapsOf(members, cut, settings),
    parentOf: (span) => traceOf(span)?.parentOf(span) ?? null,
    childrenOf: (span) => traceOf(span)?.childrenOf(span) ?? [],
  };
}

function gapsOf(
  members: readonly GroupMember[],
  cut: GroupLimit | null,
  settings: JudgeSettings,
): InconclusiveReason[] {
  const gaps: InconclusiveReason[] = [];
  let told: Set<TraceId> | null = null;
  let sampled = settings.sampling;
  for (const { span, trace } of members) {
    const threshold = samplingThreshold(span.traceState);
    // A threshold of zero keeps everything.
    if (threshold !== null && !/^0+$/.test(threshold)) sampled = true;
    if (span.sampled === false) sampled = true;
    if (trace.incomplete === null || told?.has(trace.id)) continue;
    told ??= new Set();
    told.add(trace.id);
    gaps.push(incompleteTrace(trace.id, trace.incomplete));
  }
  if (cut !== null) gaps.push({ kind: 'group-cut', limit: cut });
  if (sampled) gaps.push({ kind: 'sampled' });
  return gaps;
}

function compareFirst(a: GroupJudgment, b: GroupJudgment): number {
  const [first, second] = [a.spans[0], b.spans[0]];
  return first === undefined || second === undefined ? 0 : compareSpans(first, second);
}

function compareKeys(a: readonly string[], b: readonly string[]): number {
  const [left, right] = [JSON.stringify(a), JSON.stringify(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}
