/**
 * The fast way through OTLP/JSON: walks the bytes of an export request once and writes what a check looks at into columns,
 * without a JSON.parse. Attributes, events and links are walked, not kept: whoever needs them decodes the span's bytes.
 *
 *     request ── resourceSpans[] ─┬─ resource       kept as a range of bytes
 *                                 └─ scopeSpans[] ─┬─ scope   kept as a range of bytes
 *                                                  └─ spans[] one row of columns each
 *
 * It is strict and takes only what it is sure of. For anything unusual, be it damaged, allowed but rare (escapes in a name,
 * enums as text, snake_case keys, ids in other spellings), or unknown, `scan` says no, and the record goes to the decoder
 * that knows all of it. So there is one place where errors are found and oddities are read.
 */
import { isUtf8 } from 'node:buffer';
import { HASH_START, type NameTable } from './name-table.ts';
import { HAS_TRACE_STATE, IN_BYTES, PLAIN, SpanColumns } from './span-columns.ts';

/** A list of spans under one resource and one scope. Ranges are offsets in the record; -1 where the part is absent. */
export interface SpanList {
  resourceFrom: number;
  resourceTo: number;
  scopeFrom: number;
  scopeTo: number;
}

/** Not mine: what functions of the walk return instead of the offset behind what they have read. */
const NO = -1;

export class JsonScanner {
  /** The rows of the last record that `scan` took; written over by the next. */
  readonly columns = new SpanColumns();
  count = 0;
  /** `columns.link` says in which of these lists a span is. */
  readonly lists: SpanList[] = [];

  readonly #names: NameTable;
  #listCount = 0;
  /** Span keys in the order in which the last span had them. */
  readonly #order = new Uint8Array(SPAN_KEYS.length + 1);
  #nonAscii = false;
  #form = PLAIN;

  constructor(names: NameTable) {
    this.#names = names;
  }

  get listCount(): number {
    return this.#listCount;
  }

  /** Whether the record was taken. If not, `columns` hold rubbish. Cost: one walk over the bytes, no allocation a span. */
  scan(bytes: Uint8Array): boolean {
    this.count = 0;
    this.#listCount = 0;
    this.#nonAscii = false;
    const end = this.#request(bytes);
    if (end === NO || blanks(bytes, end) !== bytes.length) return false;
    return !this.#nonAscii || isUtf8(bytes);
  }

