import { describe, expect, it } from 'vitest';
import { otlpLine } from '../testing/otlp-line.ts';
import { runInMemory } from '../testing/run-in-memory.ts';

const RULES = `rules:
  - id: with-when
    origin: incident:1
    condition: when { payment.charge } always { inventory.reserve }
  - id: short-form
    origin: incident:1
    condition: payment.charge and fraud.check
  - id: a-practice
    origin: spec:payments
    condition: when { payment.charge } always { audit.write }
`;
const files = { '/project/invariants/payment.yaml': RULES };

describe('fluo lint', () => {
  it('says how rules are read that do not say it themselves, behind the summary', async () => {
    const { code, stdout } = await runInMemory(['lint'], { files });
    expect(code).toBe(0);
    expect(stdout).toMatch(/1 note in 1 file\n\nHow they are read:\nshort-form\n {2}When a trace has/);
    expect(stdout).not.toContain('with-when\n');
    expect(stdout).toMatch(/2 other rules say .* \(--explain shows how each rule is read\)\n$/);
  });

  it('says it of each rule with --explain', async () => {
    const { stdout } = await runInMemory(['lint', '--explain'], { files });
    for (const id of ['with-when', 'short-form', 'a-practice']) expect(stdout).toContain(`\n${id}\n  When`);
    expect(stdout).not.toContain('--explain');
  });

  it('says it of rules with a problem, and one warning for a missing name', async () => {
    const traces = otlpLine(1, [{ name: 'payment.charged' }, { name: 'inventory.reserve' }]);
    const { code, stdout } = await runInMemory(['lint', '--rule', 'with-when', '--against', 't.jsonl'], {
      files: { ...files, '/project/t.jsonl': traces },
    });
    expect(code).toBe(1);
    expect([...stdout.matchAll(/^warning\[(\w+)\]/gm)].map(([, one]) => one)).toEqual(['FL422']);
    expect(stdout).toContain('note: so the trigger of `with-when` occurred in none of 1 traces');
    expect(stdout).toContain('\nwith-when\n  When');
  });

  it('notes an enforcement that comes of the origin', async () => {
    const { stdout } = await runInMemory(['lint'], { files });
    expect(stdout).toContain('info[FL428] `a-practice` is `audit-only`: no `enforcement` is written');
    const written = RULES.replace(
      'origin: spec:payments',
      'origin: spec:payments\n    enforcement: audit-only',
    );
    const other = await runInMemory(['lint'], { files: { '/project/invariants/payment.yaml': written } });
    expect(other.stdout).not.toContain('FL428');
  });
});
