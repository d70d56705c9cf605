import { describe, expect, it } from 'vitest';
import type { DiskFault } from './disk/disk.ts';
import { MemoryDisk, type Unsynced } from './disk/memory-disk.ts';
import { openEventLog } from './event-log.ts';

const FOLDER = '/log';

async function eventsIn(disk: MemoryDisk) {
  const { log, snapshot, events, problems } = await openEventLog(disk, FOLDER);
  await log.close();
  return { snapshot, events, codes: problems.map(({ code }) => code) };
}

describe('an event log', () => {
  it('gives back what was appended, over starts and files', async () => {
    const disk = new MemoryDisk();
    for (let start = 0; start < 3; start++) {
      const { log, events } = await openEventLog(disk, FOLDER, { fileBytes: 100 });
      expect(events).toHaveLength(start * 10);
      for (let i = 0; i < 10; i++) await log.append({ start, i, text: 'Grüße\n"\u2028' });
      await log.close();
    }
    const { events, codes } = await eventsIn(disk);
    expect(codes).toEqual([]);
    expect(events).toEqual(
      [0, 1, 2].flatMap((start) =>
        Array.from({ length: 10 }, (_, i) => ({ start, i, text: 'Grüße\n"\u2028' })),
      ),
    );
    expect(disk.paths().length).toBeGreaterThan(10);
    const line = new TextDecoder().decode(disk.peek(`${FOLDER}/00000001.jsonl`) as Uint8Array).split('\n')[0];
    expect(JSON.parse(line as string)).toMatchObject({ event: { start: 0, i: 0 } });
  });

  it('has what is appended while a snapshot is written behind it', async () => {
    const disk = new MemoryDisk();
    const { log } = await openEventLog(disk, FOLDER);
    await log.append(1);
    const taken = log.snapshot(() => ({ until: 1 }));
    const after = log.append(2);
    await Promise.all([taken, after]);
    expect(log.length).toBe(1);
    await log.close();
    expect(await eventsIn(disk)).toEqual({ snapshot: { until: 1 }, events: [2], codes: [] });
  });

  it('goes on when no snapshot can be made', async () => {
    const disk = new MemoryDisk();
    const { log } = await openEventLog(disk, FOLDER);
    await log.append(1);
    const refused = log.snapshot(() => {
      throw new RangeError('Invalid string length');
    });
    await expect(refused).rejects.toThrow(RangeError);
    const circle: { self?: unknown } = {};
    circle.self = circle;
    await expect(log.snapshot(() => circle)).rejects.toThrow(TypeError);
    await log.append(2);
    await log.close();
    expect(await eventsIn(disk)).toEqual({ snapshot: null, events: [1, 2], codes: [] });
  });

  it('syncs once for all that waits', async () => {
    let syncs = 0;
    const disk = new MemoryDisk();
    const { log } = await openEventLog(disk, FOLDER);
    disk.inject = ({ operation }) => {
      if (operation === 'sync') syncs++;
      return null;
    };
    await Promise.all(Array.from({ length: 500 }, (_, i) => log.append(i)));
    expect(syncs).toBe(1);
  });

  it('cuts off a half-written end, keeps it aside and says so', async () => {
    const disk = new MemoryDisk();
    const { log } = await openEventLog(disk, FOLDER);
    await log.append('a');
    disk.inject = ({ operation }) => (operation === 'write' ? { fault: 'power-off', after: 20 } : null);
    void log.append('b');
    await settled();
    const after = disk.crash('kept');
    expect(await eventsIn(after)).toEqual({ snapshot: null, events: ['a'], codes: ['FL820'] });
    expect(after.paths()).toEqual([
      '/log/00000001.jsonl',
      expect.stringContaining('/log/damaged/00000001.jsonl.'),
    ]);
    expect(await eventsIn(after)).toEqual({ snapshot: null, events: ['a'], codes: [] });
  });

  it('leaves out a damaged line, keeps the file and says so', async () => {
    const disk = new MemoryDisk();
    const { log } = await openEventLog(disk, FOLDER);
    for (const event of ['first', 'second', 'third']) await log.append(event);
    await log.close();
    const line = '{"crc":"xxxxxxxx","event":"first"}\n'.length;
    disk.flip('/log/00000001.jsonl', line + 28);
    const { problems, events } = await openEventLog(disk, FOLDER);
    expect(events).toEqual(['first', 'third']);
    expect(problems).toMatchObject([{ code: 'FL821', file: '/log/00000001.jsonl', line: 2 }]);
    expect(disk.peek('/log/damaged/00000001.jsonl')).toEqual(disk.peek('/log/00000001.jsonl'));
  });

  it.each([0, 9, 20, 30, 34])('is not fooled by a flipped bit at %i of a line', async (offset) => {
    const disk = new MemoryDisk();
    const { log } = await openEventLog(disk, FOLDER);
    for (const event of ['first', 'other']) await log.append(event);
    await log.close();
    disk.flip('/log/00000001.jsonl', offset);
    const { events, problems } = await openEventLog(disk, FOLDER);
    // The end of the line is the last one: without it, two lines are one that is damaged.
    expect(events).toEqual(offset === 34 ? [] : ['other']);
    expect(problems.map(({ code }) => code)).toEqual(['FL821']);
  });

  it('begins at the last snapshot, and at the one before when that is damaged', async () => {
    const disk = new MemoryDisk();
    const { log } = await openEventLog(disk, FOLDER);
    let sum = 0;
    const add = (value: number) => {
      sum += value;
      return log.append(value);
    };
    void add(1);
    void log.snapshot(() => ({ sum }));
    void add(2);
    void log.snapshot(() => ({ sum }));
    void add(4);
    await log.snapshot(() => ({ sum }));
    await add(8);
    expect(log.length).toBe(1);
    await log.close();
    expect(await eventsIn(disk)).toEqual({ snapshot: { sum: 7 }, events: [8], codes: [] });
    const newest = disk.paths().filter((path) => path.endsWith('.snapshot'));
    expect(newest).toHaveLength(2);
    disk.flip(newest[1] as string, 30);
    expect(await eventsIn(disk)).toEqual({ snapshot: { sum: 3 }, events: [4, 8], codes: ['FL821'] });
  });

  it.each<{ fault: DiskFault; make: (disk: MemoryDisk) => void }>([
    {
      fault: 'full',
      make(disk) {
        disk.capacity = disk.usedBytes() + 10;
      },
    },
    {
      fault: 'read-only',
      make(disk) {
        disk.isReadOnly = true;
      },
    },
    {
      fault: 'failed',
      make(disk) {
        disk.inject = ({ operation }) => (operation === 'sync' ? { fault: 'failed' } : null);
      },
    },
  ])('refuses what it cannot write ($fault), and goes on when it can', async ({ fault, make }) => {
    const disk = new MemoryDisk();
    const { log } = await openEventLog(disk, FOLDER);
    await log.append(1);
    make(disk);
    await expect(log.append(2)).rejects.toMatchObject({ fault });
    await expect(log.append(3)).rejects.toMatchObject({ fault });
    disk.capacity = Number.POSITIVE_INFINITY;
    disk.isReadOnly = false;
    disk.inject = undefined;
    await log.append(4);
    const { events } = await eventsIn(disk.crash('lost'));
    expect(events).toEqual([1, 4]);
  });

  it('loses nothing that it promised, wherever it is stopped', async () => {
    const script = async (disk: MemoryDisk, promised: number[]) => {
      const { log, snapshot, events } = await openEventLog(disk, FOLDER, { fileBytes: 60 });
      const state = [...((snapshot as number[] | null) ?? []), ...(events as number[])];
      for (let i = state.length; i < 9; i++) {
        state.push(i);
        await log.append(i);
        promised.push(i);
        if (i % 4 === 3) await log.snapshot(() => [...state]);
      }
    };
    const whole = new MemoryDisk();
    await script(whole, []);
    for (const unsynced of ['lost', 'torn', 'kept'] satisfies Unsynced[]) {
      for (let stop = 1; stop <= whole.calls; stop++) {
        const promised: number[] = [];
        const disk = new MemoryDisk({
          inject: ({ number }) => (number === stop ? { fault: 'power-off', after: 11 } : null),
        });
        void script(disk, promised);
        await settled();
        const after = disk.crash(unsynced);
        const { snapshot, events } = await eventsIn(after);
        const found = [...((snapshot as number[] | null) ?? []), ...(events as number[])];
        expect(found.slice(0, promised.length)).toEqual(promised);
        // One more may be there: it was on its way.
        expect(found.length).toBeLessThanOrEqual(promised.length + 1);
        await script(after, promised);
        expect(((await eventsIn(after)).events.at(-1) ?? 8) as number).toBe(8);
      }
    }
  });

  describe('that somebody removes while it is open', () => {
    const removals: Record<string, (disk: MemoryDisk) => Promise<void>> = {
      'with its folder': (disk) => disk.removeFolder(FOLDER),
      'file by file': async (disk) => {
        for (const path of disk.paths()) await disk.remove(path);
      },
      'and puts a copy of in its place': async (disk) => {
        await disk.rename(`${FOLDER}/00000002.jsonl`, '/old');
        await (await disk.open(`${FOLDER}/00000002.jsonl`, 'create')).close();
      },
    };

    it.each(Object.entries(removals))('is whole again by a snapshot: %s', async (_, remove) => {
      const disk = new MemoryDisk();
      const first = await openEventLog(disk, FOLDER);
      await first.log.append('a');
      await first.log.close();
      const { log } = await openEventLog(disk, FOLDER);
      await log.append('b');
      expect(await log.isWhole()).toBe(true);
      await remove(disk);
      expect(await log.isWhole()).toBe(false);
      expect(await log.isWhole()).toBe(false);
      const mended = log.snapshot(() => ['a', 'b']);
      const after = log.append('c');
      await Promise.all([mended, after]);
      expect(await log.isWhole()).toBe(true);
      expect(await eventsIn(disk.crash('lost'))).toEqual({ snapshot: ['a', 'b'], events: ['c'], codes: [] });
    });

    it('is missed though no file is open', async () => {
      const disk = new MemoryDisk();
      const first = await openEventLog(disk, FOLDER);
      await first.log.append('a');
      await first.log.snapshot(() => ['a']);
      await first.log.close();
      const { log } = await openEventLog(disk, FOLDER);
      await disk.removeFolder(FOLDER);
      expect(await log.isWhole()).toBe(false);
    });

    it('gets its folder again where nothing was in it', async () => {
      const disk = new MemoryDisk();
      const { log } = await openEventLog(disk, FOLDER);
      await disk.removeFolder(FOLDER);
      expect(await log.isWhole()).toBe(true);
      await log.append('a');
      expect(await eventsIn(disk)).toMatchObject({ events: ['a'] });
    });

    it('says that it cannot look, and harms no write by it', async () => {
      const disk = new MemoryDisk();
      const { log } = await openEventLog(disk, FOLDER);
      await log.append('a');
      disk.inject = ({ operation }) => (operation === 'list' ? { fault: 'failed' } : null);
      const looked = log.isWhole();
      const appended = log.append('b');
      await expect(looked).rejects.toMatchObject({ fault: 'failed' });
      await appended;
      disk.inject = undefined;
      expect(await eventsIn(disk)).toMatchObject({ events: ['a', 'b'] });
    });
  });
});

/** All that can happen without the outside has happened. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
}