  #request(bytes: Uint8Array): number {
    let at = open(bytes, 0, BRACE_OPEN);
    if (at === NO) return NO;
    at = key(bytes, at, RESOURCE_SPANS);
    if (at === NO) return NO;
    at = open(bytes, at, BRACKET_OPEN);
    if (at === NO) return NO;
    if (bytes[at] !== BRACKET_CLOSE) {
      for (;;) {
        at = this.#resourceSpans(bytes, at);
        if (at === NO) return NO;
        at = blanks(bytes, at);
        const next = bytes[at++];
        if (next === BRACKET_CLOSE) break;
        if (next !== COMMA) return NO;
        at = blanks(bytes, at);
      }
    } else at++;
    at = blanks(bytes, at);
    return bytes[at] === BRACE_CLOSE ? at + 1 : NO;
  }

  #resourceSpans(bytes: Uint8Array, start: number): number {
    const firstList = this.#listCount;
    let resourceFrom = -1;
    let resourceTo = -1;
    let seen = 0;
    let at = open(bytes, start, BRACE_OPEN);
    if (at === NO) return NO;
    if (bytes[at] === BRACE_CLOSE) return NO;
    for (;;) {
      let after = key(bytes, at, RESOURCE);
      if (after !== NO) {
        if (seen & 1) return NO;
        seen |= 1;
        resourceFrom = after;
        at = this.#object(bytes, after, 0);
        resourceTo = at;
      } else if ((after = key(bytes, at, SCOPE_SPANS)) !== NO) {
        if (seen & 2) return NO;
        seen |= 2;
        at = this.#allScopeSpans(bytes, after);
      } else if ((after = key(bytes, at, SCHEMA_URL)) !== NO) {
        if (seen & 4) return NO;
        seen |= 4;
        at = this.#text(bytes, after);
      } else return NO;
      if (at === NO) return NO;
      at = blanks(bytes, at);
      const next = bytes[at++];
      if (next === BRACE_CLOSE) break;
      if (next !== COMMA) return NO;
      at = blanks(bytes, at);
    }
    for (let index = firstList; index < this.#listCount; index++) {
      const list = this.lists[index] as SpanList;
      list.resourceFrom = resourceFrom;
      list.resourceTo = resourceTo;
    }
    return at;
  }

  #allScopeSpans(bytes: Uint8Array, start: number): number {
    let at = open(bytes, start, BRACKET_OPEN);
    if (at === NO) return NO;
    if (bytes[at] === BRACKET_CLOSE) return at + 1;
    for (;;) {
      at = this.#scopeSpans(bytes, at);
      if (at === NO) return NO;
      at = blanks(bytes, at);
      const next = bytes[at++];
      if (next === BRACKET_CLOSE) return at;
      if (next !== COMMA) return NO;
      at = blanks(bytes, at);
    }
  }

  #scopeSpans(bytes: Uint8Array, start: number): number {
    const index = this.#listCount++;
    let list = this.lists[index];
    if (list === undefined) {
      list = { resourceFrom: -1, resourceTo: -1, scopeFrom: -1, scopeTo: -1 };
      this.lists.push(list);
    }
    list.scopeFrom = -1;
    list.scopeTo = -1;
    let seen = 0;
    let at = open(bytes, start, BRACE_OPEN);
    if (at === NO) return NO;
    if (bytes[at] === BRACE_CLOSE) return NO;
    for (;;) {
      let after = key(bytes, at, SPANS);
      if (after !== NO) {
        if (seen & 1) return NO;
        seen |= 1;
        at = this.#spans(bytes, after, index);
      } else if ((after = key(bytes, at, SCOPE)) !== NO) {
        if (seen & 2) return NO;
        seen |= 2;
        list.scopeFrom = after;
        at = this.#object(bytes, after, 0);
        list.scopeTo = at;
      } else if ((after = key(bytes, at, SCHEMA_URL)) !== NO) {
        if (seen & 4) return NO;
        seen |= 4;
        at = this.#text(bytes, after);
      } else return NO;
      if (at === NO) return NO;
      at = blanks(bytes, at);
      const next = bytes[at++];
      if (next === BRACE_CLOSE) return at;
      if (next !== COMMA) return NO;
      at = blanks(bytes, at);
    }
  }

  #spans(bytes: Uint8Array, start: number, list: number): number {
    let at = open(bytes, start, BRACKET_OPEN);
    if (at === NO) return NO;
    if (bytes[at] === BRACKET_CLOSE) return at + 1;
    for (;;) {
      if (this.count === this.columns.capacity) this.columns.reserve(this.count + 1);
      const from = at;
      at = this.#span(bytes, at);
      if (at === NO) return NO;
      const row = this.count++;
      this.columns.from[row] = from;
      this.columns.to[row] = at;
      this.columns.link[row] = list;
      if ((bytes[at] as number) > BLANK) {
        const next = bytes[at++];
        if (next === BRACKET_CLOSE) return at;
        if (next !== COMMA) return NO;
        if ((bytes[at] as number) > BLANK) continue;
        at = blanks(bytes, at);
        continue;
      }
      at = blanks(bytes, at);
      const next = bytes[at++];
      if (next === BRACKET_CLOSE) return at;
      if (next !== COMMA) return NO;
      at = blanks(bytes, at);
    }
  }

  #span(bytes: Uint8Array, start: number): number {
    if (bytes[start] !== BRACE_OPEN) return NO;
    const { columns, count: row } = this;
    const order = this.#order;
    columns.parent0[row] = 0;
    columns.parent1[row] = 0;
    let kind = 0;
    let status = 0;
    let seen = 0;
    this.#form = PLAIN;
    let at = start + 1;
    for (let position = 0; ; position++) {
      // The keys of spans mostly come in the order of the span before: one comparison for each.
      if (position >= order.length) return NO;
      let which = order[position] as number;
      let value = tightKey(bytes, at, SPAN_KEY_BYTES[which] as Uint8Array);
      if (value === NO) {
        at = blanks(bytes, at);
        which = 0;
        for (; which < SPAN_KEY_BYTES.length; which++) {
          value = key(bytes, at, SPAN_KEY_BYTES[which] as Uint8Array);
          if (value !== NO) break;
        }
        if (value === NO) return NO;
        order[position] = which;
      }
      if (seen & (1 << which)) return NO;
      seen |= 1 << which;
      switch (which) {
        case TRACE_ID: {
          if (bytes[value] !== QUOTE || bytes[value + 33] !== QUOTE) return NO;
          const a = hexWord(bytes, value + 1);
          const b = hexWord(bytes, value + 9);
          const c = hexWord(bytes, value + 17);
          const d = hexWord(bytes, value + 25);
          if (a < 0 || b < 0 || c < 0 || d < 0 || (a === 0 && b === 0 && c === 0 && d === 0)) return NO;
          columns.trace0[row] = a;
          columns.trace1[row] = b;
          columns.trace2[row] = c;
          columns.trace3[row] = d;
          at = value + 34;
          break;
        }
        case SPAN_ID: {
          if (bytes[value] !== QUOTE || bytes[value + 17] !== QUOTE) return NO;
          const a = hexWord(bytes, value + 1);
          const b = hexWord(bytes, value + 9);
          if (a < 0 || b < 0 || (a === 0 && b === 0)) return NO;
          columns.span0[row] = a;
          columns.span1[row] = b;
          at = value + 18;
          break;
        }
        case PARENT_SPAN_ID: {
          if (bytes[value] !== QUOTE) return NO;
          if (bytes[value + 1] === QUOTE) {
            at = value + 2;
            break;
          }
          if (bytes[value + 17] !== QUOTE) return NO;
          const a = hexWord(bytes, value + 1);
          const b = hexWord(bytes, value + 9);
          if (a < 0 || b < 0 || (a === 0 && b === 0)) return NO;
          columns.parent0[row] = a;
          columns.parent1[row] = b;
          at = value + 18;
          break;
        }
        case NAME: {
          if (bytes[value] !== QUOTE) return NO;
          let hash = HASH_START;
          let byte = 0;
          for (at = value + 1; ; at++) {
            byte = bytes[at] as number;
            if (PLAIN_TEXT[byte] !== 1) break;
            hash = Math.imul(hash ^ byte, 0x01000193);
          }
          if (byte !== QUOTE) return NO;
          if (at === value + 1) return NO;
          const id = this.#names.idOfBytes(bytes, value + 1, at, hash);
          if (id === 0) return NO;
          columns.name[row] = id;
          at++;
          break;
        }
        case START:
          at = nanos(bytes, value, columns.startHigh, columns.startLow, row);
          if (at === NO) return NO;
          break;
        case END:
          at = nanos(bytes, value, columns.endHigh, columns.endLow, row);
          if (at === NO) return NO;
          break;
        case KIND:
          kind = (bytes[value] as number) - DIGIT_0;
          if (!(kind >= 0 && kind <= 5) || isNumberByte(bytes[value + 1])) return NO;
          at = value + 1;
          break;
        case STATUS: {
          at = this.#status(bytes, value);
          if (at === NO) return NO;
          status = this.#statusCode;
          break;
        }
        case ATTRIBUTES:
          at =
            bytes[value] === BRACKET_OPEN && bytes[value + 1] === BRACKET_CLOSE
              ? value + 2
              : this.#extras(this.#attributes(bytes, value, 0));
          if (at === NO) return NO;
          break;
        case EVENTS:
          at =
            bytes[value] === BRACKET_OPEN && bytes[value + 1] === BRACKET_CLOSE
              ? value + 2
              : this.#extras(this.#events(bytes, value));
          if (at === NO) return NO;
          break;
        case LINKS:
          at = this.#links(bytes, value);
          if (at === NO) return NO;
          break;
        case TRACE_STATE:
          if (bytes[value] === QUOTE && bytes[value + 1] === QUOTE) {
            at = value + 2;
            break;
          }
          this.#form |= HAS_TRACE_STATE;
          at = this.#extras(this.#text(bytes, value));
          if (at === NO) return NO;
          break;
        default:
          // flags and the counts of what was dropped
          at = smallCount(bytes, value);
          if (at === NO) return NO;
      }
      const next = bytes[at];
      if (next === COMMA) {
        at++;
        continue;
      }
      if (next === BRACE_CLOSE) break;
      at = blanks(bytes, at);
      if (bytes[at] === BRACE_CLOSE) break;
      if (bytes[at] !== COMMA) return NO;
      at++;
    }
    if ((seen & REQUIRED) !== REQUIRED) return NO;
    const startHigh = columns.startHigh[row] as number;
    const endHigh = columns.endHigh[row] as number;
    if (endHigh < startHigh) return NO;
    if (endHigh === startHigh && (columns.endLow[row] as number) < (columns.startLow[row] as number))
      return NO;
    columns.kindAndStatus[row] = kind + 8 * status;
    columns.form[row] = this.#form;
    return at + 1;
  }

  #extras(at: number): number {
    this.#form |= IN_BYTES;
    return at;
  }

  #statusCode = 0;

  #status(bytes: Uint8Array, start: number): number {
    this.#statusCode = 0;
    let seen = 0;
    let at = open(bytes, start, BRACE_OPEN);
    if (at === NO) return NO;
    if (bytes[at] === BRACE_CLOSE) return at + 1;
    for (;;) {
      let after = key(bytes, at, CODE);
      if (after !== NO) {
        if (seen & 1) return NO;
        seen |= 1;
        const code = (bytes[after] as number) - DIGIT_0;
        if (!(code >= 0 && code <= 2) || isNumberByte(bytes[after + 1])) return NO;
        this.#statusCode = code;
        at = after + 1;
      } else if ((after = key(bytes, at, MESSAGE)) !== NO) {
        if (seen & 2) return NO;
        seen |= 2;
        at = this.#text(bytes, after);
        if (at === NO) return NO;
      } else return NO;
      at = blanks(bytes, at);
      const next = bytes[at++];
      if (next === BRACE_CLOSE) return at;
      if (next !== COMMA) return NO;
      at = blanks(bytes, at);
    }
  }

  #attributes(bytes: Uint8Array, start: number, depth: number): number {
    let at = open(bytes, start, BRACKET_OPEN);
    if (at === NO || depth > DEEPEST_VALUE) return NO;
    if (bytes[at] === BRACKET_CLOSE) return at + 1;
    for (;;) {
      at = open(bytes, at, BRACE_OPEN);
      if (at === NO) return NO;
      at = key(bytes, at, KEY);
      if (at === NO) return NO;
      if (bytes[at] === QUOTE && bytes[at + 1] === QUOTE) return NO;
      at = this.#text(bytes, at);
      if (at === NO) return NO;
      at = blanks(bytes, at);
      if (bytes[at] !== COMMA) return NO;
      at = key(bytes, blanks(bytes, at + 1), VALUE);
      if (at === NO) return NO;
      at = this.#anyValue(bytes, at, depth);
      if (at === NO) return NO;
      at = blanks(bytes, at);
      if (bytes[at] !== BRACE_CLOSE) return NO;
      at = blanks(bytes, at + 1);
      const next = bytes[at++];
      if (next === BRACKET_CLOSE) return at;
      if (next !== COMMA) return NO;
      at = blanks(bytes, at);
    }
  }

  #anyValue(bytes: Uint8Array, start: number, depth: number): number {
    let at = open(bytes, start, BRACE_OPEN);
    if (at === NO) return NO;
    let after = key(bytes, at, STRING_VALUE);
    if (after !== NO) at = this.#text(bytes, after);
    else if ((after = key(bytes, at, INT_VALUE)) !== NO) at = integer(bytes, after);
    else if ((after = key(bytes, at, BOOL_VALUE)) !== NO) at = boolean(bytes, after);
    else if ((after = key(bytes, at, DOUBLE_VALUE)) !== NO) at = number(bytes, after);
    else if ((after = key(bytes, at, ARRAY_VALUE)) !== NO) at = this.#arrayValue(bytes, after, depth + 1);
    else return NO;
    if (at === NO) return NO;
    at = blanks(bytes, at);
    return bytes[at] === BRACE_CLOSE ? at + 1 : NO;
  }

  #arrayValue(bytes: Uint8Array, start: number, depth: number): number {
    if (depth > DEEPEST_VALUE) return NO;
    let at = open(bytes, start, BRACE_OPEN);
    if (at === NO) return NO;
    at = key(bytes, at, VALUES);
    if (at === NO) return NO;
    at = open(bytes, at, BRACKET_OPEN);
    if (at === NO) return NO;
    if (bytes[at] === BRACKET_CLOSE) at++;
    else {
      for (;;) {
        at = this.#anyValue(bytes, at, depth);
        if (at === NO) return NO;
        at = blanks(bytes, at);
        const next = bytes[at++];
        if (next === BRACKET_CLOSE) break;
        if (next !== COMMA) return NO;
        at = blanks(bytes, at);
      }
    }
    at = blanks(bytes, at);
    return bytes[at] === BRACE_CLOSE ? at + 1 : NO;
  }

  #events(bytes: Uint8Array, start: number): number {
    let at = open(bytes, start, BRACKET_OPEN);
    if (at === NO) return NO;
    if (bytes[at] === BRACKET_CLOSE) return at + 1;
    for (;;) {
      at = this.#event(bytes, at);
      if (at === NO) return NO;
      at = blanks(bytes, at);
      const next = bytes[at++];
      if (next === BRACKET_CLOSE) return at;
      if (next !== COMMA) return NO;
      at = blanks(bytes, at);
    }
  }

  #event(bytes: Uint8Array, start: number): number {
    let seen = 0;
    let at = open(bytes, start, BRACE_OPEN);
    if (at === NO) return NO;
    for (;;) {
      let bit: number;
      let after = key(bytes, at, TIME);
      if (after !== NO) {
        bit = 1;
        at = nanos(bytes, after, SCRATCH, SCRATCH, 0);
      } else if ((after = key(bytes, at, EVENT_NAME)) !== NO) {
        bit = 2;
        at = this.#text(bytes, after);
      } else if ((after = key(bytes, at, SPAN_KEY_BYTES[ATTRIBUTES] as Uint8Array)) !== NO) {
        bit = 4;
        at = this.#attributes(bytes, after, 0);
      } else if ((after = key(bytes, at, SPAN_KEY_BYTES[DROPPED_ATTRIBUTES] as Uint8Array)) !== NO) {
        bit = 8;
        at = smallCount(bytes, after);
      } else return NO;
      if (at === NO || seen & bit) return NO;
      seen |= bit;
      at = blanks(bytes, at);
      const next = bytes[at++];
      if (next === BRACE_CLOSE) return (seen & 3) === 3 ? at : NO;
      if (next !== COMMA) return NO;
      at = blanks(bytes, at);
    }
  }

  #links(bytes: Uint8Array, start: number): number {
    let at = open(bytes, start, BRACKET_OPEN);
    if (at === NO) return NO;
    if (bytes[at] === BRACKET_CLOSE) return at + 1;
    for (;;) {
      at = this.#link(bytes, at);
      if (at === NO) return NO;
      at = blanks(bytes, at);
      const next = bytes[at++];
      if (next === BRACKET_CLOSE) return at;
      if (next !== COMMA) return NO;
      at = blanks(bytes, at);
    }
  }

  #link(bytes: Uint8Array, start: number): number {
    let seen = 0;
    let at = open(bytes, start, BRACE_OPEN);
    if (at === NO) return NO;
    for (;;) {
      let bit: number;
      let after = key(bytes, at, SPAN_KEY_BYTES[TRACE_ID] as Uint8Array);
      if (after !== NO) {
        bit = 1;
        at = hexText(bytes, after, 32);
      } else if ((after = key(bytes, at, SPAN_KEY_BYTES[SPAN_ID] as Uint8Array)) !== NO) {
        bit = 2;
        at = hexText(bytes, after, 16);
      } else if ((after = key(bytes, at, SPAN_KEY_BYTES[TRACE_STATE] as Uint8Array)) !== NO) {
        bit = 4;
        at = this.#text(bytes, after);
      } else if ((after = key(bytes, at, SPAN_KEY_BYTES[ATTRIBUTES] as Uint8Array)) !== NO) {
        bit = 8;
        at = this.#attributes(bytes, after, 0);
      } else if ((after = key(bytes, at, SPAN_KEY_BYTES[DROPPED_ATTRIBUTES] as Uint8Array)) !== NO) {
        bit = 16;
        at = smallCount(bytes, after);
      } else if ((after = key(bytes, at, SPAN_KEY_BYTES[FLAGS] as Uint8Array)) !== NO) {
        bit = 32;
        at = smallCount(bytes, after);
      } else return NO;
      if (at === NO || seen & bit) return NO;
      seen |= bit;
      at = blanks(bytes, at);
      const next = bytes[at++];
      if (next === BRACE_CLOSE) return (seen & 3) === 3 ? at : NO;
      if (next !== COMMA) return NO;
      at = blanks(bytes, at);
    }
  }

  /** A string with its quotes. */
  #text(bytes: Uint8Array, start: number): number {
    if (bytes[start] !== QUOTE) return NO;
    let at = start + 1;
    for (;;) {
      let byte = bytes[at] as number;
      while (PLAIN_TEXT[byte] === 1) byte = bytes[++at] as number;
      if (byte === QUOTE) return at + 1;
      if (byte >= 0x80) {
        this.#nonAscii = true;
        at++;
        continue;
      }
      if (byte !== BACKSLASH) return NO;
      const escaped = bytes[at + 1] as number;
      if (escaped === LETTER_U) {
        if (!isHex(bytes, at + 2) || !isHex(bytes, at + 3) || !isHex(bytes, at + 4) || !isHex(bytes, at + 5))
          return NO;
        at += 6;
      } else if (SIMPLE_ESCAPE[escaped] === 1) at += 2;
      else return NO;
    }
  }

  /**
   * An object by its brackets and strings alone: whoever decodes it finds out whether it is JSON. Its end is certain if it is.
   */
  #object(bytes: Uint8Array, start: number, depth: number): number {
    if (bytes[start] !== BRACE_OPEN) return NO;
    let nested = depth;
    for (let at = start; ; ) {
      const byte = bytes[at];
      if (byte === undefined) return NO;
      if (byte === QUOTE) {
        at = this.#text(bytes, at);
        if (at === NO) return NO;
        continue;
      }
      at++;
      if (byte === BRACE_OPEN || byte === BRACKET_OPEN) nested++;
      else if (byte === BRACE_CLOSE || byte === BRACKET_CLOSE) {
        nested--;
        if (nested === depth) return at;
      } else if (byte >= 0x80) return NO;
    }
  }
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const BRACE_OPEN = 0x7b;
const BRACE_CLOSE = 0x7d;
const BRACKET_OPEN = 0x5b;
const BRACKET_CLOSE = 0x5d;
const BLANK = 0x20;
const DIGIT_0 = 0x30;
const MINUS = 0x2d;
const POINT = 0x2e;
const LETTER_U = 0x75;

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
] as const;
const TRACE_ID = 0;
const SPAN_ID = 1;
const PARENT_SPAN_ID = 2;
const NAME = 3;
const START = 4;
const END = 5;
const KIND = 6;
const STATUS = 7;
const ATTRIBUTES = 8;
const EVENTS = 9;
const LINKS = 10;
const TRACE_STATE = 11;
const FLAGS = 12;
const DROPPED_ATTRIBUTES = 13;
const REQUIRED = (1 << TRACE_ID) | (1 << SPAN_ID) | (1 << NAME) | (1 << START) | (1 << END);

