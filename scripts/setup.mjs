/**
 * Makes a fresh checkout ready: installs the packages when they are missing or other than the lock says, and builds the program
 * when a source is newer than the build. Plain Node, for it runs before anything is installed. Says nothing when there is nothing to do.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const LOWEST_NODE = [20, 19];

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < LOWEST_NODE[0] || (major === LOWEST_NODE[0] && minor < LOWEST_NODE[1])) {
  fail(`Fluo needs Node ${LOWEST_NODE.join('.')} or later, and this is Node ${process.versions.node}`);
}

if (packagesAreStale()) {
  say('installing packages (npm ci) ...');
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    // On Windows npm is a script, which only a shell can start.
    shell: process.platform === 'win32',
  });
  if (npm.error !== undefined) fail(`npm could not be started: ${npm.error.message}`);
  if (npm.status !== 0) fail('npm ci failed; its message is above');
}

const { build, isStale } = await import('./build.mjs');
if (isStale()) {
  say('building the program ...');
  await build();
}

/**
 * Compares the lock with the copy that npm keeps of what it installed. By content, not by time: a checkout of another branch
 * makes the lock newer without changing it.
 */
function packagesAreStale() {
  const installedLock = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installedLock)) return true;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(installedLock, 'utf8')).packages;
  const changed = (path) =>
    installed[path]?.version !== wanted[path]?.version ||
    installed[path]?.integrity !== wanted[path]?.integrity;
  // Optional packages are for other platforms where they are not installed.
  return (
    Object.keys(installed).some(changed) ||
    Object.keys(wanted).some((path) => path !== '' && wanted[path].optional !== true && changed(path))
  );
}

function say(text) {
  process.stderr.write(`setup: ${text}\n`);
}

function fail(text) {
  process.stderr.write(`setup: ${text}\n`);
  process.exit(1);
}
