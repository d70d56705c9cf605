import { describe, expect, it } from 'vitest';
import type { RuleSeverity } from '../invariant/rule.ts';
import { MemoryRecordLog } from '../signal/testing/memory-record-log.ts';
import { isQueueRecord, isQueueSnapshot } from './delivery-queue.ts';
import { answered, MemoryHttp } from './testing/memory-http.ts';
import { SIGNAL, SLACK, start, texts, transition } from './testing/notifier-world.ts';

const TEAM = { ...SLACK, minSeverity: 'low' } as const;

/** The first letters of an id say how severe the rule is. */
const signalOf = (id: string) => {
  const severity = id.split('-')[0] as RuleSeverity;
  return { ...SIGNAL, id, rule: { ...SIGNAL.rule, id: `rule-of-${id}`, severity } };
};

type World = Awaited<ReturnType<typeof start>>;

async function sendAll({ notifier, clock, http }: World): Promise<string[]> {
  for (let turn = 0; turn < 300; turn++) {
    // What is due at once is under way by then.
    for (let twice = 0; twice < 2; twice++) await notifier.idle();
    const wait = clock.nextIn();
    if (wait === null) break;
    clock.advance(wait);
  }
  return texts(http).map(({ blocks }) => /signals show (\S+)/.exec(JSON.stringify(blocks))?.[1] ?? '');
}

describe('messages that wait', () => {
  it('go by severity, then by age', async () => {
    const world = await start({ receivers: [TEAM], signalOf });
    const ids = ['medium-1', 'medium-2', 'low-1', 'high-1', 'critical-1', 'critical-2', 'medium-3'];
    await world.take(...ids.map((id, index) => transition(index + 1, 'opened', id)));
    expect(await sendAll(world)).toEqual([
      ...['critical-1', 'critical-2', 'high-1', 'medium-1', 'medium-2', 'medium-3', 'low-1'],
    ]);
  });

  it('do not keep a critical one waiting behind two hundred', async () => {
    const world = await start({ receivers: [TEAM], signalOf });
    const many = Array.from({ length: 200 }, (_, index) => `medium-${index}`);
    await world.take(...many.map((id, index) => transition(index + 1, 'opened', id)));
    await world.notifier.idle();
    await world.take(transition(201, 'opened', 'critical-1'));
    expect((await sendAll(world))[1]).toBe('critical-1');
  });

  it('keep their order over a restart', async () => {
    const log = new MemoryRecordLog();
    const down = new MemoryHttp();
    down.answers.push(answered(503));
    const first = await start({ log, http: down, receivers: [TEAM], signalOf, limits: { snapshotEvery: 2 } });
    await first.take(transition(1, 'opened', 'low-1'), transition(2, 'opened', 'high-1'));
    await first.take(transition(3, 'opened', 'low-2'), transition(4, 'opened', 'critical-1'));
    await first.notifier.stop();
    const second = await start({ log, receivers: [TEAM], signalOf });
    second.clock.advance(60_000);
    expect(await sendAll(second)).toEqual(['critical-1', 'high-1', 'low-1', 'low-2']);
  });

  it('leave out the least severe and oldest where there is no room, and say and count it', async () => {
    const http = new MemoryHttp();
    http.answers.push(answered(503));
    const world = await start({ http, receivers: [TEAM], signalOf, limits: { pending: 3 } });
    const { take, notifier, problems } = world;
    await take(transition(1, 'opened', 'low-1'), transition(2, 'opened', 'high-1'));
    await notifier.idle();
    await take(transition(3, 'opened', 'low-2'), transition(4, 'opened', 'critical-1'));
    await take(transition(5, 'opened', 'high-2'));
    await take(transition(6, 'opened', 'low-3'));
    expect(problems.map(({ kind }) => kind)).toEqual(['queue-full', 'queue-full', 'queue-full']);
    expect(problems[0]?.message).toBe(
      '3 messages wait already: 1 message of the least severe and oldest left out, the last is low-1-1',
    );
    expect(notifier.status()).toMatchObject([{ pending: 3, dead: 3 }]);
    expect(notifier.deadLetters().map(({ id }) => id)).toEqual(['low-1-1', 'low-2-3', 'low-3-6']);
    const sent = await sendAll(world);
    expect([...new Set(sent)]).toEqual(['high-1', 'critical-1', 'high-2']);
  });

  it('respect the wait that a receiver asks for, however severe what comes is', async () => {
    const http = new MemoryHttp();
    http.answers.push(answered(429, '', { 'retry-after': '120' }));
    const { take, notifier, clock } = await start({ http, receivers: [TEAM], signalOf });
    await take(transition(1, 'opened', 'low-1'));
    await notifier.idle();
    await take(transition(2, 'opened', 'critical-1'));
    expect(clock.nextIn()).toBe(120_000);
  });
});

describe('records of a queue', () => {
  it('of other kinds, or maimed, are none', () => {
    const dropped = { kind: 'dropped', receiver: 'hook', ids: ['a'], at: 1, problem: 'no room' };
    expect(isQueueRecord(dropped)).toBe(true);
    expect(isQueueRecord({ ...dropped, ids: 'a' })).toBe(false);
    expect(isQueueRecord({ kind: 'later' })).toBe(false);
    expect(isQueueSnapshot({ version: 1, through: 3, pending: [], dead: [] })).toBe(true);
  });
});
