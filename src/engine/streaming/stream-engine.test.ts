import { describe, expect, test } from 'vitest';
import type { Span } from '../../trace/span.ts';
import { makeSpan } from '../../trace/testing/make-span.ts';
import { createStreamEngine } from './create-stream-engine.ts';
import { createShardedEngine } from './sharded.ts';
import { simpleRule } from './testing/simple-rule.ts';
import { type DriverOptions, StreamDriver } from './testing/stream-driver.ts';

const START = 1_800_000_000_000_000_000n;
const ROOT = 'ffffffffffffffff';
const LIMITS = { idle: 30_000, idleAfterRoot: 10_000, maxAge: 300_000, lateWindow: 600_000 };

const PAID = simpleRule('paid', 'charge and reserve');
const FORBIDDEN = simpleRule('forbidden', 'never { bypass }');

function driverOf(options: DriverOptions = {}): StreamDriver {
  const driver = new StreamDriver(createStreamEngine, {
    ...options,
    limits: { ...LIMITS, ...options.limits },
  });
  driver.load([PAID, FORBIDDEN]);
  return driver;
}

/** A span of trace 1, or of the trace given; a child of the root unless it is the root. */
function span(name: string, id: number, parts: Partial<Span> = {}, trace = 1): Span {
  return makeSpan({
    traceId: trace.toString(16).padStart(32, '0'),
    spanId: id === 0 ? ROOT : id.toString(16).padStart(16, '0'),
    parentSpanId: id === 0 ? '' : ROOT,
    name,
    start: START + BigInt(id) * 1_000_000n,
    end: START + BigInt(id + 1) * 1_000_000n,
    ...parts,
  });
}

describe('when a trace closes', () => {
  test('without a root: when nothing came for the idle time', () => {
    const driver = driverOf();
    driver.add([span('charge', 1, { kind: 'server' })], 1_000);
    driver.add([span('x', 2, { kind: 'server' })], 20_000);
    expect(driver.engine.nextDue()).toBe(50_000);
    driver.tick(49_999);
    expect(driver.events).toEqual([]);
    driver.tick(50_000);
    expect(driver.events).toMatchObject([{ kind: 'violated', early: false, at: 50_000, service: 'svc' }]);
  });

  test('with a root: when nothing came for the shorter time', () => {
    const driver = driverOf();
    driver.add([span('charge', 1)], 1_000);
    driver.add([span('root', 0)], 2_000);
    expect(driver.engine.nextDue()).toBe(12_000);
    driver.add([span('reserve', 2)], 11_999);
    expect(driver.engine.nextDue()).toBe(21_999);
    driver.tick(30_000);
    expect(driver.counts()).toEqual({ 'forbidden satisfied': 1, 'paid satisfied': 1 });
  });

  test('at the time when it is due, whoever comes to look, and when', () => {
    const late = driverOf();
    const often = driverOf();
    for (const driver of [late, often]) driver.add([span('root', 0), span('charge', 1)], 1_000);
    for (let at = 1_500; at < 700_000; at += 500) often.tick(at);
    late.add([span('charge', 1, {}, 2), span('root', 0, {}, 2)], 700_000);
    expect(late.events).toEqual(often.events);
    expect(late.events[0]?.at).toBe(11_000);
  });

  test('by age: incomplete, until its root comes', () => {
    const driver = driverOf();
    for (let at = 0; at <= 320_000; at += 20_000) {
      driver.add([span('step', 1 + at / 20_000, { parentSpanId: ROOT, kind: 'server' })], at);
    }
    // Closed at 300 s, and open again from then on for spans that still come.
    expect(driver.counts()).toEqual({ 'forbidden inconclusive': 1, 'paid not_applicable': 1 });
    driver.add([span('root', 0)], 330_000);
    driver.tick(500_000);
    expect(driver.counts()).toEqual({ 'forbidden satisfied': 1, 'paid not_applicable': 1 });
    expect(driver.engine.stats()).toMatchObject({ closedTraces: 1, reopenedTraces: 1, incompleteTraces: 1 });
  });

  test('by size: at once, incomplete, and what still comes is counted', () => {
    const driver = driverOf({ limits: { maxSpans: 2 } });
    driver.add([span('root', 0), span('charge', 1), span('reserve', 2), span('x', 3)], 1_000);
    expect(driver.counts()).toEqual({ 'forbidden inconclusive': 1, 'paid inconclusive': 1 });
    driver.add([span('y', 4)], 2_000);
    driver.add([span('root', 0)], 3_000);
    expect(driver.engine.stats()).toMatchObject({
      openTraces: 0,
      rememberedTraces: 1,
      heldSpans: 2,
      repeatedSpans: 1,
      shed: { 'trace-spans': 3 },
    });
  });
});

