import { describe, expect, it } from 'vitest';
import { MemoryDisk } from '../archive/disk/memory-disk.ts';
import { openEventLog } from '../archive/event-log.ts';
import { ManualClock } from '../notify/testing/manual-clock.ts';
import { MemoryHttp } from '../notify/testing/memory-http.ts';
import { RULES, verdictEvent } from '../signal/testing/violations.ts';
import { FolderWatch } from './folder-watch.ts';
import { Health } from './health.ts';
import { goneIds, openJournal } from './journal.ts';
import type { Log, LogFields } from './log.ts';
import { openSignalling } from './signalling.ts';

const RULE = 'payment-requires-inventory';
const lookup = (id: string) => RULES.get(id);

const signallingOn = async (disk: MemoryDisk) => {
  const { signalling } = await openSignalling({
    disk,
    folder: '/f',
    receivers: [
      {
        type: 'webhook',
        name: 'hook',
        url: 'https://hook.example/',
        minSeverity: 'low',
        sendRetractions: true,
        sendResolved: false,
        sendAuditOnly: true,
        headers: {},
        secret: null,
      },
    ],
    http: new MemoryHttp(),
    clock: new ManualClock(),
    random: () => 0,
    onProblem: () => {},
  });
  return signalling;
};

async function watched(disk: MemoryDisk) {
  const signalling = await signallingOn(disk);
  const { journal } = await openJournal(disk, '/f/journal', 600_000);
  const clock = new ManualClock();
  const health = new Health();
  const said: { level: string; message: string; fields: LogFields | undefined }[] = [];
  const at = (level: string) => (message: string, fields?: LogFields) =>
    void said.push({ level, message, fields });
  const log: Log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  let isOwn = true;
  const watch = new FolderWatch({
    kept: [
      ...signalling.kept,
      { folder: 'journal', isWhole: () => journal.isWhole(), rewrite: () => journal.rewrite() },
    ],
    wal: { look: async () => {} },
    isOwn: async () => isOwn,
    clock: {
      wall: () => clock.now(),
      monotonic: () => clock.now(),
      after: (milliseconds, callback) => clock.after(milliseconds, callback),
    },
    health,
    log,
    onBug: (error) => {
      throw error;
    },
  });
  return {
    signalling,
    journal,
    clock,
    health,
    said,
    watch,
    loseFolder: () => {
      isOwn = false;
    },
  };
}

/** With a signal that was decided on, a message that waits, and a journal. */
async function filled(disk: MemoryDisk) {
  const all = await watched(disk);
  await all.signalling.apply([verdictEvent(RULE, 1)], lookup);
  const [signal] = all.signalling.store.signals();
  await all.signalling.store.decide(signal?.id ?? '', 'ack', 'ada', 'seen', 5_000);
  await all.signalling.tell();
  await all.journal.rules(1, [['a', '1']]);
  await all.journal.markGone(5_000, Uint32Array.of(1, 2, 3, 4));
  await all.journal.flush({ position: 7, at: 20 }, []);
  return all;
}

describe('a watch of the data folder', () => {
  it('says nothing while nothing is removed', async () => {
    const { watch, said, health } = await filled(new MemoryDisk());
    await watch.look();
    await watch.look();
    expect(said).toEqual([]);
    expect(health.report().notes).toEqual([]);
  });

  it.each([['signals', 'signals/decisions'], ['journal'], ['notify'], ['signals/decisions']])(
    'writes %s again when it is removed, so that nothing is lost',
    async (...folders) => {
      const disk = new MemoryDisk();
      const { watch, said, health, signalling, journal } = await filled(disk);
      await disk.removeFolder(`/f/${folders[0]}`);
      await watch.look();
      expect(said.map(({ level, fields }) => [level, fields?.folder])).toEqual(
        folders.flatMap((folder) => [
          ['error', folder],
          ['info', folder],
        ]),
      );
      expect(said[0]?.fields?.code).toBe('FL826');
      expect(health.report().notes).toEqual([]);
      await watch.look();
      expect(said).toHaveLength(2 * folders.length);
      // What comes afterwards is behind it.
      await signalling.apply([verdictEvent(RULE, 2)], lookup);
      await journal.flush({ position: 9, at: 30 }, []);

      const after = disk.crash('lost');
      const again = await signallingOn(after);
      expect([...again.store.signals()]).toMatchObject([
        { state: 'acknowledged', occurrences: 2, decisions: [{ by: 'ada', reason: 'seen' }] },
      ]);
      expect(again.store.sequence).toBe(signalling.store.sequence);
      expect(again.notifier.through).toBe(signalling.notifier.through);
      expect(again.notifier.status()).toMatchObject([{ pending: 1 }]);
      const reopened = await openJournal(after, '/f/journal', 600_000);
      expect(reopened.journal.through).toEqual({ position: 9, at: 30 });
      expect(reopened.journal.rulesBefore(2)).toEqual([['a', '1']]);
      expect(reopened.journal.gone.map((gone) => [...goneIds(gone)])).toEqual([[1, 2, 3, 4]]);
      const decisions = await openEventLog(after, '/f/signals/decisions');
      expect([...((decisions.snapshot as unknown[] | null) ?? []), ...decisions.events]).toMatchObject([
        { kind: 'decision', action: 'ack', by: 'ada', reason: 'seen' },
      ]);
    },
  );

  it('keeps what the removed log refused', async () => {
    const disk = new MemoryDisk();
    const { signalling } = await filled(disk);
    await signalling.stop();
    const second = await watched(disk);
    await disk.removeFolder('/f/signals');
    await expect(second.signalling.apply([verdictEvent(RULE, 2)], lookup)).rejects.toMatchObject({
      fault: 'missing',
    });
    await second.watch.look();
    expect(second.signalling.store.stats()).toMatchObject({ unsaved: 0 });
    await second.signalling.tell();
    expect([...(await signallingOn(disk.crash('lost'))).store.signals()]).toMatchObject([{ occurrences: 2 }]);
  });

  it('says at /readyz what it cannot write, and tries until it can', async () => {
    const disk = new MemoryDisk();
    const { watch, said, health, clock } = await filled(disk);
    watch.start();
    await disk.removeFolder('/f/journal');
    disk.isReadOnly = true;
    clock.advance(1_000);
    await watch.look();
    expect(health.isReady).toBe(true);
    expect(health.report().notes).toMatchObject([{ condition: 'data-removed' }]);
    expect(health.report().notes[0]?.message).toContain('`journal`');
    expect(health.report().notes[0]?.help).toContain('mount the disk');
    expect(said.map(({ level }) => level)).toEqual(['error', 'error']);
    disk.isReadOnly = false;
    await watch.stop();
    expect(health.report().notes).toEqual([]);
    expect(said.at(-1)).toMatchObject({ level: 'info', fields: { folder: 'journal' } });
    expect((await openJournal(disk.crash('lost'), '/f/journal', 600_000)).journal.through).toMatchObject({
      position: 7,
    });
  });

  it('makes nothing in the place of a data folder that is gone', async () => {
    const disk = new MemoryDisk();
    const { watch, loseFolder } = await filled(disk);
    await disk.removeFolder('/f');
    loseFolder();
    await watch.look();
    expect(disk.paths()).toEqual([]);
  });
});
