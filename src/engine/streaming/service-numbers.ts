/** Services as small numbers, for the rows of held spans. Found by the bytes of their names, so that a list of spans costs no decoding. */
import { hashOfName, NameTable, UNLISTED } from '../../otlp/name-table.ts';
import { UNTOLD_SERVICE } from './held-rows.ts';

/** Of spans without a service. */
const NO_SERVICE = 0;

export class ServiceNumbers {
  readonly #names = new NameTable(UNTOLD_SERVICE - 1);

  /** Of a name in UTF-8; -1: only its text can tell. */
  ofBytes(bytes: Uint8Array, from: number, to: number): number {
    if (from === to) return NO_SERVICE;
    const number = this.#names.idOfBytes(bytes, from, to, hashOfName(bytes, from, to));
    return number === UNLISTED ? -1 : number;
  }

  /** UNTOLD_SERVICE: there are too many to tell this one from others. */
  ofText(name: string): number {
    if (name === '') return NO_SERVICE;
    const number = this.#names.idOfText(name);
    return number === UNLISTED ? UNTOLD_SERVICE : number;
  }

  textOf(number: number): string {
    return this.#names.textOf(number);
  }
}