describe('repetitions', () => {
  test('are told by their ordinals and change nothing', () => {
    const driver = driverOf();
    expect(driver.add([span('root', 0), span('charge', 1), span('charge', 1)], 1_000)).toEqual([2]);
    expect(driver.add([span('charge', 1), span('x', 2), span('root', 0)], 2_000)).toEqual([0, 2]);
    driver.tick(12_000);
    expect(driver.add([span('x', 2)], 13_000)).toEqual([0]);
    expect(driver.engine.stats()).toMatchObject({ repeatedSpans: 4, heldSpans: 3, openTraces: 0 });
    expect(driver.counts()).toEqual({ 'forbidden satisfied': 1, 'paid violated': 1 });
  });

  test('a span of one identity that differs is dropped and makes the trace incomplete, after its close as well', () => {
    const driver = driverOf();
    driver.add([span('root', 0), span('x', 1)], 1_000);
    driver.tick(11_000);
    expect(driver.counts()).toEqual({ 'forbidden satisfied': 1, 'paid not_applicable': 1 });
    expect(driver.add([span('y', 1)], 12_000)).toEqual([]);
    expect(driver.add([span('x', 1)], 12_000)).toEqual([0]);
    driver.tick(22_000);
    expect(driver.counts()).toEqual({ 'forbidden inconclusive': 1, 'paid not_applicable': 1 });
    expect(driver.engine.stats().shed['conflicting-span']).toBe(1);
  });

  test('of one id and two kinds are two spans', () => {
    const driver = driverOf();
    driver.add([span('root', 0), span('charge', 1), span('reserve', 1, { kind: 'server' })], 1_000);
    driver.tick(11_000);
    expect(driver.counts()).toMatchObject({ 'paid satisfied': 1 });
  });
});

describe('late spans', () => {
  test('take a violation back, and count it no more', () => {
    const driver = driverOf();
    driver.add([span('root', 0), span('charge', 1)], 1_000);
    driver.tick(11_000);
    expect(driver.counts()).toEqual({ 'forbidden satisfied': 1, 'paid violated': 1 });
    driver.add([span('reserve', 2)], 40_000);
    expect(driver.engine.stats()).toMatchObject({ openTraces: 1, rememberedTraces: 0 });
    driver.tick(50_000);
    expect(driver.events).toMatchObject([
      { kind: 'violated', at: 11_000, judgment: { verdict: 'violated' } },
      { kind: 'retracted', at: 40_000, judgment: { verdict: 'satisfied' } },
    ]);
    expect(driver.counts()).toEqual({ 'forbidden satisfied': 1, 'paid satisfied': 1 });
  });

  test('do not tell a violation twice', () => {
    const driver = driverOf();
    driver.add([span('root', 0), span('charge', 1)], 1_000);
    driver.tick(11_000);
    driver.add([span('charge', 2)], 12_000);
    driver.tick(22_000);
    expect(driver.events).toHaveLength(1);
    expect(driver.counts()).toEqual({ 'forbidden satisfied': 1, 'paid violated': 1 });
  });

  test('when the late window is over, are counted and judged no more', () => {
    const driver = driverOf();
    driver.add([span('root', 0), span('charge', 1)], 1_000);
    driver.tick(610_999);
    expect(driver.engine.lowWater()).toBe(0);
    driver.tick(611_000);
    expect(driver.engine.lowWater()).toBe(null);
    expect(driver.engine.nextDue()).toBe(null);
    driver.add([span('reserve', 2)], 611_001);
    driver.add([span('charge', 3, { kind: 'server' })], 5_000_000);
    expect(driver.engine.stats()).toMatchObject({
      openTraces: 0,
      shed: { 'late-span': 2, 'mark-memory': 0 },
    });
    expect(driver.engine.lowWater()).toBe(null);
    expect(driver.counts()).toEqual({ 'forbidden satisfied': 1, 'paid violated': 1 });
    expect(driver.events).toHaveLength(1);
  });

  test('low water is the first position of the eldest that is held', () => {
    const driver = driverOf();
    driver.add([span('root', 0)], 1_000);
    driver.add([span('a', 1, { kind: 'server' }, 2)], 1_001);
    driver.add([span('b', 2, { kind: 'server' }, 2)], 20_000);
    expect(driver.engine.lowWater()).toBe(0);
    driver.tick(11_000 + 600_000);
    expect(driver.engine.lowWater()).toBe(1);
  });
});

