/**
 * The fast way through OTLP/JSON: walks the bytes of an export request once and writes what a check looks at into rows of
 * numbers, without a JSON.parse. Attributes, events and links are walked, not kept: whoever needs them decodes the span's bytes.
 *
 *     request ── resourceSpans[] ─┬─ resource       kept as a range of bytes
 *                                 └─ scopeSpans[] ─┬─ scope   kept as a range of bytes
 *                                                  └─ spans[] one row each
 *
 * It is strict and takes only what it is sure of. For anything unusual, be it damaged, allowed but rare (escapes in a name,
 * enums as text, snake_case keys, ids in other spellings), or unknown, `scan` says no, and the record goes to the decoder
 * that knows all of it. So there is one place where errors are found and oddities are read.
 */
import { isUtf8 } from 'node:buffer';
import {
  BLANK,
  BRACE_CLOSE,
  BRACE_OPEN,
  BRACKET_CLOSE,
  BRACKET_OPEN,
  blanks,
  boolean,
  COMMA,
  continuesNumber,
  countAt,
  DIGIT_0,
  decimal2,
  hex4,
  hexText,
  integer,
  type Key,
  keyOf,
  NO,
  nanosText,
  number,
  open,
  PLAIN_TEXT,
  QUOTE,
  readKey,
  roughObject,
  smallCount,
  standsAt,
  text,
} from './json-bytes.ts';
import { HASH_START, type NameTable, UNLISTED } from './name-table.ts';
import {
  END_HIGH,
  END_LOW,
  FROM,
  HAS_TRACE_STATE,
  IN_BYTES,
  NAME,
  PARENT_0,
  PARENT_1,
  ROW,
  SPAN_0,
  SpanRows,
  START_HIGH,
  START_LOW,
  STATUS_SHIFT,
  TO,
  TRACE_0,
  TRAITS,
  UNSAMPLED,
} from './span-rows.ts';
import { isUnsampled } from './trace-flags.ts';

/** A list of spans under one resource and one scope. Ranges are offsets in the record; -1 where the part is absent. */
export interface SpanList {
  resourceFrom: number;
  resourceTo: number;
  scopeFrom: number;
  scopeTo: number;
}

/** Reads the value of the key with this number, and returns the offset behind it. */
type ReadMember = (which: number, at: number) => number;

export class JsonScanner {
  /** The spans of the last record that `scan` took, `count` of them; written over by the next. */
  readonly rows = new SpanRows();
  count = 0;
  /** `rows.link` says in which of these lists a span is. The first `listCount` are of this record. */
  readonly lists: SpanList[] = [];
  listCount = 0;

  readonly #names: NameTable;
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  /** Span keys in the order in which the last span had them. */
  readonly #order = new Uint8Array(SPAN_KEYS.length + 1);
  #lastName = UNLISTED;
  // Of the span, list or status that is being read.
  #traits = 0;
  #status = 0;
  #resourceFrom = -1;
  #resourceTo = -1;
  // The last second that was split into words, and its words.
  #second = -1;
  #secondHigh = 0;
  #secondLow = 0;

  constructor(names: NameTable) {
    this.#names = names;
  }

  /** Whether the record was taken. If not, `rows` hold rubbish. Cost: one walk over the bytes, no allocation a span. */
  scan(bytes: Uint8Array): boolean {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.count = 0;
    this.listCount = 0;
    const end = this.#members(0, REQUEST_KEYS, 1, this.#requestMember);
    if (end === NO || blanks(bytes, end) !== bytes.length) return false;
    return isUtf8(bytes);
  }

  readonly #requestMember: ReadMember = (_, at) => this.#elements(at, this.#resourceSpans);

