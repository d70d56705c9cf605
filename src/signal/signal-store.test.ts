import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { VerdictEvent } from '../engine/streaming/stream.ts';
import { openSignalStore } from './open-signal-store.ts';
import type { Signal } from './signal.ts';
import type { SignalLimits, SignalStore } from './signal-store.ts';
import { MemoryRecordLog } from './testing/memory-record-log.ts';
import { RULES, rulesOf, verdictEvent } from './testing/violations.ts';

const RULE = 'payment-requires-inventory';

function open(log = new MemoryRecordLog(), limits: Partial<SignalLimits> = {}) {
  const opening = openSignalStore<{ readonly traceId: string }>({
    log,
    snapshot: log.snapshotTaken,
    records: log.records,
    describe: (event) => ({
      summary: `${event.rule.id} broke`,
      witness: { traceId: event.scope.traceIds[0] ?? '' },
    }),
    limits,
  });
  opening.store.load(RULES.values());
  return { ...opening, log };
}

const lookup = (id: string) => RULES.get(id);

function only<Witness>(store: SignalStore<Witness>): Signal<Witness> {
  const [signal, ...others] = store.signals();
  if (signal === undefined || others.length > 0) throw new Error(`${others.length + 1} signals`);
  return signal;
}

const kinds = (store: SignalStore<unknown>) =>
  store.transitionsAfter(0).map(({ kind, to }) => `${kind} ${to}`);

