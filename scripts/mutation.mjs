// Mutates the evaluator and tells which changes the conformance corpus does not notice. `node scripts/mutation.mjs`
import { spawnSync } from 'node:child_process';

const { status } = spawnSync(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', 'test/mutation', '--silent=false'],
  { cwd: new URL('..', import.meta.url), stdio: 'inherit', env: { ...process.env, FLUO_LONG: '1' } },
);
process.exitCode = status ?? 1;
