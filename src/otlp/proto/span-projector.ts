/**
 * Scanned spans to spans with only those parts that somebody looks at. What is not asked for is passed over by its length, without a text
 * being made of it. Resources and scopes are decoded once and known again by their bytes.
 */
import { type AttributeValue, NO_ATTRIBUTES } from '../../trace/attribute-value.ts';
import { type Resource, SPAN_KINDS, SPAN_STATUSES, type Span, type SpanEvent } from '../../trace/span.ts';
import { spanIdText, traceIdText } from '../id-text.ts';
import { type NameTable, UNLISTED } from '../name-table.ts';
import {
  END_HIGH,
  END_LOW,
  FROM,
  HAS_TRACE_STATE,
  KIND_MASK,
  NAME,
  PARENT_0,
  PARENT_1,
  ROW,
  SPAN_0,
  SPAN_1,
  START_HIGH,
  START_LOW,
  STATUS_SHIFT,
  TO,
  TRACE_0,
  TRAITS,
  UNSAMPLED,
} from '../span-rows.ts';
import { SpanSink } from '../span-sink.ts';
import { ProtoAttributes } from './attributes.ts';
import { InternedParts } from './interned-parts.ts';
import { KeySet } from './key-set.ts';
import type { ScannedRequest } from './scanned-request.ts';
import { SpanReader } from './span-reader.ts';
import { FIXED64, LENGTH, VARINT, WireReader } from './wire-reader.ts';
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

const KEY_TAG = 0x0a;
const VALUE_TAG = 0x12;
const STRING_TAG = (1 << 3) | LENGTH;
const BOOL_TAG = (2 << 3) | VARINT;
const INT_TAG = (3 << 3) | VARINT;
const DOUBLE_TAG = (4 << 3) | FIXED64;
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
  #reader = new WireReader(NO_BYTES);
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
    const start = timeAt(words, row + START_HIGH, row + START_LOW);
    let attributes: Map<string, AttributeValue> | null = null;
    let events: SpanEvent[] | null = null;
    let name = '';
    let traceState = '';
    if (keys.size > 0 || wantsEvents || wantsTraceState || needsName) {
      const reader = this.#reader;
      reader.reset(words[row + FROM] as number, words[row + TO] as number);
      while (reader.next()) {
        if (reader.wire !== LENGTH) {
          reader.skip();
          continue;
        }
        const { field } = reader;
        const from = reader.span();
        const to = reader.at;
        if (field === 9) attributes = this.#attribute(bytes, from, to, keys, attributes);
        else if (field === 5 && needsName) name = textOf(bytes, from, to);
        else if (field === 3 && wantsTraceState) traceState = textOf(bytes, from, to);
        else if (field === 11 && wantsEvents) {
          events ??= [];
          events.push(eventOf(bytes, from, to, start));
        }
      }
    }
    const parent0 = words[row + PARENT_0] as number;
    const parent1 = words[row + PARENT_1] as number;
    const span: Span = {
      traceId,
      spanId: spanIdText(words[row + SPAN_0] as number, words[row + SPAN_1] as number),
      parentSpanId: parent0 === 0 && parent1 === 0 ? '' : spanIdText(parent0, parent1),
      name: needsName ? name : (this.#names as NameTable).textOf(nameId),
      kind: SPAN_KINDS[traits & KIND_MASK] ?? 'unspecified',
      start,
      end: timeAt(words, row + END_HIGH, row + END_LOW),
      status: SPAN_STATUSES[(traits >>> STATUS_SHIFT) & 3] ?? 'unset',
      attributes: attributes ?? NO_ATTRIBUTES,
      resource,
      scope,
      events: events ?? NO_EVENTS,
      traceState,
    };
    return (traits & UNSAMPLED) === 0 ? span : { ...span, sampled: false };
  }

  #turnTo(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#reader = new WireReader(bytes);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Takes an attribute that is asked. A map is made for the first: many spans have none. */
  #attribute(
    bytes: Uint8Array,
    from: number,
    to: number,
    keys: KeySet,
    into: Map<string, AttributeValue> | null,
  ): Map<string, AttributeValue> | null {
    if (keys.size === 0) return into;
    if (!isUsualPair(bytes, from, to)) {
      const pair = new ProtoAttributes(new SpanSink(), bytes).pair(from, to, 0);
      return pair !== null && keys.has(pair[0]) ? (into ?? new Map()).set(pair[0], pair[1]) : into;
    }
    const behind = from + 2 + (bytes[from + 1] as number);
    const key = keys.find(bytes, from + 2, behind);
    if (key === null) return into;
    const value =
      this.#plainValue(bytes, behind + ((bytes[behind + 1] as number) < 0x80 ? 2 : 3), to) ??
      new ProtoAttributes(new SpanSink(), bytes).pair(from, to, 0)?.[1];
    return value === undefined ? into : (into ?? new Map()).set(key, value);
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

/** Whether a KeyValue is a key of less than 128 bytes and behind it, to the end, one value: what all producers send. */
function isUsualPair(bytes: Uint8Array, from: number, to: number): boolean {
  const keyLength = bytes[from + 1] as number;
  const value = from + 2 + keyLength;
  if (to - from < 2 || bytes[from] !== KEY_TAG || keyLength >= 0x80 || value + 2 > to) return false;
  if (bytes[value] !== VALUE_TAG) return false;
  let length = bytes[value + 1] as number;
  let at = value + 2;
  if (length >= 0x80) {
    if (at >= to || (bytes[at] as number) >= 0x80) return false;
    length = (length & 0x7f) | ((bytes[at] as number) << 7);
    at++;
  }
  return at + length === to;
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

function timeAt(words: Uint32Array, high: number, low: number): bigint {
  TIME_WORDS[HIGH] = words[high] as number;
  TIME_WORDS[1 - HIGH] = words[low] as number;
  return TIME[0] as bigint;
}

const TIME_WORDS = new Uint32Array(2);
const TIME = new BigUint64Array(TIME_WORDS.buffer);
/** Where the higher word of a 64-bit integer lies on this machine. */
const HIGH = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;
