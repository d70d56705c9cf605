/** Rules whose cost grows with the square of a scope, in a running engine. */
import { expect, test } from 'vitest';
import type { Span } from '../../trace/span.ts';
import { DEFAULT_JUDGE_SETTINGS } from '../verdict.ts';
import { createStreamEngine } from './create-stream-engine.ts';
import { simpleRule } from './testing/simple-rule.ts';
import { StreamDriver } from './testing/stream-driver.ts';

const EPOCH = 1_800_000_000_000_000_000n;

function spanOf(name: string, number: number, at: number, v: number): Span {
  return {
    traceId: '1'.padStart(32, '0'),
    spanId: number.toString(16).padStart(16, '0'),
    parentSpanId: number === 1 ? '' : '1'.padStart(16, '0'),
    name,
    kind: 'internal',
    start: EPOCH + BigInt(at) * 1_000_000n,
    end: EPOCH + BigInt(at) * 1_000_000n,
    status: 'unset',
    attributes: new Map([['v', v]]),
    resource: { attributes: new Map([['service.name', 's']]), service: 's' },
    scope: '',
    events: [],
    traceState: '',
  };
}

for (const [where, text] of [
  ['a trace', 'when { each a as x } never { b.where(v > x.v) }'],
  ['a group', 'across v within 1h { when { each a as x } never { b.where(v >= x.v) } }'],
] as const) {
  const isGroup = where === 'a group';
  const settings = { ...DEFAULT_JUDGE_SETTINGS, maxComparisons: 60 };
  // All of a group have one value, its key; in a trace the many break nothing.
  const [value, many] = isGroup ? [1, 1] : [1, 9];

  test(`${where}: a violation that was told stands when there is too much to compare later`, () => {
    const driver = new StreamDriver(createStreamEngine, { settings });
    driver.load([simpleRule('r', text)]);
    driver.add([spanOf('a', 1, 100, isGroup ? 1 : 0), spanOf('b', 2, 101, value)], 1_000);
    expect(driver.events.map(({ kind, early }) => [kind, early])).toEqual([['violated', true]]);
    driver.add(
      Array.from({ length: 80 }, (_, nth) => spanOf('a', nth + 3, nth, many)),
      1_100,
    );
    driver.tick(10_000_000);
    expect(driver.events).toHaveLength(1);
    expect(driver.counts()).toEqual({ 'r violated': 1 });
  });
}

test('what is too much to compare from the start is not proved, and told of nobody', () => {
  const settings = { ...DEFAULT_JUDGE_SETTINGS, maxComparisons: 60 };
  const driver = new StreamDriver(createStreamEngine, { settings });
  driver.load([simpleRule('r', 'when { each a as x } never { b.where(v > x.v) }')]);
  driver.add(
    Array.from({ length: 80 }, (_, nth) => spanOf(nth % 2 === 0 ? 'a' : 'b', nth + 1, nth, 5)),
    1_000,
  );
  driver.tick(10_000_000);
  expect(driver.events).toEqual([]);
  expect(driver.counts()).toEqual({ 'r inconclusive': 1 });
});
