import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { runInMemory } from '../testing/run-in-memory.ts';

async function initialised(files: Record<string, string> = {}) {
  const { code, stdout, io } = await runInMemory(['init'], { files });
  const written = Object.fromEntries(
    Object.entries(io.files.all()).filter(([path]) => path.startsWith('/project/')),
  );
  return { code, stdout, files: written };
}

describe('fluo init', () => {
  it('makes files that load, pass their tests, are in the standard form and free of lints', async () => {
    const { code, files } = await initialised();
    expect(code).toBe(0);
    expect(Object.keys(files).sort()).toEqual([
      '/project/.github/pull_request_template.md',
      '/project/.github/workflows/fluo.yml',
      '/project/fluo.yaml',
      '/project/invariants/payment.test.yaml',
      '/project/invariants/payment.yaml',
    ]);
    const tested = await runInMemory(['test', '--coverage', '--mutate'], { files });
    expect(tested.stderr).toBe('');
    expect(tested.code).toBe(0);
    expect(tested.stdout).toContain('4 passed');
    expect(await runInMemory(['fmt', '--check'], { files })).toMatchObject({ code: 0 });
    const linted = await runInMemory(['lint', '--explain'], { files });
    expect(linted).toMatchObject({ code: 0, stderr: '' });
    expect(linted.stdout).toContain('For every `payment.charge` span');
  });

  it('makes a workflow that is YAML and installs nothing by a name that somebody else owns', async () => {
    const { files } = await initialised();
    const workflow = files['/project/.github/workflows/fluo.yml'] ?? '';
    expect(parse(workflow)).toMatchObject({ jobs: { invariants: { steps: expect.any(Array) } } });
    expect(workflow).not.toMatch(/npx|install[^"]* fluo\b/);
  });

  it('says which variable the workflow needs', async () => {
    const { stdout, files } = await initialised();
    expect(stdout).toContain('set the repository variable FLUO_PACKAGE');
    expect(files['/project/.github/workflows/fluo.yml']).toContain('vars.FLUO_PACKAGE');
    expect(readFileSync('docs/CI.md', 'utf8')).toContain('FLUO_PACKAGE');
  });

  it('has the checklist of the guide in the pull-request template', async () => {
    const { files } = await initialised();
    const template = files['/project/.github/pull_request_template.md'];
    expect(template?.match(/^- \[ \] /gm)).toHaveLength(4);
    expect(template).toContain('Invariants defined (IDD) - if applicable');
  });

  it('leaves alone what is there, says so, and shows the checklist for a template that it did not write', async () => {
    const mine = {
      '/project/fluo.yaml': 'rules: [mine/]',
      '/project/.github/PULL_REQUEST_TEMPLATE.md': 'mine',
    };
    const { stdout, files } = await initialised(mine);
    expect(files).toMatchObject(mine);
    expect(files['/project/.github/pull_request_template.md']).toBe(undefined);
    expect(stdout).toContain('left alone  fluo.yaml');
    expect(stdout).toContain('left alone  .github/PULL_REQUEST_TEMPLATE.md');
    expect(stdout).toContain('created     invariants/payment.yaml');
    expect(stdout).toContain('- [ ] Tests added (TDD)');
  });

  it('works in another folder', async () => {
    const { stdout, io } = await runInMemory(['init', 'shop']);
    expect(io.files.kindOf('/project/shop/invariants/payment.yaml')).toBe('file');
    expect(stdout).toContain('created     shop/fluo.yaml');
    expect(stdout).toContain('cd shop && fluo test');
  });
});
