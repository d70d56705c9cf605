/** Rules whose text changes while traces and groups are open. */
import { describe, expect, test } from 'vitest';
import type { Span } from '../../trace/span.ts';
import { makeSpan } from '../../trace/testing/make-span.ts';
import type { JudgedRule } from '../judged-rule.ts';
import { createStreamEngine } from './create-stream-engine.ts';
import type { VerdictCount, VerdictEvent } from './stream.ts';
import { simpleRule } from './testing/simple-rule.ts';
import { StreamDriver } from './testing/stream-driver.ts';

const START = 1_800_000_000_000_000_000n;
const PAID = simpleRule('paid', 'when { charge } always { reserve }');
const PAID_2 = simpleRule('paid', 'when { charge } always { settle }');
const OTHER = simpleRule('other', 'never { bypass }');
const LIMITS = { idle: 30_000, idleAfterRoot: 10_000, maxAge: 300_000, lateWindow: 600_000 };

function driverOf(rules: readonly JudgedRule[]): StreamDriver {
  const driver = new StreamDriver(createStreamEngine, { limits: LIMITS });
  driver.load(rules);
  return driver;
}

function span(name: string, id: number, trace: number, cart = 'a', seconds = id): Span {
  return makeSpan({
    traceId: trace.toString(16).padStart(32, '0'),
    spanId: id.toString(16).padStart(16, '0'),
    parentSpanId: id === 9 ? '' : '9'.padStart(16, '0'),
    name,
    start: START + BigInt(seconds) * 1_000_000_000n,
    end: START + BigInt(seconds) * 1_000_000_000n + 1_000_000n,
    attributes: new Map([['cart', cart]]),
  });
}

function told(events: readonly VerdictEvent[]): string[] {
  return events.map(({ kind, rule, ruleVersion }) => `${rule.id} ${ruleVersion} ${kind}`);
}

function countsOf(driver: StreamDriver): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const one of driver.engine.takeCounts() as VerdictCount[]) {
    const name = `${one.rule} ${one.ruleVersion} ${one.verdict}`;
    counts[name] = one.count + (counts[name] ?? 0);
  }
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));
}

describe('of a rule that has another version', () => {
  test('what was told under the first is taken back under it', () => {
    const driver = driverOf([PAID, OTHER]);
    driver.add([span('charge', 9, 1)], 1_000);
    driver.tick(20_000);
    driver.load([PAID_2, OTHER], 21_000, '2');
    driver.add([span('reserve', 1, 1)], 22_000);
    driver.tick(40_000);
    expect(told(driver.events)).toEqual(['paid 1 violated', 'paid 1 retracted']);
    expect(countsOf(driver)).toEqual({ 'paid 1 satisfied': 1, 'other 1 satisfied': 1 });
  });

  test('an open trace is judged by the version that it began with, a later one by the later', () => {
    const driver = driverOf([PAID]);
    driver.add([span('charge', 9, 1)], 1_000);
    driver.load([PAID_2], 2_000, '2');
    driver.add([span('reserve', 1, 1), span('charge', 9, 2), span('reserve', 1, 2)], 3_000);
    driver.tick(40_000);
    expect(told(driver.events)).toEqual(['paid 2 violated']);
    expect(countsOf(driver)).toEqual({ 'paid 1 satisfied': 1, 'paid 2 violated': 1 });
    expect(driver.engine.health().map(({ ruleVersion }) => ruleVersion)).toEqual(['2']);
  });

  test('traces in which the first slept are counted for it, those that begin later are not', () => {
    const driver = driverOf([OTHER]);
    driver.add([span('x', 9, 1)], 1_000);
    driver.load([simpleRule('other', 'never { cheat }')], 2_000, '2');
    driver.add([span('x', 9, 2)], 3_000);
    driver.tick(40_000);
    expect(countsOf(driver)).toEqual({ 'other 1 satisfied': 1, 'other 2 satisfied': 1 });
    driver.tick(1_000_000);
    driver.add([span('x', 9, 3)], 1_000_001);
    driver.tick(2_000_000);
    expect(countsOf(driver)).toEqual({ 'other 2 satisfied': 1 });
  });

  test('it ends with the rule, in every version', () => {
    const driver = driverOf([PAID]);
    driver.add([span('charge', 9, 1)], 1_000);
    driver.load([PAID_2], 2_000, '2');
    driver.load([OTHER], 3_000, '1');
    driver.tick(40_000);
    expect(driver.events).toEqual([]);
    expect(countsOf(driver)).toEqual({});
  });

  test('a version that comes back goes on', () => {
    const driver = driverOf([PAID]);
    driver.add([span('charge', 9, 1)], 1_000);
    driver.load([PAID_2], 2_000, '2');
    driver.load([PAID], 3_000, '1');
    driver.add([span('charge', 9, 2)], 4_000);
    driver.tick(40_000);
    expect(told(driver.events)).toEqual(['paid 1 violated', 'paid 1 violated']);
    driver.add([span('reserve', 1, 1)], 41_000);
    driver.tick(60_000);
    expect(countsOf(driver)).toEqual({ 'paid 1 satisfied': 1, 'paid 1 violated': 1 });
  });
});

