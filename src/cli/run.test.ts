import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { REPORT_FORMATS } from '../report/reporters.ts';
import { parseArguments } from './arguments.ts';
import { COMMANDS, COMMON_OPTIONS } from './command-table.ts';
import { commandHelp, generalHelp } from './help.ts';
import { run } from './run.ts';
import { memoryWorld, runInMemory } from './testing/run-in-memory.ts';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));

describe('run', () => {
  it.each([['--version'], ['-V']])('says the version: %s', async (argument) => {
    expect(await runInMemory([argument])).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('shows help on standard output when asked, and on standard error with exit code 2 when nothing was said', async () => {
    const asked = await runInMemory(['--help']);
    expect(asked).toMatchObject({ code: 0, stderr: '' });
    const unasked = await runInMemory([]);
    expect(unasked).toMatchObject({ code: 2, stdout: '' });
    expect(unasked.stderr).toBe(asked.stdout);
    expect((await runInMemory(['help'])).stdout).toBe(asked.stdout);
  });

  it.each(COMMANDS.map(({ name }) => name))('shows the same help of %s in all ways', async (name) => {
    const { stdout, code } = await runInMemory(['help', name]);
    expect(code).toBe(0);
    expect(stdout).toContain(`fluo ${name}`);
    expect((await runInMemory([name, '--help'])).stdout).toBe(stdout);
  });

  it('reports a bug as ours, with the details in a file or, asked for, at once', async () => {
    const broken = () => {
      const io = memoryWorld(['library', 'list']);
      io.files.readText = () => {
        throw new TypeError('x is not a function');
      };
      return io;
    };
    const io = memoryWorld(['library', 'list'], {
      files: { '/package/library/payments/charges.yaml': 'rules: 1' },
    });
    expect(await run(io)).toBe(70);
    expect(io.stderr.text).toContain('error[FL799] this is a bug of Fluo');
    expect(io.stderr.text).toContain('details are in /tmp/fluo-bug.txt');
    const details = io.files.readText('/tmp/fluo-bug.txt');
    expect(details).toContain(`fluo ${version}`);
    expect(details).toContain('command line: fluo library list');
    expect(details).toContain('the library does not load');
    const world = memoryWorld(['library', 'list'], {
      env: { FLUO_DEBUG: '1' },
      files: { '/package/library/payments/charges.yaml': 'rules: 1' },
    });
    expect(await run(world)).toBe(70);
    expect(world.stderr.text).toContain('readLibrary');
    expect(await run(broken())).toBe(70);
  });

  it('ends with 130 on Ctrl-C', async () => {
    const io = memoryWorld(['fmt', '-'], { stdin: 'a' });
    io.stdin.bytes = () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) });
    const code = run(io);
    io.interrupt();
    expect(await code).toBe(130);
  });
});

describe('colours', () => {
  const wrong = (env: Record<string, string>, terminalColumns?: number, ...options: string[]) =>
    runInMemory(['chekc', ...options], {
      env,
      ...(terminalColumns === undefined ? {} : { terminalColumns }),
    });
  const ESCAPE = '\u001b[';

  it.each([
    ['a terminal', {}, 80, [], true],
    ['no terminal', {}, undefined, [], false],
    ['NO_COLOR', { NO_COLOR: '1' }, 80, [], false],
    ['an empty NO_COLOR', { NO_COLOR: '' }, 80, [], true],
    ['FORCE_COLOR', { FORCE_COLOR: '1' }, undefined, [], true],
    ['FORCE_COLOR=0', { FORCE_COLOR: '0' }, 80, [], false],
    ['NO_COLOR before FORCE_COLOR', { NO_COLOR: '1', FORCE_COLOR: '1' }, 80, [], false],
    ['a dumb terminal', { TERM: 'dumb' }, 80, [], false],
    ['--no-color', { FORCE_COLOR: '1' }, 80, ['--no-color'], false],
  ])('go by %s', async (_, env, columns, options, coloured) => {
    expect((await wrong(env, columns, ...options)).stderr.includes(ESCAPE)).toBe(coloured);
  });
});

describe('the table of commands', () => {
  const layout = { width: 80, heading: (text: string) => text };

  it('names the formats that the reporters have', () => {
    for (const { options } of COMMANDS) {
      const format = options.find(({ name }) => name === 'format');
      // What a server is asked is shown, or is the document of its API.
      if (format?.repeatable === true) expect(format.choices).toEqual(REPORT_FORMATS);
      else if (format !== undefined) expect(format.choices).toEqual(['pretty', 'json']);
    }
  });

  it('has options with distinct names, and examples that are right', () => {
    for (const command of COMMANDS) {
      const names = [...command.options, ...COMMON_OPTIONS].flatMap(({ name, short }) => [
        name,
        short ?? name,
      ]);
      expect(names.length - new Set(names).size, command.name).toBe(
        [...command.options, ...COMMON_OPTIONS].filter(({ short }) => short === undefined).length,
      );
      expect(command.examples.length).toBeGreaterThan(0);
      for (const { command: line } of command.examples) {
        const last = /fluo (?!.*fluo )(.*?)\)?$/.exec(line)?.[1] ?? '';
        const argv = last.match(/'[^']*'|\S+/g)?.map((word) => word.replaceAll("'", '')) ?? [];
        expect(parseArguments(argv), line).toMatchObject({
          kind: 'invocation',
          invocation: { command: { name: command.name } },
        });
      }
    }
  });

  it('makes help that keeps to the width', () => {
    for (const text of [generalHelp(layout), ...COMMANDS.map((command) => commandHelp(command, layout))]) {
      for (const line of text.split('\n')) {
        if (!line.startsWith('  fluo') && !/^(?:bash|zsh|fish):/.test(line))
          expect(line.length, line).toBeLessThanOrEqual(80);
      }
    }
  });
});