/** With quotes, without the colon. */
function quoted(text: string): Uint8Array {
  return new TextEncoder().encode(`"${text}"`);
}

const SPAN_KEY_BYTES = SPAN_KEYS.map(quoted);
const RESOURCE_SPANS = quoted('resourceSpans');
const RESOURCE = quoted('resource');
const SCOPE_SPANS = quoted('scopeSpans');
const SCHEMA_URL = quoted('schemaUrl');
const SPANS = quoted('spans');
const SCOPE = quoted('scope');
const CODE = quoted('code');
const MESSAGE = quoted('message');
const KEY = quoted('key');
const VALUE = quoted('value');
const VALUES = quoted('values');
const STRING_VALUE = quoted('stringValue');
const INT_VALUE = quoted('intValue');
const BOOL_VALUE = quoted('boolValue');
const DOUBLE_VALUE = quoted('doubleValue');
const ARRAY_VALUE = quoted('arrayValue');
const TIME = quoted('timeUnixNano');
const EVENT_NAME = quoted('name');

/** Bytes that stand for themselves in a JSON string, ASCII only. */
const PLAIN_TEXT = new Uint8Array(256);
for (let byte = 0x20; byte < 0x80; byte++) PLAIN_TEXT[byte] = byte === QUOTE || byte === BACKSLASH ? 0 : 1;

