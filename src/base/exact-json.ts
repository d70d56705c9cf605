/**
 * JSON as other programs write it: whole numbers past 2^53 are kept exactly, a syntax error says where it is, and an
 * array goes on behind an element that cannot be read.
 *
 * `JSON.parse` does the work wherever it can: the slow parser here runs only on texts with such numbers or with errors.
 */

export type JsonValue = null | boolean | number | bigint | string | JsonArray | JsonObject;
export type JsonArray = readonly JsonValue[];
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}

export interface JsonFault {
  /** Where, in UTF-16 code units. */
  readonly offset: number;
  /** What was expected there and what was found, without the place. */
  readonly message: string;
}

interface JsonReading {
  /** Undefined when nothing could be read. */
  readonly value: JsonValue | undefined;
  /** In the order of the text. Each stands for one element that was left out of an array, the last one perhaps for the rest. */
  readonly faults: readonly JsonFault[];
}

/** Deeper texts are not read by the slow parser; nothing that describes a span nests like that. */
const DEEPEST = 512;
/** So many broken elements are stepped over before the text is given up: each may cost a look at the whole text. */
const MOST_FAULTS = 50;
const MOST_DIGITS = 40;
/** A whole number that may lie past 2^53, or text that looks like one. */
const LONG_NUMBER = /(?:^|[:,[\s])-?(?:\d{17}|9\d{15})/;

/** Reads a JSON text (one value, blanks around it). Cost: linear, but for texts with many errors. */
export function readJson(text: string): JsonReading {
  if (!LONG_NUMBER.test(text)) {
    try {
      return { value: JSON.parse(text) as JsonValue, faults: [] };
    } catch {
      // The slow parser finds the place.
    }
  }
  return new Parser(text).read();
}

/** A place in a JSON value: keys and indices from the outside in. */
export type JsonPath = readonly (string | number)[];

/** Writes a path as a person would, `spans[3].traceId`. */
export function formatPath(path: JsonPath): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (/^[\w$]+$/.test(step)) text += text === '' ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}

/** The offset at which the value at a path begins, or of the innermost part of the path that exists. The text must be valid. */
export function locateJson(text: string, path: JsonPath): number {
  const walker = new Walker(text);
  let at = walker.valueAt(0);
  for (const step of path) {
    const next = typeof step === 'number' ? walker.element(at, step) : walker.member(at, step);
    if (next === -1) return at;
    at = next;
  }
  return at;
}

class JsonError extends Error {
  readonly offset: number;
  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const WORD = /[A-Za-z_]+/y;

/** Moves over a text. Long runs (strings, blanks) go by loops: a regular expression keeps a stack of them. */
class Cursor {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  skipBlank(): void {
    while (isBlank(this.text.charCodeAt(this.at))) this.at++;
  }

  /** A string with its quotes, which may hold escapes and characters that JSON has not; null where none begins or it does not end. */
  takeQuoted(): string | null {
    if (this.text[this.at] !== '"') return null;
    const end = endOfString(this.text, this.at);
    if (end === -1) return null;
    const start = this.at;
    this.at = end;
    return this.text.slice(start, end);
  }

  take(pattern: RegExp): string | null {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (match === null) return null;
    this.at = pattern.lastIndex;
    return match[0];
  }

  takeChar(char: string): boolean {
    if (this.text[this.at] !== char) return false;
    this.at++;
    return true;
  }

  /** Throws for what stands here. */
  fail(expected: string): never {
    const found = this.at >= this.text.length ? 'the text ends' : `\`${this.text[this.at]}\` was found`;
    throw new JsonError(this.at, `expected ${expected}, but ${found}`);
  }
}

class Parser {
  readonly #cursor: Cursor;
  readonly #faults: JsonFault[] = [];
  #depth = 0;

  constructor(text: string) {
    this.#cursor = new Cursor(text);
  }

  read(): JsonReading {
    const cursor = this.#cursor;
    let value: JsonValue | undefined;
    try {
      value = this.#value();
      cursor.skipBlank();
      if (cursor.at < cursor.text.length) cursor.fail('the end of the record');
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
      this.#faults.push({ offset: error.offset, message: error.message });
    }
    return { value, faults: this.#faults };
  }

  #value(): JsonValue {
    const cursor = this.#cursor;
    cursor.skipBlank();
    switch (cursor.text[cursor.at]) {
      case '{':
        return this.#object();
      case '[':
        return this.#array();
      case '"':
        return this.#string('a value');
      default:
        return this.#word();
    }
  }

  #object(): JsonObject {
    const cursor = this.#cursor;
    this.#enter();
    const entries: [string, JsonValue][] = [];
    cursor.at++;
    cursor.skipBlank();
    if (!cursor.takeChar('}')) {
      do {
        cursor.skipBlank();
        const key = this.#string('a key in double quotes');
        cursor.skipBlank();
        if (!cursor.takeChar(':')) cursor.fail('a colon');
        entries.push([key, this.#value()]);
        cursor.skipBlank();
      } while (cursor.takeChar(','));
      if (!cursor.takeChar('}')) cursor.fail('a comma or a closing brace');
    }
    this.#depth--;
    // Unlike assignment, this makes an ordinary member of a key called `__proto__`, as JSON.parse does.
    return Object.fromEntries(entries);
  }

  #array(): JsonArray {
    const cursor = this.#cursor;
    this.#enter();
    const elements: JsonValue[] = [];
    cursor.at++;
    cursor.skipBlank();
    if (!cursor.takeChar(']')) {
      do {
        const element = this.#element();
        if (element !== undefined) elements.push(element);
        cursor.skipBlank();
      } while (cursor.takeChar(','));
      if (!cursor.takeChar(']')) cursor.fail('a comma or a closing bracket');
    }
    this.#depth--;
    return elements;
  }

