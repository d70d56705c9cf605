/** The session in the README is a real one: its commands are run, and print what it shows. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const session = /^```text\n(\$ [\s\S]*?)^```$/m.exec(readme)?.[1] ?? '';
const steps = session
  .split(/^\$ /m)
  .slice(1)
  .map((step) => {
    const end = step.indexOf('\n');
    return { command: step.slice(0, end), shown: step.slice(end + 1).trim() };
  });

const folder = mkdtempSync(join(tmpdir(), 'fluo-readme-'));
const traces = join(folder, 'shop.jsonl');

beforeAll(() => {
  const recorded = spawnSync(process.execPath, ['examples/shop/record.mjs', traces], { cwd: root });
  expect(recorded.status).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true }));

test('the README shows the demo, a violation and its explanation', () => {
  expect(steps.map(({ command }) => command.split(' ').slice(0, 2).join(' '))).toEqual([
    'fluo check',
    'echo $?',
    'fluo explain',
  ]);
});

test('no text is still to be written', () => {
  expect(readme).not.toMatch(/PLACEHOLDER|TODO|to be written/);
});

test('each command prints what is shown', () => {
  let status: number | null = 0;
  for (const { command, shown } of steps) {
    if (command === 'echo $?') {
      expect(shown).toBe(String(status));
      continue;
    }
    const [, ...words] = command.replace('tmp/demo/shop.jsonl', traces).split(' ');
    const run = spawnSync(process.execPath, ['bin/fluo.mjs', ...words], { cwd: root, encoding: 'utf8' });
    status = run.status;
    for (const line of shown.split('\n'))
      expect(run.stdout.split('\n').map((printed) => printed.trimEnd())).toContain(line);
  }
});
