import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../command-table.ts';
import { bashCompletion, fishCompletion, zshCompletion } from './completion.ts';

const folder = mkdtempSync(join(tmpdir(), 'fluo-completion-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, 'traces.json'), '');

const has = (shell: string) => spawnSync(shell, ['-c', 'exit 0']).status === 0;

/** What bash offers for the last word of a line. */
function completions(...words: string[]): string[] {
  const script = `${bashCompletion()}
COMP_WORDS=(fluo ${words.map((word) => `'${word}'`).join(' ')})
COMP_CWORD=${words.length}
_fluo
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr, status } = spawnSync('bash', ['--norc', '-c', script], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return stdout.split('\n').filter((line) => line !== '');
}

describe.skipIf(!has('bash'))('bash (skipped where there is no bash)', () => {
  it('offers commands, also behind an option', () => {
    expect(completions('')).toEqual(expect.arrayContaining(COMMANDS.map(({ name }) => name)));
    expect(completions('in')).toEqual(['init', 'instrument']);
    expect(completions('--no-color', 'ch')).toEqual(['check']);
  });

  it('offers the options of the command', () => {
    expect(completions('check', '--fo')).toEqual(['--format']);
    expect(completions('check', '--cov')).toEqual([]);
    expect(completions('test', '--cov')).toEqual(['--coverage']);
  });

  it('offers values of an option, written with a blank or with an equals sign', () => {
    expect(completions('check', '--format', 'js')).toEqual(['json', 'jsonl']);
    expect(completions('check', '--format', '=', 'sa')).toEqual(['sarif']);
    expect(completions('check', '--format', '=')).toContain('pretty');
  });

  it('offers values of an argument, and files', () => {
    expect(completions('library', 's')).toEqual(['show']);
    expect(completions('check', 'tra')).toEqual(['traces.json']);
  });
});

describe.each([
  ['bash', bashCompletion()],
  ['zsh', zshCompletion()],
  ['fish', fishCompletion()],
])('%s', (shell, script) => {
  it('names every command and option', () => {
    for (const { name, options } of COMMANDS) {
      expect(script).toContain(name);
      for (const option of options)
        expect(script).toContain(shell === 'fish' ? `-l ${option.name}` : `--${option.name}`);
    }
  });

  it.skipIf(!has(shell))('is a script that the shell can read (skipped where the shell is absent)', () => {
    const path = join(folder, `fluo.${shell}`);
    writeFileSync(path, script);
    const { status, stderr } = spawnSync(shell, ['-n', path], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });
});
