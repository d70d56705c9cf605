/**
 * Errors that a person can make, as they meet them: run through the program, each must say its code, its place as
 * file:line:column, the text with carets below the place, and what to do next, and end with the right exit code.
 */
import { describe, expect, it } from 'vitest';
import type { MemoryWorld } from './memory-io.ts';
import { otlpLine } from './testing/otlp-line.ts';
import { runInMemory } from './testing/run-in-memory.ts';

interface Mistake {
  readonly title: string;
  readonly argv: readonly string[];
  readonly world?: Omit<MemoryWorld, 'argv'>;
  readonly code: string;
  /** `file:line:column`. */
  readonly at: string;
  /** What the carets stand under. */
  readonly under: string;
  /** A part of the help. */
  readonly next: string;
  readonly exit?: 1 | 2;
}

const TRACES = { '/project/t.jsonl': otlpLine(1, [{ name: 'a' }]) };
const RULES = {
  '/project/invariants/a.yaml': 'rules:\n  - { id: a-rule, origin: "incident:1", condition: a and b }\n',
};

/** A mistake in the condition of a rule: in line 5 of its file, from column 7 on. */
function inRule(
  title: string,
  condition: string,
  code: string,
  column: number,
  under: string,
  next: string,
): Mistake {
  const file = `rules:\n  - id: a-rule\n    origin: incident:1\n    condition: |\n      ${condition}\n`;
  return {
    title,
    argv: ['check', 't.jsonl'],
    world: { files: { ...TRACES, '/project/invariants/a.yaml': file } },
    code,
    at: `invariants/a.yaml:5:${column + 6}`,
    under,
    next,
  };
}

function inRuleFile(
  title: string,
  file: string,
  code: string,
  place: string,
  under: string,
  next: string,
): Mistake {
  const world = { files: { ...TRACES, '/project/invariants/a.yaml': file } };
  return { title, argv: ['check', 't.jsonl'], world, code, at: `invariants/a.yaml:${place}`, under, next };
}

function inTestFile(
  title: string,
  file: string,
  code: string,
  place: string,
  under: string,
  next: string,
  exit?: 1 | 2,
): Mistake {
  const world = { files: { ...RULES, '/project/invariants/a.test.yaml': file } };
  const mistake = { title, argv: ['test'], world, code, at: `invariants/a.test.yaml:${place}`, under, next };
  return exit === undefined ? mistake : { ...mistake, exit };
}

/** A mistake on the command line. The column counts from the word `fluo`. */
function onCommandLine(
  title: string,
  argv: readonly string[],
  code: string,
  column: number,
  under: string,
  next: string,
  world: Omit<MemoryWorld, 'argv'> = { files: { ...RULES, ...TRACES } },
): Mistake {
  return { title, argv, world, code, at: `command line:1:${column}`, under, next };
}

function inConfiguration(
  title: string,
  file: string,
  code: string,
  place: string,
  under: string,
  next: string,
): Mistake {
  const world = { files: { ...RULES, ...TRACES, '/project/fluo.yaml': file } };
  return { title, argv: ['check', 't.jsonl'], world, code, at: `fluo.yaml:${place}`, under, next };
}

const rule = (...lines: string[]) =>
  `rules:\n  - id: a-rule\n    origin: incident:1\n    condition: a and b\n${lines.map((line) => `    ${line}\n`).join('')}`;
const drawn = (...lines: string[]) =>
  `rules: a.yaml\ntests:\n  - name: one\n    trace: |\n      shop/a @0ms+10ms\n        shop/b @1ms+1ms\n${lines.map((line) => `    ${line}\n`).join('')}`;

