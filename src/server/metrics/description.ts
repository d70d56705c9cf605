/** What is said of a metric: for its registry, for `/metrics`, and for the page of the reference. */
export interface MetricDescription {
  /** `fluo_`, the thing, the unit; counters end in `_total`. */
  readonly name: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  /** One sentence without a full stop. */
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram's buckets; seconds from 0.1 ms to 10 s where absent. */
  readonly buckets?: readonly number[];
  /** Further series are added to one whose label values are all `other`. 200 where absent. */
  readonly mostSeries?: number;
  /** What to do with it: when it means trouble. */
  readonly watch?: string;
}
