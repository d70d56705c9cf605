/** The properties that an engine keeps, as checks of one stream of requests; both suites, the short and the long, use them. */
import { expect } from 'vitest';
import { createStreamEngine } from '../../src/engine/streaming/create-stream-engine.ts';
import { createShardedEngine } from '../../src/engine/streaming/sharded.ts';
import type { StreamLimits, VerdictEvent } from '../../src/engine/streaming/stream.ts';
import { StreamDriver } from '../../src/engine/streaming/testing/stream-driver.ts';
import { DEFAULT_JUDGE_SETTINGS, type JudgeSettings } from '../../src/engine/verdict.ts';
import type { Span } from '../../src/trace/span.ts';
import type { Request, Stream } from './arrivals.ts';
import { isViolatedWhatever, judgeAll, standing } from './judge-all.ts';

export const SETTINGS: JudgeSettings = { ...DEFAULT_JUDGE_SETTINGS, defaultEnvironment: 'production' };

/** All spans come within these. */
const LIMITS: Partial<StreamLimits> = { lateWindow: 3_600_000 };

/** What was met while checking: a property that meets nothing proves nothing. */
export interface Met {
  reopened: number;
  /** Groups of which was told that became one. */
  joined: number;
  retracted: number;
  early: number;
  late: number;
  shed: number;
  inconclusive: number;
  /** Marks of traces that had to go too early. */
  forgotten: number;
  lateSpans: number;
}

export function nothingMet(): Met {
  return {
    reopened: 0,
    joined: 0,
    retracted: 0,
    early: 0,
    late: 0,
    shed: 0,
    inconclusive: 0,
    forgotten: 0,
    lateSpans: 0,
  };
}

/** After closing, what was counted and told, net of what was taken back, is what the reference says of all spans. */
export function checkAgainstReference({ rules, requests }: Stream, met: Met): void {
  const expected = judgeAll(rules, spansOf(requests), SETTINGS);
  const driver = driverOf();
  const seen: Span[] = [];
  play(driver, { rules, requests }, (request, told) => {
    seen.push(...request.spans);
    for (const event of told) {
      // What was told early was proved by the spans that were there.
      if (event.early && event.kind === 'violated')
        expect(isViolatedWhatever(event, seen, SETTINGS)).toBe(true);
    }
  });
  expect(driver.counts()).toEqual(expected.counts);
  expect(standing(driver.events)).toEqual(expected.violated);
  const { engine } = driver;
  const stats = engine.stats();
  expect(stats).toMatchObject({
    openTraces: 0,
    rememberedTraces: 0,
    heldSpans: 0,
    openGroups: 0,
    groupMembers: 0,
  });
  expect([engine.lowWater(), engine.nextDue()]).toEqual([null, null]);
  note(driver, met);
}

/** Shards say what one engine says. Of events within one request the order is not that of one engine. */
export function checkShards(stream: Stream, met: Met): void {
  const one = driverOf();
  play(one, stream);
  for (const [traces, groups] of [
    [1, 1],
    [2, 2],
    [8, 8],
    [3, 1],
  ] as const) {
    const many = new StreamDriver((options) => createShardedEngine(options, { traces, groups }), {
      settings: SETTINGS,
      limits: LIMITS,
    });
    play(many, stream);
    expect(many.counts()).toEqual(one.counts());
    expect(textsOf(many.events)).toEqual(textsOf(one.events));
    expect(many.engine.stats()).toMatchObject({
      spans: one.engine.stats().spans,
      repeatedSpans: one.engine.stats().repeatedSpans,
      reopenedTraces: one.engine.stats().reopenedTraces,
      keylessSpans: one.engine.stats().keylessSpans,
    });
  }
  note(one, met);
}

/**
 * With too little memory every scope that is counted as satisfied or violated is one that the reference finds so. `requests` must come before anything
 * closes: what was said of a scope that had closed cannot be known to be wrong once it is forgotten.
 */
