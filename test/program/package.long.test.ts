/**
 * The package as others install it: packed, put into a folder that knows nothing of the checkout, and installed there the way that
 * the workflow of `fluo init` does it. Needs npm and bash; the git address, which npm builds, also needs the packages of the build from
 * the registry or from npm's cache.
 */
import { spawnSync } from 'node:child_process';
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
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { WORKFLOW } from '../../src/cli/commands/init-templates.ts';
import { otlpLine } from '../../src/cli/testing/otlp-line.ts';

const ROOT = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'fluo-package-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const described = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

function sh(script: string, cwd: string, env: Readonly<Record<string, string>> = {}) {
  return spawnSync('bash', ['-c', script], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, npm_config_prefer_offline: 'true', ...env },
  });
}

/** Why no package can be installed here, or null. */
function whyNot(): string | null {
  const probe = sh('npm --version', folder);
  if (probe.error !== undefined) return `bash could not be started: ${probe.error.message}`;
  return probe.status === 0 ? null : `npm could not be started: ${probe.stderr.split('\n')[0]}`;
}

/** Why nothing can be built from a git address here, or null. */
function whyNotBuilt(): string | null {
  if (!existsSync(join(ROOT, '.git'))) return 'this is not a checkout';
  const empty = join(folder, 'probe');
  mkdirSync(empty);
  const wanted = ['esbuild', 're2js', 'yaml'].map((name) => `${name}@${described.devDependencies[name]}`);
  const probe = sh(`npm install --prefix ${empty} ${wanted.join(' ')}`, empty);
  if (probe.status === 0) return null;
  return `npm cannot install ${wanted.join(' and ')}: ${probe.stderr.split('\n')[0]}`;
}

const absent = whyNot();
if (absent !== null) process.stderr.write(`skipped: ${absent}\n`);
const notBuilt = absent ?? whyNotBuilt();
if (notBuilt !== null) process.stderr.write(`skipped: the git address, for ${notBuilt}\n`);

const steps: readonly { name?: string; run?: string }[] = parse(WORKFLOW).jobs.invariants.steps;
const install = steps.find(({ name }) => name === 'Install Fluo')?.run ?? '';

/** Installs as the workflow does, in a new folder; answers with it and the folder of the programs. */
function installed(name: string, address: string, env: Readonly<Record<string, string>> = {}) {
  const project = join(folder, name);
  mkdirSync(project, { recursive: true });
  const path = join(project, 'github-path');
  const run = sh(install, project, {
    FLUO_PACKAGE: address,
    RUNNER_TEMP: join(folder, `${name}-runner`),
    GITHUB_PATH: path,
    ...env,
  });
  expect({ status: run.status, stderr: run.status === 0 ? '' : run.stderr }).toEqual({
    status: 0,
    stderr: '',
  });
  return { project, PATH: `${readFileSync(path, 'utf8').trim()}:${process.env['PATH']}` };
}

function packed(): string {
  const tools = join(folder, 'tarball', 'tools');
  mkdirSync(tools, { recursive: true });
  const { status, stderr } = sh(`npm pack --pack-destination ${tools}`, ROOT);
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  return `./tools/fluo-${described.version}.tgz`;
}

describe.skipIf(absent !== null)('the package', () => {
  it('works from a tarball: init, then each step of the workflow, then a check', () => {
    // All that it needs is in it: no registry is asked, and no cache has anything.
    const { project, PATH } = installed('tarball', packed(), {
      npm_config_offline: 'true',
      npm_config_cache: join(folder, 'empty-cache'),
    });
    const modules = join(folder, 'tarball-runner/fluo/node_modules');
    expect(readdirSync(modules).filter((name) => !name.startsWith('.'))).toEqual(['fluo']);
    const licences = readFileSync(join(modules, 'fluo/dist/THIRD_PARTY_LICENSES.txt'), 'utf8');
    expect(licences).toContain(`yaml ${described.devDependencies.yaml} (ISC)`);
    expect(sh('fluo init', project, { PATH }).stdout).toContain('created     invariants/payment.yaml');
    const commands = steps.flatMap(({ run }) => (run?.startsWith('fluo ') ? [run] : []));
    expect(commands).toHaveLength(3);
    for (const command of commands) {
      const { status, stderr } = sh(command, project, { PATH });
      expect({ command, status, stderr }).toEqual({ command, status: 0, stderr: '' });
    }
    writeFileSync(join(project, 'traces.jsonl'), otlpLine(1, [{ name: 'payment.charge' }]));
    const checked = sh('fluo check --strict traces.jsonl', project, { PATH });
    expect(checked.status).toBe(1);
    expect(checked.stdout).toContain('1 violation of 1 rule');
    expect(sh('fluo library add payments && fluo explain FL201', project, { PATH }).status).toBe(0);
  });

  it.skipIf(notBuilt !== null)('works from a git address', () => {
    const { project, PATH } = installed('git', `git+file://${ROOT}`);
    const { status, stdout } = sh('fluo init && fluo test', project, { PATH });
    expect({ status, passed: /\d+ passed/.exec(stdout)?.[0] }).toEqual({ status: 0, passed: '4 passed' });
  });

  it('says what the workflow lacks when the variable is not set', () => {
    const run = sh(install, folder, { FLUO_PACKAGE: '', RUNNER_TEMP: folder, GITHUB_PATH: '/dev/null' });
    expect(run.status).not.toBe(0);
    expect(run.stderr).toContain('set the repository variable FLUO_PACKAGE');
  });
});
