/** Runs the compactor in a process of its own: DuckDB's memory is given back when it ends, and a crash of it is no crash of the server. */
import { spawn } from 'node:child_process';
import { setPriority } from 'node:os';
import type { Merge, MergeResult } from './compact-hour.ts';
import type { CompactorInput } from './compactor.ts';
import type { MergeLimits } from './duckdb-merge.ts';

const LEAST_PRIORITY = 19;
const LONGEST_ERROR = 2000;

/** `program`: the path of the built compactor.js. When `signal` is aborted the process is ended, and the merge rejects. */
export function mergeInChild(program: string, limits: MergeLimits, signal?: AbortSignal): Merge {
  return (job) =>
    new Promise<MergeResult>((resolve, reject) => {
      const child = spawn(process.execPath, [program], {
        stdio: ['pipe', 'pipe', 'pipe'],
        ...(signal === undefined ? {} : { signal, killSignal: 'SIGKILL' as const }),
      });
      let output = '';
      let errors = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        if (errors.length < LONGEST_ERROR) errors += text;
      });
      child.on('error', reject);
      child.on('spawn', () => lowerPriority(child.pid));
      // It may end before it has read its job: how it ended says more than the broken pipe.
      child.stdin.on('error', () => {});
      child.stdin.end(JSON.stringify({ job, limits } satisfies CompactorInput));
      child.on('close', (code, ended) => {
        if (code === 0) resolve(JSON.parse(output) as MergeResult);
        else reject(new Error(`the compactor ended with ${ended ?? code}: ${errors.trim()}`));
      });
    });
}

/** What is live comes first. */
function lowerPriority(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    setPriority(pid, LEAST_PRIORITY);
  } catch {
    // It has ended already, or the system does not allow it.
  }
}
