/** The metrics of the catalogue, made in one registry. */
import { METRICS, type MetricKey } from './catalogue.ts';
import { type Counter, type Gauge, type Histogram, Registry } from './registry.ts';

type Made<K extends MetricKey> = (typeof METRICS)[K]['kind'] extends 'counter'
  ? Counter
  : (typeof METRICS)[K]['kind'] extends 'gauge'
    ? Gauge
    : Histogram;

export type ServerMetrics = { readonly [K in MetricKey]: Made<K> } & { readonly registry: Registry };

export function serverMetrics(): ServerMetrics {
  const registry = new Registry();
  const made = Object.entries(METRICS).map(([key, description]) => [
    key,
    registry[description.kind](description),
  ]);
  return { ...(Object.fromEntries(made) as { [K in MetricKey]: Made<K> }), registry };
}
