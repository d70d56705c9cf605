import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../command-table.ts';
import { runInMemory } from '../testing/run-in-memory.ts';
import { bashCompletion, type CompletionWords, fishCompletion, zshCompletion } from './completion.ts';

const folder = mkdtempSync(join(tmpdir(), 'fluo-completion-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, 'traces.json'), '');

const WORDS: CompletionWords = {
  libraryNames: ['payments', 'payments/charges', 'payment-requires-inventory'],
  libraryRules: ['payment-requires-inventory'],
  codes: ['FL201', 'FL202'],
};

const has = (shell: string) => spawnSync(shell, ['-c', 'exit 0']).status === 0;

/** What bash offers for the last word of a line. */
function completions(...words: string[]): string[] {
  const script = `${bashCompletion(WORDS)}
fluo() { [[ $1 == complete-values ]] && echo own-rule; }
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
    expect(completions('check', '--rules', 'tra')).toEqual(['traces.json']);
  });

  it('offers ids of rules: those of the folder for --rule, those of the library too for a subject', () => {
    expect(completions('check', '--rule', 'own')).toEqual(['own-rule']);
    expect(completions('check', '--rule', 'pay')).toEqual([]);
    expect(completions('instrument', '')).toEqual(
      expect.arrayContaining(['own-rule', 'payment-requires-inventory']),
    );
    expect(completions('instrument', 'FL')).toEqual([]);
    expect(completions('explain', 'o')).toEqual(['own-rule']);
    expect(completions('explain', '--rules', 'x', 'own')).toEqual(['own-rule']);
  });

  it('offers codes and names of the library, and no files there', () => {
    expect(completions('explain', 'FL')).toEqual(['FL201', 'FL202']);
    expect(completions('explain', 'tra')).toEqual([]);
    expect(completions('library', 'show', 'payments')).toEqual(['payments', 'payments/charges']);
    expect(completions('library', '')).not.toContain('payments');
  });
});

describe.each([
  ['bash', bashCompletion(WORDS)],
  ['zsh', zshCompletion(WORDS)],
  ['fish', fishCompletion(WORDS)],
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

describe('fluo complete-values', () => {
  const files = {
    '/project/invariants/a.yaml':
      'rules:\n  - id: a-then-b # first\n    condition: a and b\n  - { id: "c-then-d", condition: "(" }\n',
    '/project/other/b.yaml': 'rules:\n  - condition: a\n    id: other-rule\n  - id: $(touch x)\n',
  };
  const values = async (...words: string[]) => {
    const { code, stdout, stderr } = await runInMemory(['complete-values', ...words], { files });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout;
  };

  it('lists the ids of the rules that the command line would load, also where they do not compile', async () => {
    expect(await values('rules')).toBe('a-then-b\nc-then-d\n');
    expect(await values('rules', 'check', '--rules', 'other', '--rule', '')).toBe('other-rule\n');
    expect(await values('rules', 'check', '-r', 'other/b.yaml')).toBe('other-rule\n');
    expect(await values('rules', 'check', '--rules=other')).toBe('other-rule\n');
  });

  it('is silent about whatever is wrong', async () => {
    expect(await values('rules', 'check', '--rules', 'gone')).toBe('');
    expect(await values('rules', 'check', '--rules')).toBe('a-then-b\nc-then-d\n');
    expect(await values()).toBe('');
    expect(await values('nothing')).toBe('');
  });

  it('is not shown to people', async () => {
    expect((await runInMemory(['help'])).stdout).not.toContain('complete-values');
  });
});

it('writes what the library has, and the codes, into the script', async () => {
  const { stdout } = await runInMemory(['completion', 'bash']);
  expect(stdout).toMatch(/ payments\/charges /);
  expect(stdout).toMatch(/ FL201 /);
});
