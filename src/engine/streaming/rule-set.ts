/**
 * The rules that a trace begins with. What a span's name means to them is worked out once a name: which rules it wakes, which it may break at once.
 * Most names mean nothing to any rule.
 */
import type { NameTable } from '../../otlp/name-table.ts';
import { KeySet } from '../../otlp/proto/key-set.ts';
import { type Projection, SpanProjector } from '../../otlp/proto/span-projector.ts';
import type { JudgedRule } from '../judged-rule.ts';
import { attributeNamed, ENVIRONMENT_KEYS } from '../reference/eligibility.ts';
import type { SpanConcern } from './early-concern.ts';
import { NOT_APPLICABLE, type RuleState, RulesByName } from './rule-states.ts';

/** What spans of one name mean to the rules of a set. */
export interface NameMeaning {
  readonly name: string;
  /** Some rule reads it. */
  readonly isRead: boolean;
  /** Attributes that those rules ask of it. */
  readonly keys: KeySet;
  readonly wakes: readonly RuleState[];
  /** Rules that it may break before the trace closes, and by which of its spans. */
  readonly breaks: readonly EarlyBreak[];
  readonly across: readonly RuleState[];
  /** Rules of which it is a trigger. */
  readonly triggers: ReadonlySet<RuleState>;
}

export interface EarlyBreak {
  readonly rule: RuleState;
  readonly leastSpans: number;
  readonly concern: SpanConcern;
}

const NO_RULES: readonly RuleState[] = [];
/** Of names that no rule reads. */
const MEANS_NOTHING: NameMeaning = {
  name: '',
  isRead: false,
  keys: new KeySet(new Set()),
  wakes: NO_RULES,
  breaks: [],
  across: NO_RULES,
  triggers: new Set(),
};

/** Meanings that are remembered by text; beyond, all are worked out again. */
const MOST_TEXTS = 100_000;

/** Values of `kinds`. */
export const UNKNOWN_NAME = 0;
export const UNREAD_NAME = 1;

export class RuleSet {
  readonly number: number;
  readonly rules: readonly RuleState[];
  /** Earlier versions of rules with `across` whose groups may take spans of these traces in: they are not among `rules`. */
  readonly guests: ReadonlySet<RuleState>;
  /** Traces that hold on to it. */
  holders = 0;
  /** Closed traces since the last look: net, for one that opens again is taken away. */
  closedComplete = 0;
  closedIncomplete = 0;
  /** By name number: 0 not looked at yet, 1 no rule reads it, 2 some rule does. UNLISTED stays 0. */
  kinds = new Uint8Array(1024);
  /** To be judged at every close. */
  readonly alwaysAwake: readonly RuleState[];
  /** Rules that accept what is missing of a trace and do not sleep without a verdict: of a trace that was lost here they must be asked. */
  readonly lenient: readonly RuleState[];
  /** Rules that wake in long traces, and the shortest duration that wakes one. */
  readonly timed: readonly RuleState[];
  readonly timedFrom: number;
  /** Rules that a trace may break at once by its length, and the shortest that does. */
  readonly timedBreaks: readonly RuleState[];
  readonly breaksFrom: number;
  readonly usesRelations: boolean;
  readonly hasAcross: boolean;
  readonly projector: SpanProjector;

  readonly #names: NameTable;
  /** Rules that look at spans that they do not name. */
  readonly #readers: readonly RuleState[];
  readonly #reads = new RulesByName();
  readonly #wakes = new RulesByName();
  readonly #triggers = new RulesByName();
  readonly #meanings: (NameMeaning | undefined)[] = [];
  readonly #byText = new Map<string, NameMeaning>();

