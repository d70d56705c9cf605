/** Texts that are looked for among bytes, without making a text of what is something else. */

import { internalized } from '../../base/internalized.ts';

interface Key {
  readonly text: string;
  readonly bytes: Uint8Array;
}

const encoder = new TextEncoder();

export class KeySet {
  readonly #texts: ReadonlySet<string>;
  /** By their length in bytes. */
  readonly #byLength: Key[][] = [];

  constructor(texts: ReadonlySet<string>) {
    this.#texts = texts;
    for (const text of texts) {
      const bytes = encoder.encode(text);
      while (this.#byLength.length <= bytes.length) this.#byLength.push([]);
      this.#byLength[bytes.length]?.push({ text: internalized(text), bytes });
    }
  }

  get size(): number {
    return this.#texts.size;
  }

  has(text: string): boolean {
    return this.#texts.has(text);
  }

  /** The text in `bytes[from, to)`, or null where that is not one of the set. */
  find(bytes: Uint8Array, from: number, to: number): string | null {
    const length = to - from;
    if (length >= this.#byLength.length) return null;
    const keys = this.#byLength[length] as Key[];
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index] as Key;
      if (standsAt(key.bytes, bytes, from)) return key.text;
    }
    return null;
  }
}

/** Backwards: keys of one name space begin alike. */
function standsAt(key: Uint8Array, bytes: Uint8Array, from: number): boolean {
  for (let index = key.length - 1; index >= 0; index--) if (key[index] !== bytes[from + index]) return false;
  return true;
}
