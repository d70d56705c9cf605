/**
 * The fast way through OTLP protobuf: walks the bytes of an export request once and writes what the engine looks at of every span into
 * rows of numbers. Nothing is made a span or an attribute: whoever needs more decodes it from the span's bytes (SpanProjector).
 *
 * The walk goes into every part that the complete reader goes into, so that a request that was taken can be read to its end: lengths,
 * wire types, varints, down to the values of attributes. Texts are not looked at: what is no UTF-8 is read as U+FFFD later.
 *
 * Source: opentelemetry-proto, trace/v1/trace.proto, common/v1/common.proto, resource/v1/resource.proto; protobuf.dev, "Encoding".
 */
import type { JsonPath } from '../../base/exact-json.ts';
import type { DiagnosticCode } from '../../diagnostic/codes.ts';
import type { NameTable } from '../name-table.ts';
import {
  END_HIGH,
  END_LOW,
  FROM,
  HAS_TRACE_STATE,
  IN_BYTES,
  MAY_HAVE_THRESHOLD,
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
  TRACE_1,
  TRACE_2,
  TRACE_3,
  TRAITS,
  UNSAMPLED,
} from '../span-rows.ts';
import { isUnsampled } from '../trace-flags.ts';
import {
  ATTRIBUTE_HEAD,
  ATTRIBUTE_TAG,
  isPlainAttribute,
  isPlainValue,
  isServiceName,
  isUsualPair,
  SHORTEST_ATTRIBUTE,
  STRING_TAG,
  valueOfPair,
} from './attribute-shape.ts';
import { foreignSignal } from './foreign-signal.ts';
import { NameFinder } from './name-finder.ts';
import { FIRST_IS_BYTES, PartWalk, SECOND_IS_BYTES } from './part-walk.ts';
import { joinRepeats, type RepeatedPart } from './repeated-parts.ts';
import { DEFAULT_SCAN_LIMITS, type ScanLimits } from './scan-limits.ts';
import type { ScannedList, ScannedRequest } from './scanned-request.ts';
import type { WireFault } from './wire-fault.ts';
import { FIXED32, FIXED64, LENGTH, VARINT } from './wire-reader.ts';
import { Refusal } from './wire-walk.ts';

/** Faults that are told one by one; all are counted. */
const MOST_FAULTS = 20;

// Tags: the number of the field times 8, and its wire type.
const TRACE_ID_TAG = (1 << 3) | LENGTH;
const SPAN_ID_TAG = (2 << 3) | LENGTH;
const TRACE_STATE_TAG = (3 << 3) | LENGTH;
const PARENT_ID_TAG = (4 << 3) | LENGTH;
const NAME_TAG = (5 << 3) | LENGTH;
const KIND_TAG = (6 << 3) | VARINT;
const START_TAG = (7 << 3) | FIXED64;
const END_TAG = (8 << 3) | FIXED64;
const EVENT_TAG = (11 << 3) | LENGTH;
const LINK_TAG = (13 << 3) | LENGTH;
const STATUS_TAG = (15 << 3) | LENGTH;
const FLAGS_TAG = (16 << 3) | FIXED32;

/** What scopes were called before OTLP 0.15. */
const OLD_SCOPE_SPANS_TAG = (1000 << 3) | LENGTH;

/** By field number of a span: name and wire type. */
const SPAN_FIELDS: ReadonlyMap<number, readonly [string, number]> = new Map([
  [1, ['trace_id', LENGTH]],
  [2, ['span_id', LENGTH]],
  [3, ['trace_state', LENGTH]],
  [4, ['parent_span_id', LENGTH]],
  [5, ['name', LENGTH]],
  [6, ['kind', VARINT]],
  [7, ['start_time_unix_nano', FIXED64]],
  [8, ['end_time_unix_nano', FIXED64]],
  [9, ['attributes', LENGTH]],
  [11, ['events', LENGTH]],
  [13, ['links', LENGTH]],
  [15, ['status', LENGTH]],
  [16, ['flags', FIXED32]],
]);

let scans = 0;

export class RequestScanner extends PartWalk {
  readonly #names: NameFinder;

  #into: ScannedRequest | null = null;
  /** All spans met, also those left out. */
  #spans = 0;
  #repeats: RepeatedPart[] = [];

  /** As in `ScannedList`, of the resource that was walked last. */
  #serviceFrom = 0;
  #serviceTo = 0;

  constructor(names: NameTable, limits: ScanLimits = DEFAULT_SCAN_LIMITS) {
    super(limits);
    this.#names = new NameFinder(names);
  }

