/**
 * A resource or scope that came in several parts. Protobuf merges them, and their bytes one after another are the merged message: they
 * are put together behind the request, as a field that nobody knows, so that the list can name one range and the whole stays a request.
 */
import type { ScannedList, ScannedRequest } from './scanned-request.ts';

/** A part that another one came behind. */
export interface RepeatedPart {
  readonly of: 'resource' | 'scope';
  /** The first list that it is for; all that have the last part's range have it. */
  readonly firstList: number;
  readonly from: number;
  readonly to: number;
}

/** The highest number that a field can have, with a length. */
const UNKNOWN_FIELD = [0xfa, 0xff, 0xff, 0xff, 0x0f];

/** Cost: a copy of the request. */
export function joinRepeats(request: ScannedRequest, repeats: readonly RepeatedPart[]): void {
  const groups = new Map<string, RepeatedPart[]>();
  for (const part of repeats) {
    const key = `${part.of} ${part.firstList}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [part]);
    else group.push(part);
  }
  for (const group of groups.values()) join(request, group);
}

function join(request: ScannedRequest, parts: readonly RepeatedPart[]): void {
  const [first] = parts;
  if (first === undefined || first.firstList >= request.listCount) return;
  const { of, firstList } = first;
  const last = rangeOf(request.lists[firstList] as ScannedList, of);
  const ranges = [...parts, last];
  const length = ranges.reduce((sum, { from, to }) => sum + to - from, 0);
  const header = [...UNKNOWN_FIELD, ...varint(length)];
  const { bytes } = request;
  const joined = new Uint8Array(bytes.length + header.length + length);
  joined.set(bytes);
  joined.set(header, bytes.length);
  const from = bytes.length + header.length;
  let at = from;
  for (const range of ranges) {
    joined.set(bytes.subarray(range.from, range.to), at);
    at += range.to - range.from;
  }
  request.bytes = joined;
  for (let index = firstList; index < request.listCount; index++) {
    const list = request.lists[index] as ScannedList;
    const range = rangeOf(list, of);
    if (range.from !== last.from || range.to !== last.to) break;
    if (of === 'resource') {
      list.resourceFrom = from;
      list.resourceTo = at;
    } else {
      list.scopeFrom = from;
      list.scopeTo = at;
    }
  }
}

function rangeOf(list: ScannedList, of: RepeatedPart['of']): { from: number; to: number } {
  return of === 'resource'
    ? { from: list.resourceFrom, to: list.resourceTo }
    : { from: list.scopeFrom, to: list.scopeTo };
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
  return bytes;
}
