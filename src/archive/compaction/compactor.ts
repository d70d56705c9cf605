/**
 * The program that merges files of the archive, started for one job: the job as JSON on standard input, the result as JSON on standard
 * output. Ends with 1, and a sentence on standard error, where it cannot.
 */
import { text } from 'node:stream/consumers';
import type { MergeJob } from './compact-hour.ts';
import { type MergeLimits, mergeByDuckDb } from './duckdb-merge.ts';

export interface CompactorInput {
  readonly job: MergeJob;
  readonly limits: MergeLimits;
}

try {
  const { job, limits } = JSON.parse(await text(process.stdin)) as CompactorInput;
  process.stdout.write(JSON.stringify(await mergeByDuckDb(job, limits)));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
