/**
 * Rules with `across`, judged while spans arrive. A group is open until nothing came for its `within` and `idle`, and the traces of all its spans
 * have closed; then it is judged as the reference judges it, and remembered for spans that come late.
 */
import { hexHash } from '../../../base/text-hash.ts';
import { nameMatcher } from '../../../language/name-matcher.ts';
import { compareSpans, type Span, type TraceId } from '../../../trace/span.ts';
import { judgeScope } from '../../reference/judge.ts';
import { groupKey, groupScope } from '../../reference/judge-across.ts';
import type { InconclusiveReason, JudgeSettings, Judgment, Verdict } from '../../verdict.ts';
import { canBreakEarly, earlySettings, isTooCostly } from '../early.ts';
import type { GroupEngine, GroupStats, LiveMember, LostMember, MemberTrace } from '../members.ts';
import { UNCLEAR } from '../quick-judge.ts';
import { NOT_APPLICABLE, RuleState, SATISFIED, VIOLATED, verdictNumber, versionOf } from '../rule-states.ts';
import type {
  LiveRule,
  Millis,
  Position,
  RuleHealth,
  StreamOptions,
  VerdictCount,
  VerdictEvent,
} from '../stream.ts';
import { DueQueue } from './due-queue.ts';
import { Group, type GroupedMember, type KeyGroups, type TraceLink } from './group.ts';
import { LostKeys } from './lost-keys.ts';
import { cutLax, groupsNear, laxInRunOf, type Placement, placeMember } from './place-member.ts';

export function createGroupEngine(options: StreamOptions): GroupEngine {
  return new Groups(options);
}

/** A loaded rule with `across`, and its groups by the text of their key. */
interface AcrossRule {
  readonly state: RuleState;
  readonly key: readonly { readonly where: 'any' | 'resource' | 'field'; readonly name: string }[];
  readonly within: bigint;
  /** `within`, up to a whole millisecond. */
  readonly withinMillis: Millis;
  readonly breaksEarly: boolean;
  readonly isTrigger: (name: string) => boolean;
  readonly homes: Map<string, KeyGroups>;
  /** Spans that came before it was loaded may belong to groups that begin before this. */
  doubtUntil: Millis;
  /** There is a later version: groups of this one take in what belongs to them until then. */
  replaced: { until: Millis; isReleased: boolean } | null;
}

/** Larger groups are cut again and judged early only when they have grown by a tenth: the cost of all judgements of one stays linear in its size. */
const JUDGED_EACH_TIME = 100;

const KEPT: Judgment = {
  verdict: 'satisfied',
  reasons: [],
  witness: null,
  each: [],
  unknownAttributes: [],
  leftOut: null,
};

const NOT_CONCERNED: Judgment = { ...KEPT, verdict: 'not_applicable' };

/** An open scope: more spans may come. */
const OPEN: readonly InconclusiveReason[] = [{ kind: 'group-cut', limit: 'memory' }];

class Groups implements GroupEngine {
  readonly #options: StreamOptions;
  readonly #earlySettings: JudgeSettings;
  /** By id and version. */
  #rules = new Map<string, AcrossRule>();
  readonly #links = new Map<MemberTrace, TraceLink>();
  readonly #queue = new DueQueue<Group>();
  /** Closed groups, the first to close first. */
  readonly #remembered = new Set<Group>();
  /** Open groups that have changed since the last look for early verdicts. */
  readonly #changed = new Set<Group>();
  /** Groups that must be cut again before they, or what follows them closely, are judged. */
  readonly #lax = new Set<Group>();
  readonly #lost: LostKeys;
  /** Of the request that is being taken. */
  #arrived: LiveMember[] = [];
  #lostSpans: LostMember[] = [];
  /** Of rules that are loaded no more. */
  readonly #counts: VerdictCount[] = [];
  #nextNumber = 0;
  #groups = 0;
  #members = 0;
  #keyless = 0;
  #shed = 0;
  #hasBegun = false;
  /** Spans that came before this are not known. */
  #unknownBefore: Millis = Number.NEGATIVE_INFINITY;
  /** The last time that was told. */
  #now: Millis = Number.NEGATIVE_INFINITY;

