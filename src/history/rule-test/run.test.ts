import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RULE_TEST_CODES } from '../../diagnostic/codes/rule-test.ts';
import type { SourceText } from '../../diagnostic/diagnostic.ts';
import { positionOf } from '../../diagnostic/position.ts';
import { isClean, type ReadRules, type RuleTestOptions, type RuleTestRun, runRuleTests } from './run.ts';

const TODAY = '2026-11-20';

const RULES = `rules:
  - id: payment-requires-inventory
    condition: payment.charge and inventory.reserve.before(payment.charge)
  - id: one-charge-per-intent
    condition: across payment_intent_id within 10m { count(payment.charge).where(span.status != error) <= 1 }
  - id: no-bypass
    condition: never { bypass }
`;

function reader(files: Readonly<Record<string, string>>): ReadRules {
  return (path) => {
    const text = files[path];
    return text === undefined ? { problem: 'there is no such file' } : { source: { name: path, text } };
  };
}

function run(tests: string, rules = RULES, options: Partial<RuleTestOptions> = {}): RuleTestRun {
  const file = { name: 'payment.test.yaml', text: `rules: payment.yaml\n${tests}` };
  return runRuleTests([file], reader({ 'payment.yaml': rules }), { today: TODAY, ...options });
}

/** Rule, expected and actual verdict of each failure. */
function failures(result: RuleTestRun): string[] {
  return result.files.flatMap(({ tests }) =>
    tests.flatMap((test) =>
      test.failures.map(({ rule, expected, actual }) => `${rule.id}: ${expected ?? 'nothing'}, ${actual}`),
    ),
  );
}

const CHARGED = `  - name: charged without a reservation
    trace: |
      frontend/POST /checkout @0ms+900ms
        payment/payment.charge @120ms+80ms {payment_intent_id: p1}
`;

