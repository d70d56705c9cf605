/**
 * What starting costs: `fluo --version` against an empty Node program, in turns, so that both meet the same machine.
 * Prints medians, and ends with exit code 1 when `--version` is more than 15 ms over the empty program.
 *
 *     node bench/start-up.mjs [--runs 40]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BUDGET_MS = 15;
const given = process.argv.indexOf('--runs');
const runs = given === -1 ? 40 : Number(process.argv[given + 1]);
const fluo = fileURLToPath(new URL('../bin/fluo.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'fluo-bench-'));
const empty = join(folder, 'empty.mjs');
writeFileSync(empty, '');

const programs = [
  { name: 'empty program', args: [empty], times: [] },
  { name: 'fluo --version', args: [fluo, '--version'], times: [] },
  { name: 'fluo --help', args: [fluo, '--help'], times: [] },
  { name: 'fluo explain FL701', args: [fluo, 'explain', 'FL701'], times: [] },
];
try {
  for (let round = -2; round < runs; round++) {
    for (const program of programs) {
      const started = process.hrtime.bigint();
      const { status, stderr } = spawnSync(process.execPath, program.args, {
        stdio: 'pipe',
        encoding: 'utf8',
      });
      const elapsed = Number(process.hrtime.bigint() - started) / 1e6;
      if (status !== 0) throw new Error(`${program.name} ended with ${status}: ${stderr}`);
      // The first rounds fill the caches of the disk.
      if (round >= 0) program.times.push(elapsed);
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

const base = median(programs[0].times);
process.stdout.write(`medians of ${runs} runs, Node ${process.versions.node}\n`);
for (const { name, times } of programs) {
  const time = median(times);
  process.stdout.write(
    `${name.padEnd(20)} ${time.toFixed(1).padStart(7)} ms   ${signed(time - base).padStart(7)} ms\n`,
  );
}
const over = median(programs[1].times) - base;
process.stdout.write(`budget for --version: +${BUDGET_MS} ms: ${over <= BUDGET_MS ? 'kept' : 'MISSED'}\n`);
process.exitCode = over <= BUDGET_MS ? 0 : 1;

function signed(time) {
  return `${time < 0 ? '' : '+'}${time.toFixed(1)}`;
}

function median(times) {
  const sorted = [...times].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
}
