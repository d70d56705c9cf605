import { describe, expect, it } from 'vitest';
import type { Signal, SignalTransition } from '../signal/signal.ts';
import { MemoryRecordLog } from '../signal/testing/memory-record-log.ts';
import { isWindowChange } from './damping.ts';
import type { NotifyLimits } from './notify-limits.ts';
import { ManualClock } from './testing/manual-clock.ts';
import { MemoryHttp } from './testing/memory-http.ts';
import { SIGNAL, SLACK, start, texts, transition, WEBHOOK } from './testing/notifier-world.ts';

const HOUR = 3_600_000;
const TEN_MINUTES = 600_000;

type Kind = SignalTransition['kind'];

/** A world in which time can pass until nothing is sent any more, and what was sent can be read. */
async function world(options: Parameters<typeof start>[0] = {}) {
  const http = options.http ?? new MemoryHttp();
  const started = await start({ ...options, http });
  let sequence = started.notifier.through;
  const settle = async () => {
    for (let turn = 0; turn < 60; turn++) await started.notifier.idle();
  };
  return {
    ...started,
    async tell(kind: Kind, ...ids: readonly string[]) {
      await started.take(
        ...(ids.length === 0 ? [SIGNAL.id] : ids).map((id) => transition(++sequence, kind, id)),
      );
      await settle();
    },
    async decide(action: 'resolve' | 'false-positive', id = SIGNAL.id) {
      const to = action === 'resolve' ? 'resolved' : 'false-positive';
      const decision = { at: 1, action, by: 'ada', reason: '', from: 'open', to } as const;
      await started.take({ ...transition(++sequence, 'decided', id), to, decision });
      await settle();
    },
    async pass(milliseconds: number) {
      started.clock.advance(milliseconds);
      await settle();
    },
    /** Event, and how many of what were held back. */
    sent: (): string[] =>
      texts(http).map(({ event, heldBack }) =>
        heldBack === null ? event : `${event} +${heldBack.count} of the ${heldBack.of}`,
      ),
  };
}

const ids = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => (from + index).toString(16).padStart(16, '0'));

async function flap(to: Awaited<ReturnType<typeof world>>, pairs: number) {
  for (let pair = 0; pair < pairs; pair++) {
    await to.tell('retracted');
    await to.tell('reopened');
  }
}

describe('a signal that opens and is taken back by turns', () => {
  it('is told of twice, and at the end of the hour how often it changed and how it stands', async () => {
    const one = await world();
    await one.tell('opened');
    await flap(one, 20);
    await one.tell('retracted');
    const told = ['opened', 'retracted', 'reopened', 'retracted', 'reopened'];
    expect(one.sent()).toEqual(told);
    await one.pass(HOUR - 1);
    expect(one.sent()).toEqual(told);
    await one.pass(1);
    expect(one.sent()).toEqual([...told, 'retracted +37 of the signal']);
    expect(texts(one.http).at(-1)).toMatchObject({
      id: `${SIGNAL.id}-42-more`,
      signal: { state: 'retracted' },
      heldBack: { signals: [SIGNAL.id] },
    });
    expect(one.clock.nextIn()).toBeNull();
    await one.pass(HOUR);
    await one.tell('reopened');
    expect(one.sent().at(-1)).toBe('reopened');
  });

  it('is told of one by one where it changes seldom', async () => {
    const one = await world();
    for (let hour = 0; hour < 5; hour++) {
      await flap(one, 1);
      await one.pass(HOUR);
    }
    expect(one.sent()).toHaveLength(10);
    expect(one.sent().join()).not.toContain('+');
  });

  it.each([5_000, 1])('is remembered over a restart (snapshot every %i)', async (snapshotEvery) => {
    const log = new MemoryRecordLog();
    const clock = new ManualClock();
    const limits = { snapshotEvery };
    const first = await world({ log, clock, limits });
    await flap(first, 4);
    await first.tell('retracted');
    await first.notifier.stop();
    const second = await world({ log, clock, limits });
    expect(second.notifier.skipped).toBe(0);
    await second.tell('reopened');
    expect(second.sent()).toEqual([]);
    await second.pass(HOUR);
    expect(second.sent()).toEqual(['reopened +6 of the signal']);
    await second.notifier.stop();
    const third = await world({ log, clock });
    await third.pass(2 * HOUR);
    expect(third.sent()).toEqual([]);
  });

  it.each(['resolve', 'false-positive'] as const)(
    'is told of at once when a person decides: %s',
    async (action) => {
      const one = await world();
      await flap(one, 3);
      await one.decide(action);
      const resolved = action === 'resolve' ? ['resolved'] : [];
      expect(one.sent().slice(4)).toEqual(['reopened +2 of the signal', ...resolved]);
      expect(one.clock.nextIn()).toBeNull();
    },
  );

  it('is not held back longer by a clock that was set back, or a disk that is full', async () => {
    const one = await world();
    await flap(one, 3);
    one.log.failure = new Error('no space left on device');
    await one.pass(HOUR);
    expect(one.problems).toMatchObject([{ kind: 'queue-unwritable', receiver: 'hook' }]);
    one.log.failure = null;
    await one.pass(300_000);
    expect(one.sent().slice(4)).toEqual(['reopened +2 of the signal']);
    await flap(one, 3);
    one.clock.advance(-50 * HOUR);
    await one.tell('grew');
    expect(one.sent().slice(9)).toEqual(['reopened +2 of the signal', 'grew']);
  });
});

