/**
 * The streaming engine: takes spans as they come, judges each trace when it closes, and what can be decided before that at once.
 *
 *     span ──> open ──(idle, age, size)──> closed and judged ──(late window)──> gone
 *               ^                             │
 *               └──(a span that comes late)───┘
 *
 * Everything that time does happens at the time when it is due, in the order in which it is due, whenever somebody comes to look: so nothing
 * depends on how often that is.
 */
import { type NameTable, UNLISTED } from '../../otlp/name-table.ts';
import type { ScannedList, ScannedRequest } from '../../otlp/proto/scanned-request.ts';
import { nameOf, traceStateOf } from '../../otlp/proto/span-projector.ts';
import {
  MAY_HAVE_THRESHOLD,
  NAME,
  ROW,
  SPAN_0,
  SPAN_1,
  TRACE_0,
  TRACE_1,
  TRACE_2,
  TRACE_3,
  TRAITS,
} from '../../otlp/span-rows.ts';
import type { Span } from '../../trace/span.ts';
import { sameSpan } from '../../trace/trace.ts';
import type { JudgeSettings } from '../verdict.ts';
import { ClosedList } from './closed-list.ts';
import { GoneMarks } from './gone-marks.ts';
import { H_TOUCHED, HELD_ROW } from './held-rows.ts';
import {
  F_AGED,
  F_CONFLICT,
  F_COUNTED,
  F_COUNTED_COMPLETE,
  F_CUT,
  F_DIRTY,
  F_FORGOTTEN,
  F_ROOT,
  HeldTraces,
} from './held-traces.ts';
import type { GroupEngine } from './members.ts';
import { type NameMeaning, RuleSet, UNKNOWN_NAME, UNREAD_NAME } from './rule-set.ts';
import { INCONCLUSIVE, RuleState, VIOLATED } from './rule-states.ts';
import { SamplingThresholds } from './sampling-thresholds.ts';
import { ServiceNumbers } from './service-numbers.ts';
import type {
  ClosedTraces,
  LiveRule,
  Millis,
  Position,
  RuleHealth,
  ShedReason,
  StreamEngine,
  StreamOptions,
  StreamStats,
  VerdictCount,
} from './stream.ts';
import { SHED_REASONS } from './stream.ts';
import { NO_OUTCOMES, type RowTexts, TouchedTrace } from './touched-trace.ts';
import { FORGOTTEN, TraceJudge } from './trace-judge.ts';
import { OPEN_ROOTED, OPEN_UNROOTED, REMEMBERED, TraceQueues } from './trace-queues.ts';
import {
  T_CLOSINGS,
  T_CONFLICT_0,
  T_CONFLICT_1,
  T_FLAGS,
  T_JUNIOR,
  T_LAST,
  T_OPENED,
  T_POSITION,
  T_QUEUE,
  T_RULES,
  T_SPANS,
  T_THRESHOLD,
  TIMES,
  TRACE,
} from './trace-table.ts';

const DEFAULT_TOUCHED_SPANS = 1_000_000;
const DEFAULT_SEED = 0x5eed;
const DEFAULT_GONE_TRACES = 1_000_000;

/** What a trace id stands for where no trace with it is held. */
const NOT_HELD = -1;
const GONE = -2;

export class TraceStreamEngine implements StreamEngine {
  readonly #options: StreamOptions;
  readonly #names: NameTable;
  readonly #settings: JudgeSettings;
  readonly #judge: TraceJudge;
  readonly #thresholds: SamplingThresholds;
  readonly #groups: GroupEngine | null;
  readonly #held: HeldTraces;
  readonly #queues: TraceQueues;
  readonly #marks: GoneMarks;
  readonly #closed = new ClosedList();
  readonly #idle: Millis;
  readonly #idleAfterRoot: Millis;
  readonly #mostTouched: number;

  // Rules.
  readonly #sets: (RuleSet | null)[] = [];
  #current: RuleSet;
  #rules: RuleState[] = [];
  /** Earlier versions of rules that are loaded: of traces and groups that began with them. */
  #earlier: RuleState[] = [];
  /** Rules that are gone, with counts that were not taken yet. */
  #retired: RuleState[] = [];

