/**
 * Puts a span into the groups of its key. Whatever the order of arrival, the groups are those that the reference cuts out of all spans of the key:
 *
 *     |<= within  |        a span joins the group behind whose last it starts within `within`, or that it precedes by so little
 *     a--b-----c  |    d   a span between two groups may join them; limits part a run of such spans into groups that know of the cut
 *
 * A span in the middle of a run moves all cuts behind it. Where the run is long that is put off: the group is *lax* until it is cut again, and is
 * not to be judged before that.
 */
import { compareSpans, type Span } from '../../../trace/span.ts';
import { groupLimit } from '../../reference/judge-across.ts';
import type { JudgeSettings } from '../../verdict.ts';
import type { Cut, Group, GroupedMember, KeyGroups } from './group.ts';

/** What became of the groups of a key. */
export interface Placement {
  /** Groups that are no more: their spans are in `made`. */
  readonly dissolved: readonly Group[];
  /** In order. */
  readonly made: readonly Group[];
  /** The group that took the span in; it may have become lax by that. */
  readonly grown: Group | null;
  /** Other groups whose cuts are others than before. */
  readonly recut: readonly Group[];
}

/** Null: the very span is a member already. Cost: O(log n) and moving the members of its group that are behind it. */
export function placeMember(
  home: KeyGroups,
  member: GroupedMember,
  settings: JudgeSettings,
  makeGroup: () => Group,
): Placement | null {
  return new Placing(home, settings, makeGroup).place(member);
}

/**
 * Cuts a lax group as the reference does, and what follows it, until a cut falls where one was: the groups behind may be lax still. Cost: the
 * members of all groups that are made anew.
 */
export function cutLax(group: Group, settings: JudgeSettings, makeGroup: () => Group): Placement {
  return new Placing(group.home, settings, makeGroup).cut(group);
}

/** The first lax group of the run that the group belongs to; null: its cuts are those of the reference. Cost: the groups of the run. */
export function laxInRunOf({ home, first }: Group): Group | null {
  const { groups, within } = home;
  const place = groupBefore(groups, first);
  const reaches = (index: number): boolean => {
    const [one, next] = [groups[index], groups[index + 1]];
    return one !== undefined && next !== undefined && next.first.start - one.last.start <= within;
  };
  let from = place;
  while (reaches(from - 1)) from--;
  for (let index = from; index === from || reaches(index - 1); index++) {
    const group = groups[index];
    if (group?.isLax) return group;
  }
  return null;
}

/** The groups that the span would belong to, or would join, if it were placed. */
export function groupsNear(home: KeyGroups, span: Span): Group[] {
  const before = home.groups[groupBefore(home.groups, span)];
  const after = home.groups[groupBefore(home.groups, span) + 1];
  const near: Group[] = [];
  if (before !== undefined && span.start - before.last.start <= home.within) near.push(before);
  if (after !== undefined && after.first.start - span.start <= home.within) near.push(after);
  return near;
}

class Placing {
  readonly #home: KeyGroups;
  readonly #settings: JudgeSettings;
  readonly #makeGroup: () => Group;
  readonly #dissolved: Group[] = [];
  readonly #made: Group[] = [];
  readonly #recut: Group[] = [];
  #grown: Group | null = null;

  constructor(home: KeyGroups, settings: JudgeSettings, makeGroup: () => Group) {
    this.#home = home;
    this.#settings = settings;
    this.#makeGroup = makeGroup;
  }

  place(member: GroupedMember): Placement | null {
    const { groups, within } = this.#home;
    const { span } = member;
    const index = groupBefore(groups, span);
    const before = groups[index];
    if (before !== undefined && span.start - before.last.start <= within) {
      const place = placeIn(before.members, span);
      const twin = before.members[place - 1];
      if (twin !== undefined && compareSpans(twin.span, span) === 0) return null;
      this.#into(index, before, member, place);
    } else this.#begin(index + 1, member, null);
    return this.#placement();
  }

  cut(group: Group): Placement {
    group.isLax = false;
    this.#cutAgain(groupBefore(this.#home.groups, group.first), group);
    return this.#placement();
  }

  #placement(): Placement {
    return { dissolved: this.#dissolved, made: this.#made, grown: this.#grown, recut: this.#recut };
  }