describe('many signals of one rule', () => {
  it('are told of ten times, and then in one message', async () => {
    const one = await world();
    await one.tell('opened', ...ids(150));
    await one.pass(60_000);
    await one.tell('opened', ...ids(50, 150));
    expect(one.sent()).toEqual(Array(10).fill('opened'));
    await one.pass(TEN_MINUTES - 60_000);
    expect(one.sent().slice(10)).toEqual(['opened +190 of the rule']);
    expect(texts(one.http).at(-1).heldBack.signals).toEqual(ids(190, 10));
    await one.tell('opened', ...ids(1, 500));
    expect(one.sent().slice(11)).toEqual(['opened']);
  });

  it('are counted for each rule and receiver apart', async () => {
    const signalOf = (id: string): Signal<unknown> => ({
      ...SIGNAL,
      id,
      rule: { ...SIGNAL.rule, id: Number(`0x${id}`) % 2 === 0 ? 'even' : 'odd' },
    });
    const quiet = { ...WEBHOOK, name: 'quiet', url: 'https://quiet.example/', minSeverity: 'low' } as const;
    const one = await world({ signalOf, receivers: [WEBHOOK, quiet] });
    await one.tell('opened', ...ids(30));
    await one.pass(TEN_MINUTES);
    expect(one.sent().filter((text) => text === 'opened')).toHaveLength(40);
    expect(one.sent().filter((text) => text === 'opened +5 of the rule')).toHaveLength(4);
  });

  it('that are taken back are told of, all of them; those that were never told are not', async () => {
    const one = await world();
    await one.tell('opened', ...ids(40));
    await one.tell('grew', ...ids(2, 30));
    await one.tell('retracted', ...ids(5, 35));
    await one.pass(TEN_MINUTES);
    expect(one.sent()).toEqual([...Array(10).fill('opened'), 'opened +25 of the rule']);
    expect(texts(one.http).at(-1).heldBack.signals).toEqual(ids(25, 10));
    await one.tell('retracted', ...ids(35));
    await one.pass(TEN_MINUTES);
    expect(one.sent().slice(11)).toEqual([...Array(10).fill('retracted'), 'retracted +25 of the rule']);
  });

  it('that open again, before it is told that they were taken back, are told to be open', async () => {
    const one = await world();
    await one.tell('retracted', ...ids(12));
    await one.tell('reopened', ...ids(1, 11));
    await one.pass(TEN_MINUTES);
    expect(one.sent().slice(10)).toEqual(['reopened', 'retracted +1 of the rule']);
    expect(texts(one.http).at(-1).heldBack.signals).toEqual(ids(1, 10));
  });

  it('are no news once a person has closed them', async () => {
    const limits: Partial<NotifyLimits> = { ruleMessages: 1 };
    const one = await world({ limits });
    await one.tell('opened', ...ids(3));
    await one.decide('false-positive', ids(1, 2)[0]);
    await one.pass(TEN_MINUTES);
    expect(one.sent()).toEqual(['opened', 'opened +1 of the rule']);
  });

  it('that all flap give one message too', async () => {
    const one = await world({ limits: { ruleMessages: 2 } });
    for (let pair = 0; pair < 5; pair++) {
      await one.tell('retracted', ...ids(20));
      await one.tell('reopened', ...ids(20));
    }
    await one.pass(HOUR);
    await one.pass(TEN_MINUTES);
    const sent = one.sent();
    expect(sent.length).toBeLessThan(10);
    expect(sent.at(-1)).toBe('reopened +18 of the rule');
  });

  it('are told of to Slack with the command that lists them', async () => {
    const one = await world({
      receivers: [SLACK],
      limits: { ruleMessages: 1, signalChanges: 1, slackPace: 0 },
    });
    await one.tell('opened', ...ids(3));
    await one.tell('retracted', ids(1)[0] ?? '');
    await one.tell('reopened', ids(1)[0] ?? '');
    await one.pass(TEN_MINUTES);
    const rule = texts(one.http).at(-1);
    expect(rule.text).toBe(
      'Invariant broken: payment-requires-inventory. And 2 more signals of this rule since 2026-01-01 00:00:00 UTC.',
    );
    expect(JSON.stringify(rule.blocks)).toContain('fluo signals list --rule payment-requires-inventory');
    expect(JSON.stringify(rule.blocks)).not.toContain('*Trace*');
    await one.pass(HOUR);
    expect(texts(one.http).at(-1).text).toContain(
      'It changed 1 more time since 2026-01-01 00:00:00 UTC, broken and taken back by turns',
    );
  });
});

describe('what is held back', () => {
  it('is given up with its receiver', async () => {
    const log = new MemoryRecordLog();
    const first = await world({ log });
    await flap(first, 3);
    await first.notifier.stop();
    const second = await world({ log, receivers: [SLACK] });
    expect(second.clock.nextIn()).toBeNull();
    expect(second.notifier.deadLetters()).toEqual([]);
  });

  it('is read from records of its form only', () => {
    const window = { receiver: 'a', of: 'rule', about: 'r', event: 'opened', from: 1, told: 1, held: null };
    expect(isWindowChange(['k', window])).toBe(true);
    expect(isWindowChange(['k', null])).toBe(true);
    expect(isWindowChange(['k', { ...window, held: { count: 1 } }])).toBe(false);
    expect(isWindowChange([1, window])).toBe(false);
  });
});
