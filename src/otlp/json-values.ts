/** Attributes of OTLP/JSON written as OTLP protobuf. What cannot be read is noted and left out, as the reader of spans does. */
import type { JsonArray, JsonObject, JsonValue } from '../base/exact-json.ts';
import {
  DEEPEST_VALUE,
  doubleOf,
  fieldOf,
  INT64_LEAST,
  INT64_MOST,
  isObject,
  listField,
  wholeNumber,
} from './json-fields.ts';
import type { WireWriter } from './proto/wire-writer.ts';
import { fromBase64 } from './span-id.ts';
import { found, type SpanSink } from './span-sink.ts';

/** Writes the attributes of a message as KeyValues in the field. */
export function writeAttributes(
  sink: SpanSink,
  message: JsonObject,
  writer: WireWriter,
  field: number,
): void {
  const list = listField(sink, message, 'attributes');
  if (list.length === 0) return;
  sink.enter('attributes');
  writeEach(sink, list, writer, (element) => writePair(sink, element, writer, field, 0));
  sink.leave();
}

/** Writes elements one after another; what one that has a fault has written is taken back. */
function writeEach(
  sink: SpanSink,
  list: JsonArray,
  writer: WireWriter,
  write: (element: JsonValue | undefined) => boolean,
): void {
  for (let index = 0; index < list.length; index++) {
    const before = writer.at;
    sink.enter(index);
    if (!write(list[index])) writer.cutTo(before);
    sink.leave();
  }
}

/** A KeyValue; false where a fault was noted. */
function writePair(
  sink: SpanSink,
  pair: JsonValue | undefined,
  writer: WireWriter,
  field: number,
  depth: number,
): boolean {
  if (!isObject(pair)) {
    sink.fault('FL524', `must be an object with \`key\` and \`value\`, but is ${found(pair)}`);
    return false;
  }
  // The JSON mapping leaves out what has its default: no key is the empty key.
  const key = pair['key'] ?? '';
  if (typeof key !== 'string') {
    sink.fault('FL524', `must be text, but is ${found(key)}`, 'key');
    return false;
  }
  const start = writer.open(field);
  writer.text(1, key);
  const value = pair['value'];
  if (value !== undefined && value !== null) {
    sink.enter('value');
    const isWritten = writeValue(sink, value, writer, 2, depth);
    sink.leave();
    if (!isWritten) return false;
  }
  writer.close(start);
  return true;
}

/** An AnyValue; false where a fault was noted. */
function writeValue(
  sink: SpanSink,
  value: JsonValue | undefined,
  writer: WireWriter,
  field: number,
  depth: number,
): boolean {
  if (!isObject(value)) {
    sink.fault('FL524', `must be an object such as \`{"stringValue":"x"}\`, but is ${found(value)}`);
    return false;
  }
  if (depth >= DEEPEST_VALUE) {
    sink.fault('FL524', `must not nest deeper than ${DEEPEST_VALUE} levels`);
    return false;
  }
  const start = writer.open(field);
  if (!writeKind(sink, value, writer, depth)) return false;
  writer.close(start);
  return true;
}

/** The one kind of value that the object names. An object that names none is an empty value. */
function writeKind(sink: SpanSink, value: JsonObject, writer: WireWriter, depth: number): boolean {
  const text = fieldOf(value, 'stringValue', 'string_value');
  if (text !== undefined) {
    if (typeof text !== 'string') return misfit(sink, 'stringValue', 'text', text);
    writer.text(1, text);
    return true;
  }
  const int = fieldOf(value, 'intValue', 'int_value');
  if (int !== undefined) {
    const whole = wholeNumber(int);
    if (whole === null || whole < INT64_LEAST || whole > INT64_MOST) {
      return misfit(sink, 'intValue', 'a whole number of 64 bits', int);
    }
    writer.int64(3, whole);
    return true;
  }
  const boolean = fieldOf(value, 'boolValue', 'bool_value');
  if (boolean !== undefined) {
    if (typeof boolean !== 'boolean') return misfit(sink, 'boolValue', '`true` or `false`', boolean);
    writer.bool(2, boolean);
    return true;
  }
  const double = fieldOf(value, 'doubleValue', 'double_value');
  if (double !== undefined) {
    const number = doubleOf(double);
    if (number === null) {
      return misfit(sink, 'doubleValue', 'a number, "NaN", "Infinity" or "-Infinity"', double);
    }
    writer.double(4, number);
    return true;
  }
  const array = fieldOf(value, 'arrayValue', 'array_value');
  if (array !== undefined) return writeList(sink, array, writer, depth, false);
  const pairs = fieldOf(value, 'kvlistValue', 'kvlist_value');
  if (pairs !== undefined) return writeList(sink, pairs, writer, depth, true);
  const bytes = fieldOf(value, 'bytesValue', 'bytes_value');
  if (bytes !== undefined) {
    const decoded = typeof bytes === 'string' ? fromBase64(bytes) : null;
    if (decoded === null) return misfit(sink, 'bytesValue', 'base64 text', bytes);
    writer.bytes(7, decoded);
    return true;
  }
  const [kind] = Object.keys(value);
  if (kind === undefined || value[kind] === null) return true;
  // A kind of value from a later version of OTLP.
  sink.fault('FL524', `has no known kind of value in it, but \`${kind}\``);
  return false;
}

/** An ArrayValue or a KeyValueList. */
function writeList(
  sink: SpanSink,
  list: JsonValue,
  writer: WireWriter,
  depth: number,
  isPairs: boolean,
): boolean {
  const name = isPairs ? 'kvlistValue' : 'arrayValue';
  if (!isObject(list)) return misfit(sink, name, 'an object with `values`', list);
  const start = writer.open(isPairs ? 6 : 5);
  sink.enter(name);
  const values = listField(sink, list, 'values');
  sink.enter('values');
  writeEach(sink, values, writer, (element) =>
    isPairs
      ? writePair(sink, element, writer, 1, depth + 1)
      : writeValue(sink, element, writer, 1, depth + 1),
  );
  sink.leave();
  sink.leave();
  writer.close(start);
  return true;
}

function misfit(sink: SpanSink, field: string, expected: string, value: JsonValue): false {
  sink.fault('FL524', `must be ${expected}, but is ${found(value)}`, field);
  return false;
}