  /** An element and the blanks behind it; undefined for one that was stepped over. */
  #element(): JsonValue | undefined {
    const cursor = this.#cursor;
    cursor.skipBlank();
    const start = cursor.at;
    const depth = this.#depth;
    const known = this.#faults.length;
    try {
      const value = this.#value();
      cursor.skipBlank();
      const next = cursor.text[cursor.at];
      if (next !== ',' && next !== ']') cursor.fail('a comma or a closing bracket');
      return value;
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
      const end = endOfElement(cursor.text, start);
      if (end === -1 || this.#faults.length >= MOST_FAULTS) throw error;
      this.#faults.length = known;
      this.#faults.push({ offset: error.offset, message: error.message });
      this.#depth = depth;
      cursor.at = end;
      return undefined;
    }
  }

  #string(expected: string): string {
    const cursor = this.#cursor;
    const start = cursor.at;
    const quoted = cursor.takeQuoted();
    if (quoted === null && cursor.text[start] !== '"') cursor.fail(expected);
    try {
      if (quoted !== null) return JSON.parse(quoted) as string;
    } catch {
      // A line end or an unknown escape.
    }
    throw new JsonError(start, 'this text is not closed, or has a line end or an unknown escape in it');
  }

  /** A word, or a number. */
  #word(): JsonValue {
    const cursor = this.#cursor;
    const start = cursor.at;
    const word = cursor.take(WORD);
    if (word === null) return this.#number();
    if (word === 'true') return true;
    if (word === 'false') return false;
    if (word === 'null') return null;
    throw new JsonError(start, `expected a value, but \`${word.slice(0, 40)}\` was found`);
  }

  #number(): number | bigint {
    const cursor: Cursor = this.#cursor;
    const digits = cursor.take(NUMBER);
    if (digits === null) cursor.fail('a value');
    const number = Number(digits);
    // No integer of a span has more digits, and reading very many of them exactly is slow.
    const isLong = digits.length <= MOST_DIGITS && /^-?\d+$/.test(digits) && !Number.isSafeInteger(number);
    return isLong ? BigInt(digits) : number;
  }

  #enter(): void {
    if (++this.#depth > DEEPEST) throw new JsonError(this.#cursor.at, `nested deeper than ${DEEPEST} levels`);
  }
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** Behind the closing quote of the string that begins here; -1 when it has none. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at + 1;
    if (code === 0x5c) at++;
  }
  return -1;
}

/** Where the element of an array that starts here ends, by its brackets and strings alone; -1 when they do not match. */
function endOfElement(text: string, start: number): number {
  const open: string[] = [];
  for (let at = start; at < text.length; at++) {
    switch (text[at]) {
      case '"': {
        for (at++; at < text.length && text[at] !== '"'; at++) {
          if (text[at] === '\\') at++;
        }
        break;
      }
      case '{':
        open.push('}');
        break;
      case '[':
        open.push(']');
        break;
      case '}':
      case ']':
        if (open.length === 0) return text[at] === ']' ? at : -1;
        if (open.pop() !== text[at]) return -1;
        break;
      case ',':
        if (open.length === 0) return at;
        break;
    }
  }
  return -1;
}

/** Finds values in a valid text without making them. */
class Walker {
  readonly #cursor: Cursor;

  constructor(text: string) {
    this.#cursor = new Cursor(text);
  }

  /** The offset of the first byte of a value at or behind `at`. */
  valueAt(at: number): number {
    this.#cursor.at = at;
    this.#cursor.skipBlank();
    return this.#cursor.at;
  }

  element(array: number, index: number): number {
    if (this.#cursor.text[array] !== '[') return -1;
    let at = this.valueAt(array + 1);
    for (let skipped = 0; skipped < index; skipped++) {
      at = this.#behind(at);
      if (this.#cursor.text[at] !== ',') return -1;
      at = this.valueAt(at + 1);
    }
    return this.#cursor.text[at] === ']' ? -1 : at;
  }

  member(object: number, wanted: string): number {
    const cursor = this.#cursor;
    if (cursor.text[object] !== '{') return -1;
    let found = -1;
    cursor.at = object + 1;
    for (;;) {
      cursor.skipBlank();
      const key = cursor.takeQuoted();
      if (key === null) return found;
      cursor.skipBlank();
      const value = this.valueAt(cursor.at + 1);
      // The last of two equal keys is the one that counts.
      if (JSON.parse(key) === wanted) found = value;
      if (cursor.text[this.#behind(value)] !== ',') return found;
      cursor.at++;
    }
  }

  /** The offset of what follows the value at `at`, blanks skipped. */
  #behind(at: number): number {
    const { text } = this.#cursor;
    let depth = 0;
    let here = at;
    for (; here < text.length; here++) {
      const char = text[here];
      if (char === '"') {
        for (here++; here < text.length && text[here] !== '"'; here++) {
          if (text[here] === '\\') here++;
        }
      } else if (char === '{' || char === '[') depth++;
      else if (char === '}' || char === ']') {
        if (depth === 0) break;
        depth--;
      } else if (char === ',' && depth === 0) break;
    }
    return this.valueAt(here);
  }
}
