/**
 * What traffic was seen to hold, for the lints that need data: names of spans, their attributes with types and samples, and what
 * the rules said. Collected in one pass, in bounded memory.
 */
import { type Attributes, type AttributeValue, typeName } from '../trace/attribute-value.ts';
import type { Span } from '../trace/span.ts';

export interface ObservedTraffic {
  readonly spans: number;
  /** By span name. */
  readonly names: ReadonlyMap<string, ObservedName>;
  /** Spans of names that came after the bound on names was reached: what is not in `names` may still have been there. */
  readonly unlisted: number;
  /** By rule id; empty where no rule was judged. */
  readonly rules: ReadonlyMap<string, ObservedVerdicts>;
}

export interface ObservedName {
  readonly count: number;
  /** The spans' own attributes, and their resources'. */
  readonly attributes: ReadonlyMap<string, ObservedAttribute>;
  readonly resource: ReadonlyMap<string, ObservedAttribute>;
  /** Attributes were left out for want of room. */
  readonly cut: boolean;
}

export interface ObservedAttribute {
  /** Spans that had it. */
  readonly count: number;
  /** By type, as `typeName` calls it. */
  readonly types: ReadonlyMap<string, number>;
  /** The first distinct values, texts cut. */
  readonly samples: readonly AttributeValue[];
  /** Whether `samples` holds every value that was sent. */
  readonly complete: boolean;
}

export interface ObservedVerdicts {
  readonly satisfied: number;
  readonly violated: number;
  readonly notApplicable: number;
  readonly inconclusive: number;
  /** The scopes in which it was violated, by any name that is one of theirs; null when they were too many to keep. */
  readonly fired: ReadonlySet<string> | null;
}

/** How much is kept. */
interface ObservationBounds {
  readonly names: number;
  /** Of one name. */
  readonly attributes: number;
  readonly samples: number;
  /** Characters of a sample. */
  readonly text: number;
  /** Scopes of one rule. */
  readonly fired: number;
}

const OBSERVATION_BOUNDS: ObservationBounds = {
  names: 2_000,
  attributes: 100,
  samples: 12,
  text: 48,
  fired: 10_000,
};

/** An `ObservedTraffic` that grows. */
export class TrafficObservation implements ObservedTraffic {
  readonly names = new Map<string, NameObservation>();
  readonly rules = new Map<string, VerdictObservation>();
  readonly bounds: ObservationBounds;
  spans = 0;
  unlisted = 0;

  constructor(bounds: ObservationBounds = OBSERVATION_BOUNDS) {
    this.bounds = bounds;
  }
}

/** Adds a span. Cost: a look-up for each attribute. */
export function observeSpan(observed: TrafficObservation, span: Span): void {
  observed.spans++;
  let name = observed.names.get(span.name);
  if (name === undefined) {
    if (observed.names.size >= observed.bounds.names) {
      observed.unlisted++;
      return;
    }
    name = { count: 0, attributes: new Map(), resource: new Map(), cut: false };
    observed.names.set(span.name, name);
  }
  name.count++;
  const ownKept = observeAttributes(name.attributes, span.attributes, observed.bounds);
  const resourceKept = observeAttributes(name.resource, span.resource.attributes, observed.bounds);
  if (!ownKept || !resourceKept) name.cut = true;
}

/** Adds what a rule said of a scope; `scope` tells scopes apart (a trace id, or the key and start of a group). */
export function observeVerdict(
  observed: TrafficObservation,
  rule: string,
  verdict: 'satisfied' | 'violated' | 'not_applicable' | 'inconclusive',
  scope: string,
): void {
  let verdicts = observed.rules.get(rule);
  if (verdicts === undefined) {
    verdicts = { satisfied: 0, violated: 0, notApplicable: 0, inconclusive: 0, fired: new Set() };
    observed.rules.set(rule, verdicts);
  }
  verdicts[verdict === 'not_applicable' ? 'notApplicable' : verdict]++;
  if (verdict !== 'violated' || verdicts.fired === null) return;
  verdicts.fired.add(scope);
  if (verdicts.fired.size > observed.bounds.fired) verdicts.fired = null;
}

interface NameObservation {
  count: number;
  readonly attributes: Map<string, AttributeObservation>;
  readonly resource: Map<string, AttributeObservation>;
  cut: boolean;
}

interface AttributeObservation {
  count: number;
  readonly types: Map<string, number>;
  readonly samples: AttributeValue[];
  complete: boolean;
}

interface VerdictObservation {
  satisfied: number;
  violated: number;
  notApplicable: number;
  inconclusive: number;
  fired: Set<string> | null;
}

/** False when there was no room for one of them. */
function observeAttributes(
  into: Map<string, AttributeObservation>,
  attributes: Attributes,
  bounds: ObservationBounds,
): boolean {
  let kept = true;
  for (const [key, value] of attributes) {
    // The language reads NaN as missing.
    if (typeof value === 'number' && Number.isNaN(value)) continue;
    let attribute = into.get(key);
    if (attribute === undefined) {
      if (into.size >= bounds.attributes) {
        kept = false;
        continue;
      }
      attribute = { count: 0, types: new Map(), samples: [], complete: true };
      into.set(key, attribute);
    }
    attribute.count++;
    const type = typeName(value);
    attribute.types.set(type, (attribute.types.get(type) ?? 0) + 1);
    if (attribute.complete || attribute.samples.length < bounds.samples) addSample(attribute, value, bounds);
  }
  return kept;
}

/** Arrays, maps and bytes may be large, and no lint looks into one. */
function addSample(attribute: AttributeObservation, value: AttributeValue, bounds: ObservationBounds): void {
  const { samples } = attribute;
  const isLong = typeof value === 'string' && value.length > bounds.text;
  if (typeof value === 'object' || isLong) attribute.complete = false;
  if (typeof value === 'object') return;
  // A slice would keep the whole text alive: its characters are copied.
  const sample = isLong ? Array.from(value.slice(0, bounds.text)).join('') : value;
  if (samples.includes(sample)) return;
  if (samples.length < bounds.samples) samples.push(sample);
  else attribute.complete = false;
}