const SIMPLE_ESCAPE = new Uint8Array(256);
for (const letter of '"\\/bfnrt') SIMPLE_ESCAPE[letter.charCodeAt(0)] = 1;

/** The value of a hex digit; 255 for others. */
const HEX = new Uint8Array(256).fill(255);
for (let digit = 0; digit < 16; digit++) {
  HEX[digit.toString(16).charCodeAt(0)] = digit;
  HEX[digit.toString(16).toUpperCase().charCodeAt(0)] = digit;
}

const SCRATCH = new Uint32Array(1);

/** Behind JSON's white space. */
function blanks(bytes: Uint8Array, start: number): number {
  let at = start;
  for (;;) {
    const byte = bytes[at] as number;
    if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) at++;
    else return at;
  }
}

/** Behind an opening bracket and the white space around it. */
function open(bytes: Uint8Array, start: number, bracket: number): number {
  let at = start;
  if (bytes[at] !== bracket) {
    at = blanks(bytes, at);
    if (bytes[at] !== bracket) return NO;
  }
  return (bytes[at + 1] as number) > BLANK ? at + 1 : blanks(bytes, at + 1);
}

/** Behind this key, its colon and the white space, at the value. */
function key(bytes: Uint8Array, start: number, expected: Uint8Array): number {
  for (let index = 0; index < expected.length; index++) {
    if (bytes[start + index] !== expected[index]) return NO;
  }
  const at = blanks(bytes, start + expected.length);
  return bytes[at] === COLON ? blanks(bytes, at + 1) : NO;
}

