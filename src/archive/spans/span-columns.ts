/**
 * The table of archived spans: its columns, and a span's way into them, from the bytes of its request.
 *
 * Every column is REQUIRED. Missing texts are empty, missing numbers 0, no attributes `{}`, no events or links `[]`.
 */

import { type NameTable, UNLISTED } from '../../otlp/name-table.ts';
import type { ScannedList, ScannedRequest } from '../../otlp/proto/scanned-request.ts';
import { FIXED32, LENGTH, WireError, WireReader } from '../../otlp/proto/wire-reader.ts';
import {
  END_HIGH,
  END_LOW,
  FROM,
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
} from '../../otlp/span-rows.ts';
import { SPAN_KINDS, SPAN_STATUSES } from '../../trace/span.ts';
import type { Codec } from '../parquet/codec.ts';
import type { Column } from '../parquet/column.ts';
import { DictionaryColumn } from '../parquet/dictionary-column.ts';
import { Int32Column, Int64Column } from '../parquet/number-columns.ts';
import { PackedTextColumn } from '../parquet/packed-text-column.ts';
import { TextColumn, type WritableTexts } from '../parquet/text-column.ts';
import { TraceIdColumn, writeHexWord } from '../parquet/trace-id-column.ts';
import { mostJson, type ProtoJson } from './proto-json.ts';
import type { ResourceTable, ResourceTexts, ScopeTexts } from './resource-table.ts';
import { isUtf8, mendedUtf8 } from './utf8.ts';

const TRACE_STATE = 3;
const SPAN_NAME = 5;
const ATTRIBUTE = 9;
const EVENT = 11;
const LINK = 13;
const STATUS = 15;
const FLAGS = 16;
const STATUS_MASK = 3;
const NO_BYTES: Uint8Array = new Uint8Array(0);
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** What the columns of all hours share. */
export interface SpanReading {
  readonly names: NameTable;
  readonly json: ProtoJson;
  readonly resources: ResourceTable;
}

export class SpanColumns {
  readonly #reading: SpanReading;
  readonly #traceId = new TraceIdColumn('trace_id');
  readonly #spanId = new TextColumn('span_id', false);
  readonly #parentSpanId = new TextColumn('parent_span_id', false);
  readonly #name = new DictionaryColumn('name');
  readonly #kind = new DictionaryColumn('kind');
  /** For people; cut to microseconds. */
  readonly #startTime = new Int64Column('start_time', 'micros');
  readonly #start = new Int64Column('start_unix_nano');
  readonly #end = new Int64Column('end_unix_nano');
  readonly #duration = new Int64Column('duration_nano');
  readonly #statusCode = new DictionaryColumn('status_code');
  readonly #statusMessage = new DictionaryColumn('status_message');
  readonly #service = new DictionaryColumn('service_name');
  readonly #serviceVersion = new DictionaryColumn('service_version');
  readonly #environment = new DictionaryColumn('environment');
  readonly #scope = new DictionaryColumn('scope_name');
  readonly #scopeVersion = new DictionaryColumn('scope_version');
  readonly #traceState = new DictionaryColumn('trace_state');
  readonly #flags = new Int32Column('flags');
  readonly #attributes: WritableTexts;
  readonly #resourceAttributes = new DictionaryColumn('resource_attributes');
  readonly #events = new TextColumn('events');
  readonly #links = new TextColumn('links');
  /** Where the span is in the write-ahead log: number of its request, and of the span in it. */
  readonly #position = new Int64Column('position', 'int64', true);
  readonly #ordinal = new Int32Column('ordinal');
  readonly columns: readonly Column[];

  /** By number of the name table: index in the dictionary of this row group, plus 1. */
  #nameIndices = new Uint32Array(64);
  #kindIndices = new Int32Array(SPAN_KINDS.length);
  #statusIndices = new Int32Array(SPAN_STATUSES.length);
  #emptyMessage = 0;
  #emptyState = 0;
  /** The list of the last span, and its indices. */
  #listPosition = -1;
  #list = -1;
  /** How many rows it has that the columns of lists still lack. */
  #listRows = 0;
  #resource: ResourceIndices = NO_RESOURCE;
  #scopeOfList: ScopeIndices = NO_SCOPE;
  /** In the dictionaries of this row group. */
  readonly #resourceIndices = new Map<ResourceTexts, ResourceIndices>();
  readonly #scopeIndices = new Map<ScopeTexts, ScopeIndices>();

