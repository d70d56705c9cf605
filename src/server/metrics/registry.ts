/**
 * Counters, gauges and histograms, and their text for Prometheus (exposition format 0.0.4). What a metric is called, means and how many
 * series it may have is in `catalogue.ts`; here are their numbers.
 */
import type { MetricDescription } from './description.ts';

/** Values of a metric's labels, in the order of its description. */
export type LabelValues = readonly string[];

export interface Counter {
  /** `by` is not negative. */
  add(by: number, ...labels: string[]): void;
  /** For numbers that are counted elsewhere: the total so far. A smaller one than before is ignored. */
  setTotal(total: number, ...labels: string[]): void;
}

export interface Gauge {
  set(value: number, ...labels: string[]): void;
  /** Drops all series: what is not set again is not shown. */
  clear(): void;
}

export interface Histogram {
  /** Cost: a scan over the buckets, no allocation once the series is there. */
  observe(value: number, ...labels: string[]): void;
}

/** Stands in the place of all label values where a metric has as many series as it may have. */
const OVERFLOW = 'other';

export class Registry {
  readonly #families = new Map<string, Family>();
  readonly #collectors: (() => void)[] = [];

  counter(description: MetricDescription): Counter {
    return this.#add(new NumberFamily(description, 'counter'));
  }

  gauge(description: MetricDescription): Gauge {
    return this.#add(new NumberFamily(description, 'gauge'));
  }

  histogram(description: MetricDescription): Histogram {
    return this.#add(new HistogramFamily(description));
  }

  /** Called before each exposition, to set gauges whose numbers are kept elsewhere. */
  onCollect(collector: () => void): void {
    this.#collectors.push(collector);
  }

  /** All metrics as text, in the order in which they were made. Cost: linear in the series. */
  expose(): string {
    for (const collect of this.#collectors) collect();
    let text = '';
    for (const family of this.#families.values()) text += family.expose();
    return text;
  }

  #add<F extends Family>(family: F): F {
    const { name } = family.description;
    if (this.#families.has(name)) throw new Error(`two metrics with the name ${name}`);
    this.#families.set(name, family);
    return family;
  }
}

export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

abstract class Family {
  readonly description: MetricDescription;
  readonly #type: string;

  constructor(description: MetricDescription, type: string) {
    this.description = description;
    this.#type = type;
  }

  expose(): string {
    const { name, help } = this.description;
    const escaped = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
    return `# HELP ${name} ${escaped}\n# TYPE ${name} ${this.#type}\n${this.samples()}`;
  }

  protected abstract samples(): string;
}

class NumberFamily extends Family implements Counter, Gauge {
  readonly #series = new SeriesMap(this.description, () => ({ value: 0 }));

  constructor(description: MetricDescription, type: 'counter' | 'gauge') {
    super(description, type);
    // Without labels there is one series, which is there from the beginning: a rate needs a first zero.
    if (description.labels.length === 0 && type === 'counter') this.#series.of([]);
  }

  add(by: number, ...labels: string[]): void {
    this.#series.of(labels).value += by;
  }

  set(value: number, ...labels: string[]): void {
    this.#series.of(labels).value = value;
  }

  setTotal(total: number, ...labels: string[]): void {
    const series = this.#series.of(labels);
    series.value = Math.max(series.value, total);
  }

  clear(): void {
    this.#series.clear();
  }

  protected override samples(): string {
    let text = '';
    for (const [labels, { value }] of this.#series.all()) {
      text += `${this.description.name}${braces(labels)} ${numberText(value)}\n`;
    }
    return text;
  }
}

interface Distribution {
  readonly counts: Float64Array;
  sum: number;
  count: number;
}

class HistogramFamily extends Family implements Histogram {
  readonly #bounds: readonly number[];
  readonly #series: SeriesMap<Distribution>;

  constructor(description: MetricDescription) {
    super(description, 'histogram');
    this.#bounds = description.buckets ?? SECONDS;
    this.#series = new SeriesMap(description, () => ({
      counts: new Float64Array(this.#bounds.length),
      sum: 0,
      count: 0,
    }));
    if (description.labels.length === 0) this.#series.of([]);
  }

  observe(value: number, ...labels: string[]): void {
    const series = this.#series.of(labels);
    series.sum += value;
    series.count++;
    for (let at = 0; at < this.#bounds.length; at++) {
      if (value <= (this.#bounds[at] ?? 0)) {
        series.counts[at] = (series.counts[at] ?? 0) + 1;
        return;
      }
    }
  }

  protected override samples(): string {
    const { name } = this.description;
    let text = '';
    for (const [labels, series] of this.#series.all()) {
      let below = 0;
      this.#bounds.forEach((bound, at) => {
        below += series.counts[at] ?? 0;
        text += `${name}_bucket${braces(joined(labels, `le="${numberText(bound)}"`))} ${below}\n`;
      });
      text += `${name}_bucket${braces(joined(labels, 'le="+Inf"'))} ${series.count}\n`;
      text += `${name}_sum${braces(labels)} ${numberText(series.sum)}\n`;
      text += `${name}_count${braces(labels)} ${series.count}\n`;
    }
    return text;
  }
}

/** From a tenth of a millisecond to ten seconds. */
const SECONDS: readonly number[] = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

/** The series of a metric by their labels as text; never more than the description allows. */
class SeriesMap<S> {
  readonly #description: MetricDescription;
  readonly #make: () => S;
  readonly #byValues = new Map<string, { readonly labels: string; readonly series: S }>();

  constructor(description: MetricDescription, make: () => S) {
    this.#description = description;
    this.#make = make;
  }

  of(values: LabelValues): S {
    const key = values.length === 1 ? (values[0] ?? '') : values.join('\u0000');
    const known = this.#byValues.get(key);
    if (known !== undefined) return known.series;
    const { labels, mostSeries = MOST_SERIES } = this.#description;
    if (this.#byValues.size >= mostSeries && values.some((value) => value !== OVERFLOW)) {
      return this.of(labels.map(() => OVERFLOW));
    }
    const text = labels.map((label, at) => `${label}="${labelText(values[at] ?? '')}"`).join(',');
    const series = this.#make();
    this.#byValues.set(key, { labels: text, series });
    return series;
  }

  clear(): void {
    this.#byValues.clear();
  }

  *all(): IterableIterator<[string, S]> {
    for (const { labels, series } of this.#byValues.values()) yield [labels, series];
  }
}

const MOST_SERIES = 200;

function braces(labels: string): string {
  return labels === '' ? '' : `{${labels}}`;
}

function joined(labels: string, more: string): string {
  return labels === '' ? more : `${labels},${more}`;
}

function labelText(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}
