import { describe, expect, it } from 'vitest';
import { MemoryDisk } from '../archive/disk/memory-disk.ts';
import { openEventLog } from '../archive/event-log.ts';
import type { Receiver } from '../notify/receiver.ts';
import { ManualClock } from '../notify/testing/manual-clock.ts';
import { MemoryHttp } from '../notify/testing/memory-http.ts';
import { RULES, verdictEvent } from '../signal/testing/violations.ts';
import { archivedSignal } from './archived-signal.ts';
import { openSignalling, openSignals } from './signalling.ts';

const RULE = 'payment-requires-inventory';
const HOOK: Receiver = {
  type: 'webhook',
  name: 'hook',
  url: 'https://hook.example/',
  minSeverity: 'low',
  sendRetractions: true,
  sendResolved: false,
  sendAuditOnly: true,
  headers: {},
  secret: null,
};

async function open(disk: MemoryDisk, http = new MemoryHttp()) {
  const { signalling, problems } = await openSignalling({
    disk,
    folder: '/fluo',
    receivers: [HOOK],
    http,
    clock: new ManualClock(),
    random: () => 0,
    onProblem: () => {},
  });
  return { signalling, problems, http };
}

const lookup = (id: string) => RULES.get(id);
const settled = async ({ signalling }: Awaited<ReturnType<typeof open>>) => {
  for (let turn = 0; turn < 5; turn++) await signalling.notifier.idle();
};
const events = (http: MemoryHttp) => http.requests.map(({ body }) => JSON.parse(body ?? '').event);