describe('early verdicts', () => {
  test('a forbidden span is told with the request that brings it, and once', () => {
    const driver = driverOf();
    driver.add([span('bypass', 1)], 1_000);
    expect(driver.events).toMatchObject([
      { kind: 'violated', early: true, at: 1_000, rule: { id: 'forbidden' } },
    ]);
    driver.add([span('bypass', 2), span('root', 0)], 2_000);
    driver.tick(20_000);
    expect(driver.events).toHaveLength(1);
    expect(driver.counts()).toEqual({ 'forbidden violated': 1, 'paid not_applicable': 1 });
  });

  test('what rests on absence waits for the close', () => {
    const driver = driverOf();
    driver.add([span('root', 0), span('charge', 1)], 1_000);
    expect(driver.events).toEqual([]);
  });

  test('an exception anywhere waits; `on_incomplete: judge` does not make an open trace a closed one', () => {
    const driver = driverOf();
    const exceptions = [{ name: 'test', fields: ['test'], values: [[true]], anywhere: true }];
    driver.load([
      simpleRule('waits', 'never { bypass }', { exceptions }),
      simpleRule('absent', 'charge and reserve', { onIncomplete: 'judge' }),
      simpleRule('first', 'charge and not reserve', { onIncomplete: 'judge' }),
    ]);
    driver.add([span('bypass', 1), span('charge', 2), span('reserve', 3)], 1_000);
    expect(driver.events.map(({ rule }) => rule.id)).toEqual(['first']);
    driver.add([span('root', 0)], 2_000);
    driver.tick(20_000);
    expect(driver.events.map(({ rule }) => rule.id)).toEqual(['first', 'waits']);
  });

  test('a trace that lasts too long, without a span that any rule reads', () => {
    const driver = driverOf();
    driver.load([simpleRule('fast', 'trace.duration <= 2s'), PAID]);
    driver.add([span('a', 1)], 1_000);
    expect(driver.events).toEqual([]);
    driver.add([span('b', 2, { end: START + 3_000_000_000n })], 2_000);
    expect(driver.events).toMatchObject([{ early: true, rule: { id: 'fast' } }]);
    driver.add([span('c', 3, {}, 2), span('root', 0, {}, 2)], 3_000);
    driver.tick(100_000);
    expect(driver.counts()).toEqual({ 'fast satisfied': 1, 'fast violated': 1, 'paid not_applicable': 2 });
  });

  test('in a large trace are looked for again when it has grown by a tenth, and at its close', () => {
    const driver = driverOf();
    driver.load([simpleRule('few', 'count(charge) <= 200'), simpleRule('some', 'count(charge) <= 205')]);
    const told: number[] = [];
    for (let id = 1; id <= 206; id++) {
      driver.add([span('charge', id)], 1_000);
      if (driver.events.length > told.length) told.push(id);
    }
    expect(told).toEqual([201]);
    driver.add([span('root', 0)], 1_000);
    driver.tick(20_000);
    expect(driver.events).toMatchObject([
      { kind: 'violated', early: true, rule: { id: 'few' } },
      { kind: 'violated', early: false, rule: { id: 'some' } },
    ]);
  });
});

