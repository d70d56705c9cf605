/** Keys of which a span was dropped for want of memory: their groups are incomplete until no span can belong to one with it any more. */
import { hexHash } from '../../../base/text-hash.ts';
import type { Millis } from '../stream.ts';
import type { KeyGroups } from './group.ts';

type Key = Pick<KeyGroups, 'state' | 'text'>;

export class LostKeys {
  readonly #most: number;
  /** When a mark fades, by a hash of the key; the first to fade first. */
  #marks = new Map<string, Millis>();
  #lastUntil: Millis = Number.NEGATIVE_INFINITY;
  /** A mark that had to go too early would have faded then: until then any key may be a lost one. */
  #doubtUntil: Millis = Number.NEGATIVE_INFINITY;

  /** At most so many marks. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Whether it was not known to be lost. */
  add(key: Key, until: Millis): boolean {
    const hash = hashOf(key);
    const isNew = !this.#marks.delete(hash);
    const [oldest] = this.#marks;
    if (isNew && oldest !== undefined && this.#marks.size >= this.#most) {
      this.#marks.delete(oldest[0]);
      this.#doubtUntil = Math.max(this.#doubtUntil, oldest[1]);
    }
    // Ends stay in order, so that the first is the next to fade.
    this.#lastUntil = Math.max(this.#lastUntil, until);
    this.#marks.set(hash, this.#lastUntil);
    return isNew;
  }

  has(key: Key, at: Millis): boolean {
    return at < this.#doubtUntil || (this.#marks.size > 0 && this.#marks.has(hashOf(key)));
  }

  /** Forgets what is over at `at`. */
  fade(at: Millis): void {
    for (const [hash, until] of this.#marks) {
      if (until > at) return;
      this.#marks.delete(hash);
    }
  }

  shift(by: Millis): void {
    this.#lastUntil += by;
    this.#doubtUntil += by;
    this.#marks = new Map([...this.#marks].map(([hash, until]) => [hash, until + by]));
  }

  get bytes(): number {
    return this.#marks.size * 100;
  }
}

function hashOf({ state, text }: Key): string {
  return hexHash(`${state.rule.id}\n${state.live.version}\n${text}`).slice(0, 16);
}
