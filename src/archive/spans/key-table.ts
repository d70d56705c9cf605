/** Attribute keys as small numbers, each with its JSON ready to be copied. */
import { standsAt, wordsOf } from '../../otlp/json-bytes.ts';
import { hashBytes, viewOf } from './byte-hash.ts';
import { isUtf8, mendedUtf8 } from './utf8.ts';

/** Programs that make keys out of values fill the table: it is emptied between two spans then. */
const MOST_KEYS = 1 << 14;
/** Of the value of a KeyValue. */
const VALUE_TAG = (2 << 3) | 2;
const DECODER = new TextDecoder('utf-8', { ignoreBOM: true });
const ENCODER = new TextEncoder();

export class KeyTable {
  /** The key as sent. Number 0 is no key. */
  readonly #sent: Uint8Array[] = [NONE];
  /** The same for `standsAt`; none of keys of less than four bytes. */
  readonly #words: Int32Array[] = [NO_WORDS];
  /** `"key":` as words, filled with zeros, and its length. */
  readonly #written: Int32Array[] = [NO_WORDS];
  readonly #lengths: number[] = [0];
  /** For `copyGuess`: the key's length, then by turns a word that is sent and one that is written; empty for keys of other forms. */
  readonly #forms: Int32Array[] = [NO_WORDS];
  readonly #hashes: number[] = [0];
  /** Which key came behind this one the last time. */
  readonly #after: number[] = [0];
  /** Open addressing; 0 is free. */
  #slots = new Uint32Array(MOST_KEYS * 4);
  #last = 0;

  get size(): number {
    return this.#sent.length;
  }

  get isFull(): boolean {
    return this.size >= MOST_KEYS;
  }

  /** Writes `"key":`, escaped as JSON wants it; gives the end. There must be room for three bytes more. */
  write(key: number, out: DataView, at: number): number {
    const words = this.#written[key] as Int32Array;
    // Four bytes a step; what is written too much is written over.
    for (let word = 0, to = at; word < words.length; word++, to += 4)
      out.setInt32(to, words[word] as number, true);
    return at + (this.#lengths[key] as number);
  }

  /**
   * Where the key that is expected next stands in `view` from its length on, and before a value: writes `"key":` as `write` does, and gives
   * the key. Else 0.
   */
  copyGuess(view: DataView, from: number, to: number, out: DataView, at: number): number {
    const key = this.#after[this.#last] as number;
    const form = this.#forms[key] as Int32Array;
    const end = form.length;
    if (end === 0) return 0;
    // Behind the key stands the tag of the value.
    const last = from + (form[0] as number) - 2;
    // Keys mostly begin alike and end in different ways.
    if (last + 4 > to || view.getInt32(last, true) !== form[end - 2]) return 0;
    for (let index = 1, next = from, place = at; index < end; index += 2, next += 4, place += 4) {
      if (index < end - 2 && view.getInt32(next, true) !== form[index]) return 0;
      out.setInt32(place, form[index + 1] as number, true);
    }
    this.#last = key;
    return key;
  }

  /** Of `"key":` in bytes. */
  lengthOf(key: number): number {
    return this.#lengths[key] as number;
  }

  hashOf(key: number): number {
    return this.#hashes[key] as number;
  }

  textOf(key: number): string {
    return DECODER.decode(this.#sent[key]);
  }

  /** The number of the key in `bytes[from, to)`, of which `view` is the whole; what is not UTF-8 reads as U+FFFD. */
  keyOf(bytes: Uint8Array, view: DataView, from: number, to: number): number {
    // Instrumentation sets its attributes in the same order each time.
    const guess = this.#after[this.#last] as number;
    const key = this.#isAt(view, from, to - from, guess) ? guess : this.#find(bytes, view, from, to);
    this.#last = key;
    return key;
  }

  /** Forgets all keys: their numbers are given anew. */
  clear(): void {
    for (const list of [this.#sent, this.#words, this.#written, this.#lengths, this.#forms]) list.length = 1;
    for (const list of [this.#hashes, this.#after]) list.length = 1;
    this.#after[0] = 0;
    this.#slots = new Uint32Array(MOST_KEYS * 4);
    this.#last = 0;
  }

  /** Whether a key of at least four bytes is the `length` bytes at an offset. */
  #isAt(view: DataView, at: number, length: number, key: number): boolean {
    const words = this.#words[key] as Int32Array;
    return (
      words.length > 0 &&
      (this.#sent[key] as Uint8Array).length === length &&
      standsAt(view, at, words, length)
    );
  }

  #find(bytes: Uint8Array, view: DataView, from: number, to: number): number {
    const hash = hashBytes(bytes, view, from, to);
    const mask = this.#slots.length - 1;
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (let key = this.#slots[slot] as number; key !== 0; key = this.#slots[slot] as number) {
      if (this.#hashes[key] === hash && equals(this.#sent[key] as Uint8Array, bytes, from, to)) {
        this.#after[this.#last] = key;
        return key;
      }
      slot = (slot + 1) & mask;
    }
    if (!isUtf8(bytes, from, to)) {
      const mended = mendedUtf8(bytes, from, to);
      return this.#find(mended, viewOf(mended), 0, mended.length);
    }
    return this.#add(bytes.slice(from, to), hash);
  }

  #add(sent: Uint8Array, hash: number): number {
    const key = this.#sent.length;
    this.#sent.push(sent);
    this.#words.push(sent.length < 4 ? NO_WORDS : wordsOf(sent));
    const written = ENCODER.encode(`${JSON.stringify(DECODER.decode(sent))}:`);
    const filled = new Uint8Array(Math.ceil(written.length / 4) * 4);
    filled.set(written);
    const view = new DataView(filled.buffer);
    this.#written.push(
      Int32Array.from({ length: filled.length / 4 }, (_, word) => view.getInt32(word * 4, true)),
    );
    this.#lengths.push(written.length);
    this.#forms.push(formOf(sent, written, this.#written[key] as Int32Array));
    this.#hashes.push(hash);
    this.#after.push(0);
    this.#after[this.#last] = key;
    // Beyond `MOST_KEYS` only by the keys of a single span.
    if (key * 2 > this.#slots.length) this.#rehash();
    else this.#place(key);
    return key;
  }

  #place(key: number): void {
    const mask = this.#slots.length - 1;
    const hash = this.#hashes[key] as number;
    let slot = (hash ^ (hash >>> 15)) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = key;
  }

  #rehash(): void {
    this.#slots = new Uint32Array(this.#slots.length * 2);
    for (let key = 1; key < this.#sent.length; key++) this.#place(key);
  }
}

const NONE = new Uint8Array(0);
const NO_WORDS = new Int32Array(0);

/** None where the key is short, long, or escaped. */
function formOf(sent: Uint8Array, written: Uint8Array, writtenWords: Int32Array): Int32Array {
  const { length } = sent;
  if (length < 2 || length >= 0x80 || written.length !== length + 3) return NO_WORDS;
  const framed = new Uint8Array(length + 2);
  framed[0] = length;
  framed.set(sent, 1);
  framed[length + 1] = VALUE_TAG;
  const view = viewOf(framed);
  const form = new Int32Array(1 + writtenWords.length * 2);
  form[0] = length;
  writtenWords.forEach((word, index) => {
    form[1 + index * 2] = view.getInt32(Math.min(index * 4, length - 2), true);
    form[2 + index * 2] = word;
  });
  return form;
}

function equals(key: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (key.length !== to - from) return false;
  for (let at = 0; at < key.length; at++) if (key[at] !== bytes[from + at]) return false;
  return true;
}
