/** Groups in a running engine against the groups that the reference cuts out of all spans. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Request } from '../../../../test/streaming/arrivals.ts';
import { arbitraryTraffic, ACROSS_RULES as RULES } from '../../../../test/streaming/traffic.ts';
import type { Span } from '../../../trace/span.ts';
import { buildTrace } from '../../../trace/trace.ts';
import type { JudgedRule } from '../../judged-rule.ts';
import { judgeAcross, membersOf } from '../../reference/judge-across.ts';
import { DEFAULT_JUDGE_SETTINGS, type JudgeSettings } from '../../verdict.ts';
import { createStreamEngine } from '../create-stream-engine.ts';
import { simpleRule } from '../testing/simple-rule.ts';
import { type DriverOptions, StreamDriver } from '../testing/stream-driver.ts';

const SEED = 20261120;
const SECOND = 1_000_000_000n;

function play(
  rules: readonly JudgedRule[],
  arrivals: readonly Request[],
  options: DriverOptions,
): StreamDriver {
  // All spans come within the limits.
  const limits = { lateWindow: 3_600_000, ...options.limits };
  const driver = new StreamDriver(createStreamEngine, { ...options, limits });
  driver.load(rules);
  let at = 1_000;
  for (const { spans, wait, tick } of arrivals) {
    if (tick) for (let part = 1; part < 5; part++) driver.tick(at + (wait * part) / 5);
    at += wait;
    driver.add(spans, at);
  }
  driver.tick(at + 100_000_000);
  return driver;
}

/** Counts and violated groups as the reference has them. */
function reference(
  rules: readonly JudgedRule[],
  arrivals: readonly Request[],
  settings: JudgeSettings,
): { counts: Record<string, number>; violated: string[]; keyless: number } {
  const byTrace = new Map<string, Span[]>();
  for (const span of arrivals.flatMap((arrival) => arrival.spans)) {
    const same = byTrace.get(span.traceId);
    if (same === undefined) byTrace.set(span.traceId, [span]);
    else same.push(span);
  }
  const traces = [...byTrace.values()].map((spans) => buildTrace(spans));
  const counts: Record<string, number> = {};
  const violated: string[] = [];
  let keyless = 0;
  for (const rule of rules) {
    const result = judgeAcross(
      rule,
      traces.flatMap((trace) => membersOf(rule, trace)),
      settings,
    );
    keyless += result.keyless;
    for (const { key, spans, traceIds, judgment } of result.groups) {
      const name = `${rule.id} ${judgment.verdict}`;
      counts[name] = 1 + (counts[name] ?? 0);
      if (judgment.verdict === 'violated') {
        violated.push(JSON.stringify([rule.id, key, traceIds, String(spans[0]?.start)]));
      }
    }
  }
  return {
    counts: Object.fromEntries(Object.entries(counts).sort()),
    violated: violated.sort(),
    keyless,
  };
}

/** The groups that were told to break a rule and not taken back. */
function standing({ events }: StreamDriver): string[] {
  const told = new Map<string, string>();
  for (const { kind, rule, scope } of events) {
    if (kind === 'retracted') told.delete(`${rule.id} ${scope.id}`);
    else told.set(`${rule.id} ${scope.id}`, JSON.stringify([rule.id, scope.key]));
  }
  return [...told.values()].sort();
}

const withoutTraces = (violated: readonly string[]): string[] =>
  violated.map((text) => JSON.stringify((JSON.parse(text) as unknown[]).slice(0, 2))).sort();

const SETTINGS: readonly Partial<JudgeSettings>[] = [
  {},
  {},
  {},
  { maxGroupAgeNanos: 25n * SECOND },
  { maxSpans: 2 },
  { maxSpans: 3, maxGroupAgeNanos: 20n * SECOND },
];

test('groups, net of what was taken back, are those of the reference, in any order of arrival', () => {
  const met = { early: 0, late: 0, retracted: 0, gone: 0, cut: 0 };
  fc.assert(
    fc.property(arbitraryTraffic, fc.constantFrom(...SETTINGS), (arrivals, changed) => {
      const settings = { ...DEFAULT_JUDGE_SETTINGS, ...changed };
      const expected = reference(RULES, arrivals, settings);
      const driver = play(RULES, arrivals, { settings });
      expect(driver.counts()).toEqual(expected.counts);
      expect(standing(driver)).toEqual(withoutTraces(expected.violated));
      const stats = driver.engine.stats();
      expect(stats).toMatchObject({ openGroups: 0, groupMembers: 0, keylessSpans: expected.keyless });
      expect(driver.engine.lowWater()).toBe(null);
      expect(driver.engine.nextDue()).toBe(null);
      for (const { kind, early, judgment } of driver.events) {
        if (kind === 'violated') met[early ? 'early' : 'late']++;
        else met[judgment === null ? 'gone' : 'retracted']++;
      }
      if (changed.maxSpans !== undefined) met.cut++;
    }),
    { seed: SEED, numRuns: 200 },
  );
  expect(met.early).toBeGreaterThan(25);
  expect(met.late).toBeGreaterThan(25);
  expect(met.retracted).toBeGreaterThan(20);
  expect(met.gone).toBeGreaterThan(5);
  expect(met.cut).toBeGreaterThan(50);
});