describe('a signal', () => {
  it('holds violations that are alike, each scope once', async () => {
    const { store } = open();
    const events = [1, 2, 3, 2].map((number) =>
      verdictEvent(RULE, number, { serviceVersion: `1.${number % 2}` }),
    );
    await store.apply(events, lookup);
    const signal = only(store);
    expect(signal).toMatchObject({
      state: 'open',
      occurrences: 3,
      retracted: 0,
      firstSeen: 1_001,
      lastSeen: 1_003,
      services: ['payment'],
      versions: [
        { service: 'payment', version: '1.0' },
        { service: 'payment', version: '1.1' },
      ],
      summary: `${RULE} broke`,
      rule: { severity: 'critical', owner: 'team-payments', runbook: 'https://runbooks.example/44' },
    });
    expect(signal.examples.map(({ witness }) => witness.traceId)).toHaveLength(3);
    expect(kinds(store)).toEqual(['opened open']);
  });

  it('is retracted when all of it was taken back, and opens again', async () => {
    const { store } = open();
    await store.apply([verdictEvent(RULE, 1), verdictEvent(RULE, 2)], lookup);
    await store.apply([verdictEvent(RULE, 1, { kind: 'retracted', at: 2_000 })], lookup);
    expect(only(store)).toMatchObject({ state: 'open', retracted: 1 });
    await store.apply([verdictEvent(RULE, 2, { kind: 'retracted', at: 2_001 })], lookup);
    expect(only(store)).toMatchObject({ state: 'retracted', retracted: 2 });
    await store.apply([verdictEvent(RULE, 2, { at: 2_002 })], lookup);
    expect(only(store)).toMatchObject({ state: 'open', retracted: 1, occurrences: 2, reopened: 1 });
    expect(kinds(store)).toEqual(['opened open', 'retracted retracted', 'reopened open']);
  });

  it('comes back when it was resolved, and stays quiet when it was called a false positive', async () => {
    const { store } = open();
    await store.apply([verdictEvent(RULE, 1)], lookup);
    const { id } = only(store);
    await store.decide(id, 'ack', 'ada', '', 5_000);
    await store.decide(id, 'resolve', 'ada', 'fixed in 1.2', 6_000);
    await store.apply([verdictEvent(RULE, 2, { at: 5_500 })], lookup);
    expect(only(store)).toMatchObject({ state: 'resolved', occurrences: 2 });
    await store.apply([verdictEvent(RULE, 3, { at: 6_001 })], lookup);
    expect(only(store)).toMatchObject({ state: 'open', reopened: 1 });
    await store.decide(id, 'false-positive', 'ada', 'gift cards need no stock', 7_000);
    await store.apply([verdictEvent(RULE, 4, { at: 8_000 })], lookup);
    expect(only(store)).toMatchObject({ state: 'false-positive', occurrences: 4, lastSeen: 8_000 });
    await store.apply([verdictEvent(RULE, 5, { at: 9_000, ruleVersion: 'r2' })], lookup);
    expect(only(store)).toMatchObject({ state: 'open', reopened: 2 });
    expect(only(store).decisions.map(({ action, by, from, to }) => [action, by, from, to])).toEqual([
      ['ack', 'ada', 'open', 'acknowledged'],
      ['resolve', 'ada', 'acknowledged', 'resolved'],
      ['false-positive', 'ada', 'open', 'false-positive'],
    ]);
  });

  it('says when a decision makes no sense', async () => {
    const { store } = open();
    await store.apply([verdictEvent(RULE, 1)], lookup);
    const { id } = only(store);
    expect((await store.decide('nope', 'ack', 'ada', '', 1)).kind).toBe('unknown-signal');
    expect((await store.decide(id, 'reopen', 'ada', '', 1)).kind).toBe('not-possible');
    await store.decide(id, 'resolve', 'ada', '', 1);
    expect(await store.decide(id, 'ack', 'ada', '', 2)).toMatchObject({ kind: 'not-possible' });
    expect((await store.decide(id, 'reopen', 'ada', '', 3)).kind).toBe('decided');
    expect(only(store).state).toBe('open');
  });

  it('is told to have grown at ten, a hundred, and so on', async () => {
    const { store } = open();
    await store.apply(
      Array.from({ length: 120 }, (_, index) => verdictEvent(RULE, index + 1)),
      lookup,
    );
    expect(kinds(store)).toEqual(['opened open', 'grew open', 'grew open']);
    expect(only(store).examples.length).toBeLessThanOrEqual(5);
  });

  it('waits for the share that the rule asks for', async () => {
    const { store } = open();
    const count = (verdict: 'violated' | 'satisfied', number: number) => ({
      rule: 'mostly-checked',
      ruleVersion: 'r1',
      verdict,
      service: 'payment',
      serviceVersion: '',
      count: number,
    });
    await store.apply([verdictEvent('mostly-checked', 1), verdictEvent('mostly-checked', 2)], lookup);
    await store.counts([count('violated', 2), count('satisfied', 1)], 60_000);
    expect(only(store).state).toBe('pending');
    await store.counts([count('violated', 1), count('satisfied', 3)], 70_000);
    expect(only(store).state).toBe('pending');
    expect(kinds(store)).toEqual([]);
    // A minute later the first counts are out of the window: four of six.
    await store.counts([count('violated', 4), count('satisfied', 0)], 121_500);
    expect(only(store).state).toBe('open');
    expect(kinds(store)).toEqual(['opened open']);
    await store.decide(only(store).id, 'resolve', 'ada', '', 122_000);
    await store.apply([verdictEvent('mostly-checked', 9, { at: 900_000 })], lookup);
    expect(only(store).state).toBe('pending');
    await store.counts([count('violated', 3)], 900_001);
    expect(only(store)).toMatchObject({ state: 'open', reopened: 1 });
    expect(kinds(store).at(-1)).toBe('reopened open');
  });

  it('takes over what the rule says now', async () => {
    const { store } = open();
    await store.apply([verdictEvent(RULE, 1)], lookup);
    const [rule] = rulesOf().map((one) => ({ ...one, owner: 'team-stock' }));
    if (rule === undefined) throw new Error('no rule');
    await store.apply([verdictEvent(RULE, 2, { rule })], lookup);
    expect(only(store).rule.owner).toBe('team-stock');
  });

  it('stands for all the rest of a clause when there are too many kinds', async () => {
    const { store } = open(undefined, { signalsOfRule: 3 });
    const trace = (service: string) => `shop/checkout @0ms+900ms\n  ${service}/payment.charge @10ms+5ms`;
    const names = ['alpha', 'beta', 'gamma', 'delta', 'epsilon'];
    await store.apply(
      names.map((service, index) => verdictEvent(RULE, index + 1, { service, trace: trace(service) })),
      lookup,
    );
    expect([...store.signals()].map(({ occurrences }) => occurrences).sort()).toEqual([1, 1, 1, 2]);
  });
});

