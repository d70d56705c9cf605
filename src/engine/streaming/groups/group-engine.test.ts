import { describe, expect, it } from 'vitest';
import { compileRule } from '../../../language/compile.ts';
import type { Span } from '../../../trace/span.ts';
import type { JudgedRule } from '../../judged-rule.ts';
import { createStreamEngine } from '../create-stream-engine.ts';
import type { StreamLimits } from '../stream.ts';
import { StreamDriver } from '../testing/stream-driver.ts';

const EPOCH = 1_800_000_000_000_000_000n;

const ONCE = ruleOf('once', 'across cart within 60s { count(charge) <= 1 }');
const RESERVED = ruleOf('reserved', 'across cart within 60s { when { charge } always { reserve } }');

function ruleOf(id: string, text: string): JudgedRule {
  const { rule, diagnostics } = compileRule({ name: id, text });
  if (rule === null) throw new Error(diagnostics.map(({ message }) => message).join('; '));
  return { id, condition: rule, onIncomplete: 'inconclusive', environments: null, exceptions: [] };
}

/** A trace of one root span, `at` seconds after the beginning. */
function spanOf(name: string, trace: number, at: number, cart: string | null = 'c1', parent = ''): Span {
  const start = EPOCH + BigInt(Math.round(at * 1000)) * 1_000_000n;
  return {
    traceId: trace.toString(16).padStart(32, '0'),
    spanId: trace.toString(16).padStart(16, '0'),
    parentSpanId: parent,
    name,
    kind: 'internal',
    start,
    end: start,
    status: 'unset',
    attributes: new Map(cart === null ? [] : [['cart', cart]]),
    resource: {
      attributes: new Map([
        ['service.name', 'payment'],
        ['service.version', '7'],
      ]),
      service: 'payment',
    },
    scope: '',
    events: [],
    traceState: '',
  };
}

function driverOf(rules: readonly JudgedRule[], limits: Partial<StreamLimits> = {}): StreamDriver {
  const driver = new StreamDriver(createStreamEngine, { limits });
  driver.load(rules);
  return driver;
}

function told(driver: StreamDriver): string[] {
  return driver.events.map(
    ({ kind, rule, at, early, judgment }) =>
      `${at} ${rule.id} ${kind}${early ? ' early' : ''} ${judgment?.verdict ?? 'gone'}`,
  );
}