const MISTAKES: readonly Mistake[] = [
  inRule('an unknown character', 'a & b', 'FL105', 3, '&', 'and'),
  inRule('nothing behind an operator', 'a and', 'FL112', 6, '', 'write a span name'),
  inRule('a bracket that is left open', 'count(a.where(x == 1) <= 1', 'FL113', 23, '<=', 'close the `(`'),
  inRule('a misspelled function', 'trace.hass(a) and b', 'FL115', 7, 'hass', 'has'),
  inRule('a misspelled step', 'a.wehre(x == 1) and b', 'FL116', 3, 'wehre', 'where'),
  inRule('a misspelled operator', 'a.where(x contians "y") and b', 'FL117', 11, 'contians', 'contains'),
  inRule('a single equals sign', 'a.where(x = 1) and b', 'FL105', 11, '=', '=='),
  inRule('a text that is left open', 'a.where(x == "y) and b', 'FL102', 14, '"y) and b', 'close it'),
  inRule('a text compared by size', 'a.where(x > "5") and b', 'FL214', 13, '"5"', 'x > 5'),
  inRule(
    'a duration where a number belongs',
    'a.where(amount > 5s) and b',
    'FL217',
    18,
    '5s',
    'milliseconds',
  ),
  inRule('a name that nothing binds', 'a.where(x == r.x) and b', 'FL208', 14, 'r.x', 'each ... as r'),
  inRule('a number where a duration belongs', 'trace.duration <= 2', 'FL216', 19, '2', ''),
  inRule('a when without always or never', 'when { a }', 'FL122', 1, 'when', 'always'),
  inRule('a rule that alarms on every health check', 'trace.has(a)', 'FL207', 1, 'trace.has(a)', 'when {'),
  inRule(
    'an expression that does not compile',
    'a.where(x matches "(") and b',
    'FL206',
    19,
    '"("',
    'mend the expression',
  ),
  inRule(
    'a list that the file does not have',
    'a.where(x in $stores) and b',
    'FL202',
    14,
    '$stores',
    'lists:',
  ),
  inRule('a macro that the file does not have', '$paid and b', 'FL201', 1, '$paid', 'macros:'),
  inRule(
    'a duration of a trace inside across',
    'across k within 1m { trace.duration <= 2s }',
    'FL220',
    22,
    'trace.duration',
    'without `across`',
  ),
  inRule('a unit that does not exist', 'trace.duration <= 2sec', 'FL108', 19, '2sec', '2s'),
  inRule(
    'too many brackets',
    `${'('.repeat(80)}a${')'.repeat(80)} and b`,
    'FL120',
    66,
    '(',
    'split the rule',
  ),

  inRuleFile('a tab in the indentation', 'rules:\n\t- id: a\n', 'FL301', '2:1', ' ', 'blanks'),
  inRuleFile('an unknown key', rule('severty: high'), 'FL304', '5:5', 'severty', 'severity'),
  inRuleFile('an unknown value', rule('severity: urgent'), 'FL307', '5:15', 'urgent', 'critical'),
  inRuleFile(
    'an id that is taken',
    `${rule()}  - { id: a-rule, condition: a and c }\n`,
    'FL309',
    '5:11',
    'a-rule',
    'another id',
  ),
  inRuleFile('a rule without a condition', 'rules:\n  - id: a-rule\n', 'FL305', '2:5', 'id', 'condition'),
  inRuleFile('a number where text belongs', rule('owner: 12'), 'FL306', '5:12', '12', '"12"'),
  inRuleFile(
    'an id that is not kebab-case',
    'rules:\n  - id: A_Rule\n    condition: a and b\n',
    'FL308',
    '2:9',
    'A_Rule',
    'kebab-case',
  ),
  inRuleFile(
    'an exception without a reason',
    rule('exceptions:', '  - { name: x, fields: [t], values: [[1]], expires: 2027-01-01 }'),
    'FL305',
    '6:11',
    'name',
    'reason',
  ),
  inRuleFile('a file without rules', 'rule:\n  - id: a\n', 'FL311', '1:1', 'rule', 'rules'),
  inRuleFile('a test in the place of a rule file', 'tests: []\n', 'FL311', '1:1', 'tests', '.test.yaml'),

  inTestFile(
    'a verdict that is misspelled',
    drawn('expect: { a-rule: satisfyed }'),
    'FL307',
    '7:23',
    'satisfyed',
    'satisfied',
  ),
  inTestFile(
    'a rule that no file has',
    drawn('expect: { a-rul: satisfied }'),
    'FL606',
    '7:15',
    'a-rul',
    'a-rule',
  ),
  inTestFile(
    'rules that are not there',
    drawn('expect: { a-rule: satisfied }').replace('a.yaml', 'b.yaml'),
    'FL609',
    '1:8',
    'b.yaml',
    'write the path',
  ),
  inTestFile(
    'a span without a time',
    drawn('expect: { a-rule: satisfied }').replace(' @1ms+1ms', ''),
    'FL601',
    '6:15',
    '',
    'start and duration',
  ),
  inTestFile(
    'a test without a trace',
    'rules: a.yaml\ntests:\n  - name: one\n    expect: {}\n',
    'FL305',
    '3:5',
    'name',
    'exactly one',
  ),

  onCommandLine('a misspelled command', ['chekc', 't.jsonl'], 'FL701', 6, 'chekc', 'did you mean `check`?'),
  onCommandLine('a file in the place of a command', ['t.jsonl'], 'FL701', 6, 't.jsonl', 'fluo check t.jsonl'),
  onCommandLine(
    'a misspelled option',
    ['check', '--rulez', 'a.yaml', 't.jsonl'],
    'FL702',
    12,
    '--rulez',
    '`--rules`?',
  ),
  onCommandLine(
    'an option of another command',
    ['check', '--coverage', 't.jsonl'],
    'FL702',
    12,
    '--coverage',
    'fluo test',
  ),
  onCommandLine(
    'an option before the command',
    ['--format', 'json', 'check', 't.jsonl'],
    'FL702',
    6,
    '--format',
    'behind the command',
  ),
  onCommandLine(
    'an option without its value',
    ['check', 't.jsonl', '--rules'],
    'FL703',
    20,
    '--rules',
    '--rules PATH',
  ),
  onCommandLine(
    'a value for a switch',
    ['check', '--strict=yes', 't.jsonl'],
    'FL704',
    12,
    '--strict=yes',
    '--strict',
  ),
  onCommandLine('no traces named', ['check'], 'FL705', 11, '', 'fluo check traces.json'),
  onCommandLine('a rule text without quotes', ['explain', 'a', 'and', 'b'], 'FL706', 16, 'and', 'quotes'),
  onCommandLine(
    'a format that does not exist',
    ['check', '-f', 'yaml', 't.jsonl'],
    'FL707',
    15,
    'yaml',
    'json',
  ),
  onCommandLine(
    'a duration without a unit',
    ['check', '--clock-skew', '5', 't.jsonl'],
    'FL708',
    25,
    '5',
    '--clock-skew 5ms',
  ),
  onCommandLine(
    'one value given twice',
    ['check', 't.jsonl', '--config', 'a', '--config', 'b'],
    'FL709',
    31,
    '--config',
    'leave one of them out',
  ),
  onCommandLine(
    'rules that are not there',
    ['check', '-r', 'invariant', 't.jsonl'],
    'FL710',
    15,
    'invariant',
    'invariants',
  ),
  onCommandLine('no rules at all', ['check', 't.jsonl'], 'FL712', 19, '', '--rules PATH', { files: TRACES }),
  onCommandLine(
    'an empty folder of rules',
    ['check', '-r', 'empty', 't.jsonl'],
    'FL713',
    15,
    'empty',
    'fluo init',
    {
      files: TRACES,
      folders: ['/project/empty'],
    },
  ),
  onCommandLine(
    'a rule that is not loaded',
    ['check', '--rule', 'a-rul', 't.jsonl'],
    'FL714',
    19,
    'a-rul',
    'did you mean `a-rule`?',
  ),
  onCommandLine('traces that are not there', ['check', 'u.jsonl'], 'FL501', 12, 'u.jsonl', ''),
  onCommandLine('a file without traces', ['check', 'empty.json'], 'FL715', 12, 'empty.json', 'spans', {
    files: { ...RULES, '/project/empty.json': '' },
  }),
  onCommandLine('standard input from the keyboard', ['check', '-'], 'FL716', 12, '-', '< FILE'),
  onCommandLine('standard input twice', ['check', '-', '-'], 'FL716', 14, '-', 'leave one', {
    files: RULES,
    stdin: 'x',
  }),
  onCommandLine('standard input to be watched', ['check', '-w', '-'], 'FL724', 15, '-', '--watch', {
    files: RULES,
    stdin: 'x',
  }),
  onCommandLine(
    'two reports on standard output',
    ['check', '-f', 'json', '-f', 'sarif', 't.jsonl'],
    'FL717',
    23,
    'sarif',
    'sarif=report.sarif',
  ),
  onCommandLine(
    'an output without a format',
    ['check', 't.jsonl', '-o', 'x.out'],
    'FL718',
    23,
    'x.out',
    '--format json=x.out',
  ),
  onCommandLine(
    'an output that is a folder',
    ['check', 't.jsonl', '-f', 'json=invariants'],
    'FL719',
    23,
    'json=invariants',
    'another file',
  ),
  onCommandLine(
    'a report over the traces that it is about',
    ['check', 't.jsonl', '-f', 'json=./t.jsonl'],
    'FL727',
    23,
    'json=./t.jsonl',
    'another file',
  ),
  onCommandLine(
    'a report over the rules',
    ['check', '-r', 'invariants/a.yaml', 't.jsonl', '-o', 'invariants/a.yaml', '-f', 'json'],
    'FL727',
    44,
    'invariants/a.yaml',
    'another file',
  ),
  onCommandLine('an argument that is empty', ['check', ''], 'FL705', 12, "''", 'fluo check traces.json'),
  onCommandLine(
    'a code that does not exist',
    ['explain', 'FL7010'],
    'FL720',
    14,
    'FL7010',
    'did you mean `FL701`',
  ),
  onCommandLine(
    'a rule that is in no file',
    ['explain', 'payment-requires-inventry'],
    'FL720',
    14,
    'payment-requires-inventry',
    'payment-requires-inventory',
  ),
  onCommandLine(
    'a name that is not in the library',
    ['library', 'show', 'paymens'],
    'FL721',
    19,
    'paymens',
    'payments',
  ),
  onCommandLine('nothing to add from the library', ['library', 'add'], 'FL705', 17, '', 'payments'),
  onCommandLine('no tests', ['test'], 'FL722', 10, '', 'fluo init'),
  onCommandLine(
    'a configuration that is not there',
    ['check', '--config', 'fluo.yml', 't.jsonl'],
    'FL710',
    21,
    'fluo.yml',
    'fluo.yaml',
    {
      files: { ...RULES, ...TRACES, '/project/fluo.yaml': '' },
    },
  ),
  {
    title: 'rules that are not in the standard form',
    argv: ['fmt', '--check'],
    world: { files: { '/project/invariants/a.yaml': 'rules:\n  - id: a\n    condition: a   and b\n' } },
    code: 'FL723',
    at: 'invariants/a.yaml:3:18',
    under: '  and b',
    next: 'fluo fmt invariants/a.yaml',
    exit: 1,
  },

  inConfiguration('an unknown setting', 'clock-skew: 5ms\n', 'FL304', '1:1', 'clock-skew', 'clock_skew'),
  inConfiguration('an unknown limit', 'limits:\n  idel: 5s\n', 'FL304', '2:3', 'idel', 'idle'),
  inConfiguration('a setting of another type', 'sampling: sometimes\n', 'FL306', '1:11', 'sometimes', 'true'),
  inConfiguration('a duration with a blank', 'clock_skew: 5 ms\n', 'FL308', '1:13', '5 ms', 'duration'),
  inConfiguration(
    'rules of the configuration that are not there',
    'rules: [invariant]\n',
    'FL710',
    '1:9',
    'invariant',
    'invariants',
  ),
  inConfiguration('a configuration that is not YAML', 'rules: [a\n', 'FL301', '1:8', '[', 'write `]`'),
];

