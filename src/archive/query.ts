/** Reading the archive, by DuckDB in this process; loaded when the first question is asked. */
import { readdir } from 'node:fs/promises';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { type DuckDb, loadDuckDb } from './duckdb.ts';
import { HOUR_MS, hourPath } from './layout.ts';

export type ArchiveValue = string | number | bigint | boolean | null | object;
export type ArchiveRow = Readonly<Record<string, ArchiveValue>>;

export interface ArchiveReader {
  /**
   * The spans of a trace, by start. `around`: a time near it in milliseconds since 1970; then only the hours beside it are looked at, and the
   * answer comes in milliseconds instead of seconds. None where the archive is empty.
   */
  spansOfTrace(traceId: string, around?: number): Promise<ArchiveRow[]>;
  /** Any question in DuckDB's SQL; the tables are `spans`, `verdicts` and `signals`, as far as there are any. */
  sql(query: string): Promise<ArchiveRow[]>;
  close(): Promise<void>;
}

/** Hours before and behind `around` that a trace may have spans in. */
const HOURS_BESIDE = 1;
const TABLES = ['spans', 'verdicts', 'signals'] as const;
/** Compaction takes a file away while it is read, now and then. */
const MOST_TRIES = 3;
const MEMORY = '512MiB';

/** `root`: the folder `archive`. Costs nothing until it is asked. Rejects with DuckDB's errors, and with `DuckDbMissing`. */
export function openArchive(root: string, load: () => Promise<DuckDb> = loadDuckDb): ArchiveReader {
  let opened: Promise<{ instance: DuckDBInstance; connection: DuckDBConnection }> | null = null;

  async function open() {
    const { DuckDBInstance } = await load();
    const instance = await DuckDBInstance.create(':memory:', { threads: '1', memory_limit: MEMORY });
    return { instance, connection: await instance.connect() };
  }

  async function ask(query: string, values: string[] = []): Promise<ArchiveRow[]> {
    opened ??= open();
    const { connection } = await opened.catch((error: unknown) => {
      opened = null;
      throw error;
    });
    for (let tries = 1; ; tries++) {
      try {
        const reader = await connection.runAndReadAll(query, values);
        return reader.getRowObjectsJS() as ArchiveRow[];
      } catch (error) {
        const isGone = /No such file|Cannot open file/i.test(String(error));
        if (!isGone || tries === MOST_TRIES) throw error;
      }
    }
  }

  return {
    async spansOfTrace(traceId, around) {
      const files = await spanFiles(root, around);
      if (files.length === 0) return [];
      const list = files.map(quoted).join(', ');
      return ask(
        `SELECT * FROM read_parquet([${list}]) WHERE trace_id = $1 ORDER BY start_unix_nano, span_id`,
        [traceId],
      );
    },
    async sql(query) {
      for (const table of TABLES) {
        if (!(await hasFiles(`${root}/${table}`))) continue;
        await ask(
          `CREATE OR REPLACE VIEW ${table} AS SELECT * FROM read_parquet(${quoted(`${root}/${table}/date=*/hour=*/*.parquet`)})`,
        );
      }
      return ask(query);
    },
    async close() {
      if (opened === null) return;
      const { instance, connection } = await opened;
      opened = null;
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** Globs of the files in question. */
async function spanFiles(root: string, around: number | undefined): Promise<string[]> {
  if (around === undefined) {
    return (await hasFiles(`${root}/spans`)) ? [`${root}/spans/date=*/hour=*/*.parquet`] : [];
  }
  const middle = Math.floor(around / HOUR_MS);
  const globs: string[] = [];
  for (let hour = middle - HOURS_BESIDE; hour <= middle + HOURS_BESIDE; hour++) {
    const folder = `${root}/spans/${hourPath(hour).join('/')}`;
    if (await hasFiles(folder)) globs.push(`${folder}/*.parquet`);
  }
  return globs;
}

/** Whether a Parquet file lies in or below the folder: a glob without files is an error. */
async function hasFiles(folder: string): Promise<boolean> {
  try {
    return (await readdir(folder, { recursive: true })).some((name) => name.endsWith('.parquet'));
  } catch {
    return false;
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
