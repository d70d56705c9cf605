/** The page about CI: its workflows are YAML, its commands are commands of Fluo, and the receiver that it proposes receives. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseArguments } from '../../src/cli/arguments.ts';
import { EXIT, EXIT_CODE_MEANINGS } from '../../src/cli/exit-code.ts';
import { FAIL_ON } from '../../src/report/finding-level.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(join(root, 'docs/CI.md'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'fluo-ci-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const blocks = [...page.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text);

describe('docs/CI.md', () => {
  it('has workflows that are YAML', () => {
    expect(blocks).toHaveLength(3);
    for (const block of blocks) expect(parse(block)).toBeTypeOf('object');
  });

  it('has commands that Fluo takes', () => {
    const joined = page.replaceAll(/ \\\n\s+/g, ' ').replaceAll('"$GITHUB_STEP_SUMMARY"', 'summary.md');
    const commands = [...joined.matchAll(/^\s*(?:- )?fluo (.+)$/gm)].map(([, words = '']) =>
      words.split(' '),
    );
    expect(commands).toHaveLength(6);
    for (const argv of commands) expect(parseArguments(argv)).toMatchObject({ kind: 'invocation' });
  });

  it('names every exit code of a run that ends, and every value of --fail-on', () => {
    for (const [code] of EXIT_CODE_MEANINGS) {
      if (code !== EXIT.interrupted) expect(page).toContain(`| ${code} |`);
    }
    for (const value of FAIL_ON) expect(page).toContain(`| \`${value}\` |`);
  });
});

describe('examples/telemetry/receive.mjs', () => {
  it('writes what is sent, a line a request, until it is told to stop', async () => {
    const file = join(folder, 'new', 'traces.jsonl');
    const receiver = spawn(process.execPath, [join(root, 'examples/telemetry/receive.mjs'), file, '0']);
    const [said] = await once(receiver.stdout, 'data');
    const [url = ''] = /http:\S+traces/.exec(String(said)) ?? [];
    const send = (type: string) =>
      fetch(url, { method: 'POST', headers: { 'content-type': type }, body: '{\n"resourceSpans": []}' });
    expect((await send('application/json')).status).toBe(200);
    expect((await send('application/x-protobuf')).status).toBe(415);
    receiver.kill('SIGTERM');
    await once(receiver, 'close');
    expect(readFileSync(file, 'utf8')).toBe('{"resourceSpans":[]}\n');
  });
});
