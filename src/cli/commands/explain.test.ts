import { describe, expect, it } from 'vitest';
import { CODES } from '../../diagnostic/codes.ts';
import { runInMemory } from '../testing/run-in-memory.ts';

const RULES = `rules:
  - id: payment-requires-stock
    name: Payment requires stock
    severity: critical
    origin: incident:2026-01-20
    environments: [production]
    raise: { share: 7%, within: 1m, at_least: 3 }
    exceptions:
      - { name: load test, fields: [synthetic], values: [[true]], anywhere: true, reason: made up, expires: 2027-03-01 }
    condition: payment.charge.where(amount > 1000) and inventory.reserve
`;

describe('fluo explain', () => {
  it('says in English what a rule of the folder means, what it looks at, and what holds of it', async () => {
    const { code, stdout } = await runInMemory(['explain', 'payment-requires-stock'], {
      files: { '/project/invariants/payment.yaml': RULES },
    });
    expect(code).toBe(0);
    expect(stdout).toContain('payment-requires-stock  invariants/payment.yaml:2');
    expect(stdout).toContain('When a trace has');
    expect(stdout).toMatch(/^Spans: +payment\.charge, inventory\.reserve$/m);
    expect(stdout).toMatch(/^Attributes: +amount$/m);
    expect(stdout).toMatch(/^Environments: +production$/m);
    expect(stdout).toMatch(/^Raised: +when 7% of the scopes break it within 1m, at least 3$/m);
    expect(stdout).toMatch(/^Exception: +load test: synthetic, until 2027-03-01 \(made up\)$/m);
  });

  it('falls back on the library, also where there are no rules', async () => {
    const { code, stdout } = await runInMemory(['explain', 'payment-requires-inventory']);
    expect(code).toBe(0);
    expect(stdout).toContain('library: payments/charges:');
  });

  it('takes the text of a rule', async () => {
    const { code, stdout } = await runInMemory(['explain', 'never { payment.bypass_validation }']);
    expect(code).toBe(0);
    expect(stdout).toContain('no `payment.bypass_validation`');
  });

  it('leaves out what a rule does not look at', async () => {
    const { code, stdout } = await runInMemory(['explain', 'trace.duration < 2s']);
    expect(code).toBe(0);
    expect(stdout).not.toContain('Spans:');
    expect(stdout).toMatch(/Every trace must last shorter than 2 s\.\n$/);
  });

  it('says what is wrong with a text', async () => {
    const { code, stderr } = await runInMemory(['explain', 'count(a) >']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/error\[FL1\d\d\]/);
    expect(stderr).toContain('rule:1:');
  });

  it.each(Object.keys(CODES))('explains %s', async (code) => {
    const outcome = await runInMemory(['explain', code.toLowerCase()]);
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(outcome.stdout.startsWith(`${code} `)).toBe(true);
  });

  it('knows near codes and rules', async () => {
    expect((await runInMemory(['explain', 'FL7011'])).stderr).toContain('did you mean `FL701`');
    expect((await runInMemory(['explain', 'payment-requires-inventry'])).stderr).toContain(
      'did you mean `payment-requires-inventory`?',
    );
  });
});
