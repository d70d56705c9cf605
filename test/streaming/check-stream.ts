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
}

export function nothingMet(): Met {
  return { reopened: 0, joined: 0, retracted: 0, early: 0, late: 0, shed: 0, inconclusive: 0 };
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
  for (const [name, count] of Object.entries(driver.counts())) {
    if (name.endsWith('inconclusive')) met.inconclusive += count;
    else if (!name.endsWith('not_applicable')) {
      expect(count, name).toBeLessThanOrEqual(expected.counts[name] ?? 0);
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
