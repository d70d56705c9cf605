/**
 * Attributes, events and links of a span from OTLP protobuf to JSON text, byte to byte: no object is made for a value of the usual kinds.
 *
 *     string  "text"          int     12, exact past 2^53        array   [1,"a"]
 *     bool    true            double  1.0, 0.25, 1e+21           map     {"a":1}
 *     bytes   {"bytes":"AQI="}        NaN and infinities  {"double":"NaN"}
 *
 * A map of one key that would look like bytes, a double or this very form is written `{"map":{...}}`. Of equal keys the last one that
 * has a value counts. What is damaged is left out: an attribute, an event, a link.
 *
 * Source: opentelemetry-proto, common/v1/common.proto, trace/v1/trace.proto.
 */
import { DEEPEST_VALUE } from '../../otlp/json-fields.ts';
import { FIXED64, LENGTH, VARINT, WireError, WireReader } from '../../otlp/proto/wire-reader.ts';
import type { GrowingBytes } from '../parquet/growing-bytes.ts';
import type { WritableTexts } from '../parquet/text-column.ts';
import { ascii, JsonBytes } from './json-bytes.ts';
import { KeyTable } from './key-table.ts';

/** No text becomes longer than this many bytes of JSON for each byte of protobuf; see `mostJson`. */
const WORST = 6;

/** Room for the JSON of a message of so many bytes. */
export function mostJson(length: number): number {
  return length * WORST + 128;
}

const FIRST_IS_BYTES = (1 << 3) | LENGTH;
const SECOND_IS_BYTES = (2 << 3) | LENGTH;
const STRING_TAG = (1 << 3) | LENGTH;
const BOOL_TAG = (2 << 3) | VARINT;
const INT_TAG = (3 << 3) | VARINT;
const DOUBLE_TAG = (4 << 3) | FIXED64;
const ARRAY_TAG = (5 << 3) | LENGTH;
/** Far from what a word holds: events and links take marks too. */
const MOST_MARKS = 0xf0000000;
/** Of the fields of an AnyValue. */
const FIRST_TAG = 1 << 3;
const LAST_TAG = 8 << 3;

const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

const TRUE = ascii('true');
const FALSE = ascii('false');
const BYTES = ascii('{"bytes":"');
const MAP = ascii('{"map":');
const CLOSE_BYTES = ascii('"}');
const EVENT_NAME = ascii('{"name":');
const EVENT_TIME = ascii(',"time_unix_nano":');
const THEN_ATTRIBUTES = ascii(',"attributes":');
const LINK_TRACE = ascii('{"trace_id":"');
const LINK_SPAN = ascii('","span_id":"');
const LINK_STATE = ascii('","trace_state":');
const LINK_FLAGS = ascii(',"flags":');
/** A map with one of these alone would read as something else. */
const FORM_KEYS = ['bytes', 'double', 'map'];

export class ProtoJson extends JsonBytes {
  readonly #keys = new KeyTable();
  /** By key: the object of `openAttributes` that had it last. Finds keys that come twice. */
  #marks = new Uint32Array(256);
  #mark = 0;
  /** Of the open object at depth 0. */
  #isFirst = true;
  #isRepeated = false;
  /** What `#parts` found. */
  #valueFrom = -1;
  #valueTo = -1;

  /** Readers of `#bytes`; the first `#open` are at work, one in the other. */
  readonly #readers: WireReader[] = [];
  #open = 0;

  /** The request that the next ranges are of. */
  read(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.#readers.length = 0;
    this.#open = 0;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  protected override begin(out: GrowingBytes): void {
    super.begin(out);
    this.#open = 0;
  }

  /** Begins an object of attributes in the open value of a column, which must have the room. */
  openAttributes({ out, repeats }: WritableTexts): void {
    if (this.#keys.isFull || this.#mark > MOST_MARKS) {
      this.#keys.clear();
      this.#marks = new Uint32Array(256);
      this.#mark = 0;
    }
    this.#mark++;
    this.repeats = repeats;
    this.out = out.bytes;
    this.outView = out.view;
    this.at = out.length;
    this.out[this.at++] = OPEN_BRACE;
    this.#isFirst = true;
    this.#isRepeated = false;
  }

