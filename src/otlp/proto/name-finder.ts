/** Numbers of names among bytes: most come again and again, and are known by a few of their bytes before they are compared. */
import { hashOfName, type NameTable, UNLISTED } from '../name-table.ts';

/** Places for names, and how many are looked at for one name. */
const PLACES = 8192;
const PROBES = 4;

export class NameFinder {
  readonly #names: NameTable;
  /** Two words a place: a mix of a name's length and of some of its bytes, and its number; UNLISTED is free. */
  readonly #places = new Int32Array(PLACES * 2);

  constructor(names: NameTable) {
    this.#names = names;
  }

  /** The number of the name in `bytes[from, to)`, of which `view` is a view. */
  find(bytes: Uint8Array, view: DataView, from: number, to: number): number {
    const names = this.#names;
    const length = to - from;
    if (length < 4) return names.idOfBytes(bytes, from, to, hashOfName(bytes, from, to));
    // Names mostly come again: one is known by a few of its bytes, and then compared.
    const first = view.getInt32(from, true);
    const middle = view.getInt32(from + ((length - 4) >>> 1), true);
    const last = view.getInt32(to - 4, true);
    const mix = Math.imul(
      first ^ Math.imul(last, 0x9e3779b1) ^ Math.imul(middle + length, 0x85ebca6b),
      0xc2b2ae35,
    );
    const places = this.#places;
    const begin = mix ^ (mix >>> 15);
    let free = -1;
    for (let probe = 0; probe < PROBES; probe++) {
      const place = ((begin + probe) & (PLACES - 1)) * 2;
      const guess = places[place + 1] as number;
      if (guess === UNLISTED) {
        free = place;
        break;
      }
      if (places[place] === mix && names.isAt(view, from, length, guess)) return guess;
    }
    const name = names.idOfBytes(bytes, from, to, hashOfName(bytes, from, to));
    // Where all are taken, by names that are too many or alike on purpose, the first goes.
    if (free < 0) free = (begin & (PLACES - 1)) * 2;
    places[free] = mix;
    places[free + 1] = name;
    return name;
  }
}
