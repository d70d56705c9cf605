/** Span names as small numbers, found by their bytes without making a text. Bounded: see `NameTable.idOfBytes`. */

import { internalized } from '../base/internalized.ts';
import { QUOTE, standsAt, wordsOf } from './json-bytes.ts';

/** More names than any sensible instrumentation has; beyond, spans are decoded one by one. */
const MOST_NAMES = 1 << 16;

/** A name that found no room: it may be any. */
export const UNLISTED = 0;

const NO_WORDS = new Int32Array(0);

export class NameTable {
  readonly #texts: string[] = [''];
  readonly #byText = new Map<string, number>();
  readonly #encoded: Uint8Array[] = [new Uint8Array(0)];
  readonly #hashes: number[] = [0];
  /** The name's bytes and the quote behind it, for `standsAt`; none of names of less than three bytes. */
  readonly #words: Int32Array[] = [NO_WORDS];
  readonly #lengths: number[] = [0];
  /**
   * The bytes of all names of four bytes and more, one behind the other as the words of `wordsOf`; and by number where its words begin and how many
   * bytes it has. In one piece, for names are looked at in no order, and each object on the way to one costs as much as the name.
   */
  #bareWords = new Int32Array(4096);
  #bareEnd = 0;
  #bareStarts = new Int32Array(256);
  #bareLengths = new Int32Array(256);
  readonly #after: number[] = [UNLISTED];
  readonly #secondAfter: number[] = [UNLISTED];
  /** Open addressing by the hash of the bytes; 0 is free. */
  #slots = new Int32Array(1024);
  #used = 0;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  readonly #limit: number;

  constructor(limit = MOST_NAMES) {
    this.#limit = limit;
  }

  /** Numbers are given in order from 1; `size` is the next one. */
  get size(): number {
    return this.#texts.length;
  }

  textOf(id: number): string {
    return this.#texts[id] ?? '';
  }

  /**
   * The number of the name in `bytes[from, to)`, which must have been hashed from `HASH_START` on; UNLISTED when
   * the table is full or the bytes are no UTF-8.
   */
  idOfBytes(bytes: Uint8Array, from: number, to: number, hash: number): number {
    const mask = this.#slots.length - 1;
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (let id = this.#slots[slot] as number; id !== 0; id = this.#slots[slot] as number) {
      if (this.#hashes[id] === hash && equalBytes(this.#encoded[id] as Uint8Array, bytes, from, to))
        return id;
      slot = (slot + 1) & mask;
    }
    // A copy: `slice` of a Buffer would be a view, and keep the whole request.
    return this.#add(new Uint8Array(bytes.subarray(from, to)), hash);
  }

  /** The name that came behind this one the last time; UNLISTED when there was none. */
  guessAfter(id: number): number {
    return this.#after[id] as number;
  }

  /** Another that has come behind it. */
  secondGuessAfter(id: number): number {
    return this.#secondAfter[id] as number;
  }

  noteAfter(id: number, next: number): void {
    this.#secondAfter[id] = this.#after[id] as number;
    this.#after[id] = next;
  }

  /** Whether this name and a closing quote stand at an offset; no for UNLISTED. */
  standsAt(view: DataView, at: number, id: number): boolean {
    const words = this.#words[id] as Int32Array;
    return words.length > 0 && standsAt(view, at, words, this.#lengths[id] as number);
  }

  /** Whether this name is the `length` bytes at an offset, whatever follows; no for UNLISTED and for names of less than four bytes. */
  isAt(view: DataView, at: number, length: number, id: number): boolean {
    if (this.#bareLengths[id] !== length || length === 0) return false;
    const words = this.#bareWords;
    const first = this.#bareStarts[id] as number;
    const last = first + ((length - 1) >> 2);
    // Names mostly begin alike and end in different ways.
    if (view.getInt32(at + length - 4, true) !== words[last]) return false;
    for (let word = first, from = at; word < last; word++, from += 4) {
      if (view.getInt32(from, true) !== words[word]) return false;
    }
    return true;
  }

  /** Of the name's bytes and the quote. */
  lengthOf(id: number): number {
    return this.#lengths[id] as number;
  }

  /** The number of a name; UNLISTED when the table is full. */
  idOfText(text: string): number {
    const known = this.#byText.get(text);
    if (known !== undefined) return known;
    return this.#list(text);
  }

  #add(encoded: Uint8Array, hash: number): number {
    let text: string;
    try {
      text = this.#decoder.decode(encoded);
    } catch {
      return UNLISTED;
    }
    const id = this.idOfText(text);
    if (id === UNLISTED) return UNLISTED;
    this.#encoded[id] = encoded;
    this.#hashes[id] = hash;
    this.#setWords(id, encoded);
    if (++this.#used * 2 > this.#slots.length) this.#rehash();
    else this.#place(id);
    return id;
  }

  #setWords(id: number, encoded: Uint8Array): void {
    if (encoded.length < 3) return;
    const quoted = new Uint8Array(encoded.length + 1);
    quoted.set(encoded);
    quoted[encoded.length] = QUOTE;
    this.#words[id] = wordsOf(quoted);
    if (encoded.length >= 4) this.#addBareWords(id, encoded);
    this.#lengths[id] = quoted.length;
  }

  #addBareWords(id: number, encoded: Uint8Array): void {
    const words = wordsOf(encoded);
    const end = this.#bareEnd + words.length;
    if (end > this.#bareWords.length) this.#bareWords = grown(this.#bareWords, end);
    if (id >= this.#bareStarts.length) {
      this.#bareStarts = grown(this.#bareStarts, id + 1);
      this.#bareLengths = grown(this.#bareLengths, id + 1);
    }
    this.#bareWords.set(words, this.#bareEnd);
    this.#bareStarts[id] = this.#bareEnd;
    this.#bareLengths[id] = encoded.length;
    this.#bareEnd = end;
  }

  #list(text: string): number {
    if (this.#texts.length > this.#limit) return UNLISTED;
    const id = this.#texts.length;
    this.#texts.push(internalized(text));
    this.#encoded.push(NONE);
    this.#hashes.push(0);
    this.#words.push(NO_WORDS);
    this.#lengths.push(0);
    this.#after.push(UNLISTED);
    this.#secondAfter.push(UNLISTED);
    this.#byText.set(text, id);
    return id;
  }

  #place(id: number): void {
    const mask = this.#slots.length - 1;
    const hash = this.#hashes[id] as number;
    let slot = (hash ^ (hash >>> 15)) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = id;
  }

  #rehash(): void {
    this.#slots = new Int32Array(this.#slots.length * 2);
    for (let id = 1; id < this.#texts.length; id++) if (this.#encoded[id] !== NONE) this.#place(id);
  }
}

const NONE = new Uint8Array(0);

function grown(words: Int32Array, least: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(least, words.length * 2));
  larger.set(words);
  return larger;
}

/** FNV-1a of 32 bits begins with this; a step is `Math.imul(hash ^ byte, 0x01000193)`. */
export const HASH_START = 0x811c9dc5 | 0;

/** The same of a whole name. */
export function hashOfName(bytes: Uint8Array, from: number, to: number): number {
  let hash = HASH_START;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  return hash;
}

function equalBytes(name: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (name.length !== to - from) return false;
  for (let at = 0; at < name.length; at++) if (name[at] !== bytes[from + at]) return false;
  return true;
}
