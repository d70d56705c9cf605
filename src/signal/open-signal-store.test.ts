import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openSignalStore } from './open-signal-store.ts';
import type { SignalAction } from './signal.ts';
import type { SignalStore } from './signal-store.ts';
import { MemoryRecordLog } from './testing/memory-record-log.ts';
import { RULES, verdictEvent } from './testing/violations.ts';

const RULE = 'payment-requires-inventory';
const lookup = (id: string) => RULES.get(id);

type JsonRecord = Readonly<Record<string, unknown>>;

function open(log: MemoryRecordLog, lasting: readonly unknown[] = [], isDamaged = false) {
  return openSignalStore({
    log,
    snapshot: log.snapshotTaken,
    records: log.records,
    lasting,
    isDamaged,
    describe: (event) => ({ summary: `${event.rule.id} broke`, witness: null }),
  });
}

function logOf(records: readonly unknown[]): MemoryRecordLog {
  const log = new MemoryRecordLog();
  log.records = [...records];
  return log;
}

/** What is kept for good of a log. */
const lastingOf = (log: MemoryRecordLog) =>
  log.records.filter((record) => (record as JsonRecord)['number'] !== undefined);

/** As a version before this one wrote it. */
function asBefore(record: unknown): unknown {
  const { number: _number, about: _about, ...rest } = record as JsonRecord;
  return rest;
}

const DECIDED = ['acknowledged', 'resolved', 'false-positive'];
const decidedStates = (store: SignalStore<unknown>) =>
  new Map(
    [...store.signals()]
      .filter(({ state }) => DECIDED.includes(state))
      .map((signal) => [signal.id, [signal.state, signal.rule.id, signal.clause]]),
  );

async function decided(action: SignalAction) {
  const log = new MemoryRecordLog();
  const { store } = open(log);
  await store.apply([verdictEvent(RULE, 1), verdictEvent(RULE, 2)], lookup);
  const [signal] = store.signals();
  if (signal === undefined) throw new Error('no signal');
  await store.decide(signal.id, action, 'ada', 'so it is', 5_000);
  return { log, store, id: signal.id };
}

describe('a log of signals that is gone', () => {
  it.each([
    ['ack', 'acknowledged'],
    ['resolve', 'resolved'],
    ['false-positive', 'false-positive'],
  ] as const)('loses no %s', async (action, state) => {
    const { log, id } = await decided(action);
    const { store, rebuilt } = open(logOf([]), lastingOf(log), true);
    expect(rebuilt).toEqual({ fromDecisions: 1, fromOccurrences: 0, replayed: 1, affected: 1 });
    expect([...store.signals()]).toMatchObject([
      {
        id,
        state,
        rule: { id: RULE, severity: 'critical' },
        occurrences: 2,
        firstSeen: 1_001,
        ruleVersions: ['r1'],
        rebuilt: 'whole',
        decisions: [{ by: 'ada', reason: 'so it is', from: 'open', to: state }],
      },
    ]);
  });

  it('keeps false positives quiet, also those that a version before decided', async () => {
    const { log, id } = await decided('false-positive');
    for (const lasting of [lastingOf(log), lastingOf(log).map(asBefore)]) {
      const { store } = open(logOf([]), lasting, true);
      await store.apply([verdictEvent(RULE, 3, { at: 9_000 })], lookup);
      expect(store.get(id)).toMatchObject({
        state: 'false-positive',
        rule: { id: RULE, severity: 'critical' },
        fingerprint: log.records.map((one) => (one as JsonRecord)['head'] as JsonRecord)[0]?.['fingerprint'],
        rebuilt: 'whole',
      });
    }
  });

  it('shows what a version before decided though nothing else is known', async () => {
    const { log, id } = await decided('resolve');
    const { store } = open(logOf([]), lastingOf(log).map(asBefore), true);
    expect(store.get(id)).toMatchObject({
      state: 'resolved',
      rule: { id: 'unknown' },
      rebuilt: 'partly',
      decisions: [{ by: 'ada', at: 5_000 }],
    });
  });

  it('does not bring back what was forgotten', async () => {
    const { log, store, id } = await decided('resolve');
    await store.apply([verdictEvent('no-declined-shipment', 9, { at: 50 * 86_400_000 })], lookup);
    expect(store.get(id)).toBeNull();
    expect(open(logOf([]), lastingOf(log), true).store.get(id)).toBeNull();
  });
});