describe('of a rule across traces that has another version', () => {
  const ACROSS = simpleRule('cart', 'across cart within 10s { when { charge } always { reserve } }');
  const ACROSS_2 = simpleRule('cart', 'across cart within 10s { when { charge } always { settle } }');

  test('a group that began before goes on under the first, with spans of traces that begin later', () => {
    const driver = driverOf([ACROSS]);
    driver.add([span('charge', 9, 1)], 1_000);
    driver.load([ACROSS_2], 2_000, '2');
    driver.add([span('reserve', 9, 2)], 3_000);
    driver.tick(100_000);
    expect(driver.events).toEqual([]);
    expect(countsOf(driver)).toEqual({ 'cart 1 satisfied': 1 });
  });

  test('what was told of a group is taken back by a span of a trace that began later', () => {
    const driver = driverOf([ACROSS]);
    driver.add([span('charge', 9, 1)], 1_000);
    driver.tick(60_000);
    driver.load([ACROSS_2], 61_000, '2');
    driver.add([span('reserve', 9, 2)], 62_000);
    driver.tick(200_000);
    expect(told(driver.events)).toEqual(['cart 1 violated', 'cart 1 retracted']);
    expect(countsOf(driver)).toEqual({ 'cart 1 satisfied': 1 });
  });

  test('what may belong to a group of the first is not told to break the second', () => {
    const driver = driverOf([ACROSS_2]);
    driver.add([span('settle', 9, 1)], 1_000);
    driver.load([ACROSS], 2_000, '2');
    driver.load([ACROSS_2], 2_500, '3');
    driver.add([span('charge', 9, 2)], 3_000);
    driver.tick(100_000);
    expect(driver.events).toEqual([]);
  });

  test('groups that begin later are judged by the later, and the first ends with its last group', () => {
    const driver = driverOf([ACROSS]);
    driver.add([span('charge', 9, 1)], 1_000);
    driver.load([ACROSS_2], 2_000, '2');
    driver.tick(100_000);
    driver.add([span('charge', 9, 2, 'b', 90), span('reserve', 1, 2, 'b', 91)], 101_000);
    driver.tick(200_000);
    expect(told(driver.events)).toEqual(['cart 1 violated', 'cart 2 violated']);
    expect(countsOf(driver)).toEqual({ 'cart 1 violated': 1, 'cart 2 violated': 1 });
    driver.tick(10_000_000);
    expect(driver.engine.stats()).toMatchObject({ openGroups: 0, groupMembers: 0 });
  });

  test('a key that never rests is left to the second at last', () => {
    const driver = driverOf([ACROSS]);
    for (let at = 0; at < 4_000; at += 5) {
      if (at === 100) driver.load([ACROSS_2], at * 1_000, '2');
      driver.add([span('charge', 9, 1 + at, 'a', at)], at * 1_000);
    }
    driver.tick(100_000_000);
    const counts = countsOf(driver);
    expect(counts['cart 1 inconclusive']).toBe(1);
    expect(counts['cart 2 inconclusive'] ?? 0).toBeGreaterThan(0);
    expect(driver.engine.stats()).toMatchObject({ openGroups: 0, groupMembers: 0 });
  });
});