  /** The span belongs to the run of the group at `index`. */
  #into(index: number, group: Group, member: GroupedMember, place: number): void {
    const { members } = group;
    if (place < members.length) {
      if (members.length >= this.#settings.maxSpans) group.isLax = true;
      this.#grow(group, member, place);
      return;
    }
    const limit = this.#limit(members.length, group.first, member.span);
    if (limit === null) {
      this.#grow(group, member, place);
      this.#joinNext(index);
      return;
    }
    this.#setCuts(group, group.cutBefore, limit);
    this.#begin(index + 1, member, limit);
  }

  /** The span is the first of a group that stands at `index`, or will. */
  #begin(index: number, member: GroupedMember, cutBefore: Cut): void {
    const next = this.#home.groups[index];
    if (next === undefined || next.first.start - member.span.start > this.#home.within) {
      const group = this.#make([member], cutBefore, null);
      this.#home.groups.splice(index, 0, group);
      return;
    }
    const isRoomy =
      next.members.length < this.#settings.maxSpans &&
      next.last.start - member.span.start <= this.#settings.maxGroupAgeNanos;
    if (!isRoomy) next.isLax = true;
    this.#grow(next, member, 0);
    if (cutBefore !== null) next.cutBefore = cutBefore;
  }

  /** The group at `index` has grown at its end. */
  #joinNext(index: number): void {
    const { groups, within } = this.#home;
    const group = groups[index] as Group;
    const next = groups[index + 1];
    if (next === undefined || next.first.start - group.last.start > within) return;
    const limit = this.#limit(group.members.length, group.first, next.first);
    if (limit !== null) {
      this.#setCuts(group, group.cutBefore, limit);
      this.#setCuts(next, limit, next.cutAfter);
      return;
    }
    group.isLax = true;
    group.joined = Math.max(group.joined, next.members.length);
  }

  /** All groups that it touches are replaced. */
  #cutAgain(index: number, group: Group): void {
    const { groups, within } = this.#home;
    const pending = [...group.members];
    const made: Group[] = [];
    let end = index + 1;
    let from = 0;
    let { cutBefore, cutAfter } = group;
    for (let at = 1; ; at++) {
      const first = (pending[from] as GroupedMember).span;
      const member = pending[at];
      if (member !== undefined) {
        const limit = this.#limit(at - from, first, member.span);
        if (limit === null) continue;
        made.push(this.#make(pending.slice(from, at), cutBefore, limit));
        cutBefore = limit;
        from = at;
        continue;
      }
      const next = groups[end];
      if (next === undefined || next.first.start - (pending[at - 1] as GroupedMember).span.start > within) {
        made.push(this.#make(pending.slice(from), cutBefore, cutAfter));
        break;
      }
      const limit = this.#limit(at - from, first, next.first);
      if (limit !== null) {
        made.push(this.#make(pending.slice(from), cutBefore, limit));
        this.#setCuts(next, limit, next.cutAfter);
        break;
      }
      for (const one of next.members) pending.push(one);
      cutAfter = next.cutAfter;
      end++;
      // The first of them is looked at next.
      at--;
    }
    const behind = groups.slice(end);
    for (let nth = index; nth < end; nth++) this.#dissolved.push(groups[nth] as Group);
    groups.length = index;
    for (const one of made) groups.push(one);
    for (const one of behind) groups.push(one);
  }

  #grow(group: Group, member: GroupedMember, place: number): void {
    group.insert(member, place);
    this.#grown = group;
  }

  #make(members: GroupedMember[], cutBefore: Cut, cutAfter: Cut): Group {
    const group = this.#makeGroup();
    group.takeAll(members);
    group.cutBefore = cutBefore;
    group.cutAfter = cutAfter;
    this.#made.push(group);
    return group;
  }

  #setCuts(group: Group, before: Cut, after: Cut): void {
    if (group.cutBefore === before && group.cutAfter === after) return;
    group.cutBefore = before;
    group.cutAfter = after;
    if (group !== this.#grown) this.#recut.push(group);
  }

  #limit(size: number, first: Span, next: Span): Cut {
    return groupLimit(size, first, next, this.#settings);
  }
}

/** The last group that does not begin behind the span; -1: none. */
function groupBefore(groups: readonly Group[], span: Span): number {
  let low = 0;
  let high = groups.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareSpans((groups[middle] as Group).first, span) <= 0) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** How many members do not come behind the span. */
function placeIn(members: readonly GroupedMember[], span: Span): number {
  const last = members[members.length - 1];
  if (last !== undefined && compareSpans(last.span, span) <= 0) return members.length;
  let low = 0;
  let high = members.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareSpans((members[middle] as GroupedMember).span, span) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
