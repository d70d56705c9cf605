import { describe, expect, it } from 'vitest';
import { DEFAULT_JUDGE_SETTINGS } from '../engine/verdict.ts';
import { RuleLoader } from '../server/rules/rule-set.ts';
import { parseArguments } from './arguments.ts';
import { DEFAULT_CONFIGURATION } from './configuration.ts';
import { memoryIo } from './memory-io.ts';
import { serverRules } from './server-rules.ts';

function read(argv: readonly string[], files: Readonly<Record<string, string>> = {}) {
  const parsed = parseArguments(argv);
  if (parsed.kind !== 'invocation') throw new Error(JSON.stringify(parsed));
  const io = memoryIo({ argv, cwd: '/project', files });
  return serverRules(io, parsed.invocation, DEFAULT_CONFIGURATION).read();
}

describe('serverRules', () => {
  it('waits for the default folder, and finds no fault in its absence', () => {
    const reading = read(['serve']);
    expect(reading).toEqual({
      files: [],
      paths: ['/project/invariants'],
      problems: [],
      unread: [{ name: 'invariants', isAbsent: true, problem: null }],
    });
    const set = new RuleLoader(DEFAULT_JUDGE_SETTINGS).load(reading, '2026-01-01');
    expect([set.broken, set.diagnostics]).toEqual([[], []]);
  });

  it('finds fault in the absence of what was named', () => {
    const { paths, problems, unread } = read(['serve', '--rules', 'more']);
    expect(paths).toEqual(['/project/more']);
    expect(problems).toMatchObject([{ code: 'FL710', severity: 'error' }]);
    expect(unread).toEqual([{ name: 'more', isAbsent: true, problem: problems[0] }]);
  });

  it.each(['more', 'more/', './more', '/project/more'])('keeps the rules of %s when it goes', (name) => {
    const rule = 'rules:\n  - { id: a, name: A, condition: "pay and check" }\n';
    const loader = new RuleLoader(DEFAULT_JUDGE_SETTINGS);
    const argv = ['serve', '--rules', name, '--rules', 'other'];
    const files = { '/project/more/deep/a.yaml': rule, '/project/other/b.yaml': rule.replace('a,', 'b,') };
    expect(loader.load(read(argv, files), '2026-01-01').rules).toHaveLength(2);
    const left = { '/project/other/c.yaml': '' };
    const set = loader.load(read(argv, left), '2026-01-01');
    expect(set.rules.map(({ rule: { id } }) => id)).toEqual(['a']);
    expect(set.diagnostics.map(({ code }) => code)).toContain('FL815');
    expect(set.diagnostics.map(({ code }) => code)).not.toContain('FL710');
    expect(set.broken).toContainEqual({ name, errors: 1, keptRules: 1 });
  });

  it('reads the default folder where it is', () => {
    const { files, problems } = read(['serve'], { '/project/invariants/a.yaml': 'x' });
    expect([files, problems]).toEqual([[{ name: 'invariants/a.yaml', text: 'x' }], []]);
  });
});