describe('a log of signals that is there', () => {
  it('is changed by no decision that it has', async () => {
    const { log, store } = await decided('ack');
    for (const record of [(one: unknown) => one, asBefore]) {
      const again = open(logOf(log.records.map(record)), lastingOf(log).map(record));
      expect(again.rebuilt).toEqual({ fromDecisions: 0, fromOccurrences: 0, replayed: 0, affected: 0 });
      expect(again.store.transitionsAfter(0)).toEqual(store.transitionsAfter(0));
      expect([...again.store.signals()]).toEqual([...store.signals()]);
    }
  });

  it('is changed by none that its snapshot has, whichever version took it', async () => {
    const { log, store } = await decided('ack');
    const lasting = lastingOf(log);
    await store.checkpoint();
    const taken = log.snapshotTaken as JsonRecord;
    const { decided: _decided, ...before } = taken;
    for (const snapshot of [taken, before]) {
      for (const kept of [lasting, lasting.map(asBefore)]) {
        log.snapshotTaken = snapshot;
        expect(open(log, kept).rebuilt.replayed).toBe(0);
      }
    }
  });

  it('holds a decision that was written twice once', async () => {
    const { log, store } = await decided('ack');
    const again = open(logOf([...log.records, ...lastingOf(log)]), [...lastingOf(log), ...lastingOf(log)]);
    expect([...again.store.signals()]).toEqual([...store.signals()]);
  });

  it('makes up the first record of an open signal from later ones', async () => {
    const log = new MemoryRecordLog();
    const { store } = open(log);
    const told = Array.from({ length: 8 }, (_, index) => verdictEvent(RULE, index + 1));
    await store.apply(told, lookup);
    const [whole] = store.signals();
    const one = open(logOf(log.records.slice(1)), [], true);
    expect(one.rebuilt).toEqual({ fromDecisions: 0, fromOccurrences: 0, replayed: 0, affected: 0 });
    expect([...one.store.signals()]).toMatchObject([
      { state: 'open', occurrences: 7, clause: whole?.clause },
    ]);
    // Of the sixth on there is no example, and nothing says what the clause was.
    const late = open(logOf(log.records.slice(5)), [], true);
    expect(late.rebuilt).toMatchObject({ fromOccurrences: 1, affected: 1 });
    expect([...late.store.signals()]).toMatchObject([
      { id: whole?.id, state: 'open', occurrences: 3, rule: { id: RULE }, rebuilt: 'partly' },
    ]);
    await late.store.apply([verdictEvent(RULE, 20, { at: 9_000 })], lookup);
    expect([...late.store.signals()]).toMatchObject([
      {
        occurrences: 4,
        rule: { severity: 'critical' },
        fingerprint: whole?.fingerprint,
        clause: whole?.clause,
        rebuilt: 'whole',
      },
    ]);
  });
});

const step = fc.oneof(
  fc.record({ scope: fc.integer({ min: 1, max: 5 }), rule: fc.boolean(), meaning: fc.boolean() }),
  fc.record({
    rule: fc.boolean(),
    action: fc.constantFrom<SignalAction>('ack', 'resolve', 'false-positive', 'reopen'),
  }),
);

describe('any part of the log that is lost', () => {
  it('changes no state that people decided', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 25 }),
        fc.nat(),
        fc.nat(),
        fc.boolean(),
        async (steps, from, cut, isEnd) => {
          const log = new MemoryRecordLog();
          const { store } = open(log);
          const live = new Set<string>();
          let at = 1_000;
          for (const one of steps) {
            at += 2;
            const rule = one.rule ? RULE : 'no-declined-shipment';
            if ('action' in one) {
              const signal = [...store.signals()].find((each) => each.rule.id === rule);
              if (signal !== undefined) await store.decide(signal.id, one.action, 'ada', 'because', at);
              continue;
            }
            const key = `${rule} ${one.scope}`;
            const kind = live.has(key) ? 'retracted' : 'violated';
            if (!live.delete(key)) live.add(key);
            const ruleVersion = one.meaning ? 'r1' : 'r2';
            await store.apply([verdictEvent(rule, one.scope, { kind, at, ruleVersion })], lookup);
          }
          const { records } = log;
          const lasting = lastingOf(log);
          const start = from % (records.length + 1);
          // A prefix is lost; or what is behind it, but for nothing that came after the last decision.
          const last = records.findLastIndex((record) => lasting.includes(record));
          const end = last < 0 ? records.length : Math.min(last + 1, cut % (records.length + 1));
          const left = isEnd ? [...records.slice(0, end), ...records.slice(last + 1)] : records.slice(start);
          const again = open(logOf(left), lasting, true);
          const states = decidedStates(again.store);
          for (const [id, state] of decidedStates(store)) expect([id, states.get(id)]).toEqual([id, state]);
          // What was rebuilt and then written down is what is there after another start.
          const kept = logOf(left);
          await open(kept, lasting, true).store.checkpoint();
          const third = open(kept, lasting);
          expect(third.rebuilt).toMatchObject({ replayed: 0, affected: 0 });
          expect([...third.store.signals()]).toEqual(JSON.parse(JSON.stringify([...again.store.signals()])));
        },
      ),
      { seed: 42, numRuns: 300 },
    );
  });
});