/** The same where there is no white space. */
function tightKey(bytes: Uint8Array, start: number, expected: Uint8Array): number {
  const { length } = expected;
  // The last letters tell keys apart best.
  for (let index = length - 1; index >= 0; index--) {
    if (bytes[start + index] !== expected[index]) return NO;
  }
  return bytes[start + length] === COLON && (bytes[start + length + 1] as number) > BLANK
    ? start + length + 1
    : NO;
}

/** Eight hex digits as an unsigned word; negative when one is none. */
function hexWord(bytes: Uint8Array, at: number): number {
  const a = HEX[bytes[at] as number] as number;
  const b = HEX[bytes[at + 1] as number] as number;
  const c = HEX[bytes[at + 2] as number] as number;
  const d = HEX[bytes[at + 3] as number] as number;
  const e = HEX[bytes[at + 4] as number] as number;
  const f = HEX[bytes[at + 5] as number] as number;
  const g = HEX[bytes[at + 6] as number] as number;
  const h = HEX[bytes[at + 7] as number] as number;
  if ((a | b | c | d | e | f | g | h) > 15) return NO;
  return ((a << 28) | (b << 24) | (c << 20) | (d << 16) | (e << 12) | (f << 8) | (g << 4) | h) >>> 0;
}

function isHex(bytes: Uint8Array, at: number): boolean {
  return (HEX[bytes[at] as number] as number) < 16;
}

