/**
 * Scanned spans to spans with only those parts that somebody looks at. What is not asked for is passed over by its length, without a text
 * being made of it. Resources and scopes are decoded once and known again by their bytes.
 */
import { type AttributeValue, NO_ATTRIBUTES } from '../../trace/attribute-value.ts';
import type { Resource, Span, SpanEvent } from '../../trace/span.ts';
import { traceIdText } from '../id-text.ts';
import { type NameTable, UNLISTED } from '../name-table.ts';
import {
  FROM,
  HAS_TRACE_STATE,
  NAME,
  ROW,
  START_HIGH,
  START_LOW,
  TO,
  TRACE_0,
  TRAITS,
  UNSAMPLED,
} from '../span-rows.ts';
import { SpanSink } from '../span-sink.ts';
import {
  ATTRIBUTE_TAG,
  BOOL_TAG,
  DOUBLE_TAG,
  INT_TAG,
  isUsualPair,
  STRING_TAG,
  valueOfPair,
} from './attribute-shape.ts';
import { ProtoAttributes } from './attributes.ts';
import { FewAttributes } from './few-attributes.ts';
import { InternedParts } from './interned-parts.ts';
import { KeySet } from './key-set.ts';
import { ProjectedSpan, timeOf, UnsampledSpan } from './projected-span.ts';
import type { ScannedRequest } from './scanned-request.ts';
import { SpanReader } from './span-reader.ts';
import { FIXED32, FIXED64, LENGTH, WireReader } from './wire-reader.ts';
import { lenientText, strictText } from './wire-text.ts';

/** What somebody looks at. */
export interface Projection {
  /** Attributes of spans; each is looked for in the resource as well. */
  readonly attributes: ReadonlySet<string>;
  /** Attributes of the resource alone. `service.name` is always there. */
  readonly resource: ReadonlySet<string>;
  /** Names and times of events, without their attributes. */
  readonly events: boolean;
  readonly traceState: boolean;
}

const TRACE_STATE_TAG = (3 << 3) | LENGTH;
const NAME_TAG = (5 << 3) | LENGTH;
const EVENT_TAG = (11 << 3) | LENGTH;

const NO_BYTES = new Uint8Array(0);
const NO_EVENTS: readonly SpanEvent[] = [];

export class SpanProjector {
  readonly #projection: Projection;
  readonly #names: NameTable | null;
  readonly #keys: KeySet;
  /** Projected resources, whole ones, and names of scopes. */
  readonly #resources: InternedParts<Resource>;
  readonly #fullResources: InternedParts<Resource>;
  readonly #scopes: InternedParts<string>;
  #bytes: Uint8Array = NO_BYTES;
  #view: DataView = new DataView(NO_BYTES.buffer);

  /** With the table of the scanner, names are taken from there. */
  constructor(projection: Projection, names: NameTable | null = null) {
    this.#projection = projection;
    this.#names = names;
    this.#keys = new KeySet(projection.attributes);
    const ofResource = new Set([...projection.attributes, ...projection.resource, 'service.name']);
    this.#resources = new InternedParts('resource', (bytes) => projected(readResource(bytes), ofResource));
    this.#fullResources = new InternedParts('resource', readResource);
    this.#scopes = new InternedParts('scope', readScope);
  }

