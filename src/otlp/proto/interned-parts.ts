/** Parts that the lists of many requests share, such as resources: decoded once, and known again by their bytes. */
import type { ScannedList, ScannedRequest } from './scanned-request.ts';

/** More than any cluster has processes; beyond, all are forgotten and read again. */
const MOST_PARTS = 4096;

interface Known<T> {
  readonly length: number;
  /** The bytes four at a time, without the last few. */
  readonly words: Int32Array;
  readonly bytes: Uint8Array;
  readonly value: T;
}

export class InternedParts<T> {
  readonly #ofResource: boolean;
  readonly #read: (bytes: Uint8Array) => T;
  /** By the hash of the bytes. */
  #known = new Map<number, Known<T>[]>();
  #size = 0;
  /** The request that `#ofLists` is of. */
  #serial = -1;
  #bytes: Uint8Array | null = null;
  #view: DataView = new DataView(new ArrayBuffer(0));
  /** By the index of the list. */
  #ofLists: (T | undefined)[] = [];

  /** `part`: which part of a list it is. */
  constructor(part: 'resource' | 'scope', read: (bytes: Uint8Array) => T) {
    this.#ofResource = part === 'resource';
    this.#read = read;
  }

  /** The part of a list. Equal bytes give the same object as long as it is remembered. Cost: once a list and request, a walk over its bytes. */
  of(request: ScannedRequest, list: number): T {
    if (request.serial !== this.#serial || request.bytes !== this.#bytes) {
      this.#serial = request.serial;
      this.#bytes = request.bytes;
      this.#view = new DataView(request.bytes.buffer, request.bytes.byteOffset, request.bytes.byteLength);
      this.#ofLists = [];
    }
    const known = this.#ofLists[list];
    if (known !== undefined) return known;
    return this.#find(request, list);
  }

  #find(request: ScannedRequest, list: number): T {
    const { resourceFrom, resourceTo, scopeFrom, scopeTo } = request.lists[list] as ScannedList;
    const from = this.#ofResource ? resourceFrom : scopeFrom;
    const to = this.#ofResource ? resourceTo : scopeTo;
    // The lists of one resource follow one another.
    const before = this.#ofResource && list > 0 ? this.#ofLists[list - 1] : undefined;
    const isBefore = before !== undefined && request.lists[list - 1]?.resourceFrom === from;
    const value = isBefore ? before : this.#intern(request.bytes, Math.max(from, 0), from < 0 ? 0 : to);
    this.#ofLists[list] = value;
    return value;
  }

  #intern(bytes: Uint8Array, from: number, to: number): T {
    const hash = hashOf(this.#view, bytes, from, to);
    const same = this.#known.get(hash);
    if (same !== undefined) {
      for (const known of same) if (isEqual(known, this.#view, bytes, from, to)) return known.value;
    }
    if (this.#size >= MOST_PARTS) {
      this.#known = new Map();
      this.#size = 0;
    }
    // A copy: a view would keep the whole request.
    const own = new Uint8Array(bytes.subarray(from, to));
    const words = new Int32Array((to - from) >> 2);
    for (let nth = 0; nth < words.length; nth++) words[nth] = this.#view.getInt32(from + nth * 4, true);
    const known = { length: to - from, words, bytes: own, value: this.#read(own) };
    const list = this.#known.get(hash);
    if (list === undefined) this.#known.set(hash, [known]);
    else list.push(known);
    this.#size++;
    return known.value;
  }
}

/** Of the length, every third word and the last bytes: processes of one service differ in little, but that is spread over ids. */
function hashOf(view: DataView, bytes: Uint8Array, from: number, to: number): number {
  let hash = to - from;
  const end = to - 4;
  for (let at = from; at <= end; at += 12) {
    hash = Math.imul(hash ^ view.getInt32(at, true), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  for (let at = Math.max(from, to - 8); at < to; at++) {
    hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  }
  return hash;
}

function isEqual<T>(known: Known<T>, view: DataView, bytes: Uint8Array, from: number, to: number): boolean {
  const { length, words } = known;
  if (length !== to - from) return false;
  for (let nth = 0; nth < words.length; nth++) {
    if (words[nth] !== view.getInt32(from + nth * 4, true)) return false;
  }
  for (let at = words.length * 4; at < length; at++) if (known.bytes[at] !== bytes[from + at]) return false;
  return true;
}