describe('want of memory', () => {
  test('remembered traces go first; spans that still come for them are late, not new', () => {
    const driver = driverOf({ limits: { heldSpans: 3 } });
    driver.add([span('root', 0), span('charge', 1)], 1_000);
    driver.tick(11_000);
    driver.add([span('root', 0, {}, 2), span('a', 1, {}, 2)], 12_000);
    expect(driver.engine.stats()).toMatchObject({
      heldSpans: 2,
      rememberedTraces: 0,
      shed: { 'remembered-memory': 1, 'trace-memory': 0 },
    });
    driver.add([span('reserve', 2)], 13_000);
    expect(driver.engine.stats().shed['late-span']).toBe(1);
    driver.tick(611_000);
    // Its late window is over.
    driver.add([span('reserve', 2)], 611_001);
    expect(driver.engine.stats()).toMatchObject({ openTraces: 0, shed: { 'late-span': 2 } });
    expect(driver.counts()).toEqual({
      'forbidden satisfied': 2,
      'paid not_applicable': 1,
      'paid violated': 1,
    });
  });

  test('then the oldest open one: inconclusive for what it had touched, nothing for the others', () => {
    const driver = driverOf({ limits: { heldSpans: 3 } });
    driver.add([span('charge', 1), span('bypass', 2)], 1_000);
    driver.add([span('a', 1, {}, 2), span('root', 0, {}, 2)], 2_000);
    expect(driver.engine.stats()).toMatchObject({ openTraces: 1, heldSpans: 2, shed: { 'trace-memory': 1 } });
    // That it has a forbidden span was proved before.
    expect(driver.counts()).toEqual({ 'forbidden violated': 1, 'paid inconclusive': 1 });
    driver.add([span('reserve', 3)], 3_000);
    driver.tick(100_000);
    expect(driver.counts()).toEqual({
      'forbidden satisfied': 1,
      'forbidden violated': 1,
      'paid inconclusive': 1,
      'paid not_applicable': 1,
    });
    expect(driver.engine.stats().shed['late-span']).toBe(1);
    expect(driver.events).toHaveLength(1);
  });

  test('a trace that is larger than all memory sheds itself', () => {
    const driver = driverOf({ limits: { heldSpans: 2 } });
    driver.add([span('root', 0), span('a', 1), span('charge', 2), span('b', 3)], 1_000);
    expect(driver.engine.stats()).toMatchObject({
      openTraces: 0,
      heldSpans: 0,
      shed: { 'trace-memory': 1, 'late-span': 2 },
    });
    driver.tick(100_000);
    expect(driver.counts()).toEqual({});
  });

  test('limits of open traces and of spans held as objects', () => {
    const driver = driverOf({ limits: { openTraces: 2, touchedSpans: 1 } });
    driver.add([span('a', 1, {}, 1), span('a', 1, {}, 2), span('a', 1, {}, 3)], 1_000);
    expect(driver.engine.stats()).toMatchObject({ openTraces: 2, shed: { 'trace-memory': 1 } });
    driver.add([span('charge', 2, {}, 2)], 2_000);
    driver.add([span('charge', 2, {}, 3)], 3_000);
    expect(driver.engine.stats()).toMatchObject({ openTraces: 1, shed: { 'trace-memory': 2 } });
  });

  test('marks are bounded: the oldest goes, and is counted', () => {
    const driver = driverOf({ limits: { openTraces: 1, goneTraces: 1 } });
    for (const trace of [1, 2, 3]) driver.add([span('a', 1, {}, trace)], 1_000 * trace);
    expect(driver.engine.stats().shed).toMatchObject({ 'trace-memory': 2, 'mark-memory': 1 });
    driver.add([span('b', 2, {}, 2)], 4_000);
    expect(driver.engine.stats().shed['late-span']).toBe(1);
  });

  test('a trace that is told to be gone takes no spans, after its late window as well', () => {
    const driver = driverOf();
    driver.add([span('charge', 1)], 500);
    driver.engine.markGone(Uint32Array.of(0, 0, 0, 1), 1_000);
    driver.add([span('root', 0), span('charge', 2)], 2_000);
    expect(driver.engine.stats()).toMatchObject({ openTraces: 0, heldSpans: 0, shed: { 'late-span': 2 } });
    driver.tick(601_000);
    driver.add([span('root', 0)], 601_001);
    expect(driver.engine.stats().openTraces).toBe(0);
  });
});