describe('mistakes', () => {
  it('are many, each with a title of its own', () => {
    expect(new Set(MISTAKES.map(({ title, code }) => `${title} ${code}`)).size).toBe(MISTAKES.length);
    expect(MISTAKES.length).toBeGreaterThan(60);
  });

  it.each(MISTAKES.map((mistake) => [mistake.title, mistake] as const))('%s', async (_, mistake) => {
    const { code, stdout, stderr } = await runInMemory(mistake.argv, mistake.world);
    const said = stdout + stderr;
    if (process.env['SHOW']) console.log(`${mistake.title}\n${said}`);
    expect(said).toMatch(new RegExp(`^(?:error|warning)\\[${mistake.code}\\] `, 'm'));
    const block = blockOf(said, mistake.code, mistake.at);
    expect(underlined(block), block).toBe(mistake.under);
    const help = /^ {2}help: (.+)$/m.exec(block)?.[1];
    expect(help).toBeDefined();
    expect(help).toContain(mistake.next);
    expect(code).toBe(mistake.exit ?? 2);
  });
});

/** The lines of the diagnostic with a code at a place. */
function blockOf(said: string, code: string, at: string): string {
  const blocks = said.split(/\n\n/).filter((block) => block.includes(`[${code}]`));
  const block = blocks.find((candidate) => candidate.includes(`--> ${at}\n`));
  if (block === undefined) throw new Error(`nothing of ${code} at ${at}:\n${said}`);
  return block;
}

/** The text above the carets. */
function underlined(block: string): string {
  const lines = block.split('\n');
  const carets = lines.findIndex((line) => /^\s*\| *\^+$/.test(line));
  const line = lines[carets] ?? '';
  const start = line.indexOf('^');
  return (lines[carets - 1] ?? '').slice(start, line.lastIndexOf('^') + 1);
}
