import { describe, expect, it } from 'vitest';
import { MemoryDisk } from '../archive/disk/memory-disk.ts';
import type { VerdictCount } from '../engine/streaming/stream.ts';
import { goneIds, openJournal } from './journal.ts';

const LATE = 600_000;
const MINUTE = 60_000;

const count = (rule: string, number: number): VerdictCount => ({
  rule,
  ruleVersion: '1',
  verdict: 'violated',
  service: 'shop',
  serviceVersion: '',
  count: number,
});

async function opened(disk: MemoryDisk) {
  return (await openJournal(disk, '/j', LATE)).journal;
}

describe('the journal', () => {
  it('knows after a restart how far everything was told', async () => {
    const disk = new MemoryDisk();
    const journal = await opened(disk);
    expect(journal.through).toBeNull();
    await journal.flush({ position: 3, at: 10 }, []);
    await journal.flush({ position: 7, at: 20 }, [count('a', 1)]);
    expect((await opened(disk.crash('lost'))).through).toEqual({ position: 7, at: 20 });
  });

  it('writes nothing when nothing was told', async () => {
    const disk = new MemoryDisk();
    const journal = await opened(disk);
    await journal.flush({ position: 3, at: 10 }, []);
    const { calls } = disk;
    await journal.flush({ position: 3, at: 500 }, []);
    expect(disk.calls).toBe(calls);
  });

  it('puts each count into one batch, whatever is refused meanwhile', async () => {
    const disk = new MemoryDisk();
    const journal = await opened(disk);
    await journal.flush({ position: 1, at: 1_000 }, [count('a', 2), count('b', 1)]);
    await journal.flush({ position: 2, at: 2_000 }, [count('a', -1)]);
    disk.isReadOnly = true;
    await expect(journal.flush({ position: 3, at: 3_000 }, [count('a', 5)])).rejects.toMatchObject({
      fault: 'read-only',
    });
    expect(journal.through).toEqual({ position: 2, at: 2_000 });
    disk.isReadOnly = false;
    await journal.flush({ position: 4, at: MINUTE + 1 }, []);
    expect(await journal.batch(MINUTE - 1)).toBeNull();
    const batch = await journal.batch(MINUTE);
    const row = { ruleVersion: '1', verdict: 'violated', service: 'shop', serviceVersion: '' };
    expect(batch).toEqual({
      sequence: 1,
      rows: [
        { minute: 0, rule: 'a', count: 1, ...row },
        { minute: 0, rule: 'b', count: 1, ...row },
        { minute: MINUTE, rule: 'a', count: 5, ...row },
      ],
    });
    const survived = disk.crash('lost');
    const again = await opened(survived);
    expect(again.batches).toEqual([batch]);
    await again.written(1);
    await again.flush({ position: 5, at: MINUTE + 2 }, [count('a', 1)]);
    const last = await opened(survived.crash('lost'));
    expect(last.batches).toEqual([]);
    expect(await last.batch(2 * MINUTE)).toMatchObject({ sequence: 2, rows: [{ minute: MINUTE, count: 1 }] });
  });

  it('is small again after many flushes, and still knows everything', async () => {
    const disk = new MemoryDisk();
    const journal = await opened(disk);
    await journal.rules(1, [['a', '1']]);
    await journal.markGone(5_000, Uint32Array.of(1, 2, 3, 0xffffffff));
    const all: Promise<void>[] = [];
    for (let i = 1; i <= 11_000; i++) all.push(journal.flush({ position: i, at: i }, [count('a', 1)]));
    await Promise.all(all);
    await journal.rules(11_001, [['a', '2']]);
    await journal.close();
    expect(disk.paths().filter((path) => path.endsWith('.snapshot'))).toHaveLength(2);
    const again = await opened(disk);
    expect(again.through).toEqual({ position: 11_000, at: 11_000 });
    expect((await again.batch(MINUTE))?.rows).toMatchObject([{ rule: 'a', count: 11_000 }]);
    expect(again.rulesBefore(1)).toBeNull();
    expect(again.rulesBefore(11_001)).toEqual([['a', '1']]);
    expect(again.rulesBefore(11_002)).toEqual([['a', '2']]);
    expect(again.gone.map((gone) => [...goneIds(gone)])).toEqual([[1, 2, 3, 0xffffffff]]);
  });
});
