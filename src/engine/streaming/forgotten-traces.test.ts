/** Spans that come for a trace that the engine had to forget, and of which not even a mark was left. */
import { describe, expect, test } from 'vitest';
import type { Span } from '../../trace/span.ts';
import { makeSpan } from '../../trace/testing/make-span.ts';
import { createStreamEngine } from './create-stream-engine.ts';
import { simpleRule } from './testing/simple-rule.ts';
import { type DriverOptions, StreamDriver } from './testing/stream-driver.ts';

const START = 1_800_000_000_000_000_000n;
const PAID = simpleRule('paid', 'when { charge } always { reserve }');
const ANY = simpleRule('any', 'count(refund) <= 1');
const FORBIDDEN = simpleRule('forbidden', 'never { bypass }');
const LENIENT = { ...simpleRule('lenient', 'never { bypass }'), onIncomplete: 'judge' as const };

const ALL = [PAID, ANY, FORBIDDEN, LENIENT];

function driverOf(limits: NonNullable<DriverOptions['limits']>, rules = ALL): StreamDriver {
  const driver = new StreamDriver(createStreamEngine, { limits });
  driver.load(rules);
  return driver;
}

function span(name: string, id: number, trace: number, parts: Partial<Span> = {}): Span {
  return makeSpan({
    traceId: trace.toString(16).padStart(32, '0'),
    spanId: id.toString(16).padStart(16, '0'),
    parentSpanId: id === 9 ? '' : '9'.padStart(16, '0'),
    name,
    kind: 'server',
    start: START + BigInt(id) * 1_000_000n,
    end: START + BigInt(id + 1) * 1_000_000n,
    ...parts,
  });
}

/** Trace 1 with its `reserve` is shed, and its mark is pushed out. */
function withoutMark(driver: StreamDriver): void {
  driver.add([span('reserve', 1, 1)], 1_000);
  driver.add([span('other', 1, 2)], 2_000);
  driver.add([span('other', 1, 3)], 3_000);
  expect(driver.engine.stats().shed['mark-memory']).toBe(1);
}

const FEW = { openTraces: 1, goneTraces: 1 };

describe('of a trace whose mark was pushed out', () => {
  test.each([
    ['a span whose caller exports elsewhere', [span('charge', 2, 1)]],
    ['the root, which comes alone', [span('charge', 9, 1)]],
    ['the root with a child', [span('other', 9, 1), span('charge', 3, 1)]],
  ])('%s is not judged as a trace of its own', (_, late) => {
    const driver = driverOf(FEW);
    withoutMark(driver);
    driver.counts();
    driver.add(late, 4_000);
    driver.tick(100_000);
    expect(driver.events).toEqual([]);
    const counts = driver.counts();
    expect(counts).toMatchObject({ 'paid inconclusive': 1, 'any inconclusive': 1 });
    // What the rule accepts is the loss of a producer, not one of the engine's own.
    expect(counts['lenient satisfied']).toBe(undefined);
    const paid = driver.engine.health().find(({ rule }) => rule === 'paid');
    expect(paid?.inconclusiveReasons).toEqual({ incomplete: 1 });
  });

  test('what is proved by what is there is told', () => {
    const driver = driverOf(FEW);
    withoutMark(driver);
    driver.add([span('bypass', 9, 1)], 4_000);
    driver.tick(100_000);
    expect(driver.events.map(({ rule, kind }) => `${rule.id} ${kind}`).sort()).toEqual([
      'forbidden violated',
      'lenient violated',
    ]);
  });

  test('other traces are judged as ever, and it itself is when its late window is over', () => {
    const driver = driverOf({ ...FEW, lateWindow: 60_000 }, [PAID]);
    withoutMark(driver);
    driver.add([span('charge', 9, 4)], 4_000);
    driver.tick(50_000);
    expect(driver.events.map(({ scope }) => scope.id)).toEqual(['4'.padStart(32, '0')]);
    driver.add([span('charge', 2, 1)], 62_000);
    driver.tick(100_000);
    expect(driver.events).toHaveLength(2);
  });

  test('groups do not count a span twice that they had', () => {
    const once = simpleRule('once', 'across cart within 10s { count(charge) <= 1 }');
    const driver = driverOf(FEW, [once]);
    const charge = span('charge', 9, 1, { attributes: new Map([['cart', 'a']]) });
    driver.add([charge], 1_000);
    driver.add([span('other', 1, 2)], 2_000);
    driver.add([span('other', 1, 3)], 3_000);
    // Told again with another time: the same span, as the reference sees it.
    driver.add([{ ...charge, start: charge.start + 1n }], 4_000);
    driver.tick(10_000_000);
    expect(driver.events).toEqual([]);
    expect(driver.counts()).toEqual({ 'once inconclusive': 1 });
  });
});

describe('of a trace that closed and whose late window is over', () => {
  test('spans are late, whoever else was forgotten since, as long as there is room', () => {
    const driver = driverOf({ goneTraces: 10 }, [PAID]);
    for (let trace = 1; trace <= 10; trace++) {
      driver.add([span('charge', 9, trace), span('reserve', 1, trace)], trace);
    }
    driver.tick(10_000_000);
    for (let trace = 1; trace <= 10; trace++) driver.add([span('charge', 2, trace)], 10_000_000 + trace);
    driver.tick(20_000_000);
    expect(driver.engine.stats().shed).toMatchObject({ 'late-span': 10, 'mark-memory': 0 });
    expect(driver.counts()).toEqual({ 'paid satisfied': 10 });
  });

  test('a mark that is pushed out raises no doubt', () => {
    const driver = driverOf({ goneTraces: 1 }, [PAID]);
    for (const trace of [1, 2]) driver.add([span('charge', 9, trace), span('reserve', 1, trace)], trace);
    driver.tick(10_000_000);
    driver.add([span('charge', 2, 1), span('charge', 2, 3)], 10_000_001);
    driver.tick(20_000_000);
    expect(driver.engine.stats().shed['mark-memory']).toBe(0);
    expect(driver.counts()).toEqual({ 'paid satisfied': 2, 'paid violated': 2 });
  });
});