describe('runRuleTests', () => {
  it('passes a test whose verdicts are as expected', () => {
    const result = run(
      `tests:\n${CHARGED}    expect: { payment-requires-inventory: violated, one-charge-per-intent: satisfied, no-bypass: satisfied }\n`,
    );
    expect(failures(result)).toEqual([]);
    expect([result.passed, result.failed]).toEqual([1, 0]);
    expect(isClean(result)).toBe(true);
    expect([result.coverage, result.mutation]).toEqual([null, null]);
  });

  it('fails a test with the verdict, the judgement and the place of the expectation', () => {
    const result = run(
      `tests:\n${CHARGED}    only: true\n    expect: { payment-requires-inventory: satisfied }\n`,
    );
    expect(failures(result)).toEqual(['payment-requires-inventory: satisfied, violated']);
    expect(isClean(result)).toBe(false);
    const [file] = result.files;
    const [failure] = file?.tests[0]?.failures ?? [];
    expect(file?.source.text.slice(failure?.range.start, failure?.range.end)).toBe('satisfied');
    expect(failure?.judgments[0]?.witness?.trigger.map((span) => span.name)).toEqual(['payment.charge']);
  });

  it('expects a rule that is not named to be not applicable, unless the test says only', () => {
    expect(failures(run(`tests:\n${CHARGED}    expect: {}\n`))).toEqual([
      'payment-requires-inventory: nothing, violated',
    ]);
    expect(failures(run(`tests:\n${CHARGED}    expect: {}\n    only: true\n`))).toEqual([]);
  });

  it('lets a rule without a trigger that is not named be satisfied, and nothing worse', () => {
    const named = 'expect: { payment-requires-inventory: violated }';
    const test = (spans: string) =>
      `tests:\n  - name: by\n    trace: |\n      a/payment.charge @0ms+9ms\n${spans}    ${named}\n`;
    expect(failures(run(test('')))).toEqual([]);
    expect(failures(run(test('        a/bypass @1ms+1ms\n')))).toEqual(['no-bypass: nothing, violated']);
    expect(failures(run(test('        (missing)\n          a/x @1ms+1ms\n')))).toContain(
      'no-bypass: nothing, inconclusive',
    );
  });

  it('mutates no rule while a test fails, or cannot be run, and says so', () => {
    const failing = run(`tests:\n${CHARGED}    expect: {}\n`, RULES, { mutate: true });
    expect(failing.mutation).toBe(null);
    expect(failing.diagnostics.at(-1)).toMatchObject({
      code: 'FL610',
      severity: 'warning',
      help: 'make the tests pass first',
    });
    const unread = run(`tests:\n${CHARGED}    expect: { no-bypas: satisfied }\n`, RULES, { mutate: true });
    expect(unread.mutation).toBe(null);
    expect(unread.diagnostics.slice(-2).map(({ code }) => code)).toEqual(['FL606', 'FL610']);
    const passing = run(
      `tests:\n${CHARGED}    ${'expect: { payment-requires-inventory: violated }'}\n`,
      RULES,
      {
        mutate: true,
      },
    );
    expect(passing.mutation?.map(({ rule }) => rule.id)).toHaveLength(3);
    expect(passing.diagnostics.map(({ code }) => code)).not.toContain('FL610');
  });

  it('judges several traces, each by itself and together for rules across traces', () => {
    const result = run(`tests:
  - name: a customer clicks twice
    traces:
      - "a/payment.charge @0ms+10ms {payment_intent_id: p1}"
      - "a/payment.charge @500ms+10ms {payment_intent_id: p1}"
    expect: { payment-requires-inventory: violated, one-charge-per-intent: violated, no-bypass: satisfied }
  - name: one of three is violated
    traces:
      - a/health @0ms+10ms
      - a/bypass @0ms+10ms
      - a/health @0ms+10ms
    expect: { no-bypass: violated }
  - name: a long pause
    traces:
      - "a/payment.charge @0ms+10ms {payment_intent_id: p1}"
      - "a/payment.charge @11m+10ms {payment_intent_id: p1}"
    expect: { payment-requires-inventory: violated, one-charge-per-intent: satisfied, no-bypass: satisfied }
  - name: no key, no group
    trace: a/payment.charge @0ms+10ms
    expect: { payment-requires-inventory: violated, one-charge-per-intent: not_applicable, no-bypass: satisfied }
  - name: incomplete
    traces:
      - |
        a/root @0ms+10ms
        (missing)
          a/x @0ms+1ms
      - a/health @0ms+10ms
    expect: { no-bypass: inconclusive }
`);
    expect(failures(result)).toEqual([]);
    expect(result.passed).toBe(5);
  });

  const LATE = `  - name: the reservation arrives 40 s late
    trace: |
      frontend/POST /checkout @0ms+900ms
        stock/inventory.reserve @20ms+60ms {cart.id: c1}
        payment/payment.charge @120ms+80ms {amount: 59.99, cart.id: c1}
    arrive: { inventory.reserve: +40s }
    only: true
`;

  it('plays spans that arrive late: violated when the trace closes, retracted when the reservation comes', () => {
    const result = run(
      `tests:\n${LATE}    expect: [ {at: 15s, payment-requires-inventory: violated}, {at: 41s, payment-requires-inventory: retracted} ]\n`,
    );
    expect(failures(result)).toEqual([]);
    expect(isClean(result)).toBe(true);
  });

  it('says what was told instead, when, and where it was expected', () => {
    const result = run(
      `tests:\n${LATE}    expect: [ {at: 1s, payment-requires-inventory: violated}, {at: 40079ms, payment-requires-inventory: retracted}, {at: 40080ms, payment-requires-inventory: violated}, {at: 60s, payment-requires-inventory: violated} ]\n`,
    );
    const [test] = result.files[0]?.tests ?? [];
    expect(test?.failures.map(({ at, expected, actual }) => [at, expected, actual])).toEqual([
      [1_000_000_000n, 'violated', 'not_applicable'],
      [40_079_000_000n, 'retracted', 'violated'],
      [40_080_000_000n, 'violated', 'retracted'],
      [60_000_000_000n, 'violated', 'satisfied'],
    ]);
    expect(test?.failures[1]?.judgments.map(({ witness }) => witness?.missing)).toEqual([
      ['inventory.reserve.before(payment.charge)'],
    ]);
  });

  it('tells early what no span can change, and groups across traces as well', () => {
    const result = run(`tests:
  - name: a forbidden span
    trace: |
      a/x @0ms+5s
        a/bypass @1ms+1ms
    expect: [ { at: 2ms, no-bypass: violated }, { at: 60s, no-bypass: violated } ]
  - name: a customer who clicks twice
    traces:
      - payment/payment.charge @0ms+80ms {payment_intent_id: p1}
      - payment/payment.charge @350ms+80ms {payment_intent_id: p1}
    only: true
    expect:
      - { at: 429ms, one-charge-per-intent: not_applicable }
      - { at: 430ms, one-charge-per-intent: violated }
      - { at: 2h, one-charge-per-intent: violated }
`);
    expect(failures(result)).toEqual([]);
  });

  it('expects the final verdicts of a test with `arrive` alone, and nothing of rules that it does not name', () => {
    const late = LATE.replace('    only: true\n', '');
    expect(
      failures(
        run(`tests:\n${late}    expect: { payment-requires-inventory: satisfied, no-bypass: satisfied }\n`),
      ),
    ).toEqual([]);
    expect(failures(run(`tests:\n${late}    expect: [ { at: 15s, no-bypass: satisfied } ]\n`))).toEqual([
      'payment-requires-inventory: nothing, violated',
    ]);
    expect(failures(run(`tests:\n${late}    expect: [ { at: 15s } ]\n`))).toEqual([
      'payment-requires-inventory: nothing, violated',
    ]);
  });

  it('plays the tests of changed rules too', () => {
    const rules = RULES.replace('inventory.reserve.before(payment.charge)', 'inventory.reserve');
    const result = run(
      `tests:\n${LATE}    expect: [ {at: 15s, payment-requires-inventory: violated}, {at: 41s, payment-requires-inventory: retracted} ]\n`,
      rules,
      { mutate: true, coverage: true },
    );
    expect(result.mutation?.find(({ rule }) => rule.id === 'payment-requires-inventory')).toMatchObject({
      survivors: [],
    });
    expect(
      result.coverage?.find(({ rule }) => rule.id === 'payment-requires-inventory')?.reached,
    ).toBeGreaterThan(0);
  });

  it('names a rule that does not exist, also in a test with times', () => {
    const result = run(`tests:
  - { name: a, trace: a/b @0ms+1ms, expect: { no-bypas: violated } }
  - { name: b, trace: a/b @0ms+1ms, expect: [{ at: 1s, other: violated }] }
`);
    const found = result.diagnostics.filter((diagnostic) => diagnostic.code === 'FL606');
    expect(found.map(({ message, help }) => `${message}: ${help}`)).toEqual([
      'no rule of `payment.yaml` has the id `no-bypas`: did you mean `no-bypass`?',
      expect.stringMatching(/`other`/),
    ]);
    expect(result.files[0]?.tests).toEqual([]);
    expect(isClean(result)).toBe(false);
  });

  it('says which rule file cannot be read', () => {
    const file = {
      name: 'x.test.yaml',
      text: 'rules: [payment.yaml, gone.yaml]\ntests:\n  - { name: a, trace: a/b @0ms+1ms, expect: {} }\n',
    };
    const result = runRuleTests([file], reader({ 'payment.yaml': RULES }), { today: TODAY });
    expect(result.diagnostics).toMatchObject([
      { code: 'FL609', message: 'the rules `gone.yaml` cannot be read: there is no such file' },
    ]);
    expect(file.text.slice(result.diagnostics[0]?.range?.start, result.diagnostics[0]?.range?.end)).toBe(
      'gone.yaml',
    );
  });

  it('runs no test of rules with errors, and says them once', () => {
    const file = (name: string): SourceText => ({
      name,
      text: 'rules: payment.yaml\ntests:\n  - { name: a, trace: a/b @0ms+1ms, expect: {} }\n',
    });
    const result = runRuleTests(
      [file('a.test.yaml'), file('b.test.yaml')],
      reader({ 'payment.yaml': 'rules:\n  - id: a\n    condition: a or b\n' }),
      { today: TODAY },
    );
    expect(result.diagnostics.filter((diagnostic) => diagnostic.severity === 'error')).toHaveLength(1);
    expect(result.files.map(({ tests }) => tests)).toEqual([[], []]);
  });

  it('judges exceptions on the day of the test file, else on the present day', () => {
    const rules = `rules:
  - id: a-b
    condition: a and b
    exceptions:
      - { name: n, fields: [tenant], values: [[acme]], reason: r, expires: 2026-06-01 }
`;
    const tests = (today: string, verdict: string): string =>
      `${today}tests:\n  - name: x\n    trace: "s/a @0ms+1ms {tenant: acme}"\n    expect: { a-b: ${verdict} }\n`;
    expect(failures(run(tests('today: 2026-05-31\n', 'not_applicable'), rules))).toEqual([]);
    expect(failures(run(tests('today: 2026-06-01\n', 'violated'), rules))).toEqual([]);
    expect(failures(run(tests('', 'violated'), rules))).toEqual([]);
  });

  it('judges only the rules that are asked for', () => {
    const result = run(`tests:\n${CHARGED}    expect: { no-bypass: violated }\n`, RULES, {
      only: (rule) => rule.id === 'payment-requires-inventory',
    });
    expect(failures(result)).toEqual(['payment-requires-inventory: nothing, violated']);
  });

  it('passes the tests of the library, all clauses covered', () => {
    const library = join(import.meta.dirname, '../../../library');
    const read = (name: string): SourceText => ({ name, text: readFileSync(name, 'utf8') });
    const files = readdirSync(library, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.test.yaml'))
      .map((name) => read(join(library, name)));
    const result = runRuleTests(files, (path, from) => ({ source: read(join(dirname(from.name), path)) }), {
      today: TODAY,
      coverage: true,
    });
    expect(failures(result)).toEqual([]);
    expect(result.passed).toBeGreaterThan(100);
    expect(isClean(result)).toBe(true);
    expect(result.coverage?.flatMap(({ gaps }) => gaps.map((gap) => gap.clause))).toEqual([]);
  });
});

describe('coverage', () => {
  const gaps = (result: RuleTestRun): string[] =>
    (result.coverage ?? []).flatMap((rule) =>
      rule.gaps.map(({ clause, never, source, range }) => {
        const { line, column } = positionOf(source.text, range.start);
        return `${line}:${column} ${clause} never ${never}`;
      }),
    );

  it('says which clause was never seen true or never false, with its place in the rule file', () => {
    const rules = `rules:
  - id: a-b
    condition: |
      when   { a.where(x > 1 or y == z) and not c }
      always { b.before(a)
               or d }
`;
    const tests = `tests:
  - { name: one, trace: "s/a @5ms+1ms {x: 2, y: q}", expect: { a-b: violated } }
`;
    const result = run(tests, rules, { coverage: true });
    expect(failures(result)).toEqual([]);
    const found = gaps(result);
    expect(found).toContain('4:24 x > 1 never false');
    expect(found).toContain('4:49 c never true');
    expect(found).toContain('5:16 b.before(a) never true');
    expect(found).toContain('6:19 d never true');
    expect(found).not.toContain('4:24 x > 1 never true');
    expect(found).not.toContain('6:19 d never false');
    const [rule] = result.coverage ?? [];
    expect(rule?.goals).toBe((rule?.reached ?? 0) + found.length);
  });

  it('has no gap when each clause was seen both ways', () => {
    const rules = 'rules:\n  - id: a-b\n    condition: "when { each a as x } always { b.where(k == x.k) }"\n';
    const tests = `tests:
  - { name: none, trace: s/z @0ms+1ms, expect: {} }
  - { name: bad, trace: "s/a @0ms+1ms {k: 1}\\ns/b @0ms+1ms {k: 2}", expect: { a-b: violated } }
  - { name: good, trace: "s/a @0ms+1ms {k: 1}\\ns/b @0ms+1ms {k: 1}", expect: { a-b: satisfied } }
`;
    const whole = run(tests, rules, { coverage: true });
    expect([failures(whole), gaps(whole)]).toEqual([[], []]);
    const some = run(tests.replace(/ {2}- \{ name: none.*\n/, ''), rules, { coverage: true });
    expect(gaps(some)).toEqual(['3:29 a never false']);
  });

  it('counts a rule that no test triggers as wholly uncovered where it was not looked at', () => {
    const result = run(
      'tests:\n  - { name: a, trace: s/z @0ms+1ms, expect: {} }\n',
      'rules:\n  - { id: a-b, condition: a and b }\n',
      { coverage: true },
    );
    expect(gaps(result)).toContain('2:27 a never true');
    expect(gaps(result).some((gap) => gap.includes(' b never'))).toBe(true);
  });
});

describe('examples of the codes of rule tests', () => {
  const codesOf = (text: string): string[] => {
    const rules = 'rules:\n  - { id: a-then-b, origin: spec:x, condition: a and b }\n';
    return runRuleTests([{ name: 'x.test.yaml', text }], reader({ 'payment.yaml': rules }), {
      today: TODAY,
    }).diagnostics.map((diagnostic) => diagnostic.code);
  };
  for (const [code, entry] of Object.entries(RULE_TEST_CODES)) {
    const { bad, good } = entry as { bad?: string; good?: string };
    if (bad?.startsWith('rules:') !== true || good === undefined) continue;
    it(code, () => {
      expect(codesOf(bad)).toEqual([code]);
      expect(codesOf(good)).not.toContain(code);
    });
  }
});
