#!/usr/bin/env node
// The program. Asking for the version loads nothing: scripts do it in loops.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const [first, ...more] = process.argv.slice(2);
const packageFolder = fileURLToPath(new URL('..', import.meta.url));

if (more.length === 0 && (first === '--version' || first === '-V')) {
  const { version } = JSON.parse(readFileSync(`${packageFolder}package.json`, 'utf8'));
  process.stdout.write(`${version}\n`);
} else if (!existsSync(`${packageFolder}dist/main.js`)) {
  process.stderr.write(
    'error: fluo is not built yet\n  next: run `node scripts/setup.mjs` in the folder of the checkout\n',
  );
  process.exitCode = 2;
} else {
  // Node 22.8 and later keep compiled code between runs; older ones have no such function.
  const { enableCompileCache } = process.getBuiltinModule('node:module');
  enableCompileCache?.();
  const { main } = await import('../dist/main.js');
  await main(packageFolder);
}
