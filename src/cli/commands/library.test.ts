import { describe, expect, it } from 'vitest';
import { runInMemory } from '../testing/run-in-memory.ts';

describe('fluo library', () => {
  it('lists all rules of all domains', async () => {
    const { code, stdout } = await runInMemory(['library', 'list']);
    expect(code).toBe(0);
    for (const domain of ['payments', 'multi-tenancy', 'compliance', 'ai-guardrails', 'healthcare']) {
      expect(stdout).toMatch(new RegExp(`^${domain}/`, 'm'));
    }
    expect(stdout).toMatch(/^ {2}payment-requires-inventory +A charge/m);
  });

  it.each([
    ['a domain', 'payments', 3],
    ['a file', 'payments/charges', 1],
    ['a file by its own name', 'charges.yaml', 1],
    ['a rule', 'payment-requires-inventory', 1],
  ])('shows by %s', async (_, name, files) => {
    const { code, stdout } = await runInMemory(['library', 'show', name]);
    expect(code).toBe(0);
    expect(stdout.match(/^rules:/gm)).toHaveLength(files);
  });

  it('adds a domain with its tests, which pass where they are', async () => {
    const { code, stdout, io } = await runInMemory(['library', 'add', 'payments']);
    expect(code).toBe(0);
    expect(stdout).toContain('created     invariants/payments/charges.yaml');
    expect(stdout).toContain('created     invariants/payments/charges.test.yaml');
    expect(await runInMemory(['test'], { files: io.files.all() })).toMatchObject({ code: 0 });
    const again = await runInMemory(['library', 'add', 'payments'], { files: io.files.all() });
    expect(again.stdout).toContain('left alone  invariants/payments/charges.yaml');
  });

  it('adds no rule whose id the folder has already', async () => {
    const files = {
      '/project/invariants/own.yaml': 'rules: [{ id: payment-requires-inventory, condition: "never { a }" }]',
    };
    const { code, stderr, io } = await runInMemory(['library', 'add', 'charges'], { files });
    expect(code).toBe(2);
    expect(stderr).toContain(
      'error[FL726] `payment-requires-inventory` of `payments/charges` is the id of a rule in `invariants/own.yaml`',
    );
    expect(io.files.kindOf('/project/invariants/payments')).toBeNull();
  });

  it('adds where it is told to, and where the configuration has its rules', async () => {
    const named = await runInMemory(['library', 'add', 'charges', '--to', 'here']);
    expect(named.io.files.kindOf('/project/here/payments/charges.yaml')).toBe('file');
    const files = { '/project/fluo.yaml': 'rules: [one.yaml, all/]', '/project/one.yaml': 'rules: []' };
    const configured = await runInMemory(['library', 'add', 'charges'], { files });
    expect(configured.io.files.kindOf('/project/all/payments/charges.yaml')).toBe('file');
  });
});
