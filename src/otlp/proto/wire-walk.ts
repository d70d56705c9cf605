/**
 * The wire format of protobuf, walked over bytes that nobody has to trust: tags, lengths and varints, each checked against the end of the message that
 * it is in. What is damaged ends the walk with its place.
 *
 * Source: protobuf.dev, "Encoding".
 */
import type { JsonPath } from '../../base/exact-json.ts';
import type { WireFault } from './wire-fault.ts';
import { FIXED32, FIXED64, GROUP_END, GROUP_START, LENGTH, VARINT, wireMisfit } from './wire-reader.ts';

/** Ends the walk. */
export class Refusal extends Error {
  readonly fault: WireFault;
  constructor(fault: WireFault) {
    super(fault.message);
    this.fault = fault;
  }
}

export abstract class WireWalk {
  protected bytes: Uint8Array = new Uint8Array(0);
  protected view: DataView = new DataView(new ArrayBuffer(0));
  /** Where the last part that was read behind a function call ended. */
  protected at = 0;
  /** Low 32 bits of the last varint. */
  protected low = 0;

  // Where the walk is, for faults. -1: not inside of one.
  protected resourceIndex = -1;
  protected inResource = false;
  protected scopeIndex = -1;
  protected inScope = false;
  protected spanIndex = -1;
  protected eventIndex = -1;
  protected linkIndex = -1;
  protected attributeIndex = -1;

  protected begin(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.resourceIndex = -1;
    this.inResource = false;
    this.scopeIndex = -1;
    this.inScope = false;
    this.spanIndex = -1;
    this.eventIndex = -1;
    this.linkIndex = -1;
    this.attributeIndex = -1;
  }

  /** A tag at an offset that lies within the message; `#at` is behind it. */
  protected tag(start: number, to: number): number {
    const first = this.bytes[start] as number;
    let tag = first;
    if (first < 0x80) this.at = start + 1;
    else tag = this.uint32(start, to, 'a tag');
    if (tag < 8) this.fail(this.at, 'is damaged: a field has the number 0');
    return tag;
  }

  /** A length, which fits in what is left; `#at` is behind it. */
  protected length(start: number, to: number): number {
    if (start >= to) this.fail(start, 'is damaged: a length is cut off');
    let length = this.bytes[start] as number;
    if (length < 0x80) this.at = start + 1;
    else length = this.uint32(start, to, 'a length');
    if (length > to - this.at) this.pastEnd(this.at, length, to);
    return length;
  }

  /** A varint whose upper bits must be 0. */
  protected uint32(start: number, to: number, what: string): number {
    const bytes = this.bytes;
    let value = 0;
    let at = start;
    for (let shift = 0; shift < 35; shift += 7) {
      if (at >= to) this.fail(at, `is damaged: ${what} is cut off`);
      const byte = bytes[at++] as number;
      if (shift === 28 && byte > 0x0f) break;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.at = at;
        return value >>> 0;
      }
    }
    return this.fail(at, `is damaged: ${what} is longer than 32 bits`);
  }

  /** Behind a varint of up to ten bytes, whose low 32 bits are then in `#low`. */
  protected varint(start: number, to: number): number {
    const bytes = this.bytes;
    let at = start;
    let low = 0;
    for (let index = 0; index < 10; index++) {
      if (at >= to) this.fail(at, 'is damaged: a varint is cut off');
      const byte = bytes[at++] as number;
      if (index < 5) low |= (byte & 0x7f) << (7 * index);
      if (byte < 0x80) {
        this.low = low >>> 0;
        return at;
      }
    }
    return this.fail(at, 'is damaged: a varint is longer than 10 bytes');
  }

  /** Behind a value that nobody looks at. */
  protected skip(tag: number, at: number, to: number): number {
    switch (tag & 7) {
      case VARINT:
        return this.varint(at, to);
      case FIXED64:
        if (to - at < 8) this.fail(at, 'is damaged: a value is cut off');
        return at + 8;
      case LENGTH: {
        const length = this.length(at, to);
        return this.at + length;
      }
      case FIXED32:
        if (to - at < 4) this.fail(at, 'is damaged: a value is cut off');
        return at + 4;
      case GROUP_START:
      case GROUP_END:
        return this.fail(at, 'is damaged: groups are not part of OTLP');
      default:
        return this.fail(at, `is damaged: there is no wire type ${tag & 7}`);
    }
  }

  protected misfit(at: number, tag: number, field: string, wire: number, inside: JsonPath = []): never {
    this.fail(at, `is damaged: ${wireMisfit(field, tag & 7, wire)}`, inside);
  }

  protected pastEnd(at: number, length: number, to: number): never {
    this.fail(
      at,
      `is damaged: a length of ${length} bytes passes the end of its message by ${length - (to - at)}`,
    );
  }

  protected fail(at: number, message: string, inside: JsonPath = []): never {
    const offset = Math.min(at, this.bytes.length);
    throw new Refusal({
      kind: 'damaged',
      offset,
      path: [...this.path(), ...inside],
      message: message + hintOf(this.bytes),
    });
  }

  protected path(): (string | number)[] {
    const path: (string | number)[] = [];
    if (this.resourceIndex < 0) return path;
    path.push('resourceSpans', this.resourceIndex);
    if (this.inResource) path.push('resource');
    if (this.scopeIndex >= 0) path.push('scopeSpans', this.scopeIndex);
    if (this.inScope) path.push('scope');
    if (this.spanIndex >= 0) path.push('spans', this.spanIndex);
    if (this.linkIndex >= 0) path.push('links', this.linkIndex);
    if (this.eventIndex >= 0) path.push('events', this.eventIndex);
    if (this.attributeIndex >= 0) path.push('attributes', this.attributeIndex);
    return path;
  }
}

/** What the bytes rather look like, where that is plain to see. */
function hintOf(bytes: Uint8Array): string {
  if (bytes.length < 2) return '';
  if (bytes[0] === 0x7b) return '; it looks like JSON: send it as `content-type: application/json`';
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return '; it looks gzipped: say so by `content-encoding: gzip`';
  return '';
}
