import { describe, expect, it } from 'vitest';
import { METRICS } from './catalogue.ts';
import type { MetricDescription } from './description.ts';
import { Registry } from './registry.ts';
import { serverMetrics } from './server-metrics.ts';

function described(
  kind: MetricDescription['kind'],
  more: Partial<MetricDescription> = {},
): MetricDescription {
  return { name: 'fluo_x', kind, help: 'What it is', labels: [], ...more };
}

describe('Registry', () => {
  it('writes counters, with a zero before the first count', () => {
    const registry = new Registry();
    const counter = registry.counter(described('counter', { name: 'fluo_x_total' }));
    expect(registry.expose()).toBe(
      '# HELP fluo_x_total What it is\n# TYPE fluo_x_total counter\nfluo_x_total 0\n',
    );
    counter.add(2);
    counter.add(0.5);
    expect(registry.expose()).toContain('\nfluo_x_total 2.5\n');
  });

  it('keeps totals of other counters from going back', () => {
    const registry = new Registry();
    const counter = registry.counter(described('counter'));
    counter.setTotal(7);
    counter.setTotal(3);
    expect(registry.expose()).toContain('\nfluo_x 7\n');
  });

  it('escapes label values and help', () => {
    const registry = new Registry();
    const gauge = registry.gauge(described('gauge', { help: 'a\\b\nc', labels: ['name', 'b'] }));
    gauge.set(Number.POSITIVE_INFINITY, 'say "x"\\\n', 'é');
    expect(registry.expose()).toBe(
      '# HELP fluo_x a\\\\b\\nc\n# TYPE fluo_x gauge\nfluo_x{name="say \\"x\\"\\\\\\n",b="é"} +Inf\n',
    );
    gauge.clear();
    expect(registry.expose()).not.toContain('é');
  });

  it('writes histograms with cumulative buckets', () => {
    const registry = new Registry();
    const histogram = registry.histogram(described('histogram', { buckets: [0.1, 1], labels: ['t'] }));
    for (const value of [0.05, 0.1, 0.5, 7]) histogram.observe(value, 'a');
    expect(registry.expose().split('\n').slice(2, 7)).toEqual([
      'fluo_x_bucket{t="a",le="0.1"} 2',
      'fluo_x_bucket{t="a",le="1"} 3',
      'fluo_x_bucket{t="a",le="+Inf"} 4',
      'fluo_x_sum{t="a"} 7.65',
      'fluo_x_count{t="a"} 4',
    ]);
  });

  it('adds further series to one of all others', () => {
    const registry = new Registry();
    const counter = registry.counter(described('counter', { labels: ['a', 'b'], mostSeries: 2 }));
    for (const name of ['p', 'q', 'r', 's', 'p']) counter.add(1, name, 'v');
    expect(registry.expose().split('\n').slice(2, -1)).toEqual([
      'fluo_x{a="p",b="v"} 2',
      'fluo_x{a="q",b="v"} 1',
      'fluo_x{a="other",b="other"} 2',
    ]);
  });

  it('asks collectors before it writes', () => {
    const registry = new Registry();
    const gauge = registry.gauge(described('gauge'));
    let reads = 0;
    registry.onCollect(() => gauge.set(++reads));
    registry.expose();
    expect(registry.expose()).toContain('\nfluo_x 2\n');
  });

  it('refuses two metrics of one name', () => {
    const registry = new Registry();
    registry.gauge(described('gauge'));
    expect(() => registry.counter(described('counter'))).toThrow('fluo_x');
  });
});

describe('the catalogue', () => {
  it('names metrics as Prometheus asks: a unit at the end, _total for counters only', () => {
    for (const { name, kind, help } of Object.values<MetricDescription>(METRICS)) {
      expect(name).toMatch(/^(?:fluo|process)_[a-z0-9]+(?:_[a-z0-9]+)*$/);
      expect(name.endsWith('_total'), name).toBe(kind === 'counter');
      if (kind === 'histogram') expect(name).toMatch(/_(?:seconds|bytes)$/);
      expect(help, name).not.toMatch(/\.$/);
    }
  });

  it('writes text that a reader of the format accepts', () => {
    const { registry } = serverMetrics();
    for (const line of registry.expose().trimEnd().split('\n')) {
      expect(line).toMatch(
        /^(?:# HELP [a-z_]+ \S.*|# TYPE [a-z_]+ (?:counter|gauge|histogram)|[a-z_]+(?:\{[a-z]+="[^"]*"(?:,[a-z]+="[^"]*")*\})? [-+.\deInf]+)$/,
      );
    }
  });
});
