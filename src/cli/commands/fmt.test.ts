import { describe, expect, it } from 'vitest';
import { runInMemory } from '../testing/run-in-memory.ts';

const FORMATTED = 'rules:\n  - { id: one, origin: "incident:1", condition: a and b }\n';
const LOOSE = 'rules:\n  - { id: two, origin: "incident:1", condition: a   and b }\n';
const BROKEN = 'rules:\n  - { id: three, origin: "incident:1", condition: a and }\n';

function format(files: Readonly<Record<string, string>>, ...more: string[]) {
  const below = Object.entries(files).map(([name, text]) => [`/project/invariants/${name}`, text]);
  return runInMemory(['fmt', ...more], { cwd: '/project', files: Object.fromEntries(below) });
}

describe('fluo fmt', () => {
  it.each([
    ['nothing to do', { 'a.yaml': FORMATTED }, '1 file, nothing to change\n', 0],
    ['a change', { 'a.yaml': FORMATTED, 'b.yaml': LOOSE }, '1 of 2 files changed\n', 0],
    ['an error', { 'a.yaml': BROKEN }, '1 file, 1 not formatted (errors)\n', 2],
    [
      'all at once',
      { 'a.yaml': FORMATTED, 'b.yaml': LOOSE, 'c.yaml': BROKEN },
      '1 of 3 files changed, 1 not formatted (errors)\n',
      2,
    ],
  ])('counts what it did: %s', async (_, files, last, exit) => {
    const { code, stdout } = await format(files);
    expect(stdout.endsWith(last), stdout).toBe(true);
    expect(code).toBe(exit);
  });

  it('changes what it can beside a file with errors, and leaves that as it is', async () => {
    const { io, stderr } = await format({ 'b.yaml': LOOSE, 'c.yaml': BROKEN });
    expect(io.files.readText('/project/invariants/b.yaml')).toBe(LOOSE.replace('a   and', 'a and'));
    expect(io.files.readText('/project/invariants/c.yaml')).toBe(BROKEN);
    expect(stderr).toContain('invariants/c.yaml:2:');
  });

  it.each([[[]], [['--check']]])('objects to a folder without rules: %j', async (more) => {
    const world = { cwd: '/project', folders: ['/project/empty'] };
    const { code, stdout, stderr } = await runInMemory(['fmt', 'empty/', ...more], world);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('error[FL713]');
  });
});
