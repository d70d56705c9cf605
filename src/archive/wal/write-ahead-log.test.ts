import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DiskError, DiskFault } from '../disk/disk.ts';
import { MemoryDisk, type Unsynced } from '../disk/memory-disk.ts';
import { nodeDisk } from '../disk/node-disk.ts';
import { openWriteAheadLog } from './open-write-ahead-log.ts';
import { readSpanRecords } from './segment-files.ts';
import { HEADER_BYTES, RECORD_BYTES, readSegment } from './segment-format.ts';
import type { RemovedSegments, WalOptions, WalSegment, WriteAheadLog } from './write-ahead-log.ts';

const FOLDER = '/wal';
const FLOOR = { position: 1, sequence: 1 };

/** Time that passes when it is told to. */
class Timers {
  #timers: { due: number; callback: () => void }[] = [];
  #now = 0;

  after = (milliseconds: number, callback: () => void) => {
    const timer = { due: this.#now + milliseconds, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  };

  async pass(milliseconds: number): Promise<void> {
    this.#now += milliseconds;
    const due = this.#timers.filter((timer) => timer.due <= this.#now);
    this.#timers = this.#timers.filter((timer) => timer.due > this.#now);
    for (const { callback } of due) callback();
    await settled();
  }
}

async function opened(disk: MemoryDisk, options: Partial<WalOptions> = {}) {
  const timers = new Timers();
  const sealed: WalSegment[] = [];
  const faults: (DiskError | null)[] = [];
  const removed: RemovedSegments[] = [];
  const found: { position: number; at: number; kind: string; text: string }[] = [];
  const { log, problems, firstPosition } = await openWriteAheadLog(
    disk,
    FOLDER,
    {
      after: timers.after,
      onSealed: (segment) => sealed.push(segment),
      onFault: (fault) => faults.push(fault),
      onRemoved: (one) => removed.push(one),
      ...options,
    },
    FLOOR,
    (_, records) => {
      for (const { position, at, kind, bytes } of records) {
        found.push({ position, at, kind, text: Buffer.from(bytes).toString() });
      }
    },
  );
  const codes = problems.map(({ code }) => code);
  return { log, timers, sealed, faults, removed, found, codes, problems, firstPosition };
}

const append = (log: WriteAheadLog, text: string, at = 1) => log.append('spans', Buffer.from(text), at);

/** All that can happen without time has happened. */
async function settled(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
}

describe('the write-ahead log', () => {
  it('gives back what was appended, with positions over starts', async () => {
    const disk = new MemoryDisk();
    for (let start = 0; start < 3; start++) {
      const { log, found, codes, firstPosition } = await opened(disk);
      expect(codes).toEqual([]);
      expect(firstPosition).toBe(start === 0 ? null : 1);
      expect(found).toHaveLength(start * 3);
      expect(await append(log, `${start} a`, start)).toEqual({ kind: 'appended', position: start * 3 + 1 });
      expect(await log.append('resume', new Uint8Array(0), start + 0.5)).toMatchObject({
        position: start * 3 + 2,
      });
      expect(await append(log, '', start + 0.75)).toMatchObject({ position: start * 3 + 3 });
      await log.close();
      expect(await append(log, 'too late')).toMatchObject({ kind: 'refused' });
    }
    const { found } = await opened(disk);
    expect(found.map(({ position }) => position)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(found.slice(3, 6)).toEqual([
      { position: 4, at: 1, kind: 'spans', text: '1 a' },
      { position: 5, at: 1.5, kind: 'resume', text: '' },
      { position: 6, at: 1.75, kind: 'spans', text: '' },
    ]);
  });

  it('says nothing of the zeros with which a disk fills up its last block', async () => {
    const disk = new MemoryDisk();
    const { log } = await opened(disk);
    await append(log, 'kept');
    // As after a crash: it was not closed.
    const { found, codes } = await opened(disk);
    expect(found.map(({ text }) => text)).toEqual(['kept']);
    expect(codes).toEqual([]);
  });

  it('syncs once for all that waits, before it acknowledges, the folder too', async () => {
    const calls: string[] = [];
    const disk = new MemoryDisk();
    const { log } = await opened(disk);
    disk.inject = ({ operation }) => {
      calls.push(operation);
      return null;
    };
    const all = Array.from({ length: 100 }, (_, i) => append(log, `${i}`));
    await Promise.all(all.map((one) => one.then(() => calls.push('answer'))));
    expect(calls.slice(0, 5)).toEqual(['create', 'write', 'sync', 'sync-folder', 'answer']);
    calls.length = 0;
    await append(log, 'more');
    expect(calls).toEqual(['write', 'sync']);
    expect(log.stats()).toMatchObject({ syncs: 2, segments: 1, waitingBytes: 0 });
  });

  it('seals by size and by age, and announces what is sealed', async () => {
    const disk = new MemoryDisk();
    const { log, timers, sealed } = await opened(disk, { segmentBytes: 200 });
    await append(log, 'x'.repeat(150));
    expect(sealed).toMatchObject([{ sequence: 1, firstPosition: 1, lastPosition: 1 }]);
    await append(log, 'a');
    await timers.pass(1_999);
    expect(sealed).toHaveLength(1);
    await timers.pass(1);
    expect(sealed[1]).toMatchObject({
      sequence: 2,
      firstPosition: 2,
      lastPosition: 2,
      path: '/wal/000000000002.wal',
    });
    await timers.pass(60_000);
    expect(sealed).toHaveLength(2);
    const texts: string[] = [];
    for await (const { bytes } of readSpanRecords(disk, '/wal/000000000002.wal')) {
      texts.push(Buffer.from(bytes).toString());
    }
    expect(texts).toEqual(['a']);
  });

  it('removes what is archived and not needed, and never the last one nor an unarchived one', async () => {
    const disk = new MemoryDisk();
    const { log } = await opened(disk, { segmentBytes: 1 });
    for (const text of ['a', 'b', 'c', 'd']) await append(log, text);
    for (const sequence of [1, 3, 4]) await log.markArchived(sequence);
    const names = () => disk.paths().map((path) => path.replace('/wal/00000000000', ''));
    expect(names()).toEqual(['1.archived.wal', '2.wal', '3.archived.wal', '4.archived.wal']);
    await log.release(1, 99);
    expect(names()).toHaveLength(4);
    await log.release(99, 99);
    expect(names()).toEqual(['2.wal', '4.archived.wal']);
    expect(log.unarchived()).toMatchObject([{ sequence: 2 }]);
    await log.close();
    const again = await opened(disk, { segmentBytes: 1 });
    expect(again.found.map(({ text }) => text)).toEqual(['b', 'd']);
    await again.log.markArchived(2);
    await again.log.release(99, 99);
    expect(await append(again.log, 'e')).toMatchObject({ position: 5 });
    expect(names()).toEqual(['4.archived.wal', '5.wal']);
  });

  it('keeps within its bound: archived segments go early, then appends are refused', async () => {
    const disk = new MemoryDisk();
    const { log } = await opened(disk, { segmentBytes: 1, maxBytes: 400 });
    for (let i = 0; i < 3; i++) await append(log, 'x'.repeat(50));
    expect(await append(log, 'x'.repeat(50))).toEqual({ kind: 'refused', fault: null });
    await log.markArchived(1);
    await log.markArchived(2);
    expect(await append(log, 'x'.repeat(50))).toMatchObject({ kind: 'appended' });
    await log.release(1, 1);
    expect(log.stats()).toMatchObject({ segments: 4, removedEarly: 0 });
    await log.release(1, 3);
    expect(log.stats()).toMatchObject({ segments: 3, removedEarly: 1 });
  });

  it('makes its folder again when somebody removed it, says what was in it, and goes on', async () => {
    const disk = new MemoryDisk();
    const { log, timers, sealed, faults, removed } = await opened(disk, { segmentBytes: 120 });
    await append(log, 'x'.repeat(90));
    await append(log, 'y'.repeat(90));
    await append(log, 'open');
    await log.markArchived(1);
    await log.look();
    expect(removed).toEqual([]);
    await disk.removeFolder(FOLDER);
    await log.look();
    await log.look();
    expect(removed).toMatchObject([
      { isAll: true, segments: [{ sequence: 1, isArchived: true }, { sequence: 2 }, { sequence: 3 }] },
    ]);
    expect(log.unarchived()).toEqual([]);
    expect(log.stats()).toMatchObject({ segments: 1, unarchivedBytes: HEADER_BYTES });
    expect(disk.paths()).toEqual(['/wal/000000000004.wal']);
    expect(await append(log, 'after')).toEqual({ kind: 'appended', position: 4 });
    await timers.pass(2_000);
    expect(sealed.map(({ sequence }) => sequence)).toEqual([1, 2, 4]);
    expect(faults).toEqual([]);
    const after = await opened(disk.crash('lost'));
    expect(after.found).toMatchObject([{ position: 4, text: 'after' }]);
    expect(after.codes).toEqual([]);
    expect(after.log.nextPosition).toBe(5);
  });

  it('numbers on after its folder was removed and the power went, though nothing came in between', async () => {
    const disk = new MemoryDisk();
    const { log } = await opened(disk);
    await append(log, 'a');
    await disk.removeFolder(FOLDER);
    await log.look();
    const after = await opened(disk.crash('lost'));
    expect(await append(after.log, 'b')).toEqual({ kind: 'appended', position: 2 });
  });

  it('takes records again as soon as it looks, when the removed folder had it refuse them', async () => {
    const disk = new MemoryDisk();
    const { log, timers, faults, removed } = await opened(disk);
    await append(log, 'a');
    await log.seal();
    await disk.removeFolder(FOLDER);
    expect(await append(log, 'refused')).toEqual({ kind: 'refused', fault: 'missing' });
    await timers.pass(1_000);
    expect(await append(log, 'refused')).toEqual({ kind: 'refused', fault: 'missing' });
    disk.isReadOnly = true;
    await log.look();
    expect(removed).toHaveLength(1);
    disk.isReadOnly = false;
    await log.look();
    expect(faults).toMatchObject([{ fault: 'missing' }, null]);
    expect(removed).toHaveLength(1);
    expect(await append(log, 'b')).toEqual({ kind: 'appended', position: 2 });
  });

  it('misses single segments too, and none that it removes or marks itself', async () => {
    const disk = new MemoryDisk();
    const { log, removed } = await opened(disk, { segmentBytes: 1 });
    for (const text of ['a', 'b', 'c', 'd']) await append(log, text);
    await Promise.all([log.look(), log.markArchived(1), log.look()]);
    await Promise.all([log.release(99, 99), log.look()]);
    expect(removed).toEqual([]);
    await disk.remove('/wal/000000000003.wal');
    await log.look();
    expect(removed).toMatchObject([{ isAll: false, segments: [{ sequence: 3, isArchived: false }] }]);
    expect(log.unarchived().map(({ sequence }) => sequence)).toEqual([2, 4]);
  });

  it('takes a segment for archived though somebody removed it meanwhile', async () => {
    const disk = new MemoryDisk();
    const { log } = await opened(disk, { segmentBytes: 1 });
    await append(log, 'a');
    await disk.removeFolder(FOLDER);
    await log.markArchived(1);
    expect(log.stats()).toMatchObject({ unarchivedSegments: 0, unarchivedBytes: 0 });
  });

  it('goes on where it cannot look', async () => {
    const disk = new MemoryDisk();
    const { log, faults } = await opened(disk);
    await append(log, 'a');
    disk.inject = ({ operation }) => (operation === 'list' ? { fault: 'failed' } : null);
    await log.look();
    expect(await append(log, 'b')).toMatchObject({ kind: 'appended' });
    expect(faults).toEqual([]);
  });

  it.each<{ fault: DiskFault; on: string; make: (disk: MemoryDisk) => void }>([
    {
      fault: 'full',
      on: 'write',
      make(disk) {
        disk.capacity = disk.usedBytes() + 50;
      },
    },
    {
      fault: 'read-only',
      on: 'write',
      make(disk) {
        disk.isReadOnly = true;
      },
    },
    {
      fault: 'failed',
      on: 'sync',
      make(disk) {
        disk.inject = ({ operation }) => (operation === 'sync' ? { fault: 'failed' } : null);
      },
    },
  ])(
    'refuses while the disk is $fault on $on, loses nothing, and goes on by itself',
    async ({ fault, make }) => {
      const disk = new MemoryDisk();
      const { log, timers, faults, sealed } = await opened(disk);
      await append(log, 'kept');
      make(disk);
      const both = [append(log, 'x'.repeat(30)), append(log, 'refused too')];
      expect(await Promise.all(both)).toEqual([
        { kind: 'refused', fault },
        { kind: 'refused', fault },
      ]);
      const { calls } = disk;
      expect(await append(log, 'at once')).toEqual({ kind: 'refused', fault });
      expect(disk.calls).toBe(calls);
      await timers.pass(1_000);
      expect(log.refusal(1)).toEqual({ kind: 'refused', fault });
      disk.capacity = Number.POSITIVE_INFINITY;
      disk.isReadOnly = false;
      disk.inject = undefined;
      await timers.pass(1_000);
      expect(faults).toMatchObject([{ fault }, null]);
      expect(await append(log, 'again')).toEqual({ kind: 'appended', position: 2 });
      expect(sealed).toMatchObject([{ sequence: 1, lastPosition: 1 }]);
      const after = await opened(disk.crash('kept'));
      expect(after.found.map(({ text }) => text)).toEqual(['kept', 'again']);
      expect(after.codes).toEqual([]);
    },
  );

  it('does not take back what a failed write left behind when it could not be cut off', async () => {
    const disk = new MemoryDisk();
    const { log, timers } = await opened(disk);
    await append(log, 'kept');
    disk.inject = ({ operation }) =>
      operation === 'sync' || operation === 'truncate' ? { fault: 'failed' } : null;
    await append(log, 'ghost');
    disk.inject = undefined;
    await timers.pass(1_000);
    await append(log, 'again');
    expect((await opened(disk.crash('kept'))).found.map(({ text }) => text)).toEqual(['kept', 'again']);
  });

  it('cuts off a torn end and says so', async () => {
    const disk = new MemoryDisk();
    const { log } = await opened(disk);
    await append(log, 'whole');
    disk.inject = ({ operation }) => (operation === 'write' ? { fault: 'power-off', after: 40 } : null);
    void append(log, 'this one is cut');
    await settled();
    const after = disk.crash('kept');
    const first = await opened(after);
    expect(first.codes).toEqual(['FL820']);
    expect(first.found.map(({ text }) => text)).toEqual(['whole']);
    expect(await append(first.log, 'next')).toMatchObject({ position: 2 });
    const second = await opened(after.crash('lost'));
    expect(second.codes).toEqual([]);
    expect(second.found.map(({ text }) => text)).toEqual(['whole', 'next']);
  });

  it('leaves out a damaged record in the middle, keeps the file, and says what was lost', async () => {
    const disk = new MemoryDisk();
    const { log } = await opened(disk);
    for (const text of ['one', 'two', 'three']) await append(log, text);
    await log.close();
    disk.flip('/wal/000000000001.wal', HEADER_BYTES + RECORD_BYTES + 3 + RECORD_BYTES + 1);
    const { found, problems } = await opened(disk);
    expect(found.map(({ text }) => text)).toEqual(['one', 'three']);
    expect(problems).toMatchObject([
      {
        code: 'FL821',
        notes: [expect.stringContaining('1 of 3 records'), expect.stringContaining('/wal/damaged/')],
      },
    ]);
    expect(disk.peek('/wal/damaged/000000000001.wal')).toEqual(disk.peek('/wal/000000000001.wal'));
  });

  it('says when a sealed segment lost its end', async () => {
    const disk = new MemoryDisk();
    const { log } = await opened(disk, { segmentBytes: 1 });
    for (const text of ['one', 'two']) await append(log, text);
    await log.close();
    const file = await disk.open('/wal/000000000001.wal', 'write');
    await file.truncate(HEADER_BYTES + 10);
    const { found, problems } = await opened(disk);
    expect(found.map(({ text }) => text)).toEqual(['two']);
    expect(problems).toMatchObject([
      { code: 'FL823', notes: [expect.stringContaining('1 of 1 records'), expect.anything()] },
    ]);
  });

  it('is never fooled by a flipped bit, wherever it is', async () => {
    const disk = new MemoryDisk();
    const { log } = await opened(disk);
    const texts = ['first', '', 'third FLR\u0001 and more', 'fourth'];
    for (const text of texts) await append(log, text);
    await log.close();
    const bytes = disk.peek('/wal/000000000001.wal') as Uint8Array;
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = bytes.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      const { records, damaged, header, end } = readSegment(flipped, 1);
      const found = records.map((record) => Buffer.from(record.bytes).toString());
      // One record may be missing, and then it is noticed; what is there is what was written.
      const missing = texts.filter((text) => !found.includes(text));
      expect(missing.length).toBe(bit >> 3 < HEADER_BYTES ? 0 : 1);
      expect(found).toEqual(texts.filter((text) => !missing.includes(text)));
      if (missing.length > 0) expect(damaged.length > 0 || end < bytes.length).toBe(true);
      const isUnused = bit >> 3 >= 44;
      if (bit >> 3 < HEADER_BYTES && !isUnused) expect(header).toBeNull();
    }
  });

  it('reads garbage without a fault', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const { records, end } = readSegment(bytes, 7);
        expect(records).toEqual([]);
        expect(end).toBeLessThanOrEqual(HEADER_BYTES);
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it('loses nothing that it acknowledged, and invents nothing, wherever it is stopped', async () => {
    const script = async (disk: MemoryDisk, acknowledged: string[]) => {
      const { log, timers } = await opened(disk, { segmentBytes: 200 });
      const add = async (text: string) => {
        const outcome = await append(log, text);
        if (outcome.kind === 'appended') acknowledged.push(text);
      };
      await add('a');
      await Promise.all([add('b'.repeat(100)), add('c')]);
      await add('d'.repeat(200));
      for (const { sequence } of log.unarchived()) await log.markArchived(sequence);
      disk.isReadOnly = true;
      await add('never');
      disk.isReadOnly = false;
      void timers.pass(1_000);
      await log.seal();
      await add('e');
      await log.release(4, 4);
      await log.close();
    };
    const all = ['a', 'b'.repeat(100), 'c', 'd'.repeat(200), 'e'];
    const whole = new MemoryDisk();
    await script(whole, []);
    expect(whole.calls).toBeGreaterThan(25);
    for (const unsynced of ['lost', 'torn', 'kept'] satisfies Unsynced[]) {
      for (let stop = 1; stop <= whole.calls; stop++) {
        for (const after of [0, 60]) {
          const acknowledged: string[] = [];
          const disk = new MemoryDisk({
            inject: ({ number }) => (number === stop ? { fault: 'power-off', after } : null),
          });
          void script(disk, acknowledged);
          await settled();
          await settled();
          const survived = disk.crash(unsynced);
          const { found, codes, log } = await opened(survived);
          const texts = found.map(({ text }) => text);
          // Segments are removed only at the end of the script, when `a` to `c` are told.
          expect(all.slice(-texts.length - 1).join() + all.slice(0, texts.length).join()).toContain(
            texts.join(),
          );
          for (const text of acknowledged.slice(acknowledged.length >= 4 ? 3 : 0))
            expect(texts).toContain(text);
          expect(new Set(texts).size).toBe(texts.length);
          expect(codes.filter((code) => code !== 'FL820')).toEqual([]);
          expect(await append(log, 'next')).toMatchObject({ kind: 'appended' });
        }
      }
    }
  });

  it('works on the disk of the machine', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fluo-wal-'));
    const found: string[] = [];
    const options: WalOptions = { after: () => () => {}, onSealed: () => {} };
    try {
      const { log } = await openWriteAheadLog(nodeDisk(), folder, options, FLOOR, () => {});
      await Promise.all(Array.from({ length: 3000 }, (_, i) => append(log, `record ${i}`)));
      await log.close();
      await openWriteAheadLog(nodeDisk(), folder, options, FLOOR, (_, records) => {
        for (const { bytes } of records) found.push(Buffer.from(bytes).toString());
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
    expect(found).toEqual(Array.from({ length: 3000 }, (_, i) => `record ${i}`));
  });
});
