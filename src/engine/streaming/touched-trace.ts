/**
 * What is held of a trace some of whose spans rules read: those spans as objects, and what was told of it. Parents and children are found among
 * the rows of all its spans, and made into objects only when somebody asks.
 */
import type { Nanos } from '../../base/nanos.ts';
import { KIND_MASK, STATUS_SHIFT, UNSAMPLED } from '../../otlp/span-rows.ts';
import { NO_ATTRIBUTES } from '../../trace/attribute-value.ts';
import { compareSpans, type Resource, SPAN_KINDS, SPAN_STATUSES, type Span } from '../../trace/span.ts';
import { type IncompleteReason, LONGEST_PARENT_CHAIN } from '../../trace/trace.ts';
import type { Scope } from '../reference/scope.ts';
import type { InconclusiveReason } from '../verdict.ts';
import {
  H_NAME,
  H_PARENT_0,
  H_PARENT_1,
  H_SPAN_0,
  H_SPAN_1,
  H_TOUCHED,
  H_TRAITS,
  HELD_ROW,
  SERVICE_SHIFT,
  UNTOLD_SERVICE,
} from './held-rows.ts';
import type { HeldTraces } from './held-traces.ts';
import type { MemberTrace } from './members.ts';
import type { EarlyBreak, NameMeaning } from './rule-set.ts';
import type { RuleState } from './rule-states.ts';
import { hex8, T_POSITION, T_SPANS, TIMES, TRACE } from './trace-table.ts';

/** What a rule that was awake when the trace closed came to. */
export interface Outcome {
  readonly rule: RuleState;
  readonly verdict: number;
  readonly resource: Resource | null;
}

/** Texts of the numbers in rows. */
export interface RowTexts {
  nameOf(name: number): string;
  serviceOf(service: number): string;
}

export class TouchedTrace implements MemberTrace {
  readonly id: string;
  readonly firstPosition: number;
  open = true;
  incomplete: IncompleteReason | null = null;
  /** In order of arrival. */
  readonly spans: Span[] = [];
  /** What their names mean, each meaning once. */
  readonly meanings: NameMeaning[] = [];
  /** So many of them early verdicts have looked at, and the rules for which there is need for another look. */
  evaluated = 0;
  suspects: readonly RuleState[] = NO_RULES;
  /** Rules that it was told to violate, and of which nothing else was told since. */
  told: readonly RuleState[] = NO_RULES;
  /** Rules for which early looks have become too costly. */
  tooCostly: readonly RuleState[] = NO_RULES;
  /** Of the last close. */
  outcomes: readonly Outcome[] = NO_OUTCOMES;
  /** Some of its spans are members of groups, and whether their rules ask for parents or children. */
  isMember = false;
  asksParents = false;
  asksChildren = false;

  #held: HeldTraces | null;
  readonly #number: number;
  readonly #texts: RowTexts;
  #sorted: readonly Span[] = NO_SPANS;
  /** The meanings, where they are many. */
  #known: Set<NameMeaning> | null = null;
  /** Slots of span objects, and objects of slots that no rule reads. */
  #slotOf: Map<Span, number> | null = null;
  #others: Map<number, Span> | null = null;
  #childrenOf: Map<number, number[]> | null = null;
  #childrenAmong = 0;
  #parents: Map<Span, Span> | null = null;
  #children: Map<Span, readonly Span[]> | null = null;

  constructor(held: HeldTraces, number: number, texts: RowTexts) {
    this.id = held.traces.idOf(number);
    this.firstPosition = held.traces.times[number * TIMES + T_POSITION] as number;
    this.#held = held;
    this.#number = number;
    this.#texts = texts;
  }

  add(span: Span, slot: number, meaning: NameMeaning): void {
    const isFirst = this.#learn(meaning);
    this.spans.push(span);
    this.#slotOf?.set(span, slot);
    const held = this.#held as HeldTraces;
    held.rows.words[slot * HELD_ROW + H_TOUCHED] = this.spans.length;
    if (meaning.breaks.length > 0) this.#suspect(span, meaning, isFirst);
  }

  /** Whether no span had this meaning before. */
  #learn(meaning: NameMeaning): boolean {
    const { meanings } = this;
    if (meanings.length < FEW) {
      if (meanings.includes(meaning)) return false;
    } else {
      this.#known ??= new Set(meanings);
      if (this.#known.has(meaning)) return false;
      this.#known.add(meaning);
    }
    meanings.push(meaning);
    return true;
  }