describe('the store', () => {
  it('forgets what is over and old, and no more than it must when it is full', async () => {
    const { store } = open(undefined, { signals: 10, signalsOfRule: 1_000, retention: 1_000 });
    const one = (index: number, at: number) =>
      verdictEvent(RULE, index, {
        at,
        service: `service-${index}`,
        trace: `shop/checkout @0ms+900ms\n  service-${index}/payment.charge @10ms+5ms`,
      });
    await store.apply([one(1, 1)], lookup);
    await store.decide(only(store).id, 'resolve', 'ada', '', 2);
    await store.apply([one(2, 3_700_000)], lookup);
    expect([...store.signals()].map(({ pair }) => pair.trigger)).toEqual(['service-2']);
    for (let index = 3; index < 30; index++) await store.apply([one(index, 3_700_000 + index)], lookup);
    const { signals } = store.stats();
    expect(signals).toBeGreaterThan(7);
    expect(signals).toBeLessThanOrEqual(10);
    expect([...store.signals()].some(({ pair }) => pair.trigger === 'service-29')).toBe(true);
  });

  it('remembers only so many occurrences, and counts all', async () => {
    const { store } = open(undefined, { occurrences: 5 });
    await store.apply(
      Array.from({ length: 20 }, (_, index) => verdictEvent(RULE, index + 1)),
      lookup,
    );
    expect(store.stats().occurrences).toBe(5);
    expect(only(store).occurrences).toBe(20);
  });

  it('writes what the disk refused as soon as it can', async () => {
    const { store, log } = open();
    log.failure = new Error('no space left on device');
    await expect(store.apply([verdictEvent(RULE, 1)], lookup)).rejects.toThrow('no space left');
    expect(store.transitionsAfter(0)).toEqual([]);
    log.failure = null;
    await store.apply([], lookup);
    expect(log.records).toHaveLength(1);
    expect(kinds(store)).toEqual(['opened open']);
  });

  it('skips records that are none, and says how many', () => {
    const log = new MemoryRecordLog();
    log.records = [{ kind: 'violation' }, 7, null, { kind: 'later', at: 1 }];
    const { skipped, store } = open(log);
    expect(skipped).toBe(4);
    expect([...store.signals()]).toEqual([]);
  });

  it('says that a snapshot is of another form', () => {
    const log = new MemoryRecordLog();
    log.snapshotTaken = { version: 99 };
    expect(open(log).snapshotRefused).toBe(true);
  });
});

/** What may be said of a scope, in the order of processing time, as the engine does: broken, not broken, broken, ... */
const steps = fc.array(
  fc.record({
    scope: fc.integer({ min: 1, max: 6 }),
    gap: fc.integer({ min: 0, max: 3 }),
    rule: fc.boolean(),
  }),
  { maxLength: 25 },
);

function eventsOf(
  drawn: readonly { readonly scope: number; readonly gap: number; readonly rule: boolean }[],
) {
  const live = new Set<string>();
  let at = 1_000;
  return drawn.map(({ scope, gap, rule }): VerdictEvent => {
    const id = rule ? RULE : 'mostly-checked';
    const key = `${id} ${scope}`;
    at += gap + 1;
    const kind = live.has(key) ? 'retracted' : 'violated';
    if (kind === 'violated') live.add(key);
    else live.delete(key);
    return verdictEvent(id, scope, { kind, at });
  });
}

const seen = (store: SignalStore<unknown>) => ({
  signals: [...store.signals()].sort((a, b) => (a.id < b.id ? -1 : 1)),
  transitions: store.transitionsAfter(0),
});

