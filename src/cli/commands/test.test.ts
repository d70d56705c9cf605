import { describe, expect, it } from 'vitest';
import { runInMemory } from '../testing/run-in-memory.ts';

const RULES = 'rules:\n  - id: a-then-b\n    condition: a and b.after(a)\n';
const TESTS = `rules: orders.yaml
tests:
  - name: only a
    trace: shop/a @0ms+1ms
    expect: { a-then-b: violated }
`;
const FILES = { '/project/rules/orders.yaml': RULES, '/project/rules/orders.test.yaml': TESTS };

describe('fluo test', () => {
  it('closes traces by the limits of fluo.yaml', async () => {
    const files = {
      '/project/shop.yaml':
        'version: 1\nrules:\n  - { id: paid, condition: "trace.has(order.place) and trace.has(payment.charge)" }\n',
      '/project/shop.test.yaml': `rules: shop.yaml
tests:
  - name: the charge is told 4 s late
    trace: |
      shop/order.place @0ms+100ms
        payment/payment.charge @20ms+60ms
    arrive: { payment.charge: +4s }
    expect: [ { at: 3s, paid: violated }, { at: 5s, paid: retracted } ]
`,
    };
    expect(await runInMemory(['test', 'shop.test.yaml'], { files })).toMatchObject({ code: 1 });
    const short = { ...files, '/project/fluo.yaml': 'version: 1\nlimits: { idle_after_root: 2s }\n' };
    expect(await runInMemory(['test', 'shop.test.yaml'], { files: short })).toMatchObject({ code: 0 });
  });

  it('runs the tests beside a rule file', async () => {
    const { code, stdout, stderr } = await runInMemory(['test', 'rules/orders.yaml'], { files: FILES });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('rules/orders.test.yaml\n  ✓ only a\n');
  });

  it('runs them once where both files are named, and takes a test file of any name', async () => {
    const both = await runInMemory(['test', 'rules/orders.yaml', 'rules/orders.test.yaml'], { files: FILES });
    expect(both.stdout).toContain('1 passed, of 1');
    const files = { '/project/orders.yaml': RULES, '/project/checks.yaml': TESTS };
    expect(await runInMemory(['test', 'checks.yaml'], { files })).toMatchObject({ code: 0 });
  });

  it('says in one error that a rule file has no tests', async () => {
    const files = { '/project/rules/orders.yaml': RULES };
    const { code, stdout, stderr } = await runInMemory(['test', 'rules/orders.yaml'], { files });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.match(/^error/gm)).toHaveLength(1);
    expect(stderr).toMatch(/FL722.*there is no `orders\.test\.yaml` beside it/);
  });

  it('leaves out rule files without tests that the configuration lists', async () => {
    const files = {
      ...FILES,
      '/project/more.yaml': RULES.replace('a-then-b', 'other'),
      '/project/fluo.yaml': 'rules: [rules/orders.yaml, more.yaml]\n',
    };
    const { code, stdout } = await runInMemory(['test'], { files });
    expect(code).toBe(0);
    expect(stdout).toContain('1 passed, of 1');
  });

  it('does not say that there are no tests after an error in the file that holds them', async () => {
    const files = { ...FILES, '/project/rules/orders.test.yaml': TESTS.replace('a-then-b', 'a-than-b') };
    const { code, stdout } = await runInMemory(['test', 'rules'], { files });
    expect(code).toBe(2);
    expect(stdout).toContain('FL606');
    expect(stdout).not.toMatch(/No tests/);
  });
});

describe('--rules', () => {
  it.each([['test'], ['lint'], ['fmt', '--check']])(
    'is the same as a path for fluo %s',
    async (...command) => {
      const asPath = await runInMemory([...command, 'rules'], { files: FILES });
      const asOption = await runInMemory([...command, '--rules', 'rules'], { files: FILES });
      expect(asPath.code).toBe(0);
      expect(asOption).toMatchObject({ code: 0, stdout: asPath.stdout, stderr: '' });
      const missing = await runInMemory([...command, '--rules', 'rulez'], { files: FILES });
      expect(missing.code).toBe(2);
      expect(`${missing.stdout}${missing.stderr}`).toMatch(/FL710[\s\S]*did you mean `rules`\?/);
    },
  );

  it('is what a command without any rules proposes, and takes', async () => {
    for (const command of ['test', 'lint', 'fmt']) {
      const { code, stdout, stderr } = await runInMemory([command], { files: FILES });
      expect(code).toBe(2);
      expect(`${stdout}${stderr}`).toContain('say `--rules PATH`');
    }
  });
});