test('nothing depends on how often time is told', () => {
  fc.assert(
    fc.property(arbitraryTraffic, (arrivals) => {
      const often = play(
        RULES,
        arrivals.map((arrival) => ({ ...arrival, tick: true })),
        {},
      );
      const never = play(
        RULES,
        arrivals.map((arrival) => ({ ...arrival, tick: false })),
        {},
      );
      expect(often.events).toEqual(never.events);
      expect(often.counts()).toEqual(never.counts());
    }),
    { seed: SEED, numRuns: 60 },
  );
});

// All spans come before a group closes: what was said of one that closed cannot be known to be wrong once it is forgotten.
test('want of memory makes groups inconclusive, and never something else than the reference says', () => {
  const met = { shed: 0, inconclusive: 0, proved: 0 };
  fc.assert(
    fc.property(
      arbitraryTraffic,
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 5 }),
      fc.boolean(),
      (arrivals, groupMembers, groups, judge) => {
        const rules = RULES.slice(0, 4).map((rule) =>
          judge ? { ...rule, onIncomplete: 'judge' as const } : rule,
        );
        const { counts: expected } = reference(rules, arrivals, DEFAULT_JUDGE_SETTINGS);
        const soon = arrivals.map((arrival) => ({ ...arrival, wait: Math.min(arrival.wait, 100) }));
        const driver = play(rules, soon, { limits: { groupMembers, groups } });
        const counts = driver.counts();
        for (const [name, count] of Object.entries(counts)) {
          if (name.endsWith('inconclusive') || name.endsWith('not_applicable')) continue;
          expect(count, name).toBeLessThanOrEqual(expected[name] ?? 0);
          met.proved += count;
        }
        met.inconclusive += Object.entries(counts)
          .filter(([name]) => name.endsWith('inconclusive'))
          .reduce((sum, [, count]) => sum + count, 0);
        met.shed += driver.engine.stats().shed['group-memory'];
        expect(driver.engine.stats()).toMatchObject({ openGroups: 0, groupMembers: 0 });
      },
    ),
    { seed: SEED, numRuns: 300 },
  );
  expect(met.shed).toBeGreaterThan(300);
  expect(met.inconclusive).toBeGreaterThan(200);
  expect(met.proved).toBeGreaterThan(100);
});

/** One span a trace, one key: runs of many groups that limits part, where most cuts are put off. */
const crowd: fc.Arbitrary<Request[]> = fc
  .array(
    fc.record({
      starts: fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 8 }),
      wait: fc.constantFrom(5, 50, 4_000, 30_000),
      isCharge: fc.boolean(),
      tick: fc.boolean(),
    }),
    { minLength: 60, maxLength: 90 },
  )
  .map((requests) => {
    let trace = 0;
    return requests.map(({ starts, wait, isCharge, tick }) => ({
      wait,
      tick,
      spans: starts.map((start) => memberAt(++trace, start, isCharge)),
    }));
  });

function memberAt(trace: number, start: number, isCharge: boolean): Span {
  const nanos = 1_800_000_000_000_000_000n + BigInt(start) * SECOND;
  return {
    traceId: trace.toString(16).padStart(32, '0'),
    spanId: trace.toString(16).padStart(16, '0'),
    parentSpanId: '',
    name: isCharge ? 'charge' : 'reserve',
    kind: 'internal',
    start: nanos,
    end: nanos,
    status: 'unset',
    attributes: new Map([['cart', 'c1']]),
    resource: { attributes: new Map([['service.name', 'payment']]), service: 'payment' },
    scope: '',
    events: [],
    traceState: '',
  };
}

test('runs of large groups are those of the reference, though not every span cuts them again', () => {
  const rules = [
    'across cart within 3s { count(charge) <= 60 }',
    'across cart within 3s { when { charge } never { reserve } }',
    'across cart within 20s { when { each charge as c } always { reserve } }',
  ].map((text, index) => simpleRule(`crowd-${index}`, text));
  const limits = fc.constantFrom(
    { maxSpans: 101 },
    { maxSpans: 120, maxGroupAgeNanos: 150n * SECOND },
    { maxGroupAgeNanos: 200n * SECOND },
    {},
  );
  const met = { groups: 0, violated: 0, retracted: 0 };
  fc.assert(
    fc.property(crowd, limits, (arrivals, changed) => {
      const settings = { ...DEFAULT_JUDGE_SETTINGS, ...changed };
      const expected = reference(rules, arrivals, settings);
      const driver = play(rules, arrivals, { settings });
      expect(driver.counts()).toEqual(expected.counts);
      expect(standing(driver)).toEqual(withoutTraces(expected.violated));
      expect(driver.engine.stats()).toMatchObject({ openGroups: 0, groupMembers: 0 });
      for (const count of Object.values(expected.counts)) met.groups += count;
      met.violated += expected.violated.length;
      for (const { kind } of driver.events) if (kind === 'retracted') met.retracted++;
    }),
    { seed: SEED, numRuns: 40 },
  );
  expect(met.groups).toBeGreaterThan(200);
  expect(met.violated).toBeGreaterThan(50);
  expect(met.retracted).toBeGreaterThan(10);
});