  /** Notes the rules that the last span may have broken. */
  #suspect(span: Span, meaning: NameMeaning, isFirst: boolean): void {
    const count = this.spans.length;
    for (let nth = 0; nth < meaning.breaks.length; nth++) {
      const { rule, leastSpans, concern } = meaning.breaks[nth] as EarlyBreak;
      if (count < leastSpans || this.told.includes(rule) || this.suspects.includes(rule)) continue;
      if (concern(span, isFirst)) this.suspects = [...this.suspects, rule];
    }
  }

  /** In canonical order; the same array until a span is added. */
  inOrder(): readonly Span[] {
    if (this.#sorted.length !== this.spans.length) {
      this.#sorted = this.spans.length === 1 ? [this.spans[0] as Span] : [...this.spans].sort(compareSpans);
    }
    return this.#sorted;
  }

  /** Forgets what was made for judging and can be made again. */
  settle(): void {
    this.#sorted = NO_SPANS;
  }

  /** Of the first span, in canonical order, that a trigger of the rule names. */
  triggerResource(rule: RuleState): Resource | null {
    let found: Resource | null = null;
    for (let nth = 0; nth < this.meanings.length; nth++) {
      const { triggers, name } = this.meanings[nth] as NameMeaning;
      if (!triggers.has(rule)) continue;
      for (let index = 0; index < this.spans.length; index++) {
        const span = this.spans[index] as Span;
        if (span.name !== name || span.resource === found) continue;
        // Mostly all of them have one resource, and their order does not matter.
        if (found !== null) return this.#firstTrigger(rule);
        found = span.resource;
      }
    }
    return found;
  }

  #firstTrigger(rule: RuleState): Resource | null {
    const names = new Set<string>();
    for (const { triggers, name } of this.meanings) if (triggers.has(rule)) names.add(name);
    let first: Span | null = null;
    for (const span of this.spans) {
      if (names.has(span.name) && (first === null || compareSpans(span, first) < 0)) first = span;
    }
    return first === null ? null : first.resource;
  }

  /** The scope that rules judge: spans that no rule reads are not in it. */
  scope(gaps: readonly InconclusiveReason[]): Scope {
    return new TouchedScope(this, this.inOrder(), gaps);
  }

  /** The same for a quick look at the verdict alone, which mostly does not depend on the order. */
  quickScope(isOrdered: boolean): Scope {
    return new TouchedScope(this, isOrdered ? this.inOrder() : this.spans, NO_GAPS);
  }

  parentOf(span: Span): Span | null {
    const held = this.#held;
    if (held === null) return this.#parents?.get(span) ?? null;
    const slot = this.#slotFor(span);
    if (slot < 0) return null;
    const parent = held.parentOf(this.#number, slot);
    return parent < 0 ? null : this.spanAt(parent);
  }

  childrenOf(span: Span): readonly Span[] {
    const held = this.#held;
    if (held === null) return this.#children?.get(span) ?? NO_SPANS;
    const slot = this.#slotFor(span);
    if (slot < 0) return NO_SPANS;
    const count = held.traces.words[this.#number * TRACE + T_SPANS] as number;
    if (this.#childrenOf === null || this.#childrenAmong !== count) {
      const children = new Map<number, number[]>();
      held.forEach(this.#number, (child) => {
        const parent = held.parentOf(this.#number, child);
        const siblings = children.get(parent);
        if (siblings === undefined) children.set(parent, [child]);
        else siblings.push(child);
      });
      this.#childrenOf = children;
      this.#childrenAmong = count;
    }
    return (this.#childrenOf.get(slot) ?? []).map((child) => this.spanAt(child)).sort(compareSpans);
  }

  /** The span in a slot: the very object if a rule reads it, else one without attributes. */
  spanAt(slot: number): Span {
    const held = this.#held as HeldTraces;
    const touched = held.rows.words[slot * HELD_ROW + H_TOUCHED] as number;
    if (touched > 0) return this.spans[touched - 1] as Span;
    this.#others ??= new Map();
    let span = this.#others.get(slot);
    if (span === undefined) {
      span = spanOfRow(held, slot, this.id, this.#texts);
      this.#others.set(slot, span);
      this.#slots().set(span, slot);
    }
    return span;
  }

  /** The trace is held no more: keeps what members of groups may still ask. */
  release(): void {
    if (this.isMember && this.#held !== null) {
      if (this.asksParents) this.#keepParents();
      if (this.asksChildren)
        this.#children = new Map(this.spans.map((span) => [span, this.childrenOf(span)]));
    }
    this.#held = null;
    this.#slotOf = null;
    this.#others = null;
    this.#childrenOf = null;
    this.outcomes = NO_OUTCOMES;
    this.open = false;
  }

  #keepParents(): void {
    const parents = new Map<Span, Span>();
    for (const span of this.spans) {
      let below = span;
      for (let steps = 0; steps < LONGEST_PARENT_CHAIN && !parents.has(below); steps++) {
        const parent = this.parentOf(below);
        if (parent === null) break;
        parents.set(below, parent);
        below = parent;
      }
    }
    this.#parents = parents;
  }

  #slotFor(span: Span): number {
    return this.#slots().get(span) ?? -1;
  }

  #slots(): Map<Span, number> {
    if (this.#slotOf === null) {
      const slots = new Map<Span, number>();
      const held = this.#held as HeldTraces;
      held.forEach(this.#number, (slot) => {
        const touched = held.rows.words[slot * HELD_ROW + H_TOUCHED] as number;
        if (touched > 0) slots.set(this.spans[touched - 1] as Span, slot);
      });
      this.#slotOf = slots;
    }
    return this.#slotOf;
  }

  /** From the first start of all its spans to the last end. Cost: a walk over their rows. */
  duration(): Nanos {
    const held = this.#held;
    if (held === null) return 0n;
    const { first, last } = extentOf(held, this.#number);
    return last - first;
  }
}