describe('the state', () => {
  it('is the same after any crash, whatever is told again', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.nat(), fc.nat(), fc.nat(), async (drawn, cut, back, every) => {
        const events = eventsOf(drawn);
        const whole = open();
        await whole.store.apply(events, lookup);

        // A crash after some records are in the log; after the restart the engine tells again from an earlier place on.
        const crashed = open();
        const limits = { snapshotEvery: 1 + (every % 6) };
        const first = open(crashed.log, limits);
        const told = events.length === 0 ? 0 : cut % (events.length + 1);
        for (const event of events.slice(0, told)) await first.store.apply([event], lookup);
        const lost = events.length === 0 ? 0 : back % (first.log.records.length + 1);
        first.log.records.splice(first.log.records.length - lost);
        const again = open(first.log, limits);
        await again.store.apply(events, lookup);
        await again.store.apply(events.slice(0, told), lookup);
        expect(seen(again.store)).toEqual(seen(whole.store));
        // And what is on disk gives what is in memory.
        expect(seen(open(again.log, limits).store)).toEqual(seen(again.store));
      }),
      { seed: 42, numRuns: 150 },
    );
  });

  it.each([100, 1])(
    'of an older fingerprint stays what it is, beside the new one (snapshot every %i)',
    async (snapshotEvery) => {
      const { store, log } = open(undefined, { snapshotEvery });
      await store.apply([verdictEvent(RULE, 1)], lookup);
      const { id, fingerprint } = only(store);
      const older = `${'0123456789abcdef'}${fingerprint.slice(16)}`;
      const aged = (value: unknown) =>
        JSON.parse(
          JSON.stringify(value)
            .replaceAll(fingerprint, older)
            .replaceAll(id, older.slice(0, 16))
            .replaceAll('"fingerprintVersion":2', '"fingerprintVersion":1'),
        );
      log.records = aged(log.records);
      log.snapshotTaken = aged(log.snapshotTaken);
      const again = open(log);
      expect(again).toMatchObject({ skipped: 0, snapshotRefused: false });
      expect(only(again.store)).toMatchObject({ fingerprint: older, fingerprintVersion: 1, occurrences: 1 });
      // Told again after a crash it is the old one's; a new trace is the new one's.
      await again.store.apply([verdictEvent(RULE, 1), verdictEvent(RULE, 2)], lookup);
      const versions = [...again.store.signals()].map(({ fingerprintVersion: version, occurrences }) => [
        version,
        occurrences,
      ]);
      expect(versions.sort()).toEqual([
        [1, 1],
        [2, 1],
      ]);
      await again.store.apply([verdictEvent(RULE, 1, { kind: 'retracted', at: 3_000 })], lookup);
      expect(again.store.get(older.slice(0, 16))?.state).toBe('retracted');
    },
  );

  it('ends nothing when no snapshot can be made', async () => {
    const log = new MemoryRecordLog();
    log.snapshot = () => {
      throw new RangeError('Invalid string length');
    };
    const { store } = open(log, { snapshotEvery: 1 });
    await store.apply([verdictEvent(RULE, 1)], lookup);
    expect(only(store).occurrences).toBe(1);
  });

  it('keeps so many bytes of examples: one a signal when there are many, and the latest signals', async () => {
    // An example has some 960.
    const limits = { exampleBytes: 2_800 };
    const log = new MemoryRecordLog();
    const opening = openSignalStore<{ readonly text: string }>({
      log,
      snapshot: null,
      records: [],
      describe: () => ({ summary: '', witness: { text: 'x'.repeat(800) } }),
      limits,
    });
    const { store } = opening;
    const broken = (number: number, service: string) => verdictEvent(RULE, number, { service });
    for (let number = 1; number <= 6; number++) await store.apply([broken(number, 'a')], lookup);
    expect([only(store).occurrences, only(store).examples.length]).toEqual([6, 3]);
    await store.apply([broken(7, 'b')], lookup);
    expect([...store.signals()].map(({ examples }) => examples.length)).toEqual([3, 1]);
    await store.apply([broken(8, 'c')], lookup);
    const kept = [...store.signals()];
    expect(kept.map(({ services, examples }) => [services[0], examples.length])).toEqual([
      ['b', 1],
      ['c', 1],
    ]);
    const again = open(log, limits);
    expect([...again.store.signals()].map(({ id }) => id)).toEqual(kept.map(({ id }) => id));
  });

  it('does not depend on the order in which scopes come', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.infiniteStream(fc.nat()), async (drawn, random) => {
        const events = eventsOf(drawn);
        const byScope = new Map<string, VerdictEvent[]>();
        for (const event of events) {
          const key = `${event.rule.id} ${event.scope.id}`;
          byScope.set(key, [...(byScope.get(key) ?? []), event]);
        }
        const queues = [...byScope.values()];
        const shuffled: VerdictEvent[] = [];
        for (const number of random) {
          const left = queues.filter((queue) => queue.length > 0);
          const next = left[number % Math.max(1, left.length)]?.shift();
          if (next === undefined) break;
          shuffled.push(next);
        }
        const counted = (list: readonly VerdictEvent[]) => async () => {
          const { store } = open();
          await store.apply(list, lookup);
          return [...store.signals()]
            .map(({ id, state, occurrences, retracted, lastSeen, services, versions }) => ({
              id,
              state,
              occurrences,
              retracted,
              lastSeen,
              services,
              versions,
            }))
            .sort((a, b) => (a.id < b.id ? -1 : 1));
        };
        expect(await counted(shuffled)()).toEqual(await counted(events)());
      }),
      { seed: 43, numRuns: 100 },
    );
  });
});
