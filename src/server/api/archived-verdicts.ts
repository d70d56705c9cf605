/** Verdict counts out of the archive: what is older than the server remembers, and all that there is where none runs. */
import type { ArchiveReader, ArchiveRow } from '../../archive/query.ts';
import { VERDICTS } from '../../engine/verdict.ts';
import {
  MINUTE,
  type VerdictQuery,
  type VerdictRates,
  type VerdictSource,
  VerdictWindow,
} from '../../signal/verdict-window.ts';

/** Counts of the archive that `archive` reads. Rejects with DuckDB's errors. */
export function archivedVerdicts(archive: ArchiveReader): VerdictSource {
  return { rates: (query) => ratesOf(archive, query) };
}

/**
 * The recent minutes from memory, older ones from the archive, which has the recent ones too, somewhat later. The minute in which the server started
 * is the archive's: it may hold counts of the server before.
 */
export function verdictsOf(recent: VerdictSource, archive: VerdictSource): VerdictSource {
  return {
    async rates(query) {
      const known = await recent.rates(query);
      if (known.since <= query.from) return known;
      const border = Math.min(query.to, Math.ceil(known.since / MINUTE) * MINUTE);
      const older = await archive.rates({ ...query, to: border });
      const newer = await recent.rates({ ...query, from: border });
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

/** Rows of the same rule, service and version become one. */
function joined(older: VerdictRates, newer: VerdictRates): VerdictRates['rows'] {
  const rows = new Map<string, VerdictRates['rows'][number]>();
  for (const row of [...older.rows, ...newer.rows]) {
    const key = JSON.stringify([row.rule, row.service, row.version]);
    const before = rows.get(key);
    if (before === undefined) {
      rows.set(key, row);
      continue;
    }
    const totals = { ...before.verdicts };
    for (const verdict of VERDICTS) totals[verdict] += row.verdicts[verdict];
    rows.set(key, { ...before, verdicts: totals, minutes: [...before.minutes, ...row.minutes] });
  }
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}