describe('the groups of a running engine', () => {
  it('tell a second charge when it comes, once, with the traces of both', () => {
    const driver = driverOf([ONCE]);
    driver.add([spanOf('charge', 1, 0)], 1_000);
    driver.add([spanOf('charge', 2, 1)], 2_000);
    driver.add([spanOf('charge', 3, 2)], 3_000);
    driver.tick(10_000_000);
    expect(told(driver)).toEqual(['2000 once violated early violated']);
    expect(driver.events[0]).toMatchObject({
      scope: {
        kind: 'group',
        key: ['c1'],
        traceIds: ['1', '2'].map((id) => id.padStart(32, '0')),
        start: EPOCH,
      },
      service: 'payment',
      serviceVersion: '7',
    });
    expect(driver.events[0]?.scope.id).toMatch(/^[0-9a-f]{32}$/);
    expect(driver.counts()).toEqual({ 'once violated': 1 });
    expect(driver.engine.takeCounts()).toEqual([]);
  });

  it('close when nothing came for `within` and `idle`, and not before the traces of their spans', () => {
    const driver = driverOf([RESERVED]);
    driver.add([spanOf('charge', 1, 0, 'c1', 'ffffffffffffffff')], 0);
    expect(driver.engine.stats()).toMatchObject({ openGroups: 1, groupMembers: 1 });
    // A span without a root keeps the trace open; each that comes keeps it open longer.
    for (let at = 25_000; at <= 75_000; at += 25_000) {
      driver.add(
        [{ ...spanOf('step', 1, 1, null, 'ffffffffffffffff'), spanId: `${at}`.padStart(16, '0') }],
        at,
      );
    }
    driver.tick(104_999);
    expect(told(driver)).toEqual([]);
    driver.tick(105_000);
    // The parent never came, so nothing is proved.
    expect([told(driver), driver.counts()]).toEqual([[], { 'reserved inconclusive': 1 }]);
  });

  it('take a violation back when a late span disproves it, and forget groups when their late window is over', () => {
    const driver = driverOf([RESERVED]);
    driver.add([spanOf('charge', 1, 0)], 0);
    driver.tick(90_000);
    driver.add([spanOf('reserve', 2, 3)], 500_000);
    driver.tick(5_000_000);
    expect(told(driver)).toEqual([
      '90000 reserved violated violated',
      '500000 reserved retracted early satisfied',
    ]);
    expect(driver.counts()).toEqual({ 'reserved satisfied': 1 });
    expect(driver.engine.stats()).toMatchObject({ openGroups: 0, groupMembers: 0 });
    expect([driver.engine.nextDue(), driver.engine.lowWater()]).toEqual([null, null]);
  });

  it('become one when a late span joins them: what was told of both is taken back, and the one is told', () => {
    const driver = driverOf([ONCE]);
    driver.add([spanOf('charge', 1, 0), spanOf('charge', 2, 10)], 0);
    driver.add([spanOf('charge', 3, 100), spanOf('charge', 4, 110)], 0);
    driver.add([spanOf('charge', 5, 55)], 1_000);
    driver.tick(10_000_000);
    expect(told(driver)).toEqual([
      '0 once violated early violated',
      '0 once violated early violated',
      '1000 once retracted gone',
      '1000 once retracted gone',
      '1000 once violated early violated',
    ]);
    const [first, second, , , joined] = driver.events.map(({ scope }) => scope.id);
    expect(first).not.toBe(second);
    // The joined group begins with the span with which the first one did.
    expect(joined).toBe(first);
    expect(driver.counts()).toEqual({ 'once violated': 1 });
  });

  it('keep their id when an earlier span comes late', () => {
    const driver = driverOf([ONCE]);
    driver.add([spanOf('charge', 1, 20), spanOf('charge', 2, 30)], 0);
    driver.add([spanOf('charge', 3, 0)], 1_000);
    driver.tick(10_000_000);
    expect(told(driver)).toEqual(['0 once violated early violated']);
  });

  it('count spans without a key, and nothing for rules that are loaded no more', () => {
    const driver = driverOf([ONCE, RESERVED]);
    driver.add([spanOf('charge', 1, 0, null), spanOf('charge', 2, 0)], 0);
    driver.load([RESERVED], 10);
    driver.add([spanOf('charge', 3, 1)], 20);
    driver.tick(10_000_000);
    expect(told(driver)).toEqual(['90020 reserved violated violated']);
    // Of each rule.
    expect(driver.engine.stats().keylessSpans).toBe(2);
    expect(driver.engine.health().map(({ rule, applicable }) => [rule, applicable])).toEqual([
      ['reserved', 1],
    ]);
    expect(driver.engine.health()).toMatchObject([{ memberSpans: 3, keylessSpans: 1, violated: 1 }]);
  });

  it('do not age while nothing runs', () => {
    const driver = driverOf([RESERVED]);
    driver.add([spanOf('charge', 1, 0)], 0);
    driver.tick(1_000);
    driver.engine.resume(3_600_000);
    driver.tick(3_600_000);
    expect(driver.engine.stats().openGroups).toBe(1);
    driver.add([spanOf('reserve', 2, 1)], 3_600_001);
    driver.tick(20_000_000);
    expect([told(driver), driver.counts()]).toEqual([[], { 'reserved satisfied': 1 }]);
  });

  it('need the log from the first span of the traces that their spans came in', () => {
    const driver = driverOf([ONCE]);
    driver.add([{ ...spanOf('step', 1, 0, null), spanId: 'b'.repeat(16) }], 0);
    driver.add([spanOf('other', 9, 0, null)], 0);
    driver.add([spanOf('charge', 1, 0)], 0);
    expect(driver.engine.lowWater()).toBe(0);
    // The trace is forgotten after 10 minutes and the group a minute later: it needs the trace's first record until then.
    driver.tick(620_000);
    expect(driver.engine.stats()).toMatchObject({ rememberedTraces: 0, groupMembers: 1 });
    expect(driver.engine.lowWater()).toBe(0);
  });

  it('that had to be forgotten leave their key in doubt', () => {
    const driver = driverOf([RESERVED], { groupMembers: 1 });
    driver.add([spanOf('reserve', 1, 0)], 0);
    driver.tick(100_000);
    // Another key takes the place of the group that has closed; the charge that follows it late must not be a violation.
    driver.add([spanOf('reserve', 2, 100, 'c2')], 100_000);
    driver.tick(200_000);
    driver.add([spanOf('charge', 3, 1)], 200_000);
    driver.tick(10_000_000);
    expect(told(driver)).toEqual([]);
    expect(driver.counts()).toEqual({ 'reserved inconclusive': 1, 'reserved not_applicable': 2 });
    expect(driver.engine.stats().shed['group-memory']).toBe(2);
  });

  it('are in doubt while a span that is not known may belong to them', () => {
    const driver = driverOf([RESERVED]);
    driver.engine.doubtGroups(1_000);
    driver.add([spanOf('charge', 1, 2)], 2_000);
    driver.add([spanOf('reserve', 2, 3, 'c2'), spanOf('charge', 3, 4, 'c2')], 4_000);
    driver.tick(200_000);
    driver.add([spanOf('charge', 4, 200, 'c3')], 200_000);
    driver.tick(10_000_000);
    expect(told(driver)).toEqual(['290000 reserved violated violated']);
    expect(driver.events[0]?.scope.key).toEqual(['c3']);
    expect(driver.counts()).toEqual({
      'reserved inconclusive': 1,
      'reserved satisfied': 1,
      'reserved violated': 1,
    });
  });

  it('are incomplete where a span of theirs found no room', () => {
    const driver = driverOf([ONCE], { groupMembers: 2 });
    driver.add([spanOf('charge', 1, 0), spanOf('charge', 2, 0, 'c2'), spanOf('charge', 3, 1)], 0);
    driver.add([spanOf('charge', 4, 0, 'c3')], 0);
    driver.tick(10_000_000);
    expect(told(driver)).toEqual([]);
    // Of the third key nothing is known, and of the first one not all.
    expect(driver.counts()).toEqual({ 'once inconclusive': 2, 'once satisfied': 1 });
  });

  it('are in doubt when they grow towards a span that found no room', () => {
    const driver = driverOf([RESERVED], { groupMembers: 2 });
    const away = 'ffffffffffffffff';
    driver.add([spanOf('charge', 1, 0, 'c1', away), spanOf('charge', 2, 0, 'c2')], 0);
    // Too far from the charge to be near it, and there is no room.
    driver.add([spanOf('reserve', 3, 100)], 0);
    for (let at = 25_000; at <= 100_000; at += 25_000) {
      driver.add(
        [{ ...spanOf('step', 1, 1, null, away), spanId: `${at}`.padStart(16, '0'), kind: 'server' }],
        at,
      );
    }
    // The other key's group has closed and goes; what comes now lies between the charge and the span that was lost.
    driver.add([{ ...spanOf('charge', 1, 50, 'c1', away), spanId: 'b'.repeat(16) }], 101_000);
    driver.add([{ ...spanOf('root', 1, 0, null), spanId: away }], 102_000);
    driver.tick(10_000_000);
    expect(told(driver)).toEqual(['90000 reserved violated violated']);
    expect(driver.events[0]?.scope.key).toEqual(['c2']);
    expect(driver.counts()).toEqual({ 'reserved inconclusive': 2, 'reserved violated': 1 });
  });

  it('of very many spans are judged a few times, not once a span', () => {
    let judged = 0;
    const few = ruleOf('few', 'across cart within 60s { count(charge) <= 1000000 }');
    const { requirements } = few.condition;
    const condition = Object.defineProperty({ ...few.condition }, 'requirements', {
      get() {
        judged++;
        return requirements;
      },
    });
    const driver = driverOf([{ ...few, condition }]);
    const before = judged;
    for (let nth = 1; nth <= 3_000; nth++) driver.add([spanOf('charge', nth, nth / 100)], nth);
    // At first each time, then at each growth by a tenth.
    expect(judged - before).toBeGreaterThan(30);
    expect(judged - before).toBeLessThan(300);
    driver.tick(10_000_000);
    expect(driver.counts()).toEqual({ 'few satisfied': 1 });
  });
});
