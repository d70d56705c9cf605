/** The quick start works as it is written: its commands are run, its program records real traces, its outputs are compared. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
// @ts-expect-error: a program of the examples, in JavaScript
import { startSink } from '../../examples/telemetry/sink.mjs';
import { COMMAND_NAMES } from '../../src/cli/command-table.ts';
import { memoryIo } from '../../src/cli/memory-io.ts';
import { NodeFiles } from '../../src/cli/node-io.ts';
import { run } from '../../src/cli/run.ts';
import { type Example, examplesOf, shows } from './examples.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(join(root, 'docs/QUICK_START.md'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'fluo-quick-start-'));
symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let printed = '';

async function follow(example: Example): Promise<void> {
  switch (example.kind) {
    case 'file':
      writeFileSync(join(folder, example.path), example.text);
      return;
    case 'show':
      expect(readFileSync(join(folder, example.path), 'utf8')).toSatisfy((text) => shows(text, example.text));
      return;
    case 'output':
      expect(printed).toSatisfy((text) => shows(text, example.text));
      return;
    case 'run':
      for (const command of example.commands) await runCommand(command, example.code);
      return;
    case 'record':
      await record(example);
  }
}

async function runCommand(command: string, wanted: number): Promise<void> {
  const [program, ...argv] = command.split(' ');
  expect(program).toBe('fluo');
  const world = memoryIo({ argv, cwd: folder });
  const io = { ...world, files: new NodeFiles(), packageFolder: root };
  const code = await run(io);
  printed = world.stdout.text;
  expect({ code, errors: world.stderr.text }).toEqual({ code: wanted, errors: '' });
}

/** What the Collector does in the text: receives OTLP over HTTP and writes a line for each request. */
async function record({ program, path, env }: Example & { kind: 'record' }): Promise<void> {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  const sink = await startSink(join(folder, path));
  const endpoint = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: sink.url };
  await promisify(execFile)(process.execPath, [program], {
    cwd: folder,
    env: { ...process.env, ...endpoint, ...env },
  });
  await sink.close();
}

describe('the quick start', () => {
  it('can be followed from its first line to its last', { timeout: 60_000 }, async () => {
    for (const example of examplesOf(page)) {
      try {
        await follow(example);
      } catch (error) {
        throw new Error(`docs/QUICK_START.md:${example.line} (${example.kind}); printed:\n${printed}`, {
          cause: error,
        });
      }
    }
  });

  it('runs every command of Fluo that it shows', () => {
    const run = examplesOf(page).flatMap((example) => (example.kind === 'run' ? example.commands : []));
    const shown = [...page.matchAll(/^fluo .*$/gm)].map(([command]) => command);
    expect(shown).toEqual(run);
    for (const [, name = ''] of page.matchAll(/`fluo (\w+)/g)) expect(COMMAND_NAMES).toContain(name);
  });

  it('has comparisons that notice', () => {
    expect(shows('a\nb  c 12\nd\n', 'a\n...\nd')).toBe(true);
    expect(shows('a\nb  c 12\nd\n', 'b c ... 12')).toBe(false);
    expect(shows('a\nb  c 12\nd\n', 'b  c ... 12')).toBe(true);
    expect(shows('a\nb\n', 'b\na')).toBe(false);
    expect(shows('1 violation', '2 violations')).toBe(false);
  });
});
