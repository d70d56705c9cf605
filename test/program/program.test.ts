/** The built program as a child process: what only a real process has (exit codes, pipes, signals, files left behind). */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { otlpLine } from '../../src/cli/testing/otlp-line.ts';

const ROOT = join(import.meta.dirname, '../..');
const FLUO = join(ROOT, 'bin/fluo.mjs');
const folder = mkdtempSync(join(tmpdir(), 'fluo-program-'));
const temporary = join(folder, 'tmp');
const env = { ...process.env, TMPDIR: temporary, NO_COLOR: '1', FORCE_COLOR: undefined };

const RULES = `rules:
  - id: reserve-first
    origin: incident:2026-01-20
    condition: payment.charge and inventory.reserve.before(payment.charge)
`;
const GOOD = otlpLine(1, [{ name: 'inventory.reserve' }, { name: 'payment.charge' }]);
const BAD = otlpLine(2, [{ name: 'payment.charge' }]);

beforeAll(() => {
  execFileSync(process.execPath, [join(ROOT, 'scripts/build.mjs'), '--if-stale'], { stdio: 'ignore' });
  mkdirSync(join(folder, 'invariants'));
  mkdirSync(temporary);
  writeFileSync(join(folder, 'invariants/payment.yaml'), RULES);
  writeFileSync(join(folder, 'good.jsonl'), GOOD);
  writeFileSync(join(folder, 'bad.jsonl.gz'), gzipSync(BAD));
  const many = Array.from({ length: 500 }, (_, number) => otlpLine(number + 1, [{ name: 'payment.charge' }]));
  writeFileSync(join(folder, 'many.jsonl'), many.join(''));
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fluo(args: readonly string[], input?: string | Uint8Array) {
  return spawnSync(process.execPath, [FLUO, ...args], {
    cwd: folder,
    env,
    encoding: 'utf8',
    ...(input === undefined ? { stdio: ['ignore', 'pipe', 'pipe'] } : { input }),
  });
}

function start(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [FLUO, ...args], { cwd: folder, env, stdio: 'pipe' });
}

/** Resolves when the condition holds; the machine decides how soon. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

describe('the program', () => {
  it('says its version without its bundle', () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    for (const argument of ['--version', '-V']) {
      expect(fluo([argument])).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: '' });
    }
  });

  it.each([
    [0, ['check', 'good.jsonl']],
    [1, ['check', 'bad.jsonl.gz']],
    [2, ['check', 'nothing.jsonl']],
    [2, []],
    [2, ['chekc']],
    [0, ['explain', 'FL701']],
    [0, ['library', 'list']],
    [0, ['instrument', 'payment-requires-inventory']],
  ])('ends with %i: %j', (status, args) => {
    expect(fluo(args).status).toBe(status);
  });

  it('reads standard input, plain and gzipped', () => {
    expect(fluo(['check', '-'], GOOD).status).toBe(0);
    expect(fluo(['check', '-'], gzipSync(GOOD + BAD)).status).toBe(1);
  });

  it('writes files of reports in one step and leaves nothing else', () => {
    expect(fluo(['check', '-f', 'json=out/a.json', '-f', 'sarif=out/a.sarif', 'good.jsonl'])).toMatchObject({
      stdout: '',
    });
    expect(readdirSync(join(folder, 'out')).sort()).toEqual(['a.json', 'a.sarif']);
    expect(readdirSync(temporary).filter((name) => name.startsWith('fluo'))).toEqual([]);
  });

  it.skipIf(!existsSync('/bin/bash'))('ends quietly, and truly, when its reader has seen enough', () => {
    const line = `"${process.execPath}" "${FLUO}" check -f json many.jsonl | head -c 10 >/dev/null; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync('/bin/bash', ['-c', line], { cwd: folder, env, encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(stdout).toBe('1\n');
  });

  it('writes all of a long report into a pipe', () => {
    const { stdout } = fluo(['check', '-f', 'json', 'many.jsonl']);
    expect(JSON.parse(stdout).findings).toHaveLength(500);
  });

  it('removes its temporary files and ends with 130 when it is interrupted', async () => {
    const child = start(['check', '-']);
    const ended = once(child, 'exit');
    // Standard input that stays open: a copy is kept on disk, for it cannot be read twice.
    child.stdin?.write(readFileSync(join(folder, 'many.jsonl')).subarray(0, 100_000));
    const spilled = () => readdirSync(temporary).some((name) => name.startsWith('fluo'));
    await until(() => spilled() || child.exitCode !== null);
    expect(spilled()).toBe(true);
    child.kill('SIGINT');
    expect(await ended).toEqual([130, null]);
    expect(spilled()).toBe(false);
  });

  it('watches until Ctrl-C', async () => {
    const child = start(['lint', '--watch']);
    const ended = once(child, 'exit');
    let said = '';
    child.stderr?.on('data', (chunk) => {
      said += chunk;
    });
    const times = () => said.match(/watching/g)?.length ?? 0;
    await until(() => times() === 1 || child.exitCode !== null);
    writeFileSync(join(folder, 'invariants/payment.yaml'), `${RULES}# changed\n`);
    await until(() => times() === 2 || child.exitCode !== null);
    child.kill('SIGINT');
    expect(await ended).toEqual([130, null]);
    expect(times()).toBe(2);
  });

  it('sets a folder up, and all commands work there', () => {
    const fresh = join(folder, 'fresh');
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [FLUO, ...args], { cwd: fresh, env, encoding: 'utf8' });
    mkdirSync(fresh);
    for (const args of [
      ['init'],
      ['test'],
      ['lint'],
      ['fmt', '--check'],
      ['explain', 'charge-follows-reservation'],
    ]) {
      const { status, stderr } = run(...args);
      expect(`${args.join(' ')}: ${status} ${stderr}`).toBe(`${args.join(' ')}: 0 `);
    }
  });
});
