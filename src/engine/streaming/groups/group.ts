/** An open or remembered group of a rule with `across`, its members, and the traces that they came in. */
import type { Resource, Span } from '../../../trace/span.ts';
import type { KeyedMember } from '../../reference/judge-across.ts';
import type { Verdict } from '../../verdict.ts';
import type { MemberTrace } from '../members.ts';
import type { RuleState } from '../rule-states.ts';
import type { Millis, Position } from '../stream.ts';
import type { Due } from './due-queue.ts';

/** What the groups know of a trace: shared by all its members, of all rules. */
export interface TraceLink {
  readonly trace: MemberTrace;
  isOpen: boolean;
  /** Those without a group are gone, and are cleared away now and then. */
  members: GroupedMember[];
  /** How many of them have a group. */
  live: number;
}

export interface GroupedMember extends KeyedMember {
  readonly span: Span;
  readonly trace: MemberTrace;
  readonly link: TraceLink;
  /** The first record that must be read again to have it again. */
  readonly position: Position;
  group: Group | null;
}

/** All groups of one rule and one value of its key, by their spans in canonical order. */
export interface KeyGroups {
  readonly state: RuleState;
  readonly within: bigint;
  readonly key: readonly string[];
  /** What it is found by. */
  readonly text: string;
  readonly groups: Group[];
}

export type Cut = 'max_group_age' | 'max_spans' | null;

export class Group implements Due {
  readonly number: number;
  readonly home: KeyGroups;
  dueAt: Millis = Number.POSITIVE_INFINITY;
  queuedAt: Millis = Number.POSITIVE_INFINITY;
  /** Canonical order, never empty while it lives. */
  members: GroupedMember[] = [];
  /** Why it does not have the span before its first, and the one behind its last. */
  cutBefore: Cut = null;
  cutAfter: Cut = null;
  /** Spans that belong to it were dropped, or may have been. */
  isLossy = false;
  /** Members whose traces are open: it waits for them. */
  openMembers = 0;
  /** When it closes, unless a trace of it is still open then. */
  closeAt: Millis = 0;
  isClosed = false;
  /** Given when it is told for the first time; what comes later does not change it. */
  id: string | null = null;
  /** Told to break the rule. `settled`: by what no further span can change. */
  told: { readonly settled: boolean } | null = null;
  /** How its last close was counted; null while it is open. */
  counted: { readonly verdict: Verdict; readonly resource: Resource | null } | null = null;
  /** Its rule's health knows of it. */
  isNoted = false;
  /** Members at the last judgement while it was open. */
  judgedSize = 0;
  /** Early looks have become too costly. */
  isTooCostly = false;
  /** It goes beyond a limit, or reaches the group behind it: it must be cut again before it is judged. */
  isLax = false;
  /** How many members it took in while it was lax. */
  taken = 0;
  /** Members of the group behind it that it reaches. */
  joined = 0;
  minPosition: Position = Number.POSITIVE_INFINITY;

  constructor(number: number, home: KeyGroups) {
    this.number = number;
    this.home = home;
  }

  get first(): Span {
    return (this.members[0] as GroupedMember).span;
  }

  get last(): Span {
    return (this.members[this.members.length - 1] as GroupedMember).span;
  }

  /** `index`: its place in canonical order. */
  insert(member: GroupedMember, index: number): void {
    if (index === this.members.length) this.members.push(member);
    else this.members.splice(index, 0, member);
    if (this.isLax) this.taken++;
    this.#own(member);
  }

  /** Makes them its members, in the order given; it must have none. */
  takeAll(members: GroupedMember[]): void {
    this.members = members;
    for (const member of members) this.#own(member);
  }

  #own(member: GroupedMember): void {
    member.group = this;
    if (member.link.isOpen) this.openMembers++;
    if (member.position < this.minPosition) this.minPosition = member.position;
  }
}
