/** Parts that the lists of many requests share, such as resources: decoded once, and known again by their bytes. */
import type { ScannedList, ScannedRequest } from './scanned-request.ts';

/** More than any cluster has processes; beyond, all are forgotten and read again. */
const MOST_PARTS = 4096;

interface Known<T> {
  readonly bytes: Uint8Array;
  readonly value: T;
}

export class InternedParts<T> {
  readonly #read: (bytes: Uint8Array) => T;
  /** By the hash of the bytes. */
  #known = new Map<number, Known<T>[]>();
  #size = 0;
  /** The request that `#ofLists` is of. */
  #serial = -1;
  #bytes: Uint8Array | null = null;
  /** By the index of the list. */
  #ofLists: (T | undefined)[] = [];

  constructor(read: (bytes: Uint8Array) => T) {
    this.#read = read;
  }

  /** The part of a list. Equal bytes give the same object as long as it is remembered. Cost: once a list and request, a walk over its bytes. */
  of(request: ScannedRequest, list: number, range: (list: ScannedList) => readonly [number, number]): T {
    if (request.serial !== this.#serial || request.bytes !== this.#bytes) {
      this.#serial = request.serial;
      this.#bytes = request.bytes;
      this.#ofLists = [];
    }
    const known = this.#ofLists[list];
    if (known !== undefined) return known;
    const [from, to] = range(request.lists[list] as ScannedList);
    // The lists of one resource follow one another.
    const before = list > 0 ? this.#ofLists[list - 1] : undefined;
    const isBefore = before !== undefined && range(request.lists[list - 1] as ScannedList)[0] === from;
    const value = isBefore ? before : this.#intern(from < 0 ? NOTHING : request.bytes.subarray(from, to));
    this.#ofLists[list] = value;
    return value;
  }

  #intern(bytes: Uint8Array): T {
    const hash = hashOf(bytes);
    const same = this.#known.get(hash);
    for (const known of same ?? []) if (isEqual(known.bytes, bytes)) return known.value;
    if (this.#size >= MOST_PARTS) {
      this.#known = new Map();
      this.#size = 0;
    }
    // A copy: a view would keep the whole request.
    const own = new Uint8Array(bytes);
    const known = { bytes: own, value: this.#read(own) };
    const list = this.#known.get(hash);
    if (list === undefined) this.#known.set(hash, [known]);
    else list.push(known);
    this.#size++;
    return known.value;
  }
}

const NOTHING = new Uint8Array(0);

function hashOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5 | 0;
  const end = bytes.length & ~3;
  let at = 0;
  for (; at < end; at += 4) {
    const word =
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24);
    hash = Math.imul(hash ^ word, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  for (; at < bytes.length; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  return hash;
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}