  // Traces some of whose spans rules read, by number.
  readonly #touched: (TouchedTrace | null)[] = [];
  #touchedSpans = 0;
  readonly #repeated: number[] = [];
  readonly #services = new ServiceNumbers();
  readonly #texts: RowTexts;
  /** Of the request at hand: the list that was met last, and the number of its service. */
  #lastList = -1;
  #lastService = 0;

  /** Time without what passed while nothing ran: `#clock` is this time plus nothing, the caller's is later by `#offset`. */
  #clock: Millis = Number.NEGATIVE_INFINITY;
  #offset: Millis = 0;
  #position: Position = 0;

  #spans = 0;
  #repeatedSpans = 0;
  #closedTraces = 0;
  #reopenedTraces = 0;
  #incompleteTraces = 0;
  #oneSpanTraces = 0;
  readonly #shed: Record<ShedReason, number> = Object.fromEntries(
    SHED_REASONS.map((reason) => [reason, 0]),
  ) as Record<ShedReason, number>;

  /** `groups` takes the spans that rules with `across` name; null: such rules are not judged. */
  constructor(options: StreamOptions, groups: GroupEngine | null) {
    const { limits, names, settings } = options;
    this.#options = options;
    this.#names = names;
    this.#settings = { ...settings, witnesses: 'violations' };
    this.#groups = groups;
    this.#held = new HeldTraces(limits.maxAge, options.seed ?? DEFAULT_SEED);
    this.#queues = new TraceQueues(this.#held.traces);
    this.#marks = new GoneMarks(limits.goneTraces ?? DEFAULT_GONE_TRACES);
    this.#idle = limits.idle;
    this.#idleAfterRoot = Math.min(limits.idle, limits.idleAfterRoot);
    this.#mostTouched = limits.touchedSpans ?? DEFAULT_TOUCHED_SPANS;
    this.#texts = {
      nameOf: (name) => names.textOf(name),
      serviceOf: (service) => this.#services.textOf(service),
    };
    this.#thresholds = new SamplingThresholds(this.#held.traces);
    this.#judge = new TraceJudge({
      held: this.#held,
      traces: {
        touchedOf: (number) => this.#touchedOf(number),
        touchedIf: (number) => this.#touched[number] ?? null,
        setOf: (number) => this.#setOf(number),
      },
      thresholds: this.#thresholds,
      texts: this.#texts,
      settings,
      groups,
      onVerdict: options.onVerdict,
    });
    this.#current = new RuleSet(0, [], names);
    this.#sets[0] = this.#current;
  }

  load(rules: readonly LiveRule[], at: Millis): void {
    this.#advance(this.#internal(at));
    this.#settleSleepers();
    const before = new Map(
      [...this.#rules, ...this.#earlier].map((rule) => [keyOf(rule.live), rule] as const),
    );
    const now = new Map<string, RuleState>();
    for (const live of rules) {
      const key = keyOf(live);
      now.set(key, before.get(key) ?? new RuleState(live, this.#settings));
    }
    this.#rules = [...now.values()];
    const ids = new Set(this.#rules.map(({ rule }) => rule.id));
    const replaced = [...before].flatMap(([key, rule]) => (now.has(key) ? [] : [rule]));
    this.#earlier = replaced.filter(({ rule }) => ids.has(rule.id));
    for (const rule of replaced) if (!ids.has(rule.rule.id)) this.#retire(rule);
    this.#groups?.load(rules, at);
    const guests = this.#earlier.filter((rule) => this.#groups?.holds(rule.live) ?? false);
    const old = this.#current;
    let number = this.#sets.indexOf(null);
    if (number < 0) number = this.#sets.length;
    this.#current = new RuleSet(number, this.#rules, this.#names, guests);
    this.#sets[number] = this.#current;
    if (old.holders === 0) this.#sets[old.number] = null;
    this.#endEarlier();
  }

  add(request: ScannedRequest, at: Millis, position: Position): readonly number[] {
    const now = this.#internal(at);
    this.#advance(now);
    this.#position = position;
    this.#repeated.length = 0;
    this.#lastList = -1;
    const { words } = request.rows;
    const { traces } = this.#held;
    let number = NOT_HELD;
    let w0 = 0;
    let w1 = 0;
    let w2 = 0;
    let w3 = 0;
    for (let row = 0, place = 0; row < request.count; row++, place += ROW) {
      if (
        number === NOT_HELD ||
        words[place + TRACE_3] !== w3 ||
        words[place + TRACE_2] !== w2 ||
        words[place + TRACE_1] !== w1 ||
        words[place + TRACE_0] !== w0
      ) {
        w0 = words[place + TRACE_0] as number;
        w1 = words[place + TRACE_1] as number;
        w2 = words[place + TRACE_2] as number;
        w3 = words[place + TRACE_3] as number;
        number = traces.find(w0, w1, w2, w3);
        if (number < 0)
          number = this.#marks.has(w0, w1, w2, w3) ? GONE : this.#open(w0, w1, w2, w3, now, position);
      }
      if (number === GONE) this.#late(request, row, place);
      else if (!this.#take(number, request, row, place, now)) number = NOT_HELD;
    }
    this.#spans += request.count;
    this.#judge.judgeEarly(at);
    this.#groups?.settle(at);
    return this.#repeated;
  }

  tick(at: Millis): void {
    this.#advance(this.#internal(at));
  }

  nextDue(): Millis | null {
    const due = Math.min(this.#nextClose().due, this.#nextGone());
    const own = due + this.#offset;
    const groups = this.#groups?.nextDue() ?? Number.POSITIVE_INFINITY;
    const next = Math.min(own, groups);
    return next === Number.POSITIVE_INFINITY ? null : next;
  }

  resume(at: Millis): void {
    const gap = at - this.#offset - this.#clock;
    if (gap > 0 && this.#clock > Number.NEGATIVE_INFINITY) this.#offset += gap;
    this.#groups?.resume(at);
  }

  markGone(id: Uint32Array, at: Millis): void {
    const [w0 = 0, w1 = 0, w2 = 0, w3 = 0] = id;
    const number = this.#held.traces.find(w0, w1, w2, w3);
    if (number >= 0) this.#forget(number);
    this.#mark(w0, w1, w2, w3, this.#internal(at) + this.#options.limits.lateWindow);
  }

  doubtGroups(at: Millis): void {
    this.#groups?.doubtGroups(at);
  }

  heldTraces(through: Position): Uint32Array {
    const { words, times } = this.#held.traces;
    const ids: number[] = [];
    for (let number = this.#queues.eldest; number >= 0; ) {
      const place = number * TRACE;
      if ((times[number * TIMES + T_POSITION] as number) > through) break;
      for (let word = 0; word < 4; word++) ids.push(words[place + word] as number);
      number = words[place + T_JUNIOR] as number;
    }
    return Uint32Array.from(ids);
  }

  lowWater(): Position | null {
    const eldest = this.#queues.eldest;
    const own = eldest < 0 ? null : (this.#held.traces.times[eldest * TIMES + T_POSITION] as number);
    const groups = this.#groups?.lowWater() ?? null;
    return own === null ? groups : groups === null ? own : Math.min(own, groups);
  }

  takeCounts(): VerdictCount[] {
    this.#settleSleepers();
    const counts: VerdictCount[] = [];
    for (const rule of this.#retired) rule.takeCounts(counts);
    for (const rule of this.#rules) rule.takeCounts(counts);
    for (const rule of this.#earlier) rule.takeCounts(counts);
    this.#retired = [];
    if (this.#groups !== null) for (const count of this.#groups.takeCounts()) counts.push(count);
    return counts;
  }

  takeClosed(): ClosedTraces {
    return this.#closed.take();
  }

  health(): RuleHealth[] {
    this.#settleSleepers();
    const own = this.#rules.filter((rule) => !rule.isAcross).map((rule) => rule.health());
    return this.#groups === null ? own : [...own, ...this.#groups.health()];
  }

  stats(): StreamStats {
    const groups = this.#groups?.stats();
    const held = this.#held;
    return {
      openTraces: this.#queues.open,
      rememberedTraces: this.#queues.remembered,
      heldSpans: held.spans,
      openGroups: groups?.openGroups ?? 0,
      groupMembers: groups?.groupMembers ?? 0,
      spans: this.#spans,
      repeatedSpans: this.#repeatedSpans,
      closedTraces: this.#closedTraces,
      reopenedTraces: this.#reopenedTraces,
      incompleteTraces: this.#incompleteTraces,
      oneSpanTraces: this.#oneSpanTraces,
      keylessSpans: groups?.keylessSpans ?? 0,
      shed: { ...this.#shed, 'group-memory': groups?.shed ?? 0 },
      bytes:
        held.spans * BYTES_A_SPAN +
        held.traces.count * BYTES_A_TRACE +
        this.#touchedSpans * BYTES_A_TOUCHED_SPAN +
        this.#marks.bytes +
        (groups?.bytes ?? 0),
    };
  }

  // Spans.

  /** Takes a span of a held trace. False: the trace is held no more. */
  #take(number: number, request: ScannedRequest, row: number, place: number, now: Millis): boolean {
    const held = this.#held;
    const { traces } = held;
    const { words } = request.rows;
    const slot = held.find(number, words, place);
    if (slot >= 0) return this.#takeAgain(number, slot, request, row, place, now);
    const at = number * TRACE;
    const limit = this.#options.limits.maxSpans;
    if ((traces.words[at + T_SPANS] as number) >= limit) {
      this.#cut(number, now);
      this.#loseMember(this.#setOf(number), request, row, place);
      return true;
    }
    if (traces.words[at + T_QUEUE] === REMEMBERED) this.#reopen(number, now);
    if (held.spans >= this.#options.limits.heldSpans || this.#touchedSpans >= this.#mostTouched) {
      if (!this.#makeRoom(number)) {
        this.#late(request, row, place);
        return false;
      }
    }
    const set = this.#sets[traces.words[at + T_RULES] as number] as RuleSet;
    const service = set.usesRelations ? this.#serviceOf(set, request, row) : 0;
    const flagsBefore = traces.words[at + T_FLAGS] as number;
    const added = held.append(number, words, place, service);
    if (((words[place + TRAITS] as number) & MAY_HAVE_THRESHOLD) !== 0)
      this.#thresholds.note(number, traceStateOf(request, row));
    this.#arrived(number, flagsBefore, now);
    const name = words[place + NAME] as number;
    if (name === UNLISTED) {
      const meaning = set.ofText(nameOf(request, row));
      if (meaning.isRead) this.#touch(number, added, set, meaning, request, row);
    } else {
      let kindOfName = name < set.kinds.length ? (set.kinds[name] as number) : UNKNOWN_NAME;
      if (kindOfName === UNKNOWN_NAME) kindOfName = set.learn(name);
      if (kindOfName !== UNREAD_NAME) this.#touch(number, added, set, set.of(name), request, row);
    }
    if (set.timedBreaks.length > 0 && held.durationOf(number) >= set.breaksFrom) this.#judge.setDirty(number);
    return true;
  }

  /** A span with the id and kind of one that is held. */
  #takeAgain(
    number: number,
    slot: number,
    request: ScannedRequest,
    row: number,
    place: number,
    now: Millis,
  ): boolean {
    const held = this.#held;
    if (held.isSame(slot, request.rows.words, place) && this.#isSameContent(number, slot, request, row)) {
      this.#repeatedSpans++;
      this.#repeated.push(row);
      return true;
    }
    this.#shed['conflicting-span']++;
    const { words } = held.traces;
    const at = number * TRACE;
    if (((words[at + T_FLAGS] as number) & F_CONFLICT) !== 0) return true;
    if (words[at + T_QUEUE] === REMEMBERED) this.#reopen(number, now);
    words[at + T_FLAGS] = (words[at + T_FLAGS] as number) | F_CONFLICT;
    words[at + T_CONFLICT_0] = request.rows.words[place + SPAN_0] as number;
    words[at + T_CONFLICT_1] = request.rows.words[place + SPAN_1] as number;
    return true;
  }

  /** Whether what rules look at is the same. */
  #isSameContent(number: number, slot: number, request: ScannedRequest, row: number): boolean {
    const touched = this.#held.rows.words[slot * HELD_ROW + H_TOUCHED] as number;
    if (touched === 0) return true;
    const trace = this.#touched[number] as TouchedTrace;
    const span = trace.spans[touched - 1] as Span;
    const set = this.#setOf(number);
    const { keys } = set.ofText(span.name);
    return sameSpan(span, set.projector.project(request, row, trace.id, keys));
  }

  #touch(
    number: number,
    slot: number,
    set: RuleSet,
    meaning: NameMeaning,
    request: ScannedRequest,
    row: number,
  ): void {
    const touched = this.#touchedOf(number);
    const span = set.projector.project(request, row, touched.id, meaning.keys);
    touched.add(span, slot, meaning);
    this.#touchedSpans++;
    if (touched.suspects.length > 0 || touched.told.length > 0) this.#judge.setDirty(number);
    if (meaning.across.length === 0 || this.#groups === null) return;
    if (this.#held.isForgotten(number)) {
      // Their groups may have had it before.
      this.#loseMember(set, request, row, row * ROW);
      return;
    }
    const at = this.#clock + this.#offset;
    for (const rule of meaning.across) {
      if (!rule.isAlive) continue;
      touched.isMember = true;
      touched.asksParents ||= rule.plan.usesParents;
      touched.asksChildren ||= rule.plan.usesChildren;
      const joins = set.guests.has(rule);
      this.#groups.add({ rule: rule.live, joins, span, trace: touched, at, position: this.#position });
    }
  }

  /** A span of a trace that is held no more. */
  #late(request: ScannedRequest, row: number, place: number): void {
    this.#shed['late-span']++;
    this.#loseMember(this.#current, request, row, place);
  }

  /** Tells the groups of a span that no trace holds. */
  #loseMember(set: RuleSet, request: ScannedRequest, row: number, place: number): void {
    if (this.#groups === null || !set.hasAcross) return;
    const name = request.rows.words[place + NAME] as number;
    const { across } = set.ofText(name === UNLISTED ? nameOf(request, row) : this.#names.textOf(name));
    if (across.length === 0) return;
    const span = set.projector.project(request, row);
    const at = this.#clock + this.#offset;
    for (const rule of across) {
      if (rule.isAlive) this.#groups.lose({ rule: rule.live, joins: set.guests.has(rule), span, at });
    }
  }

  #touchedOf(number: number): TouchedTrace {
    let touched = this.#touched[number];
    if (touched === null || touched === undefined) {
      touched = new TouchedTrace(this.#held, number, this.#texts);
      this.#touched[number] = touched;
    }
    return touched;
  }

  #serviceOf(set: RuleSet, request: ScannedRequest, row: number): number {
    const list = request.rows.link[row] as number;
    if (list === this.#lastList) return this.#lastService;
    this.#lastList = list;
    const { bytes, lists } = request;
    const { serviceFrom, serviceTo } = lists[list] as ScannedList;
    const number = serviceFrom < 0 ? -1 : this.#services.ofBytes(bytes, serviceFrom, serviceTo);
    this.#lastService =
      number < 0 ? this.#services.ofText(set.projector.resource(request, row).service) : number;
    return this.#lastService;
  }

  // The life of a trace.

  #open(w0: number, w1: number, w2: number, w3: number, now: Millis, position: Position): number {
    while (this.#queues.open >= this.#options.limits.openTraces) this.#shedOpen(this.#queues.oldest);
    const { traces } = this.#held;
    const number = traces.add(w0, w1, w2, w3);
    this.#held.begin(number);
    const at = number * TRACE;
    const time = number * TIMES;
    if (this.#marks.mayHaveLost(w0, w1, w2, w3, now)) traces.words[at + T_FLAGS] = F_FORGOTTEN;
    traces.words[at + T_RULES] = this.#current.number;
    traces.words[at + T_THRESHOLD] = 0;
    this.#current.holders++;
    traces.times[time + T_LAST] = now;
    traces.times[time + T_OPENED] = now;
    traces.times[time + T_POSITION] = position;
    traces.times[time + T_CLOSINGS] = 0;
    this.#queues.born(number);
    this.#touched[number] = null;
    return number;
  }

  /** Notes that a new span came: the trace waits anew. */
  #arrived(number: number, flagsBefore: number, now: Millis): void {
    const { words, times } = this.#held.traces;
    const flags = words[number * TRACE + T_FLAGS] as number;
    const isRooted = (flags & ~flagsBefore & F_ROOT) !== 0;
    if (!isRooted && times[number * TIMES + T_LAST] === now) return;
    times[number * TIMES + T_LAST] = now;
    this.#queues.moveToEnd(number, (flags & F_ROOT) === 0 ? OPEN_UNROOTED : OPEN_ROOTED);
  }

  #reopen(number: number, now: Millis): void {
    const { words, times } = this.#held.traces;
    this.#reopenedTraces++;
    times[number * TIMES + T_OPENED] = now;
    times[number * TIMES + T_LAST] = now;
    const flags = words[number * TRACE + T_FLAGS] as number;
    this.#queues.reopen(number, (flags & F_ROOT) === 0 ? OPEN_UNROOTED : OPEN_ROOTED);
    const touched = this.#touched[number];
    if (touched === null || touched === undefined) return;
    touched.open = true;
    touched.incomplete = null;
    if (touched.isMember) this.#groups?.traceReopened(touched, now + this.#offset);
  }

  /** A span beyond the limit closes the trace; it and all that come behind it are only counted. */
  #cut(number: number, now: Millis): void {
    this.#shed['trace-spans']++;
    const { words } = this.#held.traces;
    const at = number * TRACE;
    const flags = words[at + T_FLAGS] as number;
    if ((flags & F_CUT) !== 0) return;
    if (words[at + T_QUEUE] === REMEMBERED) this.#reopen(number, now);
    words[at + T_FLAGS] = flags | F_CUT;
    this.#close(number, now);
  }

  #close(number: number, now: Millis): void {
    const held = this.#held;
    const { words, times } = held.traces;
    const at = number * TRACE;
    const time = number * TIMES;
    const isFirst = times[time + T_CLOSINGS] === 0;
    times[time + T_CLOSINGS] = (times[time + T_CLOSINGS] as number) + 1;
    const set = this.#setOf(number);
    const isComplete = held.isComplete(number);
    this.#uncount(number, set);
    if (isComplete) set.closedComplete++;
    else set.closedIncomplete++;
    words[at + T_FLAGS] = (words[at + T_FLAGS] as number) | F_COUNTED | (isComplete ? F_COUNTED_COMPLETE : 0);
    if (isFirst) {
      this.#closedTraces++;
      if (!isComplete) this.#incompleteTraces++;
      if (words[at + T_SPANS] === 1) this.#oneSpanTraces++;
      this.#closed.add(words, at, times[time + T_POSITION] as number);
    }
    const touched = this.#touched[number] ?? null;
    const isLong = set.timed.length > 0 && held.durationOf(number) >= set.timedFrom;
    const isDoubted = set.lenient.length > 0 && this.#held.isForgotten(number);
    if (touched !== null || isLong || isDoubted || set.alwaysAwake.length > 0) {
      this.#judge.judge(
        number,
        set,
        touched ?? this.#touchedOf(number),
        isComplete,
        isFirst,
        now + this.#offset,
      );
    }
    times[time + T_LAST] = now;
    this.#queues.closed(number);
  }

  /** Takes back what the last close counted. */
  #uncount(number: number, set: RuleSet): void {
    const { words } = this.#held.traces;
    const at = number * TRACE + T_FLAGS;
    const flags = words[at] as number;
    if ((flags & F_COUNTED) === 0) return;
    words[at] = flags & ~(F_COUNTED | F_COUNTED_COMPLETE);
    const wasComplete = (flags & F_COUNTED_COMPLETE) !== 0;
    if (wasComplete) set.closedComplete--;
    else set.closedIncomplete--;
    const touched = this.#touched[number];
    if (touched === null || touched === undefined) return;
    for (const { rule, verdict, resource } of touched.outcomes) {
      if (!rule.isAlive) continue;
      rule.count(verdict, resource, -1);
      if (wasComplete) rule.awakeComplete--;
      else rule.awakeIncomplete--;
    }
    touched.outcomes = NO_OUTCOMES;
  }

  #shedOpen(number: number): void {
    this.#shed['trace-memory']++;
    const set = this.#setOf(number);
    this.#uncount(number, set);
    const { traces } = this.#held;
    const touched = this.#touched[number] ?? null;
    if (touched !== null) {
      for (const rule of this.#judge.awake(set, touched, this.#held.durationOf(number))) {
        const isKnown = touched.told.includes(rule);
        const resource = touched.triggerResource(rule);
        // What was told stands: it was proved. It slept in no closed trace, so nothing is to be taken from those.
        rule.count(isKnown ? VIOLATED : INCONCLUSIVE, resource, 1);
        if (!isKnown) rule.noteReason('incomplete');
      }
      touched.open = false;
      touched.incomplete = FORGOTTEN;
      if (touched.isMember) this.#groups?.traceClosed(touched, this.#clock + this.#offset);
    }
    if (traces.times[number * TIMES + T_CLOSINGS] === 0) {
      this.#closed.add(traces.words, number * TRACE, traces.times[number * TIMES + T_POSITION] as number);
    }
    this.#forgetMarked(number, this.#clock + this.#options.limits.lateWindow);
  }

  /** Makes room for one span of a trace, at the cost of others. False: the trace itself was the last that could go. */
  #makeRoom(number: number): boolean {
    const { heldSpans } = this.#options.limits;
    while (this.#held.spans >= heldSpans || this.#touchedSpans >= this.#mostTouched) {
      const remembered = this.#queues.firstOf(REMEMBERED);
      if (remembered >= 0) {
        this.#shed['remembered-memory']++;
        const closedAt = this.#held.traces.times[remembered * TIMES + T_LAST] as number;
        this.#forgetMarked(remembered, closedAt + this.#options.limits.lateWindow);
        continue;
      }
      const { oldest } = this.#queues;
      this.#shedOpen(oldest);
      if (oldest === number) return false;
    }
    return true;
  }

  #forgetMarked(number: number, until: Millis): void {
    const { words } = this.#held.traces;
    const at = number * TRACE;
    this.#mark(
      words[at] as number,
      words[at + 1] as number,
      words[at + 2] as number,
      words[at + 3] as number,
      until,
    );
    this.#forget(number);
  }

  #mark(w0: number, w1: number, w2: number, w3: number, until: Millis): void {
    if (this.#marks.add(w0, w1, w2, w3, until, this.#clock)) this.#shed['mark-memory']++;
  }

  #forget(number: number): void {
    const set = this.#setOf(number);
    const touched = this.#touched[number] ?? null;
    if (touched !== null) {
      this.#touchedSpans -= touched.spans.length;
      touched.release();
      this.#touched[number] = null;
    }
    this.#thresholds.forget(number);
    // It may stand in the list of those to be judged early still, and the rows are another's now.
    const { words } = this.#held.traces;
    words[number * TRACE + T_FLAGS] = (words[number * TRACE + T_FLAGS] as number) & ~F_DIRTY;
    this.#queues.gone(number);
    this.#held.remove(number);
    if (--set.holders === 0 && set !== this.#current) {
      this.#settleSet(set);
      this.#sets[set.number] = null;
      if (this.#earlier.length > 0) this.#endEarlier();
    }
  }

  // Time.

  #internal(at: Millis): Millis {
    return at - this.#offset;
  }

  /** Lets happen what is due until then. */
  #advance(to: Millis): void {
    for (;;) {
      const close = this.#nextClose();
      const gone = this.#nextGone();
      const group = (this.#groups?.nextDue() ?? Number.POSITIVE_INFINITY) - this.#offset;
      if (close.due <= to && close.due <= group && close.due <= gone) {
        this.#clock = Math.max(this.#clock, close.due);
        if (close.byAge) this.#age(close.number);
        this.#close(close.number, close.due);
      } else if (group <= to && group <= gone) {
        this.#clock = Math.max(this.#clock, group);
        this.#groups?.tick(group + this.#offset);
      } else if (gone <= to) {
        this.#clock = Math.max(this.#clock, gone);
        this.#forgetMarked(this.#queues.firstOf(REMEMBERED), gone);
      } else break;
    }
    this.#clock = Math.max(this.#clock, to);
  }

  readonly #next = { due: 0, number: -1, byAge: false };

  #nextClose(): { readonly due: Millis; readonly number: number; readonly byAge: boolean } {
    const next = this.#next;
    const { times } = this.#held.traces;
    next.due = Number.POSITIVE_INFINITY;
    next.byAge = false;
    const unrooted = this.#queues.firstOf(OPEN_UNROOTED);
    if (unrooted >= 0) {
      next.due = (times[unrooted * TIMES + T_LAST] as number) + this.#idle;
      next.number = unrooted;
    }
    const rooted = this.#queues.firstOf(OPEN_ROOTED);
    if (rooted >= 0) {
      const due = (times[rooted * TIMES + T_LAST] as number) + this.#idleAfterRoot;
      if (due < next.due) {
        next.due = due;
        next.number = rooted;
      }
    }
    const { oldest } = this.#queues;
    if (oldest >= 0) {
      const due = (times[oldest * TIMES + T_OPENED] as number) + this.#options.limits.maxAge;
      if (due < next.due) {
        next.due = due;
        next.number = oldest;
        next.byAge = true;
      }
    }
    return next;
  }

  #nextGone(): Millis {
    const remembered = this.#queues.firstOf(REMEMBERED);
    if (remembered < 0) return Number.POSITIVE_INFINITY;
    return (this.#held.traces.times[remembered * TIMES + T_LAST] as number) + this.#options.limits.lateWindow;
  }

  #age(number: number): void {
    const { words } = this.#held.traces;
    words[number * TRACE + T_FLAGS] = (words[number * TRACE + T_FLAGS] as number) | F_AGED;
  }

  // Rules.

  #setOf(number: number): RuleSet {
    return this.#sets[this.#held.traces.words[number * TRACE + T_RULES] as number] as RuleSet;
  }

  /** Counts closed traces for the rules that slept in them. */
  #settleSleepers(): void {
    for (const set of this.#sets) if (set !== null) this.#settleSet(set);
    for (const rule of this.#rules) rule.countSleep();
    for (const rule of this.#earlier) rule.countSleep();
  }

  /** Ends earlier versions that nothing began with which is held still. */
  #endEarlier(): void {
    this.#earlier = this.#earlier.filter((rule) => {
      if (this.#sets.some((set) => set?.rules.includes(rule))) return true;
      if (rule.isAcross) {
        this.#groups?.release(rule.live);
        if (this.#groups?.holds(rule.live)) return true;
      }
      this.#retire(rule);
      return false;
    });
  }

  /** What it counted is still to be taken. */
  #retire(rule: RuleState): void {
    rule.countSleep();
    rule.isAlive = false;
    this.#retired.push(rule);
  }

  #settleSet(set: RuleSet): void {
    const { closedComplete, closedIncomplete } = set;
    set.closedComplete = 0;
    set.closedIncomplete = 0;
    if (closedComplete === 0 && closedIncomplete === 0) return;
    for (const rule of set.rules) {
      rule.closedComplete += closedComplete;
      rule.closedIncomplete += closedIncomplete;
    }
  }
}

// Rough: rows and tables; records with their places; an object with a few attributes.
const BYTES_A_SPAN = 64;
const BYTES_A_TRACE = 220;
const BYTES_A_TOUCHED_SPAN = 600;

function keyOf({ rule, version }: LiveRule): string {
  return `${rule.id}\0${version}`;
}
