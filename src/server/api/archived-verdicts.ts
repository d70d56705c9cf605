/** Verdict counts out of the archive: what is older than the server remembers, and all that there is where none runs. */
import { DuckDbMissing } from '../../archive/duckdb.ts';
import type { ArchiveReader, ArchiveRow } from '../../archive/query.ts';
import { VERDICTS } from '../../engine/verdict.ts';
import {
  MINUTE,
  type VerdictQuery,
  type VerdictRates,
  type VerdictRow,
  type VerdictSource,
  type VerdictTotals,
  VerdictWindow,
} from '../../signal/verdict-window.ts';

/** Counts of the archive that `archive` reads. Rejects with DuckDB's errors, and with `DuckDbMissing`. */
export function archivedVerdicts(archive: ArchiveReader): VerdictSource {
  return { rates: (query) => ratesOf(archive, query) };
}

/**
 * The recent minutes from memory, older ones from the archive, which has the recent ones too, somewhat later. Of the minute in which the
 * server started, the archive may hold counts of the server before, and may not yet hold those of this one: the larger number counts.
 * Without DuckDB there are the recent ones, and `since` says from when; rejects with `DuckDbMissing` where none of them is asked for.
 */
export function verdictsOf(recent: VerdictSource, archive: VerdictSource): VerdictSource {
  return {
    async rates(query) {
      const known = await recent.rates(query);
      if (known.since <= query.from) return known;
      const start = Math.floor(known.since / MINUTE) * MINUTE;
      const border = Math.min(query.to, Math.ceil(known.since / MINUTE) * MINUTE);
      let older: VerdictRates;
      try {
        older = await archive.rates({ ...query, to: border });
      } catch (error) {
        if (error instanceof DuckDbMissing && known.since < query.to) return known;
        throw error;
      }
      const newer = await recent.rates({ ...query, from: Math.max(query.from, start) });
      return { since: older.since, rows: joined(older, newer) };
    },
  };
}

async function ratesOf(archive: ArchiveReader, query: VerdictQuery): Promise<VerdictRates> {
  const exists = await archive.sql("SELECT 1 FROM duckdb_views() WHERE view_name = 'verdicts'");
  if (exists.length === 0) return { since: query.to, rows: [] };
  const [edge] = await archive.sql('SELECT min(epoch_ms(minute)) AS since FROM verdicts');
  const rows = await archive.sql(
    `SELECT epoch_ms(minute) AS beginning, rule, service, service_version, verdict, sum(count) AS count FROM verdicts
     WHERE epoch_ms(minute) >= ${Math.floor(query.from)} AND epoch_ms(minute) < ${Math.floor(query.to)}
     GROUP BY ALL ORDER BY beginning`,
  );
  const since = Number(edge?.['since'] ?? query.to);
  // As many minutes as are asked for: the window's own limit is for counting as time goes by.
  const window = new VerdictWindow(since, query.to - query.from + MINUTE);
  for (const row of rows) addRow(window, row);
  return window.rates(query);
}

function addRow(window: VerdictWindow, row: ArchiveRow): void {
  const verdict = VERDICTS.find((one) => one === row['verdict']);
  if (verdict === undefined) return;
  const count = {
    rule: String(row['rule']),
    ruleVersion: '',
    verdict,
    service: String(row['service']),
    serviceVersion: String(row['service_version']),
    count: Number(row['count']),
  };
  window.add([count], Number(row['beginning']));
}

/** Rows of the same rule, service and version become one, and so do their minutes. */
function joined(older: VerdictRates, newer: VerdictRates): VerdictRates['rows'] {
  const rows = new Map<string, VerdictRow>();
  for (const row of [...older.rows, ...newer.rows]) {
    const key = JSON.stringify([row.rule, row.service, row.version]);
    const before = rows.get(key);
    rows.set(key, before === undefined ? row : oneRow(before, row));
  }
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

function oneRow(older: VerdictRow, newer: VerdictRow): VerdictRow {
  const minutes = new Map(older.minutes.map(({ at, verdicts }) => [at, verdicts]));
  for (const { at, verdicts } of newer.minutes) {
    const archived = minutes.get(at);
    minutes.set(at, archived === undefined ? verdicts : combined(archived, verdicts, Math.max));
  }
  const all = [...minutes].sort(([a], [b]) => a - b);
  const verdicts = all.reduce((sum, [, more]) => combined(sum, more, (a, b) => a + b), NO_VERDICTS);
  return { ...older, verdicts, minutes: all.map(([at, totals]) => ({ at, verdicts: totals })) };
}

const NO_VERDICTS: VerdictTotals = { satisfied: 0, violated: 0, not_applicable: 0, inconclusive: 0 };

function combined(
  one: VerdictTotals,
  other: VerdictTotals,
  how: (a: number, b: number) => number,
): VerdictTotals {
  const totals = { ...one };
  for (const verdict of VERDICTS) totals[verdict] = how(one[verdict], other[verdict]);
  return totals;
}