  constructor(options: StreamOptions) {
    this.#options = options;
    this.#earlySettings = earlySettings(options.settings);
    this.#lost = new LostKeys(options.limits.groups);
  }

  load(rules: readonly LiveRule[], at: Millis): void {
    this.#now = at;
    const loaded = new Map<string, AcrossRule>();
    const { idle, maxAge } = this.#options.limits;
    for (const live of rules) {
      if (live.rule.condition.across === null) continue;
      const id = ruleKey(live);
      const known = this.#rules.get(id);
      const rule = known ?? acrossRule(live, this.#options);
      if (this.#hasBegun && (known === undefined || known.replaced !== null))
        rule.doubtUntil = at + rule.withinMillis + idle;
      rule.replaced = null;
      loaded.set(id, rule);
    }
    const ids = new Set(rules.map(({ rule }) => rule.id));
    for (const [id, rule] of this.#rules) {
      if (loaded.has(id)) continue;
      if (ids.has(rule.state.rule.id)) {
        rule.replaced ??= { until: at + rule.withinMillis + maxAge + idle, isReleased: false };
        loaded.set(id, rule);
      } else this.#end(rule);
    }
    this.#rules = loaded;
  }

  holds(live: LiveRule): boolean {
    return (this.#rules.get(ruleKey(live))?.homes.size ?? 0) > 0;
  }

  release(live: LiveRule): void {
    const rule = this.#rules.get(ruleKey(live));
    if (rule === undefined || rule.replaced === null) return;
    rule.replaced.isReleased = true;
    if (rule.homes.size === 0) this.#remove(rule);
  }

  add(member: LiveMember): void {
    this.#arrived.push(member);
  }

  lose(member: LostMember): void {
    this.#lostSpans.push(member);
  }

  traceClosed(trace: MemberTrace, at: Millis): void {
    this.#now = at;
    const link = this.#links.get(trace);
    if (link === undefined || !link.isOpen) return;
    link.isOpen = false;
    for (const { group } of link.members) {
      if (group === null) continue;
      group.openMembers--;
      this.#scheduleClose(group, at);
    }
  }

  traceReopened(trace: MemberTrace, at: Millis): void {
    this.#now = at;
    const link = this.#links.get(trace);
    if (link === undefined || link.isOpen) return;
    link.isOpen = true;
    for (const { group } of link.members) {
      if (group === null) continue;
      group.openMembers++;
      this.#reopen(group, at);
    }
  }

  settle(at: Millis): void {
    this.#now = at;
    this.#hasBegun = true;
    this.#takeArrived();
    for (const group of this.#lax) if (isCutDue(group)) this.#cut(group, at);
    for (const group of this.#changed) {
      const { home, members, judgedSize } = group;
      const rule = this.#ruleOf(group);
      const isDue = members.length <= JUDGED_EACH_TIME || members.length >= judgedSize * 1.1;
      if (rule === null || group.isClosed || group.isLax || !isDue) continue;
      if (group.told === null) {
        if (rule.breaksEarly && !group.isTooCostly) this.#judgeOpen(group, rule, at);
      } else if (!group.told.settled) this.#judgeAgain(group, home.state, at);
    }
    this.#changed.clear();
  }

  tick(at: Millis): void {
    for (let group = this.#queue.take(at); group !== null; group = this.#queue.take(at)) {
      const due = group.dueAt;
      this.#now = due;
      this.#cutRunOf(group, due);
      // The cuts may have put another in its place, or opened it again.
      if (group.dueAt > due) this.#queue.schedule(group);
      else if (group.isClosed) this.#forget(group);
      else this.#close(group, due);
    }
    this.#now = at;
    this.#lost.fade(at);
  }

  nextDue(): Millis | null {
    return this.#queue.next();
  }

  resume(at: Millis): void {
    const gap = at - this.#now;
    if (gap <= 0 || !Number.isFinite(gap)) return;
    this.#now = at;
    this.#queue.shift(gap);
    this.#lost.shift(gap);
    this.#unknownBefore += gap;
    for (const group of this.#all()) group.closeAt += gap;
    for (const rule of this.#rules.values()) {
      rule.doubtUntil += gap;
      if (rule.replaced !== null) rule.replaced.until += gap;
    }
  }

  doubtGroups(at: Millis): void {
    this.#unknownBefore = Math.max(this.#unknownBefore, at);
  }

  lowWater(): Position | null {
    let least = Number.POSITIVE_INFINITY;
    for (const { minPosition } of this.#all()) if (minPosition < least) least = minPosition;
    return least === Number.POSITIVE_INFINITY ? null : least;
  }

  takeCounts(): VerdictCount[] {
    const counts = this.#counts.splice(0);
    for (const { state } of this.#rules.values()) state.takeCounts(counts);
    return counts;
  }

  health(): RuleHealth[] {
    const current = [...this.#rules.values()].filter(({ replaced }) => replaced === null);
    return current.map(({ state }) => state.health());
  }

  stats(): GroupStats {
    return {
      openGroups: this.#groups - this.#remembered.size,
      groupMembers: this.#members,
      keylessSpans: this.#keyless,
      shed: this.#shed,
      bytes: this.#members * MEMBER_BYTES + this.#groups * GROUP_BYTES + this.#lost.bytes,
    };
  }

  /** In the order of their spans: what is told must not depend on how a request was put together. */
  #takeArrived(): void {
    if (this.#arrived.length > 0) {
      const members = this.#arrived.sort((a, b) => compareSpans(a.span, b.span));
      this.#arrived = [];
      for (const member of members) this.#take(member);
    }
    if (this.#lostSpans.length > 0) {
      const lost = this.#lostSpans.sort((a, b) => compareSpans(a.span, b.span));
      this.#lostSpans = [];
      for (const member of lost) this.#takeLost(member);
    }
  }

  #take(member: LiveMember): void {
    const rule = this.#rules.get(ruleKey(member.rule));
    if (rule === undefined) return;
    rule.state.noteName(member.span.name);
    const home = this.#homeOf(rule, member.span, member.trace);
    if (member.joins !== true) rule.state.noteMember(home !== null);
    if (home === null) {
      if (member.joins !== true) this.#keyless++;
      return;
    }
    this.#lost.fade(member.at);
    if (rule.replaced !== null && !this.#isForEarlier(rule, home, member)) return;
    if (!this.#makeRoom(member.at)) {
      this.#lose(rule, home, member.span, member.at);
      return;
    }
    const link = this.#linkOf(member.trace, member.at);
    const grouped: GroupedMember = {
      span: member.span,
      key: home.key,
      trace: member.trace,
      link,
      position: Math.min(member.position, member.trace.firstPosition ?? member.position),
      group: null,
    };
    this.#place(rule, home, grouped, member.at);
  }

  /** Whether a version that is replaced takes the span in; then the groups of the version in force do not have all spans of its key. */
  #isForEarlier(rule: AcrossRule, home: KeyGroups, { span, joins, trace, at }: LiveMember): boolean {
    const near = groupsNear(home, span);
    if (joins === true && near.length === 0) return false;
    for (const later of this.#rules.values()) {
      if (later.replaced !== null || later.state.rule.id !== rule.state.rule.id) continue;
      const other = this.#homeOf(later, span, trace);
      if (other === null) continue;
      this.#lost.add(other, this.#lostUntil(other, at));
      this.#makeLossy(later, groupsNear(other, span), at);
    }
    if (joins !== true || at < (rule.replaced?.until ?? at)) return true;
    // Where spans of a key come without end, the version in force must have its turn.
    this.#makeLossy(rule, near, at);
    return false;
  }

  #takeLost({ rule: live, joins, span, at }: LostMember): void {
    const rule = this.#rules.get(ruleKey(live));
    if (rule === undefined) return;
    const home = this.#homeOf(rule, span, NO_TRACE);
    if (home === null || (joins === true && groupsNear(home, span).length === 0)) return;
    this.#lose(rule, home, span, at);
  }

  /** The groups of the span's key; null: it has none. They are not in the map before they have a group. */
  #homeOf(rule: AcrossRule, span: Span, trace: Pick<MemberTrace, 'childrenOf'>): KeyGroups | null {
    const key = groupKey(span, rule.key, trace);
    if (key === null) return null;
    const text = JSON.stringify(key);
    const known = rule.homes.get(text);
    return known ?? { state: rule.state, within: rule.within, key, text, groups: [] };
  }

  #linkOf(trace: MemberTrace, at: Millis): TraceLink {
    const known = this.#links.get(trace);
    if (known === undefined) {
      const link = { trace, isOpen: trace.open, members: [], live: 0 };
      this.#links.set(trace, link);
      return link;
    }
    // A span that re-opens its trace may be handed over before that is told.
    if (trace.open && !known.isOpen) this.traceReopened(trace, at);
    return known;
  }

  #place(rule: AcrossRule, home: KeyGroups, member: GroupedMember, at: Millis): void {
    const placement = placeMember(home, member, this.#options.settings, () => {
      return new Group(this.#nextNumber++, home);
    });
    if (placement === null) {
      if (member.link.live === 0) this.#links.delete(member.trace);
      return;
    }
    if (home.groups.length > 0) rule.homes.set(home.text, home);
    member.link.members.push(member);
    member.link.live++;
    this.#members++;
    const closeAt = at + rule.withinMillis + this.#options.limits.idle;
    // What belongs to a group that begins now may have been taken in by another version, or by none.
    const isNew = placement.made.length > 0 && placement.dissolved.length === 0;
    const isPartial = isNew && (at < this.#doubtUntil(rule) || rule.replaced !== null);
    this.#follow(placement, isPartial || this.#lost.has(home, at), closeAt, at);
  }

  #doubtUntil({ doubtUntil, withinMillis }: AcrossRule): Millis {
    return Math.max(doubtUntil, this.#unknownBefore + withinMillis + this.#options.limits.idle);
  }

  /** Cuts a lax group as the reference would. */
  #cut(group: Group, at: Millis): void {
    const placement = cutLax(group, this.#options.settings, () => new Group(this.#nextNumber++, group.home));
    let closeAt = at;
    for (const one of placement.dissolved) closeAt = Math.max(closeAt, one.closeAt);
    this.#follow(placement, false, closeAt, at);
  }

  /** Before the group is judged for good, or forgotten: the cuts of what it hangs together with are those of the reference. */
  #cutRunOf(group: Group, at: Millis): void {
    while (this.#lax.size > 0 && group.dueAt !== Number.POSITIVE_INFINITY) {
      const lax = laxInRunOf(group);
      if (lax === null) return;
      this.#cut(lax, at);
    }
  }

  #follow({ dissolved, made, grown, recut }: Placement, hasLost: boolean, closeAt: Millis, at: Millis): void {
    const isLossy = hasLost || dissolved.some((group) => group.isLossy);
    const judged = judgedAmong(dissolved, made);
    for (const group of dissolved) this.#dissolve(group, at);
    for (const group of made) {
      this.#groups++;
      group.isLossy = isLossy;
      group.closeAt = closeAt;
      if (judged) group.judgedSize = group.members.length;
      this.#reopen(group, at);
    }
    if (grown !== null) {
      if (grown.isLax) this.#lax.add(grown);
      if (isLossy) grown.isLossy = true;
      grown.closeAt = closeAt;
      this.#reopen(grown, at);
    }
    for (const group of recut) this.#reopen(group, at);
  }

  /** Also for a group that is open: it has changed. */
  #reopen(group: Group, at: Millis): void {
    if (group.isClosed) {
      group.isClosed = false;
      this.#remembered.delete(group);
      this.#uncount(group);
    }
    this.#changed.add(group);
    this.#scheduleClose(group, at);
  }

