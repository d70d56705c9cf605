/**
 * Members of groups as values that can be written and sorted: those of one trace with one key. A member keeps of its trace what its
 * rule can look at, its chain of parents and its children, not the trace.
 */
import type { GroupMember, KeyedMember } from '../../engine/reference/judge-across.ts';
import type { Attributes, AttributeValue } from '../../trace/attribute-value.ts';
import { compareSpans, type Span } from '../../trace/span.ts';
import { LONGEST_PARENT_CHAIN, type Trace } from '../../trace/trace.ts';
import { MergeQueue } from './merge-queue.ts';

export interface MemberBundle {
  /** Number of the trace, to leave out what was withdrawn. */
  readonly number: number;
  /** The values of the key as JSON. */
  readonly key: string;
  readonly id: string;
  readonly incomplete: Trace['incomplete'];
  /** First the members in canonical order, then the spans that they lead to. */
  readonly spans: readonly Span[];
  readonly members: number;
  /** Of each span the index of its parent in `spans`, or -1. */
  readonly parents: readonly number[];
  /** Of each span the indexes of its children. */
  readonly children: readonly (readonly number[])[];
}

/** What a rule can ask of a member beside the member itself. */
export interface MemberNeeds {
  readonly parents: boolean;
  readonly children: boolean;
}

/** The members of one trace, which come in canonical order, one bundle a key. */
export function bundlesOf(
  number: number,
  members: readonly KeyedMember[],
  needs: MemberNeeds,
): MemberBundle[] {
  const byKey = new Map<string, KeyedMember[]>();
  for (const member of members) {
    const key = JSON.stringify(member.key);
    const same = byKey.get(key);
    if (same === undefined) byKey.set(key, [member]);
    else same.push(member);
  }
  return [...byKey].map(([key, same]) => bundleOf(number, key, same, needs));
}

/** By key, then by the first member. */
export function compareBundles(a: MemberBundle, b: MemberBundle): number {
  if (a.key !== b.key) return a.key < b.key ? -1 : 1;
  return compareSpans(a.spans[0] as Span, b.spans[0] as Span);
}

/**
 * The members of sorted bundles: those of a key together, in canonical order. Held are the members of traces that overlap in time with
 * the one that is reached.
 */
export function* membersInOrder(bundles: Iterable<MemberBundle>): Generator<KeyedMember> {
  const waiting = new MergeQueue<KeyedMember>((a, b) => compareSpans(a.span, b.span));
  let key = '';
  for (const bundle of bundles) {
    const [first] = bundle.spans as [Span];
    for (let next = waiting.first; next !== undefined; next = waiting.first) {
      if (bundle.key === key && compareSpans(next.span, first) > 0) break;
      yield waiting.take() as KeyedMember;
    }
    key = bundle.key;
    waiting.add(membersOfBundle(bundle));
  }
  while (waiting.first !== undefined) yield waiting.take() as KeyedMember;
}

/** About how many bytes of memory a bundle takes. */
export function weightOf({ spans }: MemberBundle): number {
  let weight = 200;
  for (const { attributes, events } of spans) {
    weight += 400 + weightOfAttributes(attributes);
    for (const event of events) weight += 200 + weightOfAttributes(event.attributes);
  }
  return weight;
}

function weightOfAttributes(attributes: Attributes): number {
  let weight = 0;
  for (const value of attributes.values()) weight += 60 + weightOfValue(value);
  return weight;
}

function weightOfValue(value: AttributeValue): number {
  if (typeof value === 'string' || value instanceof Uint8Array) return value.length;
  if (typeof value !== 'object') return 0;
  let weight = 0;
  for (const item of Object.values(value) as AttributeValue[]) weight += 60 + weightOfValue(item);
  return weight;
}

function bundleOf(
  number: number,
  key: string,
  members: readonly KeyedMember[],
  needs: MemberNeeds,
): MemberBundle {
  const { trace } = members[0] as KeyedMember;
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
    key,
    id: trace.id,
    incomplete: trace.incomplete,
    spans,
    members: members.length,
    parents: Array.from(spans, (_, index) => parents[index] ?? -1),
    children: Array.from(spans, (_, index) => children[index] ?? []),
  };
}

function membersOfBundle({
  key: text,
  id,
  incomplete,
  spans,
  members,
  parents,
  children,
}: MemberBundle): KeyedMember[] {
  const key = JSON.parse(text) as string[];
  const indexOf = new Map(spans.map((span, index) => [span, index] as const));
  const trace: GroupMember['trace'] = {
    id,
    incomplete,
    parentOf: (span) => spans[parents[indexOf.get(span) ?? -1] ?? -1] ?? null,
    childrenOf: (span) => (children[indexOf.get(span) ?? -1] ?? []).map((index) => spans[index] as Span),
  };
  return spans.slice(0, members).map((span) => ({ span, key, trace }));
}