test.each([1, 3])('traces are held by their first record, over %i shards', (shards) => {
  const driver = new StreamDriver((options) =>
    shards === 1 ? createStreamEngine(options) : createShardedEngine(options, { traces: shards, groups: 1 }),
  );
  driver.load([PAID]);
  for (const trace of [7, 5, 0xffffffff]) driver.add([span('charge', 1, {}, trace)], 1_000);
  driver.add([span('charge', 2, {}, 7)], 2_000);
  const held = (through: number) => {
    const ids = driver.engine.heldTraces(through);
    return Array.from({ length: ids.length / 4 }, (_, index) => ids[index * 4 + 3]).sort();
  };
  expect(held(-1)).toEqual([]);
  expect(held(1)).toEqual([5, 7]);
  driver.tick(100_000);
  expect(driver.engine.stats()).toMatchObject({ openTraces: 0, rememberedTraces: 3 });
  expect(held(2)).toEqual([0xffffffff, 5, 7]);
  driver.tick(10_000_000);
  expect(held(2)).toEqual([]);
});

describe('rules come and go', () => {
  const refund = simpleRule('refund', 'never { refund }');

  test('a trace keeps the rules that it began with, but for those that end', () => {
    const driver = driverOf();
    driver.add([span('charge', 1)], 1_000);
    driver.load([PAID, refund], 2_000);
    driver.add([span('root', 0), span('refund', 2), span('bypass', 3)], 3_000);
    driver.add([span('root', 0, {}, 2), span('refund', 1, {}, 2)], 4_000);
    driver.tick(100_000);
    expect(driver.events.map(({ rule, scope }) => `${rule.id} ${scope.id.slice(-1)}`)).toEqual([
      'refund 2',
      'paid 1',
    ]);
    expect(driver.counts()).toEqual({ 'paid not_applicable': 1, 'paid violated': 1, 'refund violated': 1 });
  });

  test('a trace keeps the version of a rule that it began with', () => {
    const driver = driverOf();
    driver.add([span('charge', 1)], 1_000);
    driver.load([simpleRule('paid', 'charge and refund')], 2_000, '2');
    driver.add([span('root', 0), span('charge', 1, {}, 2), span('root', 0, {}, 2)], 3_000);
    driver.tick(100_000);
    expect(driver.events).toMatchObject([
      { ruleVersion: '1', scope: { traceIds: ['1'.padStart(32, '0')] } },
      { ruleVersion: '2', scope: { traceIds: ['2'.padStart(32, '0')] } },
    ]);
  });

  test('what was counted before a rule ended stays counted', () => {
    const driver = driverOf();
    driver.add([span('root', 0), span('charge', 1)], 1_000);
    driver.tick(11_000);
    driver.load([], 12_000);
    expect(driver.counts()).toEqual({ 'forbidden satisfied': 1, 'paid violated': 1 });
    driver.add([span('reserve', 2)], 13_000);
    driver.tick(100_000);
    expect(driver.events).toHaveLength(1);
    expect(driver.counts()).toEqual({ 'forbidden satisfied': 1, 'paid violated': 1 });
  });
});

test('after a restart the time between counts as none', () => {
  const driver = driverOf();
  driver.add([span('root', 0), span('charge', 1)], 1_000);
  driver.engine.resume(1_000_000);
  expect(driver.engine.nextDue()).toBe(1_010_000);
  driver.tick(1_009_999);
  expect(driver.events).toEqual([]);
  driver.tick(1_010_000);
  expect(driver.events).toMatchObject([{ at: 1_010_000 }]);
});