const NO_SPANS: readonly Span[] = [];
const NO_RULES: readonly RuleState[] = [];
export const NO_OUTCOMES: readonly Outcome[] = [];
/** So many are searched one by one. */
const FEW = 16;
const NO_GAPS: readonly InconclusiveReason[] = [];

class TouchedScope implements Scope {
  readonly spans: readonly Span[];
  readonly gaps: readonly InconclusiveReason[];
  readonly #trace: TouchedTrace;

  constructor(trace: TouchedTrace, spans: readonly Span[], gaps: readonly InconclusiveReason[]) {
    this.#trace = trace;
    this.spans = spans;
    this.gaps = gaps;
  }

  parentOf(span: Span): Span | null {
    return this.#trace.parentOf(span);
  }

  childrenOf(span: Span): readonly Span[] {
    return this.#trace.childrenOf(span);
  }

  duration(): Nanos {
    return this.#trace.duration();
  }
}

/** Exact times of the first start and the last end. Cost: a walk over the rows. */
export function extentOf(held: HeldTraces, number: number): { first: Nanos; last: Nanos } {
  let first: Nanos | null = null;
  let last = 0n;
  held.forEach(number, (slot) => {
    const start = held.rows.startOf(slot);
    const end = held.rows.endOf(slot);
    if (first === null || start < first) first = start;
    if (end > last) last = end;
  });
  return { first: first ?? 0n, last: first === null ? 0n : last };
}

/** What is known of a span that no rule reads. */
export function spanOfRow(held: HeldTraces, slot: number, traceId: string, texts: RowTexts): Span {
  const { words } = held.rows;
  const row = slot * HELD_ROW;
  const parent0 = words[row + H_PARENT_0] as number;
  const parent1 = words[row + H_PARENT_1] as number;
  const traits = words[row + H_TRAITS] as number;
  const spanId = hex8(words[row + H_SPAN_0] as number) + hex8(words[row + H_SPAN_1] as number);
  const service = traits >>> SERVICE_SHIFT;
  const span: Span = {
    traceId,
    spanId,
    parentSpanId: parent0 === 0 && parent1 === 0 ? '' : hex8(parent0) + hex8(parent1),
    name: texts.nameOf(words[row + H_NAME] as number),
    kind: SPAN_KINDS[traits & KIND_MASK] ?? 'unspecified',
    start: held.rows.startOf(slot),
    end: held.rows.endOf(slot),
    status: SPAN_STATUSES[(traits >> STATUS_SHIFT) & 3] ?? 'unset',
    attributes: NO_ATTRIBUTES,
    resource: {
      attributes: NO_ATTRIBUTES,
      service: service === UNTOLD_SERVICE ? `service of span ${spanId}` : texts.serviceOf(service),
    },
    scope: '',
    events: [],
    traceState: '',
  };
  return (traits & UNSAMPLED) === 0 ? span : { ...span, sampled: false };
}
