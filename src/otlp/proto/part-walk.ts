/**
 * Walks the parts of a span that only have to be sound: attributes and their values, events, links; and the status, of which the code is read. What breaks
 * a limit is noted and does not end the walk.
 *
 * Source: opentelemetry-proto, trace/v1/trace.proto, common/v1/common.proto.
 */
import { isPlainAttribute } from './attribute-shape.ts';
import type { ScanLimits } from './scan-limits.ts';
import { LINK_FIELDS } from './span-reader.ts';
import { FIXED64, LENGTH, VARINT } from './wire-reader.ts';
import { WireWalk } from './wire-walk.ts';

export const FIRST_IS_BYTES = (1 << 3) | LENGTH;
export const SECOND_IS_BYTES = (2 << 3) | LENGTH;

/** By field number of an AnyValue. */
const VALUE_FIELDS: readonly (readonly [string, number] | null)[] = [
  null,
  ['string_value', LENGTH],
  ['bool_value', VARINT],
  ['int_value', VARINT],
  ['double_value', FIXED64],
  ['array_value', LENGTH],
  ['kvlist_value', LENGTH],
  ['bytes_value', LENGTH],
];

export abstract class PartWalk extends WireWalk {
  protected readonly limits: ScanLimits;
  /** What the resource, or the span, that is walked breaks of the limits; null: nothing. */
  protected excess: string | null = null;

  constructor(limits: ScanLimits) {
    super();
    this.limits = limits;
  }

  /** A KeyValue behind its tag; returns where it ends, and leaves where it began in `#at`. */
  protected keyValueField(tag: number, start: number, to: number): number {
    if ((tag & 7) !== LENGTH) this.misfit(start, tag, 'attributes', LENGTH);
    const length = this.length(start, to);
    const at = this.at;
    const end = at + length;
    if (!isPlainAttribute(this.bytes, at, end)) this.keyValue(at, end, 0);
    if (length > this.limits.attributeBytes) this.excess ??= this.largeAttribute(this.attributeIndex, length);
    this.at = at;
    return end;
  }

  protected keyValue(from: number, to: number, depth: number): void {
    let at = from;
    while (at < to) {
      const tag = this.tag(at, to);
      at = this.at;
      const field = tag >>> 3;
      if (field === 2) {
        if (tag !== SECOND_IS_BYTES) this.misfit(at, tag, 'value', LENGTH);
        const length = this.length(at, to);
        at = this.at + length;
        this.value(this.at, at, depth);
        continue;
      }
      if (field === 1 && tag !== FIRST_IS_BYTES) this.misfit(at, tag, 'key', LENGTH);
      at = this.skip(tag, at, to);
    }
  }

  protected value(from: number, to: number, depth: number): void {
    if (depth >= this.limits.nesting) {
      this.excess ??= `has an attribute (number ${this.attributeIndex}) whose value nests deeper than ${this.limits.nesting} levels`;
      return;
    }
    let at = from;
    while (at < to) {
      const tag = this.tag(at, to);
      at = this.at;
      const field = tag >>> 3;
      const known = field < VALUE_FIELDS.length ? (VALUE_FIELDS[field] as readonly [string, number]) : null;
      if (known !== null && (tag & 7) !== known[1]) this.misfit(at, tag, known[0], known[1]);
      if (field === 5 || field === 6) {
        const length = this.length(at, to);
        at = this.at + length;
        this.values(this.at, at, depth + 1, field === 6);
      } else at = this.skip(tag, at, to);
    }
  }

  /** An ArrayValue, or a KeyValueList. */
  protected values(from: number, to: number, depth: number, isPairs: boolean): void {
    let at = from;
    while (at < to) {
      const tag = this.tag(at, to);
      at = this.at;
      if (tag >>> 3 !== 1) {
        at = this.skip(tag, at, to);
        continue;
      }
      if (tag !== FIRST_IS_BYTES) this.misfit(at, tag, 'values', LENGTH);
      const length = this.length(at, to);
      at = this.at + length;
      if (isPairs) this.keyValue(this.at, at, depth);
      else this.value(this.at, at, depth);
    }
  }

  /** The code, 0 for one that is not known, -1 where the message has none. */
  protected status(from: number, to: number): number {
    let code = -1;
    let at = from;
    while (at < to) {
      const tag = this.tag(at, to);
      at = this.at;
      if (tag >>> 3 === 3) {
        if (tag !== ((3 << 3) | VARINT)) this.misfit(at, tag, 'code', VARINT, ['status']);
        at = this.varint(at, to);
        code = this.low > 2 ? 0 : this.low;
        continue;
      }
      if (tag >>> 3 === 2 && tag !== SECOND_IS_BYTES) this.misfit(at, tag, 'message', LENGTH, ['status']);
      at = this.skip(tag, at, to);
    }
    return code;
  }

  protected event(from: number, to: number): void {
    let attributes = 0;
    let at = from;
    while (at < to) {
      const tag = this.tag(at, to);
      at = this.at;
      const field = tag >>> 3;
      if (field === 3) {
        this.attributeIndex = attributes++;
        at = this.keyValueField(tag, at, to);
        this.attributeIndex = -1;
        continue;
      }
      if (field === 1 && (tag & 7) !== FIXED64) this.misfit(at, tag, 'time_unix_nano', FIXED64);
      if (field === 2 && (tag & 7) !== LENGTH) this.misfit(at, tag, 'name', LENGTH);
      at = this.skip(tag, at, to);
    }
    if (attributes > this.limits.attributesPerSpan) {
      this.excess ??= `has an event (number ${this.eventIndex}) that ${this.tooManyAttributes(attributes)}`;
    }
  }

  protected link(from: number, to: number): void {
    let attributes = 0;
    let at = from;
    while (at < to) {
      const tag = this.tag(at, to);
      at = this.at;
      const field = tag >>> 3;
      if (field === 4) {
        this.attributeIndex = attributes++;
        at = this.keyValueField(tag, at, to);
        this.attributeIndex = -1;
        continue;
      }
      const known = LINK_FIELDS[field];
      if (known !== undefined && known !== null && (tag & 7) !== known[1]) {
        this.misfit(at, tag, known[0], known[1]);
      }
      at = this.skip(tag, at, to);
    }
    if (attributes > this.limits.attributesPerSpan) {
      this.excess ??= `has a link (number ${this.linkIndex}) that ${this.tooManyAttributes(attributes)}`;
    }
  }

  protected tooManyAttributes(count: number): string {
    return `has ${count} attributes, of which ${this.limits.attributesPerSpan} are allowed`;
  }

  protected largeAttribute(index: number, length: number): string {
    return `has an attribute (number ${index}) of ${length} bytes, of which ${this.limits.attributeBytes} are allowed`;
  }
}
