/** Which numbers were seen, in little room: they come almost in order, and gaps are rare. */

export interface NumbersSnapshot {
  /** All up to here. */
  readonly through: number;
  /** And these. */
  readonly beyond: readonly number[];
}

export class DecidedNumbers {
  #through: number;
  readonly #beyond: Set<number>;
  #highest: number;

  constructor(snapshot: NumbersSnapshot = { through: 0, beyond: [] }) {
    this.#through = snapshot.through;
    this.#beyond = new Set(snapshot.beyond);
    this.#highest = snapshot.beyond.reduce((most, number) => Math.max(most, number), snapshot.through);
  }

  /** 0: none was seen. */
  get highest(): number {
    return this.#highest;
  }

  has(number: number): boolean {
    return number <= this.#through || this.#beyond.has(number);
  }

  /** False: it was there. */
  add(number: number): boolean {
    if (this.has(number)) return false;
    this.#beyond.add(number);
    this.#highest = Math.max(this.#highest, number);
    while (this.#beyond.delete(this.#through + 1)) this.#through++;
    return true;
  }

  snapshot(): NumbersSnapshot {
    return { through: this.#through, beyond: [...this.#beyond] };
  }
}
