import { describe, expect, it } from 'vitest';
import { DuckDbMissing } from '../../archive/duckdb.ts';
import type { VerdictCount } from '../../engine/streaming/stream.ts';
import { MINUTE, VerdictWindow } from '../../signal/verdict-window.ts';
import { verdictsOf } from './archived-verdicts.ts';

const HOUR = 60 * MINUTE;
const NOON = Date.parse('2026-03-01T12:00:00Z');

function count(number: number): VerdictCount {
  return {
    rule: 'r',
    ruleVersion: '',
    verdict: 'violated',
    service: 's',
    serviceVersion: '1',
    count: number,
  };
}

describe('verdicts of memory and archive', () => {
  it('are those of memory without DuckDB, and none that are older', async () => {
    const recent = new VerdictWindow(NOON);
    recent.add([count(4)], NOON + MINUTE);
    const source = verdictsOf(recent, { rates: () => Promise.reject(new DuckDbMissing('no package')) });
    const query = { from: NOON - HOUR, to: NOON + HOUR, rule: null, by: 'rule' } as const;
    const { since, rows } = await source.rates(query);
    expect(since).toBe(NOON);
    expect(rows.map(({ verdicts }) => verdicts.violated)).toEqual([4]);
    await expect(source.rates({ ...query, to: NOON - MINUTE })).rejects.toThrow(DuckDbMissing);
  });

  it('count each minute once, that of the start from the archive', async () => {
    const archive = new VerdictWindow(NOON - HOUR);
    const recent = new VerdictWindow(NOON + 30_000);
    // 11:30 and 12:00 by the server before, 12:00 and 12:01 by this one; the archive has all but the last.
    archive.add([count(1)], NOON - HOUR / 2);
    archive.add([count(2 + 4)], NOON);
    recent.add([count(4)], NOON + 40_000);
    archive.add([count(8)], NOON + MINUTE);
    recent.add([count(8)], NOON + MINUTE);
    recent.add([count(16)], NOON + 2 * MINUTE);
    const source = verdictsOf(recent, archive);
    const query = { from: NOON - HOUR, to: NOON + HOUR, rule: null, by: 'rule' } as const;
    const { since, rows } = await source.rates(query);
    expect(since).toBe(NOON - HOUR);
    expect(rows.map(({ verdicts }) => verdicts.violated)).toEqual([1 + 6 + 8 + 16]);
    expect(rows[0]?.minutes).toHaveLength(4);
    const late = await source.rates({ ...query, from: NOON + MINUTE });
    expect(late.rows[0]?.verdicts.violated).toBe(24);
  });

  it('show the minute of the start before the archive has it', async () => {
    const archive = new VerdictWindow(NOON - HOUR);
    const recent = new VerdictWindow(NOON + 30_000);
    archive.add([count(2)], NOON);
    recent.add([count(4)], NOON + 40_000);
    const query = { from: NOON - HOUR, to: NOON + HOUR, rule: null, by: 'rule' } as const;
    const before = await verdictsOf(recent, archive).rates(query);
    expect(before.rows.map(({ verdicts, minutes }) => [verdicts.violated, minutes.length])).toEqual([[4, 1]]);
    // Now the archive has what was counted before and after the start.
    archive.add([count(4)], NOON);
    const after = await verdictsOf(recent, archive).rates(query);
    expect(after.rows.map(({ verdicts, minutes }) => [verdicts.violated, minutes.length])).toEqual([[6, 1]]);
  });
});

describe('the window', () => {
  it('forgets minutes that are too old', async () => {
    const window = new VerdictWindow(NOON, 10 * MINUTE);
    for (let minute = 0; minute < 30; minute++) window.add([count(1)], NOON + minute * MINUTE);
    const { since, rows } = await window.rates({ from: NOON, to: NOON + HOUR, rule: null, by: 'version' });
    expect(since).toBe(NOON + 19 * MINUTE);
    expect(rows).toMatchObject([{ service: 's', version: '1', verdicts: { violated: 11 } }]);
  });
});
