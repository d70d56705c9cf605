import { describe, expect, it } from 'vitest';
import { codeFrame } from '../diagnostic/position.ts';
import { type Invocation, isOn, optionValue, optionValues, parseArguments } from './arguments.ts';

function invocation(...argv: string[]): Invocation {
  const parsed = parseArguments(argv);
  if (parsed.kind !== 'invocation') throw new Error(`not an invocation: ${JSON.stringify(parsed)}`);
  return parsed.invocation;
}

function wrong(...argv: string[]) {
  const parsed = parseArguments(argv);
  if (parsed.kind !== 'wrong') throw new Error(`nothing is wrong: ${JSON.stringify(parsed)}`);
  return parsed.diagnostics;
}

describe('parseArguments', () => {
  it('takes options in every spelling, before and behind arguments', () => {
    const given = invocation(
      'check',
      '-r',
      'a.yaml',
      'x.json',
      '--rules=b.yaml',
      '--rules',
      'c.yaml',
      '-f',
      'json',
      '--strict',
      'y.json',
    );
    expect(optionValues(given, 'rules').map(({ value }) => value)).toEqual(['a.yaml', 'b.yaml', 'c.yaml']);
    expect(optionValue(given, 'format')?.value).toBe('json');
    expect(isOn(given, 'strict')).toBe(true);
    expect(isOn(given, 'sampling')).toBe(false);
    expect(given.arguments.map(({ value }) => value)).toEqual(['x.json', 'y.json']);
  });

  it('takes switches in one word, a value behind them, and everything behind -- as arguments', () => {
    const given = invocation('check', '-wrrules.yaml', '--', '-', '--strict');
    expect(isOn(given, 'watch')).toBe(true);
    expect(optionValue(given, 'rules')?.value).toBe('rules.yaml');
    expect(given.arguments.map(({ value }) => value)).toEqual(['-', '--strict']);
    expect(isOn(given, 'strict')).toBe(false);
  });

  it('takes a single dash as a value', () => {
    expect(optionValue(invocation('check', 'a', '--output', '-'), 'output')?.value).toBe('-');
  });

  it('lets help win over errors, and stand before or behind the command', () => {
    for (const argv of [
      ['check', '--nonsense', '--help'],
      ['-h', 'check'],
      ['check', '-h', 'a', '--rules'],
    ]) {
      expect(parseArguments(argv)).toMatchObject({ kind: 'help', asked: true, command: { name: 'check' } });
    }
    expect(parseArguments(['--help'])).toMatchObject({ kind: 'help', asked: true, command: null });
    expect(parseArguments([])).toMatchObject({ kind: 'help', asked: false, command: null });
  });

  it.each([
    [['--version', 'extra'], 'leave it out: `fluo --version`'],
    [['-V', 'check', 't.jsonl'], 'say `fluo -V`, or `fluo check` without `-V`'],
    [['--version', '--no-color', 'x'], 'leave it out: `fluo --version`'],
    [['--version', '-'], 'leave it out: `fluo --version`'],
  ])('takes no argument behind the version: %j', (argv, help) => {
    const parsed = parseArguments(argv);
    if (parsed.kind !== 'wrong') throw new Error(parsed.kind);
    expect(parsed.diagnostics).toMatchObject([{ code: 'FL706', help }]);
  });

  it('knows the version in both spellings', () => {
    for (const argv of [['--version'], ['-V'], ['--no-color', '--version']]) {
      expect(parseArguments(argv)).toEqual({ kind: 'version' });
    }
  });

  it('says everything that is wrong at once', () => {
    const diagnostics = wrong(
      'check',
      '--stric',
      '--format',
      'yaml',
      '--clock-skew',
      '1s',
      '--clock-skew',
      '2s',
      '--watch=yes',
    );
    expect(diagnostics.map(({ code }) => code)).toEqual(['FL702', 'FL707', 'FL709', 'FL704', 'FL705']);
  });

  it.each([
    [['chekc', 'a'], 'FL701', 'did you mean `check`?', '1 | fluo chekc a\n  |      ^^^^^'],
    [['traces.json'], 'FL701', 'fluo check traces.json', '1 | fluo traces.json\n  |      ^^^^^^^^^^^'],
    [['--rules', 'a', 'check'], 'FL702', 'fluo check --rules', '1 | fluo --rules a check\n  |      ^^^^^^^'],
    [
      ['check', 'a', '--cover'],
      'FL702',
      'fluo help check',
      '1 | fluo check a --cover\n  |              ^^^^^^^',
    ],
    [
      ['check', 'a', '--coverage'],
      'FL702',
      'fluo test',
      '1 | fluo check a --coverage\n  |              ^^^^^^^^^^',
    ],
    [
      ['check', 'a', '--rules'],
      'FL703',
      'say `--rules PATH`',
      '1 | fluo check a --rules\n  |              ^^^^^^^',
    ],
    [
      ['check', 'a', '--rules', '--strict'],
      'FL703',
      'PATH',
      '1 | fluo check a --rules --strict\n  |              ^^^^^^^',
    ],
    [
      ['check', 'a', '--rules', '-odd'],
      'FL703',
      '--rules=-odd',
      '1 | fluo check a --rules -odd\n  |              ^^^^^^^',
    ],
    [
      ['check', 'a', '--strict=1'],
      'FL704',
      '`--strict` alone',
      '1 | fluo check a --strict=1\n  |              ^^^^^^^^^^',
    ],
    [['check'], 'FL705', 'fluo check traces.json', '1 | fluo check\n  |           ^'],
    [['explain', 'a', 'and b'], 'FL706', 'quotes', "1 | fluo explain a 'and b'\n  |                ^^^^^^^"],
    [
      ['check', 'a', '--format=yaml'],
      'FL707',
      'json',
      '1 | fluo check a --format=yaml\n  |                       ^^^^',
    ],
    [
      ['check', 'a', '-f', 'jsno=x'],
      'FL707',
      'did you mean',
      '1 | fluo check a -f jsno=x\n  |                 ^^^^^^',
    ],
    [['library', 'lst'], 'FL707', 'did you mean `list`?', '1 | fluo library lst\n  |              ^^^'],
  ])('points into the command line: %j', (argv, code, help, frame) => {
    const [diagnostic] = wrong(...argv);
    if (diagnostic?.source === undefined || diagnostic.range === undefined) throw new Error('no place');
    expect(diagnostic.code).toBe(code);
    expect(diagnostic.help).toContain(help);
    expect(codeFrame(diagnostic.source, diagnostic.range)).toBe(frame);
  });
});
