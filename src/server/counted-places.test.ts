import { describe, expect, it } from 'vitest';
import type { VerdictCount } from '../engine/streaming/stream.ts';
import { CountedPlaces, MOST_COUNTS, MOST_PLACES, MOST_SERVICES } from './counted-places.ts';

const HOUR = 3_600_000;

const count = (service: string, serviceVersion: string, number = 1): VerdictCount => ({
  rule: 'r',
  ruleVersion: '1',
  verdict: 'satisfied',
  service,
  serviceVersion,
  count: number,
});

const sum = (counts: readonly VerdictCount[]) => counts.reduce((total, { count }) => total + count, 0);

describe('CountedPlaces', () => {
  it('leaves ordinary counts as they are', () => {
    const counts = [count('shop', '1'), count('shop', '2', -1), count('', '')];
    expect(new CountedPlaces().bounded(counts, 0)).toEqual(counts);
  });

  it('tells so many versions of a service apart, and counts the rest without a version', () => {
    const places = new CountedPlaces();
    const many = Array.from({ length: 50_000 }, (_, version) => count('shop', `v${version}`));
    const bounded = places.bounded(many, 0);
    expect(bounded).toHaveLength(MOST_PLACES + 1);
    expect(bounded.at(-1)).toEqual(count('shop', '', 50_000 - MOST_PLACES));
    expect(places.bounded([count('shop', 'v7'), count('shop', 'new')], 1)).toEqual([
      count('shop', 'v7'),
      count('shop', ''),
    ]);
  });

  it('tells so many services apart, and counts the rest without one', () => {
    const bounded = new CountedPlaces().bounded(
      Array.from({ length: 50_000 }, (_, service) => count(`s${service}`, '1')),
      0,
    );
    expect(bounded).toHaveLength(MOST_SERVICES + 1);
    expect(sum(bounded)).toBe(50_000);
    expect(bounded.at(-1)).toMatchObject({ service: '', serviceVersion: '' });
  });

  it('tells so many counts of one look apart', () => {
    const rules = Array.from({ length: 200 }, (_, rule) => `r${rule}`);
    const services = Array.from({ length: 500 }, (_, service) => count(`s${service}`, '1'));
    const counts = rules.flatMap((rule) => services.map((one) => ({ ...one, rule })));
    const places = new CountedPlaces();
    const bounded = places.bounded(counts, 0);
    expect(bounded).toHaveLength(MOST_COUNTS + 100);
    expect(sum(bounded)).toBe(100_000);
    expect(bounded.at(-1)).toEqual({ ...count('', '', 500), rule: 'r199' });
    expect(places.bounded(counts.slice(-3), 1_000)).toEqual(counts.slice(-3));
  });

  it('has room again after an hour, also when the clock went back', () => {
    const places = new CountedPlaces();
    const fill = Array.from({ length: MOST_PLACES }, (_, version) => count('shop', `v${version}`));
    places.bounded(fill, 5 * HOUR);
    expect(places.bounded([count('shop', 'new')], 5 * HOUR + 1)).toEqual([count('shop', '')]);
    expect(places.bounded([count('shop', 'new')], 6 * HOUR)).toEqual([count('shop', 'new')]);
    places.bounded(fill, 6 * HOUR);
    expect(places.bounded([count('shop', 'newer')], 0)).toEqual([count('shop', 'newer')]);
  });
});