test('closed traces are told once, with their first positions', () => {
  const driver = driverOf();
  driver.add([span('x', 1, {}, 2)], 500);
  driver.add([span('root', 0)], 1_000);
  driver.tick(11_000);
  expect(driver.engine.takeClosed()).toEqual({
    count: 1,
    ids: Uint32Array.of(0, 0, 0, 1),
    firstPositions: Float64Array.of(1),
  });
  driver.add([span('reserve', 2)], 12_000);
  driver.tick(22_000);
  expect(driver.engine.takeClosed().count).toBe(0);
});

test('health: what a rule met, and names that never came', () => {
  const driver = driverOf();
  const big = simpleRule('big', 'charge.where(amount > 5) and reserve and matches "c.*"');
  driver.load([big, PAID]);
  driver.add(
    [span('root', 0), span('charge', 1), span('charge', 2, { attributes: new Map([['amount', '7']]) })],
    0,
  );
  driver.add([span('charge', 1, { kind: 'server' }, 2)], 0);
  driver.tick(100_000);
  expect(driver.engine.health()).toMatchObject([
    {
      rule: 'big',
      applicable: 0,
      unseenNames: ['reserve'],
      unknownAttributes: [{ attribute: 'amount', missing: 2, otherType: 1 }],
    },
    { rule: 'paid', applicable: 2, applicableInOneSpanTraces: 1, unseenNames: ['reserve'] },
  ]);
});

test('names that the name table has no room for are read from the bytes', () => {
  const driver = driverOf({ names: 1 });
  driver.add([span('root', 0), span('other', 1), span('charge', 2), span('bypass', 3)], 1_000);
  expect(driver.events).toMatchObject([{ rule: { id: 'forbidden' }, early: true }]);
  driver.tick(20_000);
  expect(driver.counts()).toEqual({ 'forbidden violated': 1, 'paid violated': 1 });
});

test('traces of different sampling are incomplete', () => {
  const driver = driverOf();
  const sampled = (threshold: string): Partial<Span> => ({ traceState: `ot=th:${threshold}` });
  driver.add([span('root', 0, sampled('8')), span('charge', 1, sampled('8'))], 1_000);
  driver.add([span('root', 0, sampled('8'), 2), span('charge', 1, sampled('c'), 2)], 1_000);
  driver.add([span('root', 0, { sampled: false }, 3), span('charge', 1, {}, 3)], 1_000);
  driver.tick(11_000);
  expect(driver.counts()).toMatchObject({ 'paid violated': 1, 'paid inconclusive': 2 });
});

describe('what is beyond the tables', () => {
  test('traces with thresholds that have no number count as sampled apart', () => {
    const driver = driverOf();
    for (let nth = 0; nth < 10_000; nth += 500) {
      const some = Array.from({ length: 500 }, (_, at) =>
        span('x', 0, { traceState: `ot=th:${(0x100000 + nth + at).toString(16)}1` }, 100 + nth + at),
      );
      driver.add(some, 1_000);
    }
    driver.tick(20_000);
    driver.counts();
    driver.add(
      [span('root', 0, { traceState: 'ot=th:8' }), span('charge', 1, { traceState: 'ot=th:c' })],
      21_000,
    );
    driver.tick(40_000);
    expect(driver.events).toEqual([]);
    expect(driver.counts()).toMatchObject({ 'paid inconclusive': 1 });
  });

  test('health: a rule without a trigger is applicable in the traces in which it sleeps', () => {
    const driver = driverOf();
    for (let trace = 1; trace <= 30; trace++) driver.add([span('x', 0, {}, trace)], 1_000);
    driver.tick(20_000);
    const [paid, forbidden] = driver.engine.health();
    expect(forbidden).toMatchObject({ rule: 'forbidden', applicable: 30 });
    expect(paid).toMatchObject({ rule: 'paid', applicable: 0 });
  });
});