export function checkWithoutMemory(stream: Stream, limits: Partial<StreamLimits>, met: Met): void {
  const expected = judgeAll(stream.rules, spansOf(stream.requests), SETTINGS);
  const driver = driverOf(limits);
  play(driver, stream);
  const lostMarks = driver.engine.stats().shed['mark-memory'];
  met.forgotten += lostMarks;
  for (const [name, count] of Object.entries(driver.counts())) {
    if (name.endsWith('inconclusive')) met.inconclusive += count;
    else if (!name.endsWith('not_applicable')) {
      const most = expected.counts[name] ?? 0;
      // Of a trace whose mark had to go what is proved of a rest of it is counted again.
      if (lostMarks === 0) expect(count, name).toBeLessThanOrEqual(most);
      else expect(most, name).toBeGreaterThan(0);
    }
  }
  for (const scope of standing(driver.events)) expect(expected.violated).toContain(scope);
  expect(driver.engine.stats()).toMatchObject({
    openTraces: 0,
    heldSpans: 0,
    openGroups: 0,
    groupMembers: 0,
  });
  note(driver, met);
}

/**
 * With too little memory and spans that come when their trace was judged and forgotten long ago, nothing is told that the reference does not find of all
 * that had come by then, and no trace is counted twice. Only for rules of one trace.
 */
export function checkForgotten(stream: Stream, limits: Partial<StreamLimits>, met: Met): void {
  const rules = stream.rules.filter(({ condition }) => condition.across === null);
  if (rules.length === 0) return;
  const driver = driverOf(limits);
  const seen: Span[] = [];
  let checked = 0;
  const check = (): void => {
    for (const { kind, rule, scope } of driver.events.slice(checked)) {
      if (kind !== 'violated') continue;
      expect(judgeAll([rule], seen, SETTINGS).violated, rule.id).toContain(`${rule.id} ${scope.id}`);
    }
    checked = driver.events.length;
  };
  driver.load(rules);
  let at = 1_000;
  for (const request of stream.requests) {
    at += request.wait;
    driver.tick(at);
    check();
    driver.add(request.spans, at);
    seen.push(...request.spans);
    check();
  }
  driver.tick(at + 1_000_000_000);
  check();
  const counts = driver.counts();
  const traces = new Set(seen.map(({ traceId }) => traceId)).size;
  for (const { id } of rules) {
    const judged = (counts[`${id} satisfied`] ?? 0) + (counts[`${id} violated`] ?? 0);
    // Of a trace whose mark had to go a rest may be counted besides.
    if (driver.engine.stats().shed['mark-memory'] === 0) expect(judged, id).toBeLessThanOrEqual(traces);
    met.inconclusive += counts[`${id} inconclusive`] ?? 0;
  }
  met.forgotten += driver.engine.stats().shed['mark-memory'];
  met.lateSpans += driver.engine.stats().shed['late-span'];
  note(driver, met);
}

function driverOf(limits: Partial<StreamLimits> = {}): StreamDriver {
  return new StreamDriver(createStreamEngine, { settings: SETTINGS, limits: { ...LIMITS, ...limits } });
}

function play(
  driver: StreamDriver,
  { rules, requests }: Stream,
  watch: (request: Request, told: readonly VerdictEvent[]) => void = () => {},
): void {
  driver.load(rules);
  let at = 1_000;
  for (const request of requests) {
    if (request.tick) driver.tick(at + Math.floor(request.wait / 2));
    at += request.wait;
    driver.tick(at);
    const before = driver.events.length;
    driver.add(request.spans, at);
    watch(request, driver.events.slice(before));
  }
  driver.tick(at + 1_000_000_000);
}

function spansOf(requests: readonly Request[]): Span[] {
  return requests.flatMap(({ spans }) => spans);
}

function note(driver: StreamDriver, met: Met): void {
  const { reopenedTraces, shed } = driver.engine.stats();
  met.reopened += reopenedTraces;
  met.shed += Object.values(shed).reduce((sum, count) => sum + count, 0);
  for (const { kind, early, judgment } of driver.events) {
    if (kind === 'violated') met[early ? 'early' : 'late']++;
    else met[judgment === null ? 'joined' : 'retracted']++;
  }
}

function textsOf(events: readonly VerdictEvent[]): string[] {
  return events
    .map((event) =>
      JSON.stringify({ ...event, rule: event.rule.id }, (_, value: unknown) =>
        typeof value === 'bigint' ? `${value}` : value instanceof Map ? [...value] : value,
      ),
    )
    .sort();
}
