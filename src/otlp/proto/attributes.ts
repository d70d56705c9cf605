/** Attributes out of OTLP protobuf: KeyValue and AnyValue. A damaged one is noted and left out. */
import type { AttributeValue } from '../../trace/attribute-value.ts';
import { DEEPEST_VALUE, smallest } from '../json-fields.ts';
import type { SpanSink } from '../span-sink.ts';
import { FIXED64, LENGTH, VARINT, WireError, WireReader } from './wire-reader.ts';
import { lenientText, strictText } from './wire-text.ts';

export class ProtoAttributes {
  readonly #sink: SpanSink;
  readonly #bytes: Uint8Array;

  constructor(sink: SpanSink, bytes: Uint8Array) {
    this.#sink = sink;
    this.#bytes = bytes;
  }

  /** Reads the KeyValue at the reader's field into the map. Of equal keys the last one counts; without a value it is left out. */
  add(reader: WireReader, into: Map<string, AttributeValue>, index: number): void {
    reader.expect(LENGTH, 'attributes');
    const from = reader.span();
    const pair = this.pair(from, reader.at, index);
    if (pair !== null) into.set(pair[0], pair[1]);
  }

  /** The key and value of the KeyValue in `bytes[from, to)`; null where it has no value, or is damaged and that was noted. */
  pair(from: number, to: number, index: number): [string, AttributeValue] | null {
    try {
      return this.#pair(from, to, 0);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#sink.fault('FL524', `has an attribute (number ${index}) that is damaged: ${error.message}`);
      return null;
    }
  }

  /** A text; where it is not UTF-8 that is noted, and U+FFFD stands for the bytes in question. */
  text(from: number, to: number, field: string): string {
    const text = strictText(this.#bytes, from, to);
    if (text !== null) return text;
    this.#sink.fault('FL511', 'is not valid UTF-8', field);
    return lenientText(this.#bytes, from, to);
  }

  #pair(from: number, to: number, depth: number): [string, AttributeValue] | null {
    const reader = new WireReader(this.#bytes, from, to);
    let key = '';
    let value: AttributeValue | undefined;
    while (reader.next()) {
      if (reader.field === 1) {
        reader.expect(LENGTH, 'key');
        const start = reader.span();
        key = this.text(start, reader.at, 'key');
      } else if (reader.field === 2) {
        reader.expect(LENGTH, 'value');
        const start = reader.span();
        value = this.#value(start, reader.at, depth);
      } else reader.skip();
    }
    return value === undefined ? null : [key, value];
  }

  /** An AnyValue; of several values the last one counts. Undefined for an empty one. */
  #value(from: number, to: number, depth: number): AttributeValue | undefined {
    if (depth >= DEEPEST_VALUE) throw new WireError(`values nest deeper than ${DEEPEST_VALUE} levels`);
    const reader = new WireReader(this.#bytes, from, to);
    let value: AttributeValue | undefined;
    while (reader.next()) {
      switch (reader.field) {
        case 1: {
          reader.expect(LENGTH, 'string_value');
          const start = reader.span();
          value = this.text(start, reader.at, 'value');
          break;
        }
        case 2:
          reader.expect(VARINT, 'bool_value');
          value = reader.varint() !== 0n;
          break;
        case 3:
          reader.expect(VARINT, 'int_value');
          value = smallest(BigInt.asIntN(64, reader.varint()));
          break;
        case 4:
          reader.expect(FIXED64, 'double_value');
          value = reader.double();
          break;
        case 5: {
          reader.expect(LENGTH, 'array_value');
          const start = reader.span();
          value = this.#array(start, reader.at, depth);
          break;
        }
        case 6: {
          reader.expect(LENGTH, 'kvlist_value');
          const start = reader.span();
          value = this.#pairs(start, reader.at, depth);
          break;
        }
        case 7: {
          reader.expect(LENGTH, 'bytes_value');
          const start = reader.span();
          // A copy: `slice` of a Buffer would be a view, and keep the whole message.
          value = new Uint8Array(this.#bytes.subarray(start, reader.at));
          break;
        }
        default:
          reader.skip();
      }
    }
    return value;
  }

  #array(from: number, to: number, depth: number): AttributeValue[] {
    const reader = new WireReader(this.#bytes, from, to);
    const elements: AttributeValue[] = [];
    while (reader.next()) {
      if (reader.field === 1) {
        reader.expect(LENGTH, 'values');
        const start = reader.span();
        const element = this.#value(start, reader.at, depth + 1);
        if (element !== undefined) elements.push(element);
      } else reader.skip();
    }
    return elements;
  }

  #pairs(from: number, to: number, depth: number): AttributeValue {
    const reader = new WireReader(this.#bytes, from, to);
    const entries: [string, AttributeValue][] = [];
    while (reader.next()) {
      if (reader.field === 1) {
        reader.expect(LENGTH, 'values');
        const start = reader.span();
        const pair = this.#pair(start, reader.at, depth + 1);
        if (pair !== null) entries.push(pair);
      } else reader.skip();
    }
    return Object.fromEntries(entries);
  }
}
