/** Reads the parameters of a query, and says what is wrong with one. */
import { didYouMean } from '../../base/suggest.ts';
import { type ApiResponse, problem } from './api-request.ts';

/** What a route takes, as text; a parameter that it does not know is refused, for it would silently change nothing. */
export class Parameters {
  readonly #query: URLSearchParams;
  #problem: ApiResponse | null = null;

  constructor(query: URLSearchParams, known: readonly string[]) {
    this.#query = query;
    for (const name of query.keys()) {
      if (known.includes(name)) continue;
      const near = didYouMean(name, known);
      this.refuse(`the parameter \`${name}\` is not known here`, near || `known are ${known.join(', ')}`);
    }
  }

  /** The first thing that was wrong. */
  get problem(): ApiResponse | null {
    return this.#problem;
  }

  refuse(detail: string, help: string): void {
    this.#problem ??= problem(400, 'FL872', detail, help);
  }

  /** Null where it is absent or empty. */
  text(name: string): string | null {
    const value = this.#query.get(name);
    return value === null || value === '' ? null : value;
  }

  /** Values between commas, also of a parameter that is there several times. Null where it is absent. */
  choices<Value extends string>(name: string, values: readonly Value[]): readonly Value[] | null {
    const given = this.#query
      .getAll(name)
      .flatMap((value) => value.split(','))
      .filter((value) => value !== '');
    if (given.length === 0) return null;
    return given.flatMap((value) => {
      const known = values.find((one) => one === value);
      if (known !== undefined) return [known];
      this.refuse(
        `\`${name}\` knows no \`${value}\``,
        didYouMean(value, values) || `say one of ${values.join(', ')}`,
      );
      return [];
    });
  }

  count(name: string, fallback: number, most: number): number {
    const value = this.text(name);
    if (value === null) return fallback;
    const number = Number(value);
    if (/^\d{1,9}$/.test(value) && number >= 1 && number <= most) return number;
    this.refuse(
      `\`${name}\` is a whole number from 1 to ${most}, and found \`${value}\``,
      `say \`${name}=${fallback}\``,
    );
    return fallback;
  }

  /** ISO 8601, or milliseconds since 1970. */
  time(name: string, fallback: number): number {
    const value = this.text(name);
    if (value === null) return fallback;
    const time = /^\d{1,15}$/.test(value) ? Number(value) : Date.parse(value);
    if (Number.isFinite(time) && Math.abs(time) <= LATEST) return time;
    this.refuse(`\`${name}\` is a time, and found \`${value}\``, `say \`${name}=2026-01-31T12:00:00Z\``);
    return fallback;
  }
}

/** The last time that a JavaScript date can be. */
const LATEST = 8_640_000_000_000_000;