/** A string of so many hex digits, not all zero. */
function hexText(bytes: Uint8Array, start: number, digits: number): number {
  if (bytes[start] !== QUOTE || bytes[start + digits + 1] !== QUOTE) return NO;
  let zero = true;
  for (let at = start + 1; at <= start + digits; at++) {
    if (!isHex(bytes, at)) return NO;
    if (bytes[at] !== DIGIT_0) zero = false;
  }
  return zero ? NO : start + digits + 2;
}

/**
 * A time of 19 digits in quotes, written as two words: from September 2001 to 2286. Others are for the decoder. Computed in
 * three parts, for a double holds 53 bits: value = (a × 10^4 + b) × 10^9 + c.
 */
function nanos(bytes: Uint8Array, start: number, high: Uint32Array, low: Uint32Array, row: number): number {
  if (bytes[start] !== QUOTE || bytes[start + 20] !== QUOTE) return NO;
  let seconds = 0;
  let at = start + 1;
  const middle = start + 11;
  for (; at < middle; at++) {
    const digit = (bytes[at] as number) - DIGIT_0;
    if (!(digit >= 0 && digit <= 9)) return NO;
    seconds = seconds * 10 + digit;
  }
  let rest = 0;
  const end = start + 20;
  for (; at < end; at++) {
    const digit = (bytes[at] as number) - DIGIT_0;
    if (!(digit >= 0 && digit <= 9)) return NO;
    rest = (rest * 10 + digit) | 0;
  }
  if (seconds < 1_000_000_000) return NO;
  // seconds < 10^10 = 2^33.2. In 16-bit limbs of the seconds: (upper × 2^16 + lower) × 10^9 + rest.
  const upper = Math.floor(seconds / 65536);
  const lower = seconds - upper * 65536;
  const top = upper * 1e9;
  const topHigh = Math.floor(top / 65536);
  const sum = (top - topHigh * 65536) * 65536 + (lower * 1e9 + rest);
  const carry = Math.floor(sum / 4294967296);
  high[row] = topHigh + carry;
  low[row] = sum - carry * 4294967296;
  return start + 21;
}

