/** Merges Parquet files by DuckDB: sorted by trace and start, so that the spans of a trace lie together, and compressed with zstd. */
import { readdir } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { MergeJob, MergeResult } from './compact-hour.ts';

export interface MergeLimits {
  /** Of memory; beyond it the disk is used, beside the merged files. */
  readonly megabytes: number;
}

/** Takes the process's own memory besides: to be run in a process for itself. */
export async function mergeByDuckDb(job: MergeJob, { megabytes }: MergeLimits): Promise<MergeResult> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '1',
    memory_limit: `${megabytes}MiB`,
    temp_directory: `${job.folder}/spill`,
  });
  const connection = await instance.connect();
  try {
    const inputs = listOf(job.inputs);
    await connection.run(
      `COPY (SELECT * FROM read_parquet(${inputs}, hive_partitioning = false) ORDER BY trace_id, start_unix_nano)
       TO ${quoted(`${job.folder}/merged`)}
       (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 65536, FILE_SIZE_BYTES ${job.fileBytes})`,
    );
    const names = (await readdir(`${job.folder}/merged`)).filter((name) => name.endsWith('.parquet'));
    // data_10 comes behind data_9.
    names.sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
    const files = names.map((name) => `${job.folder}/merged/${name}`);
    return {
      rowsIn: await rowsOf(connection, inputs),
      rowsOut: await rowsOf(connection, listOf(files)),
      files,
    };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function rowsOf(connection: DuckDBConnection, files: string): Promise<number> {
  const reader = await connection.runAndReadAll(
    `SELECT sum(num_rows)::DOUBLE AS rows FROM parquet_file_metadata(${files})`,
  );
  return Number(reader.getRowObjects()[0]?.['rows']);
}

function listOf(paths: readonly string[]): string {
  return `[${paths.map(quoted).join(', ')}]`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
