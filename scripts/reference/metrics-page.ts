/** Every metric of `/metrics`, with what to watch. */
import { METRICS } from '../../src/server/metrics/catalogue.ts';
import type { MetricDescription } from '../../src/server/metrics/description.ts';
import { code, page, table } from './markdown.ts';

export function metricsPage(): string {
  const metrics = Object.values<MetricDescription>(METRICS);
  return page([
    '# Metrics',
    '`fluo serve` answers `GET /metrics` at the address of `serve.api` (127.0.0.1:4319) in the text format of Prometheus. Counters count ' +
      'from the start of the process. A metric with labels has a bounded number of series; further ones are added to one whose labels are all `other`.',
    '## All metrics',
    table(
      ['metric', 'type', 'labels', 'meaning'],
      metrics.map(({ name, kind, labels, help }) => [
        code(name),
        kind,
        labels.map(code).join(', '),
        `${help}.`,
      ]),
    ),
    '## What to watch',
    table(
      ['metric', 'look into it at'],
      metrics.flatMap(({ name, watch }) => (watch === undefined ? [] : [[code(name), watch]])),
    ),
  ]);
}