  constructor(
    number: number,
    rules: readonly RuleState[],
    names: NameTable,
    guests: readonly RuleState[] = [],
  ) {
    this.number = number;
    this.rules = rules;
    this.guests = new Set(guests);
    const readers = [...rules, ...guests];
    this.#names = names;
    this.#readers = rules.filter((rule) => rule.readsAll);
    this.alwaysAwake = rules.filter((rule) => rule.isAlwaysAwake);
    this.lenient = rules.filter(
      (rule) =>
        rule.rule.onIncomplete === 'judge' && !rule.isAcross && rule.asleepIncomplete !== NOT_APPLICABLE,
    );
    this.timed = rules.filter((rule) => rule.sleepsBelow < Number.POSITIVE_INFINITY);
    this.timedFrom = Math.min(Number.POSITIVE_INFINITY, ...this.timed.map((rule) => rule.sleepsBelow));
    this.timedBreaks = rules.filter((rule) => rule.breaksFrom < Number.POSITIVE_INFINITY);
    this.breaksFrom = Math.min(Number.POSITIVE_INFINITY, ...this.timedBreaks.map((rule) => rule.breaksFrom));
    this.usesRelations = readers.some(({ plan }) => plan.usesParents || plan.usesChildren);
    this.hasAcross = readers.some((rule) => rule.isAcross);
    this.projector = new SpanProjector(projectionOf(readers), names);
    for (const rule of readers) {
      this.#reads.add(rule.plan.matchers, rule);
      this.#wakes.add(rule.wakers, rule);
      this.#triggers.add(rule.triggers, rule);
    }
  }

  /** Works out what a listed name means, once, and returns its kind. */
  learn(name: number): number {
    if (name >= this.kinds.length) {
      const kinds = new Uint8Array(Math.max(name + 1, this.kinds.length * 2));
      kinds.set(this.kinds);
      this.kinds = kinds;
    }
    const meaning = this.#meaningOf(this.#names.textOf(name));
    this.#meanings[name] = meaning;
    const kind = meaning.isRead ? 2 : UNREAD_NAME;
    this.kinds[name] = kind;
    return kind;
  }

  /** What a listed name means that was learnt. */
  of(name: number): NameMeaning {
    return this.#meanings[name] as NameMeaning;
  }

  /** For names of spans that were met. */
  ofText(name: string): NameMeaning {
    let meaning = this.#byText.get(name);
    if (meaning === undefined) {
      if (this.#byText.size >= MOST_TEXTS) this.#byText.clear();
      meaning = this.#meaningOf(name);
      this.#byText.set(name, meaning);
    }
    return meaning;
  }

  #meaningOf(name: string): NameMeaning {
    const reads = this.#reads.of(name);
    for (const rule of reads) rule.noteName(name);
    if (reads.length === 0 && this.#readers.length === 0) return MEANS_NOTHING;
    return {
      name,
      isRead: true,
      keys: new KeySet(projectionOf([...this.#readers, ...reads]).attributes),
      wakes: this.#wakes.of(name).filter((rule) => !rule.isAlwaysAwake),
      breaks: reads
        .filter((rule) => rule.breaksEarly)
        .map((rule) => ({
          rule,
          leastSpans: rule.concerns.leastSpans,
          concern: rule.concerns.ofName(name),
        })),
      across: reads.filter((rule) => rule.isAcross),
      triggers: new Set(this.#triggers.of(name)),
    };
  }
}

/** What any of the rules asks of a span. */
function projectionOf(rules: readonly RuleState[]): Projection {
  const attributes = new Set<string>();
  // Signals say in which version and environment a rule broke.
  const resource = new Set<string>(['service.version', ...ENVIRONMENT_KEYS]);
  let events = false;
  for (const { rule, plan } of rules) {
    for (const { where, name } of plan.attributes) (where === 'any' ? attributes : resource).add(name);
    events ||= plan.fields.has('events');
    for (const name of fieldsOfExceptions(rule)) {
      const attribute = attributeNamed(name);
      if (attribute.where === 'any') attributes.add(attribute.name);
      else if (attribute.where === 'resource') resource.add(attribute.name);
      else events ||= attribute.name === 'events';
    }
    if (rule.environments !== null) for (const key of ENVIRONMENT_KEYS) attributes.add(key);
  }
  return { attributes, resource, events, traceState: true };
}

function fieldsOfExceptions({ exceptions }: JudgedRule): string[] {
  return exceptions.flatMap(({ fields }) => [...fields]);
}
