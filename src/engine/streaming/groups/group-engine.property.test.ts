/** Groups in a running engine against the groups that the reference cuts out of all spans. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileRule } from '../../../language/compile.ts';
import type { Span } from '../../../trace/span.ts';
import { buildTrace } from '../../../trace/trace.ts';
import type { JudgedRule } from '../../judged-rule.ts';
import { judgeAcross, membersOf } from '../../reference/judge-across.ts';
import { DEFAULT_JUDGE_SETTINGS, type JudgeSettings } from '../../verdict.ts';
import { createStreamEngine } from '../create-stream-engine.ts';
import { type DriverOptions, StreamDriver } from '../testing/stream-driver.ts';

const SEED = 20261120;
const EPOCH = 1_800_000_000_000_000_000n;
const SECOND = 1_000_000_000n;

const RULES = [
  'across cart within 10s { count(charge).where(span.status != error) <= 1 }',
  'across cart within 10s { when { charge } always { reserve } }',
  'across cart within 10s { when { each charge as c } always { reserve.before(c) } }',
  'across cart within 10s { never { charge.inside(reserve) } }',
  'across (cart, span.service) within 3s { distinct(charge, amount) <= 2 }',
  'across cart within 10s { sum(refund, amount) <= sum(charge, amount) }',
  'across cart within 10s { when { charge and not refund } always { all(charge, amount > 1) } }',
].map(
  (text, index): JudgedRule => ({
    id: `rule-${index}`,
    condition: compiled(text),
    onIncomplete: 'inconclusive',
    environments: null,
    exceptions: [],
  }),
);

function compiled(text: string): JudgedRule['condition'] {
  const { rule, diagnostics } = compileRule({ name: 'rule', text });
  if (rule === null) throw new Error(diagnostics.map(({ message }) => message).join('; '));
  return rule;
}

interface Arrival {
  readonly spans: readonly Span[];
  readonly wait: number;
  readonly tick: boolean;
}

/** Spans of a few traces and keys, near each other and far, in any order of arrival, some twice. */
const arbitraryArrivals: fc.Arbitrary<Arrival[]> = fc
  .array(
    fc.record({
      trace: fc.integer({ min: 1, max: 4 }),
      name: fc.constantFrom('charge', 'charge', 'charge', 'reserve', 'refund', 'other'),
      cart: fc.constantFrom('a', 'a', 'a', 'a', 'a', 'a', 'b', 5, '', undefined),
      amount: fc.constantFrom(1, 2, 3, undefined),
      start: fc.integer({ min: 0, max: 70 }),
      length: fc.integer({ min: 0, max: 6 }),
      parent: fc.integer({ min: -40, max: 9 }),
      service: fc.constantFrom('shop', 'stock'),
      status: fc.constantFrom('ok' as const, 'ok' as const, 'error' as const),
      sampled: fc.integer({ min: 0, max: 60 }).map((one) => one === 0),
    }),
    { minLength: 1, maxLength: 18 },
  )
  .map((parts) =>
    parts.map((part, index): Span => {
      const parent = parts[part.parent];
      const start = EPOCH + BigInt(part.start) * SECOND;
      const attributes = new Map<string, string | number>();
      if (part.cart !== undefined) attributes.set('cart', part.cart);
      if (part.amount !== undefined) attributes.set('amount', part.amount);
      return {
        traceId: String(part.trace).padStart(32, '0'),
        spanId: hex(index),
        // A parent of another trace is not there: the trace is incomplete.
        parentSpanId: parent === undefined || part.parent === index ? '' : hex(part.parent),
        name: part.name,
        kind: 'internal',
        start,
        end: start + BigInt(part.length) * SECOND,
        status: part.status,
        attributes,
        resource: { attributes: new Map([['service.name', part.service]]), service: part.service },
        scope: '',
        events: [],
        traceState: part.sampled ? 'ot=th:8' : '',
      };
    }),
  )
  .chain((spans) =>
    fc
      .tuple(
        fc.array(fc.integer({ min: 0, max: spans.length - 1 }), { maxLength: 4 }),
        fc.constantFrom([0, 1], [0, 9_000], [0, 4_000, 12_000, 45_000], [50_000, 100_000]),
      )
      .chain(([again, waits]) => {
        const all = [...spans, ...again.map((index) => spans[index] as Span)];
        return fc
          .tuple(
            fc.shuffledSubarray([...all.keys()], { minLength: all.length }),
            fc.array(
              fc.record({
                size: fc.integer({ min: 1, max: 3 }),
                wait: fc.constantFrom(...waits),
                tick: fc.boolean(),
              }),
              { minLength: all.length, maxLength: all.length },
            ),
          )
          .map(([order, steps]) => {
            const arrivals: Arrival[] = [];
            let from = 0;
            for (const { size, wait, tick } of steps) {
              const part = order.slice(from, from + size).map((index) => all[index] as Span);
              if (part.length > 0) arrivals.push({ spans: part, wait, tick });
              from += size;
            }
            return arrivals;
          });
      }),
  );

function hex(index: number): string {
  return index.toString(16).padStart(16, 'a');
}

function play(
  rules: readonly JudgedRule[],
  arrivals: readonly Arrival[],
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
  arrivals: readonly Arrival[],
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
    fc.property(arbitraryArrivals, fc.constantFrom(...SETTINGS), (arrivals, changed) => {
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
    { seed: SEED, numRuns: 300 },
  );
  expect(met.early).toBeGreaterThan(50);
  expect(met.late).toBeGreaterThan(50);
  expect(met.retracted).toBeGreaterThan(20);
  expect(met.gone).toBeGreaterThan(5);
  expect(met.cut).toBeGreaterThan(50);
});

test('nothing depends on how often time is told', () => {
  fc.assert(
    fc.property(arbitraryArrivals, (arrivals) => {
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
    { seed: SEED, numRuns: 100 },
  );
});

// All spans come before a group closes: what was said of one that closed cannot be known to be wrong once it is forgotten.
test('want of memory makes groups inconclusive, and never something else than the reference says', () => {
  const met = { shed: 0, inconclusive: 0, proved: 0 };
  fc.assert(
    fc.property(
      arbitraryArrivals,
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
