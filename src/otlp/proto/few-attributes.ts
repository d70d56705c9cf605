/** A handful of attributes as a list: a projected span mostly has none to three, for which a Map takes ten times the time and four times the memory. */
import type { Attributes, AttributeValue } from '../../trace/attribute-value.ts';

/** A list with more is made a Map, whose look-ups do not grow with it. */
const MOST = 8;

export class FewAttributes implements Attributes {
  readonly #key: string;
  #value: AttributeValue;
  #next: FewAttributes | null = null;

  constructor(key: string, value: AttributeValue) {
    this.#key = key;
    this.#value = value;
  }

  /** The attributes with this one, which takes the place of one with its key. Changes the list. */
  with(key: string, value: AttributeValue): FewAttributes | Map<string, AttributeValue> {
    let last: FewAttributes = this;
    for (let count = 1; ; count++) {
      if (last.#key === key) {
        last.#value = value;
        return this;
      }
      if (last.#next === null) {
        if (count === MOST) return new Map(this).set(key, value);
        last.#next = new FewAttributes(key, value);
        return this;
      }
      last = last.#next;
    }
  }

  get size(): number {
    let size = 0;
    for (let one: FewAttributes | null = this; one !== null; one = one.#next) size++;
    return size;
  }

  get(key: string): AttributeValue | undefined {
    for (let one: FewAttributes | null = this; one !== null; one = one.#next) {
      if (one.#key === key) return one.#value;
    }
    return undefined;
  }

  has(key: string): boolean {
    for (let one: FewAttributes | null = this; one !== null; one = one.#next)
      if (one.#key === key) return true;
    return false;
  }

  forEach(
    visit: (value: AttributeValue, key: string, map: Attributes) => void,
    thisArgument?: unknown,
  ): void {
    for (const [key, value] of this) visit.call(thisArgument, value, key, this);
  }

  *entries(): MapIterator<[string, AttributeValue]> {
    for (let one: FewAttributes | null = this; one !== null; one = one.#next) yield [one.#key, one.#value];
  }

  *keys(): MapIterator<string> {
    for (const [key] of this) yield key;
  }

  *values(): MapIterator<AttributeValue> {
    for (const [, value] of this) yield value;
  }

  [Symbol.iterator](): MapIterator<[string, AttributeValue]> {
    return this.entries();
  }
}