  /**
   * The span with the parts that the projection names. Other attributes are absent, and so are the values of those named that are damaged.
   * Attributes of equal keys: the last one counts. `traceId`: the text of its trace's id, where it is known. `keys`: those attributes of spans that
   * are asked of this one, where they are not all of the projection.
   */
  project(
    request: ScannedRequest,
    row: number,
    traceId: string | null = null,
    keys: KeySet = this.#keys,
  ): Span {
    const { words, link } = request.rows;
    const list = link[row] as number;
    return this.#decode(
      request,
      words,
      row * ROW,
      this.#resources.of(request, list),
      this.#scopes.of(request, list),
      traceId ?? traceIdText(words, row * ROW + TRACE_0),
      keys,
    );
  }

  /** The projected resource of a scanned span. */
  resource(request: ScannedRequest, row: number): Resource {
    return this.#resources.of(request, request.rows.link[row] as number);
  }

  /** The span as the complete reader gives it. */
  full(request: ScannedRequest, row: number): Span {
    const { words, link } = request.rows;
    const list = link[row] as number;
    const sink = new SpanSink();
    const from = words[row * ROW + FROM] as number;
    const to = words[row * ROW + TO] as number;
    new SpanReader(sink, request.bytes).span(
      new WireReader(request.bytes, from, to),
      this.#fullResources.of(request, list),
      this.#scopes.of(request, list),
    );
    const [span] = sink.spans;
    if (span === undefined) throw new Error('the scanner took a span that the reader refuses');
    return span;
  }

  #decode(
    request: ScannedRequest,
    words: Uint32Array,
    row: number,
    resource: Resource,
    scope: string,
    traceId: string,
    keys: KeySet,
  ): Span {
    const { bytes } = request;
    if (bytes !== this.#bytes) this.#turnTo(bytes);
    const traits = words[row + TRAITS] as number;
    const nameId = words[row + NAME] as number;
    const wantsEvents = this.#projection.events;
    const wantsTraceState = this.#projection.traceState && (traits & HAS_TRACE_STATE) !== 0;
    const needsName = nameId === UNLISTED || this.#names === null;
    let attributes: FewAttributes | Map<string, AttributeValue> | null = null;
    let events: SpanEvent[] | null = null;
    let name = needsName ? '' : (this.#names as NameTable).textOf(nameId);
    let traceState = '';
    if (keys.size > 0 || wantsEvents || wantsTraceState || needsName) {
      const to = words[row + TO] as number;
      // The scanner has been here: all lengths are within the span.
      for (let at = words[row + FROM] as number; at < to; ) {
        const tag = varintAt(bytes, at);
        at = behindVarint(bytes, at);
        switch (tag & 7) {
          case LENGTH: {
            const length = varintAt(bytes, at);
            const from = behindVarint(bytes, at);
            at = from + length;
            if (tag === ATTRIBUTE_TAG) attributes = this.#attribute(bytes, from, at, keys, attributes);
            else if (tag === NAME_TAG && needsName) name = textOf(bytes, from, at);
            else if (tag === TRACE_STATE_TAG && wantsTraceState) traceState = textOf(bytes, from, at);
            else if (tag === EVENT_TAG && wantsEvents) {
              events ??= [];
              const start = timeOf(words[row + START_HIGH] as number, words[row + START_LOW] as number);
              events.push(eventOf(bytes, from, at, start));
            }
            break;
          }
          case FIXED64:
            at += 8;
            break;
          case FIXED32:
            at += 4;
            break;
          default:
            at = behindVarint(bytes, at);
        }
      }
    }
    const Kind = (traits & UNSAMPLED) === 0 ? ProjectedSpan : UnsampledSpan;
    return new Kind(
      words,
      row,
      traceId,
      name,
      attributes ?? NO_ATTRIBUTES,
      resource,
      scope,
      events ?? NO_EVENTS,
      traceState,
    );
  }

  #turnTo(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Takes an attribute that is asked. A list is made for the first: many spans have none. */
  #attribute(
    bytes: Uint8Array,
    from: number,
    to: number,
    keys: KeySet,
    into: FewAttributes | Map<string, AttributeValue> | null,
  ): FewAttributes | Map<string, AttributeValue> | null {
    if (keys.size === 0) return into;
    if (!isUsualPair(bytes, from, to)) {
      const pair = new ProtoAttributes(new SpanSink(), bytes).pair(from, to, 0);
      return pair !== null && keys.has(pair[0]) ? together(into, pair[0], pair[1]) : into;
    }
    const behind = from + 2 + (bytes[from + 1] as number);
    const key = keys.find(bytes, from + 2, behind);
    if (key === null) return into;
    const value =
      this.#plainValue(bytes, valueOfPair(bytes, from), to) ??
      new ProtoAttributes(new SpanSink(), bytes).pair(from, to, 0)?.[1];
    return value === undefined ? into : together(into, key, value);
  }

  /** The value of an AnyValue of the usual form, a single value that is no list; undefined for others, and for long numbers. */
  #plainValue(bytes: Uint8Array, from: number, to: number): AttributeValue | undefined {
    const length = to - from;
    if (length < 2) return undefined;
    const next = bytes[from + 1] as number;
    switch (bytes[from]) {
      case STRING_TAG:
        if (next < 0x80) return next === length - 2 ? textOf(bytes, from + 2, to) : undefined;
        // A length of two bytes.
        return length > 130 && ((next & 0x7f) | ((bytes[from + 2] as number) << 7)) === length - 3
          ? textOf(bytes, from + 3, to)
          : undefined;
      case BOOL_TAG:
        return length === 2 && next < 2 ? next === 1 : undefined;
      case INT_TAG:
        return smallInt(bytes, from + 1, to);
      case DOUBLE_TAG:
        return length === 9 ? this.#view.getFloat64(from + 1, true) : undefined;
      default:
        return undefined;
    }
  }
}