  /**
   * Fills `into` and returns null; or says why the request cannot be taken, and then nothing of `into` may be used. Never throws, whatever
   * the bytes. Cost: one walk over the bytes, no allocation a span.
   */
  scan(bytes: Uint8Array, into: ScannedRequest): WireFault | null {
    this.#prepare(bytes, into);
    const fault = this.#walk(bytes.length);
    if (fault !== null || (into.count === 0 && into.rejected > 0)) {
      if (fault?.kind !== 'too-many-spans' && foreignSignal(bytes)) return FOREIGN;
    }
    if (fault === null && this.#repeats.length > 0) joinRepeats(into, this.#repeats);
    return fault;
  }

  #prepare(bytes: Uint8Array, into: ScannedRequest): void {
    this.begin(bytes);
    this.#into = into;
    into.bytes = bytes;
    into.serial = ++scans;
    into.count = 0;
    into.listCount = 0;
    into.rejected = 0;
    into.mended = 0;
    into.faults.length = 0;
    this.#spans = 0;
    if (this.#repeats.length > 0) this.#repeats = [];
  }

  #walk(length: number): WireFault | null {
    try {
      this.#request(length);
      return null;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return error.fault;
    }
  }

  #request(to: number): void {
    let at = 0;
    while (at < to) {
      const tag = this.tag(at, to);
      at = this.at;
      if (tag >>> 3 !== 1) {
        at = this.skip(tag, at, to);
        continue;
      }
      this.resourceIndex++;
      if (tag !== FIRST_IS_BYTES) this.misfit(at, tag, 'resource_spans', LENGTH);
      const length = this.length(at, to);
      at = this.at + length;
      this.#resourceSpans(this.at, at);
    }
  }

  #resourceSpans(from: number, to: number): void {
    const into = this.#into as ScannedRequest;
    const firstList = into.listCount;
    const firstRow = into.count;
    let resourceFrom = -1;
    let resourceTo = -1;
    this.#serviceFrom = 0;
    this.#serviceTo = 0;
    let excess: string | null = null;
    const repeats = this.#repeats.length;
    let scopes = 0;
    let at = from;
    while (at < to) {
      const tag = this.tag(at, to);
      at = this.at;
      const field = tag >>> 3;
      if (field === 1) {
        if (tag !== FIRST_IS_BYTES) this.misfit(at, tag, 'resource', LENGTH);
        const length = this.length(at, to);
        const start = this.at;
        at = start + length;
        this.excess = null;
        this.#resource(start, at);
        excess ??= this.excess;
        if (resourceFrom >= 0) {
          this.#serviceFrom = -1;
          this.#repeats.push({ of: 'resource', firstList, from: resourceFrom, to: resourceTo });
        }
        resourceFrom = start;
        resourceTo = at;
      } else if (field === 2 || field === 1000) {
        this.scopeIndex = scopes++;
        if (tag !== SECOND_IS_BYTES && tag !== OLD_SCOPE_SPANS_TAG) {
          this.misfit(at, tag, 'scope_spans', LENGTH);
        }
        const length = this.length(at, to);
        const start = this.at;
        at = start + length;
        this.#scopeSpans(start, at);
        this.scopeIndex = -1;
      } else at = this.skip(tag, at, to);
    }
    for (let index = firstList; index < into.listCount; index++) {
      const list = into.lists[index] as ScannedList;
      list.resourceFrom = resourceFrom;
      list.resourceTo = resourceTo;
      list.serviceFrom = this.#serviceFrom;
      list.serviceTo = this.#serviceTo;
    }
    if (excess !== null) {
      into.rejected += into.count - firstRow;
      this.#note('FL527', excess, ['resourceSpans', this.resourceIndex, 'resource']);
      into.count = firstRow;
      into.listCount = firstList;
    }
    if (into.listCount === firstList) this.#repeats.length = repeats;
  }

  #resource(from: number, to: number): void {
    this.inResource = true;
    let attributes = 0;
    let at = from;
    while (at < to) {
      const tag = this.tag(at, to);
      at = this.at;
      if (tag >>> 3 === 1) {
        this.attributeIndex = attributes++;
        const end = this.keyValueField(tag, at, to);
        this.#noteService(this.at, end);
        at = end;
      } else at = this.skip(tag, at, to);
    }
    this.attributeIndex = -1;
    this.inResource = false;
    if (attributes > this.limits.attributesPerSpan) this.excess = this.tooManyAttributes(attributes);
  }

  /** Notes where the service's name is, if an attribute of the resource holds it. */
  #noteService(from: number, to: number): void {
    const bytes = this.bytes;
    if (this.#serviceFrom < 0) return;
    if (!isUsualPair(bytes, from, to)) this.#serviceFrom = -1;
    else if (isServiceName(bytes, from)) {
      const value = valueOfPair(bytes, from);
      const length = bytes[value + 1] as number;
      const isText = bytes[value] === STRING_TAG && length < 0x80 && length === to - value - 2;
      this.#serviceFrom = isText ? value + 2 : -1;
      this.#serviceTo = to;
    }
  }

  #scopeSpans(from: number, to: number): void {
    const into = this.#into as ScannedRequest;
    const firstRow = into.count;
    const index = into.listCount++;
    if (index === into.lists.length) {
      into.lists.push({
        resourceFrom: -1,
        resourceTo: -1,
        scopeFrom: -1,
        scopeTo: -1,
        serviceFrom: -1,
        serviceTo: -1,
      });
    }
    const repeats = this.#repeats.length;
    let scopeFrom = -1;
    let scopeTo = -1;
    let spans = 0;
    let excess: string | null = null;
    let at = from;
    while (at < to) {
      const tag = this.tag(at, to);
      at = this.at;
      const field = tag >>> 3;
      if (field === 2) {
        this.spanIndex = spans++;
        if (tag !== SECOND_IS_BYTES) this.misfit(at, tag, 'spans', LENGTH);
        const length = this.length(at, to);
        const start = this.at;
        at = start + length;
        this.#listedSpan(start, at, index);
        this.spanIndex = -1;
      } else if (field === 1) {
        if (tag !== FIRST_IS_BYTES) this.misfit(at, tag, 'scope', LENGTH);
        const length = this.length(at, to);
        const start = this.at;
        at = start + length;
        this.excess = null;
        this.#scope(start, at);
        excess ??= this.excess;
        if (scopeFrom >= 0) {
          this.#repeats.push({ of: 'scope', firstList: index, from: scopeFrom, to: scopeTo });
        }
        scopeFrom = start;
        scopeTo = at;
      } else at = this.skip(tag, at, to);
    }
    const list = into.lists[index] as ScannedList;
    list.scopeFrom = scopeFrom;
    list.scopeTo = scopeTo;
    if (excess !== null) {
      into.rejected += into.count - firstRow;
      this.#note('FL527', excess, [...this.path(), 'scope']);
      into.count = firstRow;
    }
    if (into.count === firstRow) {
      into.listCount = index;
      this.#repeats.length = repeats;
    }
  }

  #scope(from: number, to: number): void {
    this.inScope = true;
    let attributes = 0;
    let at = from;
    while (at < to) {
      const tag = this.tag(at, to);
      at = this.at;
      if (tag >>> 3 === 3) {
        this.attributeIndex = attributes++;
        at = this.keyValueField(tag, at, to);
        this.attributeIndex = -1;
        continue;
      }
      if (tag >>> 3 === 1 && tag !== FIRST_IS_BYTES) this.misfit(at, tag, 'name', LENGTH);
      if (tag >>> 3 === 2 && tag !== SECOND_IS_BYTES) this.misfit(at, tag, 'version', LENGTH);
      at = this.skip(tag, at, to);
    }
    this.inScope = false;
    if (attributes > this.limits.attributesPerSpan) this.excess ??= this.tooManyAttributes(attributes);
  }

  #listedSpan(from: number, to: number, list: number): void {
    const into = this.#into as ScannedRequest;
    const row = into.count;
    if (++this.#spans > this.limits.spans) {
      throw new Refusal({
        kind: 'too-many-spans',
        offset: from,
        path: [],
        message: `holds more than ${this.limits.spans} spans: send smaller batches`,
      });
    }
    if (row === into.rows.capacity) into.rows.reserve(row + 1);
    if (!this.#span(from, to, row * ROW)) {
      into.rejected++;
      return;
    }
    into.rows.link[row] = list;
    into.count = row + 1;
  }

  /** Writes the span's row; false for a span that has a fault of its own. */
  #span(from: number, to: number, row: number): boolean {
    const bytes = this.bytes;
    const view = this.view;
    const { words } = (this.#into as ScannedRequest).rows;
    const { attributeBytes } = this.limits;
    this.excess = null;
    let hasTraceId = false;
    let hasSpanId = false;
    let hasParent = true;
    let traits = IN_BYTES;
    let nameFrom = 0;
    let nameTo = 0;
    let attributes = 0;
    let events = 0;
    let links = 0;
    words[row + PARENT_0] = 0;
    words[row + PARENT_1] = 0;
    words[row + START_HIGH] = 0;
    words[row + START_LOW] = 0;
    words[row + END_HIGH] = 0;
    words[row + END_LOW] = 0;
    let at = from;
    while (at < to) {
      // Attributes are most of a span, and most of them are a short key with a short text or number: those are known by two words.
      if (to - at >= SHORTEST_ATTRIBUTE) {
        const head = view.getInt32(at, true);
        const end = at + 2 + ((head >>> 8) & 0x7f);
        const value = at + 4 + (head >>> 24);
        if ((head & 0x80ff80ff) === ATTRIBUTE_HEAD && value + 4 <= end && end <= to) {
          if (isPlainValue(bytes, view.getInt32(value, true), value, end)) {
            if (end - at - 2 > attributeBytes) this.excess = this.largeAttribute(attributes, end - at - 2);
            attributes++;
            at = end;
            continue;
          }
        }
      }
      let tag = bytes[at++] as number;
      if (tag >= 0x80) {
        tag = this.tag(at - 1, to);
        at = this.at;
      }
      switch (tag) {
        case ATTRIBUTE_TAG: {
          attributes++;
          if (at >= to) this.fail(at, 'is damaged: a length is cut off');
          let length = bytes[at++] as number;
          if (length >= 0x80) {
            length = this.length(at - 1, to);
            at = this.at;
          } else if (length > to - at) this.pastEnd(at, length, to);
          const end = at + length;
          if (!isPlainAttribute(bytes, at, end)) {
            this.attributeIndex = attributes - 1;
            this.keyValue(at, end, 0);
            this.attributeIndex = -1;
          }
          if (length > attributeBytes) this.excess = this.largeAttribute(attributes - 1, length);
          at = end;
          break;
        }
        case TRACE_ID_TAG: {
          let length = bytes[at] as number;
          if (length < 0x80 && length < to - at) at++;
          else {
            length = this.length(at, to);
            at = this.at;
          }
          hasTraceId = false;
          if (length === 16) {
            const id0 = view.getUint32(at);
            const id1 = view.getUint32(at + 4);
            const id2 = view.getUint32(at + 8);
            const id3 = view.getUint32(at + 12);
            words[row + TRACE_0] = id0;
            words[row + TRACE_1] = id1;
            words[row + TRACE_2] = id2;
            words[row + TRACE_3] = id3;
            hasTraceId = (id0 | id1 | id2 | id3) !== 0;
          }
          at += length;
          break;
        }
        case SPAN_ID_TAG: {
          let length = bytes[at] as number;
          if (length < 0x80 && length < to - at) at++;
          else {
            length = this.length(at, to);
            at = this.at;
          }
          hasSpanId = false;
          if (length === 8) {
            const id0 = view.getUint32(at);
            const id1 = view.getUint32(at + 4);
            words[row + SPAN_0] = id0;
            words[row + SPAN_1] = id1;
            hasSpanId = (id0 | id1) !== 0;
          }
          at += length;
          break;
        }
        case PARENT_ID_TAG: {
          let length = bytes[at] as number;
          if (length < 0x80 && length < to - at) at++;
          else {
            length = this.length(at, to);
            at = this.at;
          }
          if (length === 8) {
            words[row + PARENT_0] = view.getUint32(at);
            words[row + PARENT_1] = view.getUint32(at + 4);
            hasParent = true;
          } else {
            words[row + PARENT_0] = 0;
            words[row + PARENT_1] = 0;
            hasParent = isZero(bytes, at, at + length);
          }
          at += length;
          break;
        }
        case NAME_TAG: {
          let length = bytes[at] as number;
          if (length < 0x80 && length < to - at) at++;
          else {
            length = this.length(at, to);
            at = this.at;
          }
          nameFrom = at;
          nameTo = nameFrom + length;
          at = nameTo;
          break;
        }
        case KIND_TAG: {
          at = this.varint(at, to);
          const kind = this.low;
          traits = (traits & ~7) | (kind > 5 ? 0 : kind);
          break;
        }
        case START_TAG:
          if (to - at < 8) this.fail(at, 'is damaged: a value is cut off');
          words[row + START_LOW] = view.getUint32(at, true);
          words[row + START_HIGH] = view.getUint32(at + 4, true);
          at += 8;
          break;
        case END_TAG:
          if (to - at < 8) this.fail(at, 'is damaged: a value is cut off');
          words[row + END_LOW] = view.getUint32(at, true);
          words[row + END_HIGH] = view.getUint32(at + 4, true);
          at += 8;
          break;
        case TRACE_STATE_TAG: {
          const length = this.length(at, to);
          at = this.at + length;
          traits &= ~(HAS_TRACE_STATE | MAY_HAVE_THRESHOLD);
          if (length > 0) traits |= HAS_TRACE_STATE;
          if (namesThreshold(bytes, this.at, at)) traits |= MAY_HAVE_THRESHOLD;
          break;
        }
        case EVENT_TAG: {
          const length = this.length(at, to);
          at = this.at + length;
          this.eventIndex = events++;
          this.event(this.at, at);
          this.eventIndex = -1;
          break;
        }
        case LINK_TAG: {
          const length = this.length(at, to);
          at = this.at + length;
          this.linkIndex = links++;
          this.link(this.at, at);
          this.linkIndex = -1;
          break;
        }
        case STATUS_TAG: {
          const length = this.length(at, to);
          at = this.at + length;
          const code = this.status(this.at, at);
          if (code >= 0) traits = (traits & ~STATUS_BITS) | (code << STATUS_SHIFT);
          break;
        }
        case FLAGS_TAG: {
          if (to - at < 4) this.fail(at, 'is damaged: a value is cut off');
          const flags = view.getUint32(at, true);
          traits = isUnsampled(flags) ? traits | UNSAMPLED : traits & ~UNSAMPLED;
          at += 4;
          break;
        }
        default: {
          if (tag < 8) this.fail(at, 'is damaged: a field has the number 0');
          const known = SPAN_FIELDS.get(tag >>> 3);
          if (known !== undefined) this.misfit(at, tag, known[0], known[1]);
          at = this.skip(tag, at, to);
        }
      }
    }
    words[row + TRAITS] = traits;
    words[row + FROM] = from;
    words[row + TO] = to;
    const startHigh = words[row + START_HIGH] as number;
    const startLow = words[row + START_LOW] as number;
    const hasStart = (startHigh | startLow) !== 0;
    const isWithin =
      attributes <= this.limits.attributesPerSpan &&
      events <= this.limits.eventsPerSpan &&
      this.excess === null;
    if (!(hasTraceId && hasSpanId && hasParent && hasStart && isWithin)) {
      this.#noteSpan(hasTraceId, hasSpanId, hasParent, hasStart, attributes, events);
      return false;
    }
    words[row + NAME] = this.#names.find(bytes, view, nameFrom, nameTo);
    const endHigh = words[row + END_HIGH] as number;
    if (endHigh < startHigh || (endHigh === startHigh && (words[row + END_LOW] as number) < startLow)) {
      words[row + END_HIGH] = startHigh;
      words[row + END_LOW] = startLow;
      (this.#into as ScannedRequest).mended++;
    }
    return true;
  }

  #noteSpan(
    hasTraceId: boolean,
    hasSpanId: boolean,
    hasParent: boolean,
    hasStart: boolean,
    attributes: number,
    events: number,
  ): void {
    const path = this.path();
    if (!hasTraceId) this.#note('FL520', 'must be 16 bytes, not all zero', [...path, 'traceId']);
    if (!hasSpanId) this.#note('FL521', 'must be 8 bytes, not all zero', [...path, 'spanId']);
    if (!hasParent) this.#note('FL521', 'must be 8 bytes or empty', [...path, 'parentSpanId']);
    if (!hasStart) this.#note('FL522', 'must be there and not 0', [...path, 'startTimeUnixNano']);
    if (attributes > this.limits.attributesPerSpan) {
      this.#note('FL527', this.tooManyAttributes(attributes), path);
    }
    if (events > this.limits.eventsPerSpan) {
      this.#note('FL527', `has ${events} events, of which ${this.limits.eventsPerSpan} are allowed`, path);
    }
    if (this.excess !== null) this.#note('FL527', this.excess, path);
  }

  #note(code: DiagnosticCode, message: string, path: JsonPath): void {
    const { faults } = this.#into as ScannedRequest;
    if (faults.length < MOST_FAULTS) faults.push({ code, path, message });
  }
}

const STATUS_BITS = 3 << STATUS_SHIFT;

const FOREIGN: WireFault = {
  kind: 'foreign',
  offset: 0,
  path: [],
  message: 'holds logs or metrics, and Fluo takes traces only',
};

/** Whether `ot=` stands in a tracestate: the vendor whose member holds sampling thresholds. */
function namesThreshold(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from + 2; at < to; at++) {
    if (bytes[at] === EQUALS && bytes[at - 1] === LETTER_T && bytes[at - 2] === LETTER_O) return true;
  }
  return false;
}

const EQUALS = 0x3d;
const LETTER_O = 0x6f;
const LETTER_T = 0x74;

function isZero(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at] !== 0) return false;
  return true;
}