  readonly #resourceSpans = (start: number): number => {
    const firstList = this.listCount;
    this.#resourceFrom = -1;
    this.#resourceTo = -1;
    const at = this.#members(start, RESOURCE_SPANS_KEYS, 0, this.#resourceSpansMember);
    // The resource is looked at with the lists under it.
    if (this.listCount === firstList) return NO;
    for (let index = firstList; index < this.listCount; index++) {
      const list = this.lists[index] as SpanList;
      list.resourceFrom = this.#resourceFrom;
      list.resourceTo = this.#resourceTo;
    }
    return at;
  };

  readonly #resourceSpansMember: ReadMember = (which, at) => {
    if (which === 0) {
      this.#resourceFrom = at;
      this.#resourceTo = roughObject(this.#bytes, at);
      return this.#resourceTo;
    }
    return which === 1 ? this.#elements(at, this.#scopeSpans) : text(this.#bytes, at);
  };

  readonly #scopeSpans = (start: number): number => {
    const index = this.listCount++;
    if (index === this.lists.length) {
      this.lists.push({ resourceFrom: -1, resourceTo: -1, scopeFrom: -1, scopeTo: -1 });
    }
    const list = this.lists[index] as SpanList;
    list.scopeFrom = -1;
    list.scopeTo = -1;
    return this.#members(start, SCOPE_SPANS_KEYS, 0, this.#scopeSpansMember);
  };

  readonly #scopeSpansMember: ReadMember = (which, at) => {
    const index = this.listCount - 1;
    if (which === 0) return this.#elements(at, this.#listedSpan);
    if (which === 2) return text(this.#bytes, at);
    const list = this.lists[index] as SpanList;
    list.scopeFrom = at;
    list.scopeTo = roughObject(this.#bytes, at);
    return list.scopeTo;
  };

  readonly #listedSpan = (from: number): number => {
    const row = this.count;
    if (row === this.rows.capacity) this.rows.reserve(row + 1);
    const to = this.#span(from, row * ROW);
    const { words, link } = this.rows;
    words[row * ROW + FROM] = from;
    words[row * ROW + TO] = to;
    link[row] = this.listCount - 1;
    this.count++;
    return to;
  };

  #span(start: number, row: number): number {
    const bytes = this.#bytes;
    const view = this.#view;
    const order = this.#order;
    const { words } = this.rows;
    if (bytes[start] !== BRACE_OPEN) return NO;
    words[row + PARENT_0] = 0;
    words[row + PARENT_1] = 0;
    this.#traits = 0;
    let seen = 0;
    let at = start + 1;
    // More keys than there are cannot come without one coming twice.
    for (let position = 0; position < SPAN_KEYS.length; position++) {
      // The keys of spans mostly come in the order of the span before: one comparison for each.
      let which = order[position] as number;
      const expected = SPAN_KEYS[which] as Key;
      let value = at + expected.bytes.length;
      if (!standsAt(view, at, expected.words, expected.bytes.length) || (bytes[value] as number) <= BLANK) {
        at = blanks(bytes, at);
        value = NO;
        for (which = 0; which < SPAN_KEYS.length && value === NO; which++) {
          value = readKey(bytes, at, SPAN_KEYS[which] as Key);
        }
        if (value === NO) return NO;
        order[position] = --which;
      }
      if ((seen & (1 << which)) !== 0) return NO;
      seen |= 1 << which;
      switch (which) {
        case TRACE_ID:
          at = this.#id(value, row + TRACE_0, 4);
          break;
        case SPAN_ID:
          at = this.#id(value, row + SPAN_0, 2);
          break;
        case PARENT_SPAN_ID:
          at =
            bytes[value] === QUOTE && bytes[value + 1] === QUOTE
              ? value + 2
              : this.#id(value, row + PARENT_0, 2);
          break;
        case SPAN_NAME:
          at = this.#name(value, row + NAME);
          break;
        case START:
          at = this.#time(value, row + START_HIGH);
          break;
        case END:
          at = this.#time(value, row + END_HIGH);
          break;
        default:
          at = this.#rest(which, value);
      }
      if (at === NO) return NO;
      let next = bytes[at] as number;
      if (next <= BLANK) {
        at = blanks(bytes, at);
        next = bytes[at] as number;
      }
      at++;
      if (next === BRACE_CLOSE) {
        if ((seen & REQUIRED) !== REQUIRED) return NO;
        words[row + TRAITS] = this.#traits;
        const startHigh = words[row + START_HIGH] as number;
        const endHigh = words[row + END_HIGH] as number;
        if (endHigh > startHigh) return at;
        const isBackwards =
          endHigh < startHigh || (words[row + END_LOW] as number) < (words[row + START_LOW] as number);
        return isBackwards ? NO : at;
      }
      if (next !== COMMA) return NO;
    }
    return NO;
  }

  /** An id of so many words that are not all zero. */
  #id(start: number, place: number, length: number): number {
    const bytes = this.#bytes;
    const view = this.#view;
    const { words } = this.rows;
    const end = start + 1 + length * 8;
    if (bytes[start] !== QUOTE || bytes[end] !== QUOTE) return NO;
    let wrong = 0;
    let any = 0;
    for (let index = 0, at = start + 1; index < length; index++, at += 8) {
      const high = hex4(view, at);
      const low = hex4(view, at + 4);
      wrong |= high | low;
      const word = (high << 16) | low;
      any |= word;
      words[place + index] = word;
    }
    return wrong > 0xffff || any === 0 ? NO : end + 1;
  }

  #name(start: number, place: number): number {
    const bytes = this.#bytes;
    const names = this.#names;
    if (bytes[start] !== QUOTE) return NO;
    // What came behind the last name one of the last times mostly comes again.
    const last = this.#lastName;
    let guess = names.guessAfter(last);
    if (!names.standsAt(this.#view, start + 1, guess)) {
      guess = names.secondGuessAfter(last);
      if (names.standsAt(this.#view, start + 1, guess)) names.noteAfter(last, guess);
      else return this.#unguessedName(start, place);
    }
    this.rows.words[place] = guess;
    this.#lastName = guess;
    return start + 1 + names.lengthOf(guess);
  }

  #unguessedName(start: number, place: number): number {
    const bytes = this.#bytes;
    const names = this.#names;
    let hash = HASH_START;
    let at = start + 1;
    let byte = bytes[at] as number;
    while (PLAIN_TEXT[byte] === 1) {
      hash = Math.imul(hash ^ byte, 0x01000193);
      byte = bytes[++at] as number;
    }
    if (byte !== QUOTE || at === start + 1) return NO;
    const name = names.idOfBytes(bytes, start + 1, at, hash);
    if (name === UNLISTED) return NO;
    names.noteAfter(this.#lastName, name);
    this.rows.words[place] = name;
    this.#lastName = name;
    return at + 1;
  }

  /**
   * A time of 19 digits in quotes, written as two words. A double holds 53 bits, so the seconds are split first:
   * value = (upper × 2^16 + lower) × 10^9 + rest.
   */
  #time(start: number, place: number): number {
    const bytes = this.#bytes;
    const view = this.#view;
    if (bytes[start] !== QUOTE || bytes[start + 20] !== QUOTE) return NO;
    const a = decimal2(view, start + 1);
    const b = decimal2(view, start + 3);
    const c = decimal2(view, start + 5);
    const d = decimal2(view, start + 7);
    const e = decimal2(view, start + 9);
    const f = decimal2(view, start + 11);
    const g = decimal2(view, start + 13);
    const h = decimal2(view, start + 15);
    const i = decimal2(view, start + 17);
    const last = (bytes[start + 19] as number) - DIGIT_0;
    if ((a | b | c | d | e | f | g | h | i) > 99 + 28 || !(last >= 0 && last <= 9) || a < 10) return NO;
    const second = (((a * 100 + b) * 100 + c) * 100 + d) * 100 + e;
    if (second !== this.#second) this.#splitSecond(second);
    const low = this.#secondLow + (((f * 100 + g) * 100 + h) * 100 + i) * 10 + last;
    const { words } = this.rows;
    if (low >= 4294967296) {
      words[place] = this.#secondHigh + 1;
      words[place + 1] = low - 4294967296;
    } else {
      words[place] = this.#secondHigh;
      words[place + 1] = low;
    }
    return start + 21;
  }

  #splitSecond(second: number): void {
    const upper = Math.floor(second / 65536);
    const lower = second - upper * 65536;
    const top = upper * 1e9;
    const topHigh = Math.floor(top / 65536);
    const sum = (top - topHigh * 65536) * 65536 + lower * 1e9;
    const carry = Math.floor(sum / 4294967296);
    this.#second = second;
    this.#secondHigh = topHigh + carry;
    this.#secondLow = sum - carry * 4294967296;
  }

  /** What not every span has. */
  #rest(which: number, at: number): number {
    const bytes = this.#bytes;
    const isEmptyList = bytes[at] === BRACKET_OPEN && bytes[at + 1] === BRACKET_CLOSE;
    switch (which) {
      case KIND: {
        const kind = (bytes[at] as number) - DIGIT_0;
        if (!(kind >= 0 && kind <= 5) || continuesNumber(bytes[at + 1])) return NO;
        this.#traits |= kind;
        return at + 1;
      }
      case STATUS: {
        this.#status = 0;
        const end = this.#members(at, STATUS_KEYS, 0, this.#statusMember);
        this.#traits |= this.#status << STATUS_SHIFT;
        return end;
      }
      case ATTRIBUTES:
        if (isEmptyList) return at + 2;
        this.#traits |= IN_BYTES;
        return this.#elements(at, this.#attribute);
      case EVENTS:
        if (isEmptyList) return at + 2;
        this.#traits |= IN_BYTES;
        return this.#elements(at, this.#event);
      case LINKS:
        return this.#elements(at, this.#spanLink);
      case TRACE_STATE:
        if (bytes[at] === QUOTE && bytes[at + 1] === QUOTE) return at + 2;
        this.#traits |= IN_BYTES | HAS_TRACE_STATE;
        return text(bytes, at);
      case FLAGS: {
        const end = smallCount(bytes, at);
        // Of more than nine digits, and the decoder reads it.
        if (end !== NO && isUnsampled(countAt(bytes, at, end))) this.#traits |= IN_BYTES | UNSAMPLED;
        return end;
      }
      default:
        // The counts of what was dropped.
        return smallCount(bytes, at);
    }
  }

  readonly #statusMember: ReadMember = (which, at) => {
    if (which === 1) return text(this.#bytes, at);
    const code = (this.#bytes[at] as number) - DIGIT_0;
    if (!(code >= 0 && code <= 2) || continuesNumber(this.#bytes[at + 1])) return NO;
    this.#status = code;
    return at + 1;
  };

  readonly #event = (start: number): number => this.#members(start, EVENT_KEYS, 3, this.#eventMember);

  readonly #eventMember: ReadMember = (which, at) => {
    if (which === 0) return nanosText(this.#bytes, at);
    if (which === 1) return text(this.#bytes, at);
    return which === 2 ? this.#elements(at, this.#attribute) : smallCount(this.#bytes, at);
  };

  readonly #spanLink = (start: number): number => this.#members(start, LINK_KEYS, 3, this.#linkMember);

  readonly #linkMember: ReadMember = (which, at) => {
    if (which < 2) return hexText(this.#bytes, at, which === 0 ? 32 : 16);
    if (which === 2) return text(this.#bytes, at);
    return which === 3 ? this.#elements(at, this.#attribute) : smallCount(this.#bytes, at);
  };

  /** `{"key":"a","value":{...}}`, in this order. */
  readonly #attribute = (start: number): number => {
    const bytes = this.#bytes;
    let at = open(bytes, start, BRACE_OPEN);
    if (at === NO) return NO;
    at = readKey(bytes, at, ATTRIBUTE_KEY);
    if (at === NO) return NO;
    at = text(bytes, at);
    if (at === NO) return NO;
    if (bytes[at] !== COMMA) at = blanks(bytes, at);
    if (bytes[at] !== COMMA) return NO;
    at = readKey(bytes, blanks(bytes, at + 1), ATTRIBUTE_VALUE);
    if (at === NO) return NO;
    at = this.#anyValue(at, 0);
    return at === NO ? NO : closed(bytes, at);
  };

  #anyValue(start: number, depth: number): number {
    const bytes = this.#bytes;
    const inside = open(bytes, start, BRACE_OPEN);
    if (inside === NO || depth > DEEPEST_VALUE) return NO;
    let which = 0;
    let at = NO;
    for (; which < VALUE_KEYS.length; which++) {
      at = readKey(bytes, inside, VALUE_KEYS[which] as Key);
      if (at !== NO) break;
    }
    if (at === NO) return NO;
    if (which === 0) at = text(bytes, at);
    else if (which === 1) at = integer(bytes, at);
    else if (which === 2) at = boolean(bytes, at);
    else if (which === 3) at = number(bytes, at);
    else at = this.#arrayValue(at, depth + 1);
    return at === NO ? NO : closed(bytes, at);
  }

  #arrayValue(start: number, depth: number): number {
    const bytes = this.#bytes;
    let at = open(bytes, start, BRACE_OPEN);
    if (at === NO) return NO;
    at = readKey(bytes, at, ARRAY_VALUES);
    if (at === NO) return NO;
    at = this.#elements(at, (element) => this.#anyValue(element, depth));
    return at === NO ? NO : closed(bytes, at);
  }

  /** An array, element by element. */
  #elements(start: number, element: (at: number) => number): number {
    const bytes = this.#bytes;
    let at = open(bytes, start, BRACKET_OPEN);
    if (at === NO) return NO;
    if (bytes[at] === BRACKET_CLOSE) return at + 1;
    for (;;) {
      at = element(at);
      if (at === NO) return NO;
      let next = bytes[at] as number;
      if (next <= BLANK) {
        at = blanks(bytes, at);
        next = bytes[at] as number;
      }
      at++;
      if (next === BRACKET_CLOSE) return at;
      if (next !== COMMA) return NO;
      if ((bytes[at] as number) <= BLANK) at = blanks(bytes, at);
    }
  }

  /** An object with some of these keys, none of them twice, and all those whose bits are set in `required`. */
  #members(start: number, keys: readonly Key[], required: number, read: ReadMember): number {
    const bytes = this.#bytes;
    let at = open(bytes, start, BRACE_OPEN);
    if (at === NO) return NO;
    if (bytes[at] === BRACE_CLOSE) return required === 0 ? at + 1 : NO;
    let seen = 0;
    for (;;) {
      let value = NO;
      let which = 0;
      for (; which < keys.length; which++) {
        value = readKey(bytes, at, keys[which] as Key);
        if (value !== NO) break;
      }
      if (value === NO || (seen & (1 << which)) !== 0) return NO;
      seen |= 1 << which;
      at = read(which, value);
      if (at === NO) return NO;
      at = blanks(bytes, at);
      const next = bytes[at++];
      if (next === BRACE_CLOSE) return (seen & required) === required ? at : NO;
      if (next !== COMMA) return NO;
      at = blanks(bytes, at);
    }
  }
}