  #scheduleClose(group: Group, at: Millis): void {
    if (group.isClosed) return;
    group.dueAt = group.openMembers > 0 ? Number.POSITIVE_INFINITY : Math.max(group.closeAt, at);
    this.#queue.schedule(group);
  }

  /** Its spans are in other groups now. */
  #dissolve(group: Group, at: Millis): void {
    this.#drop(group);
    this.#uncount(group);
    if (group.told !== null) this.#tell(group, 'retracted', null, at);
  }

  /** Looks for what is violated whatever may come. */
  #judgeOpen(group: Group, { state }: AcrossRule, at: Millis): void {
    group.judgedSize = group.members.length;
    const { settings } = this.#options;
    const scope = { ...groupScope(group.members, null, settings), gaps: OPEN };
    // What is not broken now is not broken for good.
    const quick = state.quick === null ? UNCLEAR : state.quick.judge(scope, false);
    if (quick !== UNCLEAR && quick !== VIOLATED) return;
    const judgment = judgeScope(state.openRule, scope, this.#earlySettings);
    group.isTooCostly = isTooCostly(judgment);
    if (judgment.verdict !== 'violated') return;
    group.told = { settled: true };
    this.#tell(group, 'violated', judgment, at);
  }

  /** A group that was told to break the rule when it closed has more spans now: they may disprove it. */
  #judgeAgain(group: Group, state: RuleState, at: Millis): void {
    group.judgedSize = group.members.length;
    const judgment = this.#judge(group, state);
    if (judgment.verdict === 'violated' || isTooCostly(judgment)) return;
    group.told = null;
    this.#tell(group, 'retracted', judgment, at);
  }

  #close(group: Group, at: Millis): void {
    const rule = this.#ruleOf(group);
    if (rule === null) return;
    const { state } = rule;
    const judgment = this.#judge(group, state);
    const verdict: Verdict = group.told !== null && isTooCostly(judgment) ? 'violated' : judgment.verdict;
    group.isClosed = true;
    this.#remembered.add(group);
    group.dueAt = at + this.#options.limits.lateWindow + rule.withinMillis;
    this.#queue.schedule(group);
    group.counted = {
      verdict,
      resource: triggerOf(group, rule, judgment)?.resource ?? null,
    };
    state.count(verdictNumber(verdict), group.counted.resource, 1);
    // Traces of one span are a matter of traces.
    if (!group.isNoted) state.note(judgment, 0);
    group.isNoted = true;
    if (verdict === 'violated') {
      if (group.told === null) {
        group.told = { settled: false };
        this.#tell(group, 'violated', judgment, at);
      }
    } else if (group.told !== null) {
      group.told = null;
      this.#tell(group, 'retracted', judgment, at);
    }
  }

  #judge(group: Group, state: RuleState): Judgment {
    const { settings } = this.#options;
    const cut = group.isLossy ? 'memory' : (group.cutBefore ?? group.cutAfter);
    const whole = groupScope(group.members, cut, settings);
    const gaps = whole.gaps.length === 0 ? whole.gaps : gapsThatStay(whole.gaps, group);
    const scope = gaps.length === whole.gaps.length ? whole : { ...whole, gaps };
    if (gaps.length === 0 && group.told === null) {
      // Nobody will look at it: most groups keep their rule.
      const quick = state.quick === null ? UNCLEAR : state.quick.judge(scope, true);
      if (state.quick?.unknowns.count === 0) {
        if (quick === NOT_APPLICABLE) return NOT_CONCERNED;
        if (quick === SATISFIED && state.rule.condition.each === null) return KEPT;
      }
    }
    // What `on_incomplete: judge` accepts is a producer's loss, not one of this program's own.
    const isLost = group.isLossy || gaps.some(isForgotten);
    return judgeScope(isLost ? state.openRule : state.rule, scope, settings);
  }

  #forget(group: Group): void {
    this.#remembered.delete(group);
    this.#drop(group);
    for (const member of group.members) {
      member.group = null;
      this.#members--;
      this.#unlink(member.link);
    }
    const { groups, text } = group.home;
    groups.splice(groups.indexOf(group), 1);
    if (groups.length > 0) return;
    const rule = this.#ruleOf(group);
    rule?.homes.delete(text);
    if (rule?.replaced?.isReleased === true && rule.homes.size === 0) this.#remove(rule);
  }

  #unlink(link: TraceLink): void {
    link.live--;
    if (link.live === 0) {
      this.#links.delete(link.trace);
      link.members = [];
    } else if (link.live * 2 < link.members.length) {
      link.members = link.members.filter((member) => member.group !== null);
    }
  }

  /** Takes a group out of everything but its key and its members' traces. */
  #drop(group: Group): void {
    this.#groups--;
    this.#remembered.delete(group);
    this.#changed.delete(group);
    this.#lax.delete(group);
    group.isClosed = true;
    group.dueAt = Number.POSITIVE_INFINITY;
  }

  /** Forgets closed groups, the first to close first. Whether a span may be taken in now. */
  #makeRoom(at: Millis): boolean {
    const { groupMembers, groups } = this.#options.limits;
    while (this.#members >= groupMembers || this.#groups >= groups) {
      const [oldest] = this.#remembered;
      if (oldest === undefined) return false;
      this.#shed++;
      this.#lost.add(oldest.home, this.#lostUntil(oldest.home, at));
      this.#forget(oldest);
    }
    return true;
  }

  #lose(rule: AcrossRule, home: KeyGroups, span: Span, at: Millis): void {
    this.#shed++;
    const isNew = this.#lost.add(home, this.#lostUntil(home, at));
    const near = groupsNear(home, span);
    this.#makeLossy(rule, near, at);
    // A group that could not begin is not proved to be anything.
    if (isNew && near.length === 0) rule.state.count(verdictNumber('inconclusive'), span.resource, 1);
  }

  /** A span that belongs to them is not in them. */
  #makeLossy(rule: AcrossRule, groups: readonly Group[], at: Millis): void {
    for (const group of groups) {
      group.isLossy = true;
      group.closeAt = at + rule.withinMillis + this.#options.limits.idle;
      this.#reopen(group, at);
    }
  }

  /** How long spans may come that belong to one group with a span of the key that comes now. */
  #lostUntil({ within }: KeyGroups, at: Millis): Millis {
    const { lateWindow, maxAge, idle } = this.#options.limits;
    return at + millisOf(within) + lateWindow + maxAge + idle;
  }

  #end(rule: AcrossRule): void {
    for (const home of [...rule.homes.values()]) for (const group of [...home.groups]) this.#forget(group);
    rule.homes.clear();
    rule.state.takeCounts(this.#counts);
  }

  /** A version that is replaced and has no groups any more. */
  #remove(rule: AcrossRule): void {
    this.#rules.delete(ruleKey(rule.state.live));
    rule.state.takeCounts(this.#counts);
  }

  #ruleOf({ home }: Group): AcrossRule | null {
    return this.#rules.get(ruleKey(home.state.live)) ?? null;
  }

  *#all(): Generator<Group> {
    for (const { homes } of this.#rules.values()) for (const { groups } of homes.values()) yield* groups;
  }

  /** Takes back what its last close counted. */
  #uncount(group: Group): void {
    const { counted, home } = group;
    if (counted === null) return;
    home.state.count(verdictNumber(counted.verdict), counted.resource, -1);
    group.counted = null;
  }

  #tell(group: Group, kind: VerdictEvent['kind'], judgment: Judgment | null, at: Millis): void {
    const { home, first, members } = group;
    const { rule, live } = home.state;
    group.id ??= hexHash(JSON.stringify([rule.id, home.key, first.traceId, first.spanId, first.kind]));
    const across = this.#ruleOf(group);
    const trigger = across === null ? null : triggerOf(group, across, judgment);
    this.#options.onVerdict({
      kind,
      rule,
      ruleVersion: live.version,
      scope: {
        kind: 'group',
        id: group.id,
        key: home.key,
        traceIds: [...new Set(members.map(({ span }) => span.traceId))].sort(),
        start: first.start,
      },
      judgment,
      early: !group.isClosed,
      at,
      service: trigger?.resource.service ?? '',
      serviceVersion: trigger === null ? '' : versionOf(trigger.resource),
    });
  }
}

