/** DuckDB, an optional dependency: what there is without it, and the error of whoever asks for it in vain. */
import { createRequire } from 'node:module';

const PACKAGE = '@duckdb/node-api';
export type DuckDb = typeof import('@duckdb/node-api');

export const DUCKDB_MISSING = {
  code: 'FL833',
  message:
    'DuckDB is not there: the small files of the archive are not put together, and verdicts older than what the server remembers cannot be asked',
  help: 'install `@duckdb/node-api` (`npm install @duckdb/node-api`), without `--omit=optional`, and start the server again',
} as const;

/** DuckDB was needed and could not be loaded. Its message says why. */
export class DuckDbMissing extends Error {}

/** Whether the package is installed. Looks for its file only: to load it costs time and memory. */
export function hasDuckDb(): boolean {
  try {
    createRequire(import.meta.url).resolve(PACKAGE);
    return true;
  } catch {
    return false;
  }
}

/** Rejects with `DuckDbMissing`. */
export async function loadDuckDb(): Promise<DuckDb> {
  try {
    return await import('@duckdb/node-api');
  } catch (error) {
    const [first = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new DuckDbMissing(first);
  }
}
