/**
 * Verdict counts of a minute, by place, as numbers in two arrays: a day of minutes with many rules and services is held in memory, where an object a count
 * would take ten times as much.
 */
import { VERDICTS, type Verdict } from '../engine/verdict.ts';

/** A rule in a service and its version. */
export interface CountedPlace {
  readonly rule: string;
  readonly service: string;
  readonly version: string;
}

/** Places as numbers, for as long as some minute has them. */
export class PlaceNumbers {
  readonly #numbers = new Map<string, number>();
  readonly #places: (CountedPlace | null)[] = [];
  /** By number: minutes that have the place. */
  readonly #minutes: number[] = [];
  readonly #free: number[] = [];

  /** The number of a place, a new one where no minute has it yet. */
  of(rule: string, service: string, version: string): number {
    const key = keyOf(rule, service, version);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#free.pop() ?? this.#places.length;
    this.#numbers.set(key, number);
    this.#places[number] = { rule, service, version };
    this.#minutes[number] = 0;
    return number;
  }

  placeOf(number: number): CountedPlace {
    return this.#places[number] as CountedPlace;
  }

  /** A minute has the place now. */
  hold(number: number): void {
    this.#minutes[number] = (this.#minutes[number] as number) + 1;
  }

  /** A minute that had it is forgotten. */
  release(number: number): void {
    const left = (this.#minutes[number] as number) - 1;
    this.#minutes[number] = left;
    if (left > 0) return;
    const { rule, service, version } = this.placeOf(number);
    this.#numbers.delete(keyOf(rule, service, version));
    this.#places[number] = null;
    this.#free.push(number);
  }
}

const WIDTH = VERDICTS.length;
const FIRST_PLACES = 16;

export class MinuteCounts {
  /** The first `count` are in use. */
  #numbers = new Int32Array(FIRST_PLACES);
  #totals = new Float64Array(FIRST_PLACES * WIDTH);
  #count = 0;
  /** Where a place is, while counts come; made again when one comes for a minute that was over. */
  #at: Map<number, number> | null = null;

  get places(): number {
    return this.#count;
  }

  /** Whether the place is new to the minute. */
  add(number: number, verdict: Verdict, count: number): boolean {
    this.#at ??= new Map(Array.from(this.#numbers.subarray(0, this.#count), (one, at) => [one, at]));
    let at = this.#at.get(number);
    const isNew = at === undefined;
    if (at === undefined) {
      at = this.#count++;
      if (at === this.#numbers.length) this.#resize(at * 2);
      this.#numbers[at] = number;
      this.#at.set(number, at);
    }
    const total = at * WIDTH + VERDICTS.indexOf(verdict);
    this.#totals[total] = (this.#totals[total] as number) + count;
    return isNew;
  }

  /** No more counts are to come soon: keeps what is there and no more. */
  settle(): void {
    this.#at = null;
    if (this.#numbers.length !== this.#count) this.#resize(this.#count);
  }

  /** Calls for each place; `totals` are by the verdict's place in VERDICTS, and good during the call. */
  forEach(visit: (number: number, totals: Float64Array) => void): void {
    for (let at = 0; at < this.#count; at++) {
      visit(this.#numbers[at] as number, this.#totals.subarray(at * WIDTH, (at + 1) * WIDTH));
    }
  }

  #resize(places: number): void {
    const numbers = new Int32Array(places);
    numbers.set(this.#numbers.subarray(0, this.#count));
    this.#numbers = numbers;
    const totals = new Float64Array(places * WIDTH);
    totals.set(this.#totals.subarray(0, Math.min(this.#totals.length, totals.length)));
    this.#totals = totals;
  }
}

function keyOf(rule: string, service: string, version: string): string {
  return JSON.stringify([rule, service, version]);
}
