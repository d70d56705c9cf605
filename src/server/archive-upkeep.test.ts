import { describe, expect, it } from 'vitest';
import { MemoryDisk } from '../archive/disk/memory-disk.ts';
import { fileName, hourFolder } from '../archive/layout.ts';
import { ArchiveUpkeep } from './archive-upkeep.ts';
import type { ServerClock } from './clock.ts';
import { SILENT_LOG } from './log.ts';
import { serverMetrics } from './metrics/server-metrics.ts';
import type { ArchiveSettings } from './settings.ts';

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 0, 2);
const THIS_HOUR = NOW / HOUR;

async function archive(
  hours: readonly number[],
  settings: Partial<ArchiveSettings> = {},
  ageing: number | null = NOW,
) {
  const disk = new MemoryDisk();
  for (const hour of hours) {
    const folder = hourFolder('/archive', 'spans', THIS_HOUR + hour);
    await disk.makeFolder(folder);
    for (const sequence of [1, 2]) {
      const file = await disk.open(`${folder}/${fileName(sequence)}`, 'create');
      await file.write([new Uint8Array(100)], 0);
      await file.sync();
      await file.close();
    }
  }
  const metrics = serverMetrics();
  const merged: (readonly string[])[] = [];
  const clock: ServerClock = { wall: () => NOW, monotonic: () => 0, after: () => () => {} };
  const upkeep = new ArchiveUpkeep({
    disk,
    root: '/archive',
    settings: { retention: 35 * 24 * HOUR, maxBytes: null, compaction: true, ...settings },
    merge: async ({ inputs, folder }) => {
      merged.push(inputs);
      const path = `${folder}/merged.parquet`;
      const file = await disk.open(path, 'create');
      await file.write([new Uint8Array(150)], 0);
      await file.sync();
      await file.close();
      return { rowsIn: 2, rowsOut: 2, files: [path] };
    },
    confirmedThrough: () => 2,
    clock,
    now: () => NOW,
    ageing: () => ({ now: ageing }),
    metrics,
    log: SILENT_LOG,
    onBug: (error) => {
      throw error;
    },
  });
  const filesOf = (hour: number) => disk.list(hourFolder('/archive', 'spans', THIS_HOUR + hour));
  return { upkeep, metrics, merged, filesOf };
}

describe('ArchiveUpkeep', () => {
  it('puts hours together that are over, and leaves the one that runs', async () => {
    const { upkeep, merged, filesOf } = await archive([-3, 0]);
    await upkeep.work();
    expect(merged).toHaveLength(1);
    expect(await filesOf(-3)).toEqual(['000000000001-000000000002-0.parquet']);
    expect(await filesOf(0)).toHaveLength(2);
  });

  it('leaves all files as they are where it is told so', async () => {
    const { upkeep, merged, filesOf } = await archive([-3], { compaction: false });
    await upkeep.work();
    expect(merged).toEqual([]);
    expect(await filesOf(-3)).toHaveLength(2);
  });

  it('removes what is too old, and the oldest of what is too much', async () => {
    const old = await archive([-50, -3], { compaction: false, retention: 24 * HOUR });
    await old.upkeep.work();
    expect(await old.filesOf(-50)).toEqual([]);
    expect(await old.filesOf(-3)).toHaveLength(2);
    const much = await archive([-5, -4, -3], { compaction: false, maxBytes: 450 });
    await much.upkeep.work();
    expect(await much.filesOf(-5)).toEqual([]);
    expect(await much.filesOf(-4)).toHaveLength(2);
  });

  it('removes nothing for its age by a clock that is in doubt, and still the oldest of what is too much', async () => {
    const old = await archive([-50, -3], { compaction: false, retention: 24 * HOUR }, null);
    await old.upkeep.work();
    expect(await old.filesOf(-50)).toHaveLength(2);
    const behind = await archive([-50, -3], { compaction: false, retention: 24 * HOUR }, NOW - 48 * HOUR);
    await behind.upkeep.work();
    expect(await behind.filesOf(-50)).toHaveLength(2);
    const much = await archive([-50, -4, -3], { compaction: false, maxBytes: 450 }, null);
    await much.upkeep.work();
    expect(await much.filesOf(-50)).toEqual([]);
    expect(await much.filesOf(-4)).toHaveLength(2);
  });
});
