/** What the program really writes keeps to the schemas that are published. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { otlpLine } from '../../src/cli/testing/otlp-line.ts';
import { runInMemory } from '../../src/cli/testing/run-in-memory.ts';
import { sarifProblems } from '../../src/report/testing/sarif-structure.ts';
import { readXml } from '../../src/report/testing/xml-well-formed.ts';

const RULES = `rules:
  - id: reserve-first
    severity: critical
    origin: incident:2026-01-20
    condition: payment.charge and inventory.reserve.before(payment.charge)
  - id: no-origin-here
    condition: never { payment.bypass }
  - id: one-charge
    origin: incident:2026-01-20
    condition: across cart within 10m { count(payment.charge) <= 1 }
`;
const TESTS = `rules: payment.yaml
tests:
  - name: wrong on purpose
    trace: |
      shop/payment.charge @0ms+5ms {cart: c1}
    expect: { reserve-first: satisfied }
`;
const world = {
  files: {
    '/project/invariants/payment.yaml': RULES,
    '/project/invariants/payment.test.yaml': TESTS,
    '/project/traces.jsonl':
      otlpLine(1, [{ name: 'inventory.reserve' }, { name: 'payment.charge' }]) +
      otlpLine(2, [{ name: 'payment.charge' }]) +
      '{"resourceSpans": [{]\n',
  },
};

function problemsOf(name: string, document: unknown): unknown[] {
  const schema = JSON.parse(readFileSync(join(import.meta.dirname, '../../schema', name), 'utf8'));
  const validate = new Ajv.Ajv2020({ strict: true, allErrors: true }).compile(schema);
  return validate(document) ? [] : [...(validate.errors ?? [])];
}

describe('the JSON of the program', () => {
  it.each([
    ['check-report.schema.json', ['check', '-f', 'json', 'traces.jsonl'], 'findings'],
    ['test-report.schema.json', ['test', '-f', 'json', '--coverage', '--mutate'], 'coverage'],
    ['diagnostics-report.schema.json', ['lint', '-f', 'json'], 'diagnostics'],
  ])('keeps to %s', async (schema, argv, key) => {
    const { stdout, stderr } = await runInMemory(argv, world);
    expect(stderr).toBe('');
    const report = JSON.parse(stdout);
    expect(problemsOf(schema, report)).toEqual([]);
    expect(report[key].length).toBeGreaterThan(0);
  });

  it('is well formed as SARIF and as JUnit, too', async () => {
    const sarif = await runInMemory(['check', '-f', 'sarif', 'traces.jsonl'], world);
    expect(sarifProblems(JSON.parse(sarif.stdout))).toEqual([]);
    const junit = await runInMemory(['check', '-f', 'junit', 'traces.jsonl'], world);
    expect(readXml(junit.stdout).attributes).toMatchObject({ failures: '1' });
  });
});
