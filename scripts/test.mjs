/**
 * All that must hold of the code: formatting and lints, types, import directions, and the tests. Everything runs, also after
 * a failure; the last line says how it went: `N passed, N failed, N skipped`, where each check counts as one.
 *
 *     node scripts/test.mjs [--long] [FILTER...]
 *
 * `--long` runs the tests named *.long.test.ts instead, without the checks. A FILTER runs the test files whose path holds it, alone.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const long = process.argv.includes('--long');
const filters = process.argv.slice(2).filter((argument) => argument !== '--long');

let passed = 0;
let failed = 0;
let skipped = 0;

if (!long && filters.length === 0) {
  check('formatting and lints', '@biomejs/biome/bin/biome', ['check', '.']);
  check('types', 'typescript/bin/tsc', ['--noEmit']);
  check('import directions', 'dependency-cruiser/bin/dependency-cruise.mjs', [
    '--config',
    '.dependency-cruiser.cjs',
    'src',
  ]);
}
runTests();

process.stdout.write(`\n${passed} passed, ${failed} failed, ${skipped} skipped\n`);
process.exitCode = failed === 0 ? 0 : 1;

function check(title, program, args) {
  const started = Date.now();
  process.stdout.write(`${title} ... `);
  const { status, stdout, stderr } = node([join('node_modules', program), ...args], 'pipe');
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  if (status === 0) {
    passed++;
    process.stdout.write(`good (${seconds} s)\n`);
  } else {
    failed++;
    process.stdout.write(`FAILED (${seconds} s)\n${stdout}${stderr}\n`);
  }
}

function runTests() {
  const folder = mkdtempSync(join(tmpdir(), 'fluo-test-'));
  const report = join(folder, 'report.json');
  try {
    const { status } = node(
      [
        'node_modules/vitest/vitest.mjs',
        'run',
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${report}`,
        ...filters,
      ],
      'inherit',
    );
    const counts = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : null;
    passed += counts?.numPassedTests ?? 0;
    failed += counts?.numFailedTests ?? 0;
    skipped += (counts?.numPendingTests ?? 0) + (counts?.numTodoTests ?? 0);
    // A file that could not be loaded has no tests to fail.
    failed +=
      counts?.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0)
        .length ?? 0;
    // Errors outside of any test, or no report at all.
    if (status !== 0 && failed === 0) failed++;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function node(args, stdio) {
  return spawnSync(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', stdio, stdio],
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, ...(long ? { FLUO_LONG: '1' } : {}) },
  });
}