function acrossRule(live: LiveRule, { settings }: StreamOptions): AcrossRule {
  const { rule } = live;
  const { across } = rule.condition;
  if (across === null) throw new Error(`rule ${rule.id} is not across traces`);
  const state = new RuleState(live, settings);
  const triggers = state.triggers.map(nameMatcher);
  return {
    state,
    key: across.key,
    within: across.within,
    withinMillis: millisOf(across.within),
    breaksEarly: canBreakEarly(rule),
    isTrigger: (name) => triggers.some((matches) => matches(name)),
    homes: new Map(),
    doubtUntil: Number.NEGATIVE_INFINITY,
    replaced: null,
  };
}

/** The first span that triggered the rule; null where none did. */
function triggerOf(group: Group, rule: AcrossRule, judgment: Judgment | null): Span | null {
  if (judgment?.verdict === 'not_applicable') return null;
  const [shown] = judgment?.witness?.trigger ?? [];
  if (shown !== undefined) return shown;
  return group.members.find(({ span }) => rule.isTrigger(span.name))?.span ?? null;
}

/** A large group is cut again when it has grown by a tenth: however spans come, each is moved a bounded number of times. */
function isCutDue({ members, taken, joined }: Group): boolean {
  const size = Math.max(members.length, joined);
  return size <= JUDGED_EACH_TIME || taken * 10 >= size;
}