function together(
  attributes: FewAttributes | Map<string, AttributeValue> | null,
  key: string,
  value: AttributeValue,
): FewAttributes | Map<string, AttributeValue> {
  if (attributes === null) return new FewAttributes(key, value);
  return attributes instanceof FewAttributes ? attributes.with(key, value) : attributes.set(key, value);
}

/** Of a varint of at most 32 bits. */
function varintAt(bytes: Uint8Array, from: number): number {
  let byte = bytes[from] as number;
  if (byte < 0x80) return byte;
  let value = byte & 0x7f;
  for (let at = from + 1, shift = 7; byte >= 0x80; at++, shift += 7) {
    byte = bytes[at] as number;
    value |= (byte & 0x7f) << shift;
  }
  return value >>> 0;
}

function behindVarint(bytes: Uint8Array, from: number): number {
  let at = from;
  while ((bytes[at] as number) >= 0x80) at++;
  return at + 1;
}

/** A varint of at most four bytes that fills the range; undefined for others. */
function smallInt(bytes: Uint8Array, from: number, to: number): number | undefined {
  if (to - from > 4) return undefined;
  let value = 0;
  let at = from;
  for (let shift = 0; at < to; shift += 7) {
    const byte = bytes[at++] as number;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return at === to && (bytes[at - 1] as number) < 0x80 ? value : undefined;
}

/** The name of a scanned span, for one that is not in the scanner's table. Cost: a walk over the span's fields. */
export function nameOf(request: ScannedRequest, row: number): string {
  return textField(request, row, 5);
}

/** The tracestate of a scanned span. Cost: as `nameOf`. */
export function traceStateOf(request: ScannedRequest, row: number): string {
  return textField(request, row, 3);
}

function textField(request: ScannedRequest, row: number, field: number): string {
  const { words } = request.rows;
  const reader = new WireReader(
    request.bytes,
    words[row * ROW + FROM] as number,
    words[row * ROW + TO] as number,
  );
  let text = '';
  while (reader.next()) {
    if (reader.field === field && reader.wire === LENGTH) {
      const from = reader.span();
      text = textOf(request.bytes, from, reader.at);
    } else reader.skip();
  }
  return text;
}

function readResource(bytes: Uint8Array): Resource {
  const attributes = new Map<string, AttributeValue>();
  new SpanReader(new SpanSink(), bytes).resourceAttributes(new WireReader(bytes), attributes);
  return resourceOf(attributes);
}

function readScope(bytes: Uint8Array): string {
  return new SpanReader(new SpanSink(), bytes).scopeName(new WireReader(bytes), '');
}

function projected(resource: Resource, wanted: ReadonlySet<string>): Resource {
  return resourceOf(new Map([...resource.attributes].filter(([key]) => wanted.has(key))));
}

function resourceOf(attributes: Map<string, AttributeValue>): Resource {
  const service = attributes.get('service.name');
  return { attributes, service: typeof service === 'string' ? service : '' };
}

function eventOf(bytes: Uint8Array, from: number, to: number, start: bigint): SpanEvent {
  const reader = new WireReader(bytes, from, to);
  let name = '';
  let time = 0n;
  while (reader.next()) {
    if (reader.field === 2) {
      const at = reader.span();
      name = textOf(bytes, at, reader.at);
    } else if (reader.field === 1) time = reader.fixed64();
    else reader.skip();
  }
  return { name, time: time || start, attributes: new Map() };
}

function textOf(bytes: Uint8Array, from: number, to: number): string {
  return strictText(bytes, from, to) ?? lenientText(bytes, from, to);
}
