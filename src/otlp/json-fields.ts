/**
 * Fields of OTLP/JSON messages, by the rules of protobuf's JSON mapping: either spelling of a name, null for absent,
 * 64-bit integers as text or number. What does not fit is noted in the sink and read as absent.
 */
import type { JsonArray, JsonObject, JsonValue } from '../base/exact-json.ts';
import type { AttributeValue } from '../trace/attribute-value.ts';
import { fromBase64 } from './span-id.ts';
import { found, type SpanSink } from './span-sink.ts';

/** AnyValues nest at most so deep; deeper ones are a fault. */
export const DEEPEST_VALUE = 32;

const WHOLE = /^[+-]?\d+$/;
const UINT32_MOST = 2n ** 32n - 1n;
export const INT64_LEAST = -(2n ** 63n);
export const INT64_MOST = 2n ** 63n - 1n;
const UINT64_MOST = 2n ** 64n - 1n;

/** The value of a field in its lowerCamelCase or its snake_case spelling; undefined for absent and null. */
export function fieldOf(message: JsonObject, name: string, snake = name): JsonValue | undefined {
  return message[name] ?? message[snake] ?? undefined;
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A repeated field; absent is empty. */
export function listField(sink: SpanSink, message: JsonObject, name: string, snake?: string): JsonArray {
  const value = fieldOf(message, name, snake);
  if (value === undefined) return [];
  if (Array.isArray(value)) return value;
  sink.fault('FL523', `must be an array, but is ${found(value)}`, name);
  return [];
}

/** A text field; absent is the empty text, null is a fault that was noted. */
export function textField(sink: SpanSink, message: JsonObject, name: string, snake?: string): string | null {
  const value = fieldOf(message, name, snake);
  if (value === undefined) return '';
  if (typeof value === 'string') return value;
  sink.fault('FL523', `must be text, but is ${found(value)}`, name);
  return null;
}

/** A time in nanoseconds; absent is 0, null is a fault that was noted. */
export function timeField(sink: SpanSink, message: JsonObject, name: string, snake?: string): bigint | null {
  const value = fieldOf(message, name, snake);
  if (value === undefined) return 0n;
  const time = wholeNumber(value);
  if (time !== null && time >= 0n && time <= UINT64_MOST) return time;
  sink.fault('FL522', `must be nanoseconds since 1970 as a whole number, but is ${found(value)}`, name);
  return null;
}

/** A count or flags of 32 bits; absent, or a fault that was noted, is 0. */
export function uint32Field(sink: SpanSink, message: JsonObject, name: string, snake?: string): number {
  const value = fieldOf(message, name, snake);
  if (value === undefined) return 0;
  const whole = wholeNumber(value);
  if (whole !== null && whole >= 0n && whole <= UINT32_MOST) return Number(whole);
  sink.fault('FL523', `must be a whole number of 32 bits, but is ${found(value)}`, name);
  return 0;
}

/** An enum by its number or name, as the number that was sent; absent, or a fault that was noted, is 0. */
export function enumField(
  sink: SpanSink,
  message: JsonObject,
  name: string,
  prefix: string,
  names: readonly string[],
): number {
  const value = message[name];
  if (value === undefined || value === null) return 0;
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  if (typeof value === 'string') {
    const known = value.startsWith(prefix) ? names.indexOf(value.slice(prefix.length).toLowerCase()) : -1;
    if (known >= 0) return known;
  }
  const example = `${prefix}${(names[1] ?? '').toUpperCase()}`;
  sink.fault('FL523', `must be a number or a name such as \`${example}\`, but is ${found(value)}`, name);
  return 0;
}

/** Attributes as OTLP lists them. One that cannot be read is noted and left out; of equal keys the last one counts. */
export function attributesField(sink: SpanSink, message: JsonObject): Map<string, AttributeValue> {
  const attributes = new Map<string, AttributeValue>();
  const list = listField(sink, message, 'attributes');
  if (list.length === 0) return attributes;
  sink.enter('attributes');
  for (let index = 0; index < list.length; index++) {
    sink.enter(index);
    const entry = keyValue(sink, list[index], 0);
    if (entry !== null) attributes.set(entry[0], entry[1]);
    sink.leave();
  }
  sink.leave();
  return attributes;
}

/** A KeyValue; null where it has no value, or a fault was noted. */
function keyValue(
  sink: SpanSink,
  pair: JsonValue | undefined,
  depth: number,
): [string, AttributeValue] | null {
  if (!isObject(pair)) {
    sink.fault('FL524', `must be an object with \`key\` and \`value\`, but is ${found(pair)}`);
    return null;
  }
  // The JSON mapping leaves out what has its default: no key is the empty key.
  const key = pair['key'] ?? '';
  if (typeof key !== 'string') {
    sink.fault('FL524', `must be text, but is ${found(key)}`, 'key');
    return null;
  }
  const value = pair['value'];
  if (value === undefined || value === null) return null;
  sink.enter('value');
  const read = anyValue(sink, value, depth);
  sink.leave();
  return read === undefined ? null : [key, read];
}

/** An AnyValue; undefined where it holds nothing, or a fault was noted. */
function anyValue(sink: SpanSink, value: JsonValue | undefined, depth: number): AttributeValue | undefined {
  if (!isObject(value)) {
    sink.fault('FL524', `must be an object such as \`{"stringValue":"x"}\`, but is ${found(value)}`);
    return undefined;
  }
  if (depth >= DEEPEST_VALUE) {
    sink.fault('FL524', `must not nest deeper than ${DEEPEST_VALUE} levels`);
    return undefined;
  }
  const text = fieldOf(value, 'stringValue', 'string_value');
  if (text !== undefined) {
    if (typeof text === 'string') return text;
    return misfit(sink, 'stringValue', 'text', text);
  }
  const int = fieldOf(value, 'intValue', 'int_value');
  if (int !== undefined) {
    const whole = wholeNumber(int);
    if (whole === null || whole < INT64_LEAST || whole > INT64_MOST) {
      return misfit(sink, 'intValue', 'a whole number of 64 bits', int);
    }
    return smallest(whole);
  }
  const boolean = fieldOf(value, 'boolValue', 'bool_value');
  if (boolean !== undefined) {
    if (typeof boolean === 'boolean') return boolean;
    return misfit(sink, 'boolValue', '`true` or `false`', boolean);
  }
  const double = fieldOf(value, 'doubleValue', 'double_value');
  if (double !== undefined) {
    const number = doubleOf(double);
    return number ?? misfit(sink, 'doubleValue', 'a number, "NaN", "Infinity" or "-Infinity"', double);
  }
  const array = fieldOf(value, 'arrayValue', 'array_value');
  if (array !== undefined) return arrayValue(sink, array, depth);
  const pairs = fieldOf(value, 'kvlistValue', 'kvlist_value');
  if (pairs !== undefined) return pairsValue(sink, pairs, depth);
  const bytes = fieldOf(value, 'bytesValue', 'bytes_value');
  if (bytes !== undefined) {
    const decoded = typeof bytes === 'string' ? fromBase64(bytes) : null;
    return decoded ?? misfit(sink, 'bytesValue', 'base64 text', bytes);
  }
  const [kind] = Object.keys(value);
  // A kind of value from a later version of OTLP is a fault; no kind at all is how an empty value is sent.
  if (kind !== undefined && value[kind] !== null) {
    sink.fault('FL524', `has no known kind of value in it, but \`${kind}\``);
  }
  return undefined;
}

function arrayValue(sink: SpanSink, array: JsonValue, depth: number): AttributeValue | undefined {
  if (!isObject(array)) return misfit(sink, 'arrayValue', 'an object with `values`', array);
  const elements: AttributeValue[] = [];
  sink.enter('arrayValue');
  const values = listField(sink, array, 'values');
  sink.enter('values');
  for (let index = 0; index < values.length; index++) {
    sink.enter(index);
    const element = anyValue(sink, values[index], depth + 1);
    if (element !== undefined) elements.push(element);
    sink.leave();
  }
  sink.leave();
  sink.leave();
  return elements;
}

function pairsValue(sink: SpanSink, list: JsonValue, depth: number): AttributeValue | undefined {
  if (!isObject(list)) return misfit(sink, 'kvlistValue', 'an object with `values`', list);
  const entries: [string, AttributeValue][] = [];
  sink.enter('kvlistValue');
  const values = listField(sink, list, 'values');
  sink.enter('values');
  for (let index = 0; index < values.length; index++) {
    sink.enter(index);
    const entry = keyValue(sink, values[index], depth + 1);
    if (entry !== null) entries.push(entry);
    sink.leave();
  }
  sink.leave();
  sink.leave();
  return Object.fromEntries(entries);
}

function misfit(sink: SpanSink, field: string, expected: string, value: JsonValue): undefined {
  sink.fault('FL524', `must be ${expected}, but is ${found(value)}`, field);
  return undefined;
}

/** A whole number, also as text; null for all else. */
export function wholeNumber(value: JsonValue): bigint | null {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : null;
  if (typeof value !== 'string' || value.length > 24 || !WHOLE.test(value)) return null;
  return BigInt(value.startsWith('+') ? value.slice(1) : value);
}

/** As a number where that is exact. */
export function smallest(whole: bigint): number | bigint {
  const number = Number(whole);
  return Number.isSafeInteger(number) ? number : whole;
}

/** A double, also as text; null for all else. */
export function doubleOf(value: JsonValue): number | null {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'string') return null;
  if (value === 'NaN') return Number.NaN;
  if (value === 'Infinity') return Number.POSITIVE_INFINITY;
  if (value === '-Infinity') return Number.NEGATIVE_INFINITY;
  return /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(value) ? Number(value) : null;
}