  /** Adds the KeyValue in `[from, to)`. */
  attribute(from: number, to: number): void {
    const start = this.at;
    if (!this.#isFirst) this.out[this.at++] = COMMA;
    if (this.#attribute(from, to)) this.#isFirst = false;
    else this.at = start;
  }

  /** Ends the object. False when a key came twice: the object must be written again by `attributesOf`. */
  closeAttributes(out: GrowingBytes): boolean {
    this.out[this.at++] = CLOSE_BRACE;
    this.repeats = null;
    out.length = this.at;
    return !this.#isRepeated;
  }

  /** Writes all KeyValues that are field `field` of the message in `[from, to)` as one object. */
  attributesOf(field: number, from: number, to: number, out: GrowingBytes): void {
    this.begin(out);
    this.#object(field, from, to, 0, false);
    out.length = this.at;
  }

  /** A reader of the range, until `#open` is as it was. */
  #reader(from: number, to: number): WireReader {
    let reader = this.#readers[this.#open];
    if (reader === undefined) {
      reader = new WireReader(this.bytes);
      this.#readers.push(reader);
    }
    this.#open++;
    reader.reset(from, to);
    return reader;
  }

  /** Writes an Event as an object; gives false, and writes nothing, where it is damaged. The start, in two words, stands for a missing time. */
  event(from: number, to: number, startHigh: number, startLow: number, out: GrowingBytes): boolean {
    this.begin(out);
    try {
      this.#event(from, to, startHigh, startLow);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      return false;
    }
    out.length = this.at;
    return true;
  }

  /** As `event`, of a Link. */
  link(from: number, to: number, out: GrowingBytes): boolean {
    this.begin(out);
    try {
      this.#link(from, to);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      return false;
    }
    out.length = this.at;
    return true;
  }

  #event(from: number, to: number, startHigh: number, startLow: number): void {
    let high = startHigh;
    let low = startLow;
    let nameFrom = 0;
    let nameTo = 0;
    const reader = this.#reader(from, to);
    while (reader.next()) {
      if (reader.field === 1) {
        reader.expect(FIXED64, 'time_unix_nano');
        const at = reader.at;
        reader.skip();
        low = this.view.getUint32(at, true);
        high = this.view.getUint32(at + 4, true);
        if ((high | low) === 0) {
          high = startHigh;
          low = startLow;
        }
      } else if (reader.field === 2) {
        reader.expect(LENGTH, 'name');
        nameFrom = reader.span();
        nameTo = reader.at;
      } else reader.skip();
    }
    this.#open--;
    this.copy(EVENT_NAME);
    this.string(nameFrom, nameTo);
    this.copy(EVENT_TIME);
    this.long(high, low);
    this.copy(THEN_ATTRIBUTES);
    this.#attributes(3, from, to);
    this.out[this.at++] = CLOSE_BRACE;
  }

