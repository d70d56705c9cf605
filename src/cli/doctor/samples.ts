/** Reads what a server says at `/metrics`. */

export class Samples {
  readonly #values = new Map<string, number>();

  /** Lines that are no samples are passed over. */
  constructor(text: string) {
    for (const line of text.split('\n')) {
      const match = /^([A-Za-z_:][\w:]*(?:\{.*\})?) (\S+)$/.exec(line);
      if (match !== null) this.#values.set(match[1] ?? '', Number(match[2]));
    }
  }

  /** Null where there is no such series. */
  value(series: string): number | null {
    return this.#values.get(series) ?? null;
  }

  /** The sum of all series of a metric; 0 where there is none. */
  sum(metric: string): number {
    let sum = 0;
    for (const [series, value] of this.#values) {
      if (series === metric || series.startsWith(`${metric}{`)) sum += value;
    }
    return sum;
  }
}