  #reader = new WireReader(NO_BYTES);
  #readBytes = NO_BYTES;

  constructor(reading: SpanReading, codec: Codec) {
    this.#reading = reading;
    this.#attributes = codec === 'snappy' ? new PackedTextColumn('attributes') : new TextColumn('attributes');
    this.columns = [
      this.#traceId,
      this.#spanId,
      this.#parentSpanId,
      this.#name,
      this.#kind,
      this.#startTime,
      this.#start,
      this.#end,
      this.#duration,
      this.#statusCode,
      this.#statusMessage,
      this.#service,
      this.#serviceVersion,
      this.#environment,
      this.#scope,
      this.#scopeVersion,
      this.#traceState,
      this.#flags,
      this.#attributes,
      this.#resourceAttributes,
      this.#events,
      this.#links,
      this.#position,
      this.#ordinal,
    ];
    this.#begin();
  }

  get rows(): number {
    return this.#spanId.rows;
  }

  get heldBytes(): number {
    return this.columns.reduce((sum, column) => sum + column.heldBytes, 0);
  }

  /** The columns with all rows in them. */
  complete(): readonly Column[] {
    this.#endList();
    return this.columns;
  }

  /** The columns were written and are empty again. */
  cleared(): void {
    this.#begin();
  }

  /**
   * Takes a span of the request at a position of the log; the reading's `json` must be reading it. Damage in what the scanner did not look
   * at costs that part.
   */
  add(request: ScannedRequest, row: number, position: number): void {
    const { words, link } = request.rows;
    const at = row * ROW;
    const traits = words[at + TRAITS] as number;
    this.#traceId.append(words, at + TRACE_0);
    appendId(this.#spanId, words[at + SPAN_0] as number, words[at + SPAN_1] as number);
    const parent0 = words[at + PARENT_0] as number;
    const parent1 = words[at + PARENT_1] as number;
    if ((parent0 | parent1) === 0) appendNothing(this.#parentSpanId);
    else appendId(this.#parentSpanId, parent0, parent1);
    this.#kind.append(this.#kindIndices[traits & KIND_MASK] ?? 0);
    this.#statusCode.append(this.#statusIndices[(traits >>> STATUS_SHIFT) & STATUS_MASK] ?? 0);
    this.#times(words, at);
    const list = link[row] as number;
    if (list !== this.#list || position !== this.#listPosition) this.#enterList(request, list, position);
    this.#listRows++;
    this.#position.appendNumber(position);
    this.#ordinal.append(row);
    this.#message(request.bytes, words, at);
  }

  #begin(): void {
    this.#nameIndices.fill(0);
    SPAN_KINDS.forEach((kind, index) => {
      this.#kindIndices[index] = this.#kind.indexOfText(kind);
    });
    SPAN_STATUSES.forEach((status, index) => {
      this.#statusIndices[index] = this.#statusCode.indexOfText(status);
    });
    this.#emptyMessage = this.#statusMessage.indexOfText('');
    this.#emptyState = this.#traceState.indexOfText('');
    this.#listPosition = -1;
    this.#list = -1;
    this.#listRows = 0;
    this.#resourceIndices.clear();
    this.#scopeIndices.clear();
    // Keeps no request.
    this.#reader = new WireReader(NO_BYTES);
    this.#readBytes = NO_BYTES;
  }

  #times(words: Uint32Array, at: number): void {
    const startHigh = words[at + START_HIGH] as number;
    const startLow = words[at + START_LOW] as number;
    const endHigh = words[at + END_HIGH] as number;
    const endLow = words[at + END_LOW] as number;
    appendUnsigned(this.#start, startHigh, startLow);
    appendUnsigned(this.#end, endHigh, endLow);
    const borrow = endLow < startLow ? 1 : 0;
    appendUnsigned(this.#duration, endHigh - startHigh - borrow, endLow - startLow + borrow * 2 ** 32);
    // Division by 1000 in two digits of 32 bits: exact.
    const microsHigh = Math.floor(startHigh / 1000);
    const rest = startHigh - microsHigh * 1000;
    this.#startTime.append(microsHigh, Math.floor((rest * 2 ** 32 + startLow) / 1000));
  }

  #enterList(request: ScannedRequest, index: number, position: number): void {
    const { resources } = this.#reading;
    const list = request.lists[index] as ScannedList;
    this.#endList();
    this.#resource = this.#indicesOfResource(resources.resourceOf(list.resourceFrom, list.resourceTo));
    this.#scopeOfList = this.#indicesOfScope(resources.scopeOf(list.scopeFrom, list.scopeTo));
    this.#listPosition = position;
    this.#list = index;
  }

  #endList(): void {
    const count = this.#listRows;
    if (count === 0) return;
    const { service, version, environment, attributes } = this.#resource;
    this.#service.appendRun(service, count);
    this.#serviceVersion.appendRun(version, count);
    this.#environment.appendRun(environment, count);
    this.#resourceAttributes.appendRun(attributes, count);
    this.#scope.appendRun(this.#scopeOfList.name, count);
    this.#scopeVersion.appendRun(this.#scopeOfList.version, count);
    this.#listRows = 0;
  }

  #indicesOfResource(texts: ResourceTexts): ResourceIndices {
    const known = this.#resourceIndices.get(texts);
    if (known !== undefined) return known;
    const indices = {
      service: indexIn(this.#service, texts.service),
      version: indexIn(this.#serviceVersion, texts.version),
      environment: indexIn(this.#environment, texts.environment),
      attributes: indexIn(this.#resourceAttributes, texts.attributes),
    };
    this.#resourceIndices.set(texts, indices);
    return indices;
  }

  #indicesOfScope(texts: ScopeTexts): ScopeIndices {
    const known = this.#scopeIndices.get(texts);
    if (known !== undefined) return known;
    const indices = {
      name: indexIn(this.#scope, texts.name),
      version: indexIn(this.#scopeVersion, texts.version),
    };
    this.#scopeIndices.set(texts, indices);
    return indices;
  }

  /** What is not in the row: one walk over the span's message. */
  #message(bytes: Uint8Array, words: Uint32Array, row: number): void {
    const { json } = this.#reading;
    const from = words[row + FROM] as number;
    const to = words[row + TO] as number;
    const attributes = this.#attributes;
    let traceState = this.#emptyState;
    let message = this.#emptyMessage;
    let flags = 0;
    let hasEvents = false;
    let hasLinks = false;
    let nameFrom = 0;
    let nameTo = 0;
    attributes.open(mostJson(to - from));
    json.openAttributes(attributes);
    let at = from;
    while (at < to) {
      // The scanner has seen that tags, lengths and values lie within the message.
      let tag = bytes[at++] as number;
      if (tag >= 0x80) {
        let shift = 7;
        tag &= 0x7f;
        for (let byte = 0x80; byte >= 0x80; shift += 7) {
          byte = bytes[at++] as number;
          tag += (byte & 0x7f) * 2 ** shift;
        }
      }
      const wire = tag & 7;
      if (wire === LENGTH) {
        let length = bytes[at++] as number;
        if (length >= 0x80) {
          let shift = 7;
          length &= 0x7f;
          for (let byte = 0x80; byte >= 0x80; shift += 7) {
            byte = bytes[at++] as number;
            length += (byte & 0x7f) * 2 ** shift;
          }
        }
        const end = at + length;
        switch (tag >>> 3) {
          case ATTRIBUTE:
            json.attribute(at, end);
            break;
          case EVENT:
            hasEvents = true;
            break;
          case LINK:
            hasLinks = true;
            break;
          case SPAN_NAME:
            nameFrom = at;
            nameTo = end;
            break;
          case TRACE_STATE:
            traceState = length === 0 ? this.#emptyState : textIndex(this.#traceState, bytes, at, end);
            break;
          case STATUS:
            // Two bytes are a code without a message.
            if (length > 2) message = this.#statusMessageOf(bytes, at, end, message);
            break;
          default:
        }
        at = end;
      } else if (wire === 1) at += 8;
      else if (wire === FIXED32) {
        if (tag >>> 3 === FLAGS)
          flags =
            (bytes[at] as number) |
            ((bytes[at + 1] as number) << 8) |
            ((bytes[at + 2] as number) << 16) |
            ((bytes[at + 3] as number) << 24);
        at += 4;
      } else while ((bytes[at++] as number) >= 0x80);
    }
    if (!json.closeAttributes(attributes.out)) {
      attributes.restart();
      json.attributesOf(ATTRIBUTE, from, to, attributes.out);
    }
    attributes.close();
    this.#name.append(this.#nameIndex(words[row + NAME] as number, bytes, nameFrom, nameTo));
    this.#traceState.append(traceState);
    this.#statusMessage.append(message);
    this.#flags.append(flags);
    if (hasEvents) this.#appendList(this.#events, EVENT, bytes, words, row);
    else appendEmptyList(this.#events);
    if (hasLinks) this.#appendList(this.#links, LINK, bytes, words, row);
    else appendEmptyList(this.#links);
  }

  /** All events, or links, as a JSON array. */
  #appendList(column: TextColumn, field: number, bytes: Uint8Array, words: Uint32Array, row: number): void {
    const { json } = this.#reading;
    const { out } = column;
    column.open(1);
    out.bytes[out.length++] = OPEN_BRACKET;
    const reader = this.#readerOf(bytes, words[row + FROM] as number, words[row + TO] as number);
    let isFirst = true;
    while (reader.next()) {
      if (reader.field !== field || reader.wire !== LENGTH) {
        reader.skip();
        continue;
      }
      const from = reader.span();
      const to = reader.at;
      out.reserve(mostJson(to - from) + 2);
      if (!isFirst) out.bytes[out.length++] = COMMA;
      const isWritten =
        field === EVENT
          ? json.event(from, to, words[row + START_HIGH] as number, words[row + START_LOW] as number, out)
          : json.link(from, to, out);
      if (isWritten) isFirst = false;
      else if (!isFirst) out.length--;
    }
    out.reserve(1);
    out.bytes[out.length++] = CLOSE_BRACKET;
    column.close();
  }

  #readerOf(bytes: Uint8Array, from: number, to: number): WireReader {
    if (this.#readBytes !== bytes) {
      this.#reader = new WireReader(bytes);
      this.#readBytes = bytes;
    }
    this.#reader.reset(from, to);
    return this.#reader;
  }

  #nameIndex(name: number, bytes: Uint8Array, from: number, to: number): number {
    if (name === UNLISTED) return textIndex(this.#name, bytes, from, to);
    if (name >= this.#nameIndices.length) {
      const grown = new Uint32Array(Math.max(name + 1, this.#nameIndices.length * 2));
      grown.set(this.#nameIndices);
      this.#nameIndices = grown;
    }
    const known = this.#nameIndices[name] as number;
    if (known !== 0) return known - 1;
    const index = this.#name.indexOfText(this.#reading.names.textOf(name));
    this.#nameIndices[name] = index + 1;
    return index;
  }

  #statusMessageOf(bytes: Uint8Array, from: number, to: number, before: number): number {
    let index = before;
    try {
      const reader = this.#readerOf(bytes, from, to);
      while (reader.next()) {
        if (reader.field === 2 && reader.wire === LENGTH) {
          const at = reader.span();
          index = textIndex(this.#statusMessage, bytes, at, reader.at);
        } else reader.skip();
      }
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
    }
    return index;
  }
}

interface ResourceIndices {
  readonly service: number;
  readonly version: number;
  readonly environment: number;
  readonly attributes: number;
}

interface ScopeIndices {
  readonly name: number;
  readonly version: number;
}

const NO_RESOURCE: ResourceIndices = { service: 0, version: 0, environment: 0, attributes: 0 };
const NO_SCOPE: ScopeIndices = { name: 0, version: 0 };

function indexIn(column: DictionaryColumn, text: Uint8Array): number {
  return column.indexOf(text, 0, text.length);
}

function appendId(column: TextColumn, word0: number, word1: number): void {
  column.open(16);
  const { out } = column;
  writeHexWord(word0, out.view, out.length);
  writeHexWord(word1, out.view, out.length + 8);
  out.length += 16;
  column.close();
}

function appendNothing(column: TextColumn): void {
  column.open(0);
  column.close();
}

function appendEmptyList(column: TextColumn): void {
  column.open(2);
  const { out } = column;
  out.bytes[out.length++] = OPEN_BRACKET;
  out.bytes[out.length++] = CLOSE_BRACKET;
  column.close();
}

function textIndex(column: DictionaryColumn, bytes: Uint8Array, from: number, to: number): number {
  if (isUtf8(bytes, from, to)) return column.indexOf(bytes, from, to);
  const mended = mendedUtf8(bytes, from, to);
  return column.indexOf(mended, 0, mended.length);
}

/** Past 2^63 - 1 nanoseconds, the year 2262, a time is stored as that: readers have no larger numbers. */
function appendUnsigned(column: Int64Column, high: number, low: number): void {
  if (high > 0x7fffffff) column.append(0x7fffffff, 0xffffffff);
  else column.append(high, low);
}