describe('signalling', () => {
  it('gives the archive a row for a signal', async () => {
    const { signalling } = await open(new MemoryDisk());
    await signalling.apply([verdictEvent(RULE, 1)], lookup);
    const [signal] = signalling.store.signals();
    if (signal === undefined) throw new Error('no signal');
    expect(archivedSignal(signal, 7)).toMatchObject({
      rule: RULE,
      state: 'open',
      count: 1,
      traceIds: ['00000000000000000000000000000001'],
      witness: { rule: RULE },
      at: 7,
    });
  });

  it('tells of a violation, of its retraction, and of nothing twice over restarts', async () => {
    const disk = new MemoryDisk();
    const first = await open(disk);
    await first.signalling.start();
    await first.signalling.apply([verdictEvent(RULE, 1)], lookup);
    await settled(first);
    expect(events(first.http)).toEqual(['opened']);
    const [signal] = first.signalling.store.signals();
    expect(signal?.summary).toBe('Nothing matches `inventory.reserve.before(payment.charge)`.');
    expect(signal?.examples[0]?.witness.trigger[0]?.name).toBe('payment.charge');
    await first.signalling.stop();

    const second = await open(disk);
    expect(second.problems).toEqual([]);
    await second.signalling.start();
    await second.signalling.apply([verdictEvent(RULE, 1)], lookup);
    await second.signalling.apply([verdictEvent(RULE, 1, { kind: 'retracted', at: 9_000 })], lookup);
    await settled(second);
    expect(events(second.http)).toEqual(['retracted']);
    expect([...second.signalling.store.signals()].map(({ state }) => state)).toEqual(['retracted']);
    await second.signalling.stop();
  });

  it('tells after a crash what it could not tell before', async () => {
    const disk = new MemoryDisk();
    const first = await open(disk);
    // Never started: nothing is sent, as in a crash right after the signal was safe.
    await first.signalling.apply([verdictEvent(RULE, 1)], lookup);
    const second = await open(disk);
    await second.signalling.start();
    await settled(second);
    expect(events(second.http)).toEqual(['opened']);
  });

  it('leaves a damaged line out, says so, and goes on', async () => {
    const disk = new MemoryDisk();
    const first = await open(disk);
    for (const number of [1, 2, 3]) await first.signalling.apply([verdictEvent(RULE, number)], lookup);
    await first.signalling.stop();
    const [name = ''] = await disk.list('/fluo/signals');
    const file = await disk.open(`/fluo/signals/${name}`, 'write');
    const bytes = new Uint8Array(await file.size());
    await file.read(bytes, 0);
    // A bit of the second line.
    const at = bytes.indexOf(10) + 40;
    await file.write([new Uint8Array([(bytes[at] ?? 0) ^ 1])], at);
    await file.close();

    const second = await open(disk);
    expect(second.problems.map(({ code }) => code)).toEqual(['FL821']);
    expect([...second.signalling.store.signals()]).toMatchObject([{ state: 'open', occurrences: 2 }]);
    // What the engine tells again fills the gap.
    await second.signalling.apply([verdictEvent(RULE, 2)], lookup);
    expect([...second.signalling.store.signals()]).toMatchObject([{ occurrences: 3 }]);
    await second.signalling.stop();
  });

  it('keeps every decision for good, whatever becomes of the rest', async () => {
    const disk = new MemoryDisk();
    const { store, log } = await openSignals(disk, '/fluo', { snapshotEvery: 2 });
    await store.apply([verdictEvent(RULE, 1)], lookup);
    const [signal] = store.signals();
    for (const action of ['ack', 'resolve', 'reopen', 'resolve', 'reopen'] as const) {
      await store.decide(signal?.id ?? '', action, 'ada', `because of ${action}`, 5_000);
    }
    await log.close();
    const { events } = await openEventLog(disk, '/fluo/signals/decisions');
    expect(events).toMatchObject([
      { action: 'ack', by: 'ada' },
      { action: 'resolve' },
      { action: 'reopen' },
      { action: 'resolve' },
      { action: 'reopen', reason: 'because of reopen' },
    ]);
    const again = await openSignals(disk, '/fluo');
    expect(again.problems).toEqual([]);
    expect([...again.store.signals()]).toMatchObject([{ state: 'open', decisions: { length: 5 } }]);
  });

  it('has every decision where the log of signals is gone, says so once, and tells nobody again', async () => {
    const disk = new MemoryDisk();
    const first = await open(disk);
    await first.signalling.start();
    await first.signalling.apply([verdictEvent(RULE, 1)], lookup);
    const [signal] = first.signalling.store.signals();
    const id = signal?.id ?? '';
    await first.signalling.store.decide(id, 'false-positive', 'ada', 'gift cards need no stock', 5_000);
    await first.signalling.tell();
    await settled(first);
    await first.signalling.stop();
    for (const name of await disk.list('/fluo/signals')) await disk.remove(`/fluo/signals/${name}`);

    const second = await open(disk);
    expect(second.problems).toMatchObject([
      {
        code: 'FL867',
        severity: 'warning',
        message: 'the log of signals does not hold all: 1 signal rebuilt, 1 affected in all',
      },
    ]);
    await second.signalling.start();
    await second.signalling.apply([verdictEvent(RULE, 2, { at: 9_000 })], lookup);
    await settled(second);
    expect(events(second.http)).toEqual([]);
    const states = () =>
      [...second.signalling.store.signals()].map(({ state, decisions }) => [state, decisions.length]);
    expect(states()).toEqual([['false-positive', 1]]);
    await second.signalling.stop();

    const third = await open(disk);
    expect(third.problems).toEqual([]);
    expect([...third.signalling.store.signals()]).toEqual([...second.signalling.store.signals()]);
  });

  it('loses no signal with its first record', async () => {
    const disk = new MemoryDisk();
    const first = await open(disk);
    for (let number = 1; number <= 8; number++) {
      await first.signalling.apply([verdictEvent(RULE, number)], lookup);
    }
    await first.signalling.stop();
    const [name = ''] = await disk.list('/fluo/signals');
    const path = `/fluo/signals/${name}`;
    const lines = Buffer.from(disk.peek(path) ?? [])
      .toString()
      .split('\n');
    // The records that say what it is: the sixth and later ones have no example.
    let at = 0;
    for (const line of lines.slice(0, 5)) {
      disk.flip(path, at + 40);
      at += Buffer.byteLength(line) + 1;
    }
    const second = await open(disk);
    expect(second.problems).toMatchObject([
      { code: 'FL821' },
      { code: 'FL867', notes: ['1 of them from later occurrences', expect.stringContaining('may lack')] },
    ]);
    expect([...second.signalling.store.signals()]).toMatchObject([
      {
        id: [...first.signalling.store.signals()][0]?.id,
        state: 'open',
        occurrences: 3,
        rule: { id: RULE },
        rebuilt: 'partly',
      },
    ]);
  });

  it('begins anew where the signals were lost', async () => {
    const disk = new MemoryDisk();
    const first = await open(disk);
    await first.signalling.apply([verdictEvent(RULE, 1)], lookup);
    await first.signalling.stop();
    for (const name of await disk.list('/fluo/signals')) await disk.remove(`/fluo/signals/${name}`);
    const second = await open(disk);
    await second.signalling.start();
    await second.signalling.apply([verdictEvent(RULE, 2)], lookup);
    await settled(second);
    expect(events(second.http)).toContain('opened');
    expect(second.signalling.notifier.through).toBe(1);
  });
});