  #link(from: number, to: number): void {
    let stateFrom = 0;
    let stateTo = 0;
    let traceFrom = 0;
    let traceTo = 0;
    let spanFrom = 0;
    let spanTo = 0;
    let flags = 0;
    const reader = this.#reader(from, to);
    while (reader.next()) {
      if (reader.field >= 1 && reader.field <= 3) {
        reader.expect(LENGTH, 'link');
        const at = reader.span();
        if (reader.field === 1) {
          traceFrom = at;
          traceTo = reader.at;
        } else if (reader.field === 2) {
          spanFrom = at;
          spanTo = reader.at;
        } else {
          stateFrom = at;
          stateTo = reader.at;
        }
      } else if (reader.field === 6) {
        const at = reader.at;
        reader.skip();
        if (reader.at - at === 4) flags = this.view.getUint32(at, true);
      } else reader.skip();
    }
    this.#open--;
    this.copy(LINK_TRACE);
    this.hex(traceFrom, traceTo);
    this.copy(LINK_SPAN);
    this.hex(spanFrom, spanTo);
    this.copy(LINK_STATE);
    this.string(stateFrom, stateTo);
    this.copy(LINK_FLAGS);
    this.ascii(String(flags));
    this.copy(THEN_ATTRIBUTES);
    this.#attributes(4, from, to);
    this.out[this.at++] = CLOSE_BRACE;
  }

  /** The KeyValues that are `field` of a message, of which keys hardly ever come twice. */
  #attributes(field: number, from: number, to: number): void {
    const start = this.at;
    this.#mark++;
    this.#isFirst = true;
    this.#isRepeated = false;
    this.out[this.at++] = OPEN_BRACE;
    const reader = this.#reader(from, to);
    while (reader.next()) {
      if (reader.field !== field) {
        reader.skip();
        continue;
      }
      reader.expect(LENGTH, 'attributes');
      const at = reader.span();
      this.attribute(at, reader.at);
    }
    this.#open--;
    this.out[this.at++] = CLOSE_BRACE;
    if (!this.#isRepeated) return;
    this.at = start;
    this.#object(field, from, to, 0, false);
  }

  /** Writes a KeyValue at depth 0; false, and nothing, where it has no value or is damaged. */
  #attribute(from: number, to: number): boolean {
    const key = this.#usualPair(from, to) || this.#pair(from, to, 0);
    if (key === 0) return false;
    if (key >= this.#marks.length) this.#widenMarks(key);
    if (this.#marks[key] === this.#mark) this.#isRepeated = true;
    this.#marks[key] = this.#mark;
    return true;
  }

  /** Writes a KeyValue of the usual form: a key, and a value that is one text, bool, number, or a short array of them. Gives its key; 0, and nothing, for others. */
  #usualPair(from: number, to: number): number {
    const bytes = this.bytes;
    const keys = this.#keys;
    const start = this.at;
    let value = 0;
    let key = 0;
    if (bytes[from] === FIRST_IS_BYTES)
      key = keys.copyGuess(this.view, from + 1, to - 2, this.outView, start);
    if (key !== 0) {
      value = this.#valueAfter(from + 3 + (bytes[from + 1] as number), to);
      this.at = start + keys.lengthOf(key);
    } else {
      value = this.#usualValue(from, to);
      if (value === 0) return 0;
      key = this.#keyOf(from + 2, from + 2 + (bytes[from + 1] as number));
      this.at = keys.write(key, this.outView, start);
    }
    this.repeats?.note(keys.hashOf(key), start);
    if (value !== 0 && (this.#scalar(value, to) || this.#usualArray(value, to))) return key;
    this.at = start;
    return 0;
  }

  /** Where the AnyValue begins that ends a KeyValue of a short key, and is not empty; 0 for other forms. */
  #usualValue(from: number, to: number): number {
    const bytes = this.bytes;
    if (to - from < 6 || bytes[from] !== FIRST_IS_BYTES) return 0;
    const keyLength = bytes[from + 1] as number;
    const at = from + 2 + keyLength;
    if (keyLength >= 0x80 || to - at < 4 || bytes[at] !== SECOND_IS_BYTES) return 0;
    return this.#valueAfter(at + 1, to);
  }

  /** Where the AnyValue begins whose length is at `at`, and which ends the range; 0 where it does not. There must be two bytes or more. */
  #valueAfter(at: number, to: number): number {
    const bytes = this.bytes;
    const length = bytes[at] as number;
    if (length < 0x80) return at + 1 + length === to && length > 1 ? at + 1 : 0;
    const high = bytes[at + 1] as number;
    return high < 0x80 && at + 2 + (length & 0x7f) + high * 128 === to ? at + 2 : 0;
  }

  /** An AnyValue of one text, bool or number that fills the range. */
  #scalar(from: number, to: number): boolean {
    const bytes = this.bytes;
    switch (bytes[from]) {
      case STRING_TAG: {
        const length = bytes[from + 1] as number;
        if (length === to - from - 2 && length < 0x80) {
          this.string(from + 2, to);
          return true;
        }
        const high = bytes[from + 2] as number;
        if (length < 0x80 || high >= 0x80 || from + 3 + (length & 0x7f) + high * 128 !== to) return false;
        this.string(from + 3, to);
        return true;
      }
      case BOOL_TAG:
        if (to - from !== 2 || (bytes[from + 1] as number) > 1) return false;
        this.copy(bytes[from + 1] === 0 ? FALSE : TRUE);
        return true;
      case INT_TAG:
        return this.#integer(from + 1, to);
      case DOUBLE_TAG:
        if (to - from !== 9) return false;
        this.double(this.view.getFloat64(from + 1, true));
        return true;
      default:
        return false;
    }
  }

  /** An array of less than 128 bytes that fills the range, of texts, bools and numbers. */
  #usualArray(from: number, to: number): boolean {
    const bytes = this.bytes;
    if (bytes[from] !== ARRAY_TAG || bytes[from + 1] !== to - from - 2 || to - from >= 0x82) return false;
    this.out[this.at++] = OPEN_BRACKET;
    for (let at = from + 2; at < to; ) {
      const length = bytes[at + 1] as number;
      const end = at + 2 + length;
      if (bytes[at] !== FIRST_IS_BYTES || length < 2 || length >= 0x80 || end > to) return false;
      if (at > from + 2) this.out[this.at++] = COMMA;
      if (!this.#scalar(at + 2, end)) return false;
      at = end;
    }
    this.out[this.at++] = CLOSE_BRACKET;
    return true;
  }

  /** A varint of up to seven bytes, 49 bits, that fills the range. */
  #integer(from: number, to: number): boolean {
    if (to - from > 7) return false;
    const bytes = this.bytes;
    let value = 0;
    for (let at = to - 1; at >= from; at--) value = value * 128 + ((bytes[at] as number) & 0x7f);
    for (let at = from; at < to - 1; at++) if ((bytes[at] as number) < 0x80) return false;
    if ((bytes[to - 1] as number) >= 0x80) return false;
    if (value < 2 ** 31) this.digits(value);
    else this.ascii(String(value));
    return true;
  }

  #widenMarks(key: number): void {
    const marks = new Uint32Array(Math.max(key + 1, this.#marks.length * 2));
    marks.set(this.#marks);
    this.#marks = marks;
  }

  /** Writes a KeyValue of any form: gives its key, or 0, with nothing written, where it has no value or is damaged. */
  #pair(from: number, to: number, depth: number): number {
    const start = this.at;
    const open = this.#open;
    try {
      const key = this.#parts(from, to);
      if (this.#valueFrom < 0) return 0;
      this.at = this.#keys.write(key, this.outView, this.at);
      this.#value(this.#valueFrom, this.#valueTo, depth);
      return key;
    } catch (error) {
      // Within a value, the damage is the whole value's.
      if (!(error instanceof WireError) || depth > 0) throw error;
      this.at = start;
      this.#open = open;
      return 0;
    }
  }

  /** Gives the key of a KeyValue, and sets where its value is, without a look into it; `#valueFrom` is -1 where it has none. */
  #parts(from: number, to: number): number {
    const usual = this.#usualValue(from, to);
    if (usual !== 0 && (this.bytes[usual] as number) < LAST_TAG) {
      this.#valueFrom = usual;
      this.#valueTo = to;
      return this.#keyOf(from + 2, from + 2 + (this.bytes[from + 1] as number));
    }
    const reader = this.#reader(from, to);
    let keyFrom = 0;
    let keyTo = 0;
    let valueFrom = -1;
    let valueTo = -1;
    while (reader.next()) {
      if (reader.field === 1) {
        reader.expect(LENGTH, 'key');
        keyFrom = reader.span();
        keyTo = reader.at;
      } else if (reader.field === 2) {
        reader.expect(LENGTH, 'value');
        const at = reader.span();
        valueFrom = this.#hasValue(at, reader.at) ? at : -1;
        valueTo = reader.at;
      } else reader.skip();
    }
    this.#open--;
    this.#valueFrom = valueFrom;
    this.#valueTo = valueTo;
    return this.#keyOf(keyFrom, keyTo);
  }

  #keyOf(from: number, to: number): number {
    return this.#keys.keyOf(this.bytes, this.view, from, to);
  }

  #hasValue(from: number, to: number): boolean {
    if (from < to) {
      const tag = this.bytes[from] as number;
      if (tag >= FIRST_TAG && tag < LAST_TAG) return true;
    }
    const reader = this.#reader(from, to);
    let has = false;
    while (!has && reader.next()) {
      if (reader.field <= 7) has = true;
      else reader.skip();
    }
    this.#open--;
    return has;
  }

  /** An AnyValue that has a value; of several the last one counts. */
  #value(from: number, to: number, depth: number): void {
    if (depth >= DEEPEST_VALUE) throw new WireError(`values nest deeper than ${DEEPEST_VALUE} levels`);
    const start = this.at;
    const reader = this.#reader(from, to);
    while (reader.next()) {
      if (reader.field <= 7) this.at = start;
      switch (reader.field) {
        case 1: {
          reader.expect(LENGTH, 'string_value');
          const at = reader.span();
          this.string(at, reader.at);
          break;
        }
        case 2:
          reader.expect(VARINT, 'bool_value');
          this.copy(reader.varint() === 0n ? FALSE : TRUE);
          break;
        case 3:
          reader.expect(VARINT, 'int_value');
          this.ascii(String(BigInt.asIntN(64, reader.varint())));
          break;
        case 4:
          reader.expect(FIXED64, 'double_value');
          this.double(reader.double());
          break;
        case 5: {
          reader.expect(LENGTH, 'array_value');
          const at = reader.span();
          this.#array(at, reader.at, depth + 1);
          break;
        }
        case 6: {
          reader.expect(LENGTH, 'kvlist_value');
          const at = reader.span();
          this.#object(1, at, reader.at, depth + 1, true);
          break;
        }
        case 7: {
          reader.expect(LENGTH, 'bytes_value');
          const at = reader.span();
          this.copy(BYTES);
          this.base64(at, reader.at);
          this.copy(CLOSE_BYTES);
          break;
        }
        default:
          reader.skip();
      }
    }
    this.#open--;
  }

  #array(from: number, to: number, depth: number): void {
    const reader = this.#reader(from, to);
    this.out[this.at++] = OPEN_BRACKET;
    let isFirst = true;
    while (reader.next()) {
      if (reader.field !== 1) {
        reader.skip();
        continue;
      }
      reader.expect(LENGTH, 'values');
      const at = reader.span();
      if (!this.#hasValue(at, reader.at)) continue;
      if (!isFirst) this.out[this.at++] = COMMA;
      isFirst = false;
      const start = this.at;
      if (this.#scalar(at, reader.at)) continue;
      this.at = start;
      this.#value(at, reader.at, depth);
    }
    this.#open--;
    this.out[this.at++] = CLOSE_BRACKET;
  }

  /** All KeyValues that are `field` of a message. `isValue`: a map, which must not look like one of the other forms. */
  #object(field: number, from: number, to: number, depth: number, isValue: boolean): void {
    const members = this.#members(field, from, to);
    const isWrapped =
      isValue && members.length === 1 && FORM_KEYS.includes(this.#keys.textOf((members[0] as Member).key));
    if (isWrapped) this.copy(MAP);
    this.out[this.at++] = OPEN_BRACE;
    let isFirst = true;
    for (const member of members) {
      const start = this.at;
      if (!isFirst) this.out[this.at++] = COMMA;
      const key = this.#usualPair(member.from, member.to) || this.#pair(member.from, member.to, depth);
      if (key !== 0) isFirst = false;
      else this.at = start;
    }
    this.out[this.at++] = CLOSE_BRACE;
    if (isWrapped) this.out[this.at++] = CLOSE_BRACE;
  }

  /** The last KeyValue with a value of each key. */
  #members(field: number, from: number, to: number): Member[] {
    const last = new Map<number, Member>();
    const reader = this.#reader(from, to);
    while (reader.next()) {
      if (reader.field !== field) {
        reader.skip();
        continue;
      }
      reader.expect(LENGTH, 'attributes');
      const at = reader.span();
      const key = this.#parts(at, reader.at);
      if (this.#valueFrom >= 0) last.set(key, { key, from: at, to: reader.at });
    }
    this.#open--;
    return [...last.values()];
  }
}

interface Member {
  readonly key: number;
  readonly from: number;
  readonly to: number;
}