/** Whether early looks at the groups that were made can wait: they were looked at with other cuts, and have hardly grown since. */
function judgedAmong(dissolved: readonly Group[], made: readonly Group[]): boolean {
  let before = 0;
  for (const { judgedSize, told } of dissolved) {
    // What was told of them is taken back: it may have to be told again.
    if (told !== null) return false;
    before += judgedSize;
  }
  let now = 0;
  for (const { members } of made) now += members.length;
  return now < before * 1.1;
}

/** What is missing of a trace that is open may still come. */
function gapsThatStay(
  gaps: readonly InconclusiveReason[],
  { members, openMembers }: Group,
): readonly InconclusiveReason[] {
  if (openMembers === 0) return gaps;
  const open = new Set<TraceId>();
  for (const { link } of members) if (link.isOpen) open.add(link.trace.id);
  return gaps.filter((gap) => gap.kind !== 'incomplete' || !open.has(gap.traceId));
}

function isForgotten(gap: InconclusiveReason): boolean {
  return gap.kind === 'incomplete' && gap.reason.kind === 'forgotten';
}

function ruleKey({ rule, version }: LiveRule): string {
  return `${rule.id}\n${version}`;
}

function millisOf(nanos: bigint): Millis {
  return Number((nanos + 999_999n) / 1_000_000n);
}

const NO_TRACE: Pick<MemberTrace, 'childrenOf'> = { childrenOf: () => [] };

/** Measured: a span with few attributes, its place, and its share of maps. */
const MEMBER_BYTES = 400;
const GROUP_BYTES = 500;
