/**
 * A span made of a scanned row. Its ids and times stay numbers until somebody asks: most rules ask for names and attributes only, and four texts and
 * integers a span are most of what a span costs.
 */
import type { Nanos } from '../../base/nanos.ts';
import type { Attributes } from '../../trace/attribute-value.ts';
import {
  type Resource,
  SPAN_KINDS,
  SPAN_STATUSES,
  type Span,
  type SpanEvent,
  type SpanKind,
  type SpanStatus,
} from '../../trace/span.ts';
import { spanIdText } from '../id-text.ts';
import {
  END_HIGH,
  END_LOW,
  KIND_MASK,
  PARENT_0,
  PARENT_1,
  SPAN_0,
  SPAN_1,
  START_HIGH,
  START_LOW,
  STATUS_SHIFT,
  TRAITS,
} from '../span-rows.ts';

export class ProjectedSpan implements Span {
  readonly traceId: string;
  readonly name: string;
  readonly kind: SpanKind;
  readonly status: SpanStatus;
  readonly attributes: Attributes;
  readonly resource: Resource;
  readonly scope: string;
  readonly events: readonly SpanEvent[];
  readonly traceState: string;
  declare readonly sampled?: false;

  // Words with their sign: without, the larger half of them would be an object each.
  readonly #id0: number;
  readonly #id1: number;
  readonly #parent0: number;
  readonly #parent1: number;
  readonly #startHigh: number;
  readonly #startLow: number;
  readonly #endHigh: number;
  readonly #endLow: number;
  #start: Nanos | null = null;
  #end: Nanos | null = null;

  /** `row`: where its row begins in the words. */
  constructor(
    words: Uint32Array,
    row: number,
    traceId: string,
    name: string,
    attributes: Attributes,
    resource: Resource,
    scope: string,
    events: readonly SpanEvent[],
    traceState: string,
  ) {
    const traits = words[row + TRAITS] as number;
    this.traceId = traceId;
    this.name = name;
    this.kind = SPAN_KINDS[traits & KIND_MASK] ?? 'unspecified';
    this.status = SPAN_STATUSES[(traits >>> STATUS_SHIFT) & 3] ?? 'unset';
    this.attributes = attributes;
    this.resource = resource;
    this.scope = scope;
    this.events = events;
    this.traceState = traceState;
    this.#id0 = (words[row + SPAN_0] as number) | 0;
    this.#id1 = (words[row + SPAN_1] as number) | 0;
    this.#parent0 = (words[row + PARENT_0] as number) | 0;
    this.#parent1 = (words[row + PARENT_1] as number) | 0;
    this.#startHigh = (words[row + START_HIGH] as number) | 0;
    this.#startLow = (words[row + START_LOW] as number) | 0;
    this.#endHigh = (words[row + END_HIGH] as number) | 0;
    this.#endLow = (words[row + END_LOW] as number) | 0;
  }

  get spanId(): string {
    return spanIdText(this.#id0, this.#id1);
  }

  get parentSpanId(): string {
    return this.#parent0 === 0 && this.#parent1 === 0 ? '' : spanIdText(this.#parent0, this.#parent1);
  }

  get start(): Nanos {
    this.#start ??= timeOf(this.#startHigh, this.#startLow);
    return this.#start;
  }

  get end(): Nanos {
    this.#end ??= timeOf(this.#endHigh, this.#endLow);
    return this.#end;
  }
}

/** What its producer's flags say was not sampled. */
export class UnsampledSpan extends ProjectedSpan {
  override readonly sampled = false;
}

/** Of the two words of a time. */
export function timeOf(high: number, low: number): Nanos {
  WORDS[HIGH] = high;
  WORDS[1 - HIGH] = low;
  return LONG[0] as bigint;
}

const WORDS = new Uint32Array(2);
const LONG = new BigUint64Array(WORDS.buffer);
/** Where the higher word of a 64-bit integer lies on this machine. */
const HIGH = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;