/** Behind the brace that ends an object. */
function closed(bytes: Uint8Array, start: number): number {
  const at = bytes[start] === BRACE_CLOSE ? start : blanks(bytes, start);
  return bytes[at] === BRACE_CLOSE ? at + 1 : NO;
}

/** Deeper values are for the decoder, which has its own limit. */
const DEEPEST_VALUE = 8;

const SPAN_KEYS = [
  'traceId',
  'spanId',
  'parentSpanId',
  'name',
  'startTimeUnixNano',
  'endTimeUnixNano',
  'kind',
  'status',
  'attributes',
  'events',
  'links',
  'traceState',
  'flags',
  'droppedAttributesCount',
  'droppedEventsCount',
  'droppedLinksCount',
].map(keyOf);
const TRACE_ID = 0;
const SPAN_ID = 1;
const PARENT_SPAN_ID = 2;
const SPAN_NAME = 3;
const START = 4;
const END = 5;
const KIND = 6;
const STATUS = 7;
const ATTRIBUTES = 8;
const EVENTS = 9;
const LINKS = 10;
const TRACE_STATE = 11;
const FLAGS = 12;
const REQUIRED = (1 << TRACE_ID) | (1 << SPAN_ID) | (1 << SPAN_NAME) | (1 << START) | (1 << END);

const REQUEST_KEYS = ['resourceSpans'].map(keyOf);
const RESOURCE_SPANS_KEYS = ['resource', 'scopeSpans', 'schemaUrl'].map(keyOf);
const SCOPE_SPANS_KEYS = ['spans', 'scope', 'schemaUrl'].map(keyOf);
const STATUS_KEYS = ['code', 'message'].map(keyOf);
const EVENT_KEYS = ['timeUnixNano', 'name', 'attributes', 'droppedAttributesCount'].map(keyOf);
const LINK_KEYS = ['traceId', 'spanId', 'traceState', 'attributes', 'droppedAttributesCount', 'flags'].map(
  keyOf,
);
const ATTRIBUTE_KEY = keyOf('key');
const ATTRIBUTE_VALUE = keyOf('value');
const VALUE_KEYS = ['stringValue', 'intValue', 'boolValue', 'doubleValue', 'arrayValue'].map(keyOf);
const ARRAY_VALUES = keyOf('values');