function isNumberByte(byte: number | undefined): boolean {
  return (
    byte === undefined ||
    (byte >= DIGIT_0 && byte <= 0x39) ||
    byte === POINT ||
    byte === 0x65 ||
    byte === 0x45
  );
}

/** A number of at most nine digits and nothing else. */
function smallCount(bytes: Uint8Array, start: number): number {
  let at = start;
  while (isDigit(bytes[at])) at++;
  const digits = at - start;
  if (digits === 0 || digits > 9 || (digits > 1 && bytes[start] === DIGIT_0)) return NO;
  return isNumberByte(bytes[at]) ? NO : at;
}

/** An integer, as a number or in quotes, of at most fifteen digits. */
function integer(bytes: Uint8Array, start: number): number {
  const inQuotes = bytes[start] === QUOTE;
  let at = inQuotes ? start + 1 : start;
  if (bytes[at] === MINUS) at++;
  const first = at;
  while (isDigit(bytes[at])) at++;
  const digits = at - first;
  if (digits === 0 || digits > 15 || (digits > 1 && bytes[first] === DIGIT_0)) return NO;
  if (digits === 1 && bytes[first] === DIGIT_0 && bytes[first - 1] === MINUS) return NO;
  if (inQuotes) return bytes[at] === QUOTE ? at + 1 : NO;
  return isNumberByte(bytes[at]) ? NO : at;
}

/** A JSON number. */
function number(bytes: Uint8Array, start: number): number {
  let at = bytes[start] === MINUS ? start + 1 : start;
  const first = at;
  while (isDigit(bytes[at])) at++;
  if (at === first || (at - first > 1 && bytes[first] === DIGIT_0)) return NO;
  if (bytes[at] === POINT) {
    const fraction = ++at;
    while (isDigit(bytes[at])) at++;
    if (at === fraction) return NO;
  }
  if (bytes[at] === 0x65 || bytes[at] === 0x45) {
    at++;
    if (bytes[at] === MINUS || bytes[at] === 0x2b) at++;
    const exponent = at;
    while (isDigit(bytes[at])) at++;
    if (at === exponent) return NO;
  }
  return at;
}

const TRUE = new TextEncoder().encode('true');
const FALSE = new TextEncoder().encode('false');

function boolean(bytes: Uint8Array, start: number): number {
  const word = bytes[start] === TRUE[0] ? TRUE : FALSE;
  for (let index = 0; index < word.length; index++) if (bytes[start + index] !== word[index]) return NO;
  return start + word.length;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= DIGIT_0 && byte <= 0x39;
}
