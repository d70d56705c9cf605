/** Reports of real runs: rules compiled, traces judged, tests run, all the way to text. */
import { describe, expect, it } from 'vitest';
import { judgeTrace } from '../engine/reference/judge.ts';
import { judgeAcross, membersOf } from '../engine/reference/judge-across.ts';
import { DEFAULT_JUDGE_SETTINGS, type JudgeSettings, type Judgment } from '../engine/verdict.ts';
import type { CheckFinding } from '../history/check/check-result.ts';
import { runRuleTests } from '../history/rule-test/run.ts';
import { drawnTraces } from '../history/rule-test/verdict-of-test.ts';
import { judgedRule, loadRules } from '../invariant/catalogue.ts';
import type { Rule } from '../invariant/rule.ts';
import { buildCheckReport, buildFinding } from './build-check-report.ts';
import { buildTestReport } from './build-test-report.ts';
import { advicesOf, sentencesOf } from './narrate-finding.ts';
import { plainPhrase } from './phrase.ts';
import { CHECK_REPORTERS, TEST_REPORTERS } from './reporters.ts';
import { PLAIN_OPTIONS, PLAIN_STYLE } from './style.ts';
import { SAMPLE_RESULT } from './testing/sample-check.ts';
import { drawnSpans } from './testing/sample-rules.ts';
import { waterfall } from './waterfall.ts';

const TODAY = '2026-03-01';

function ruleOf(condition: string): Rule {
  const lines = condition.split('\n').map((line) => `      ${line}`);
  const text = `rules:\n  - id: the-rule\n    condition: |\n${lines.join('\n')}\n`;
  const { rules, diagnostics } = loadRules([{ name: 'rules.yaml', text }], TODAY);
  const [rule] = rules;
  if (rule === undefined) throw new Error(diagnostics.map((one) => one.message).join('\n'));
  return rule;
}

/** The sentences about the first scope that is violated or not proved, and its drawing. */
function told(condition: string, ...given: readonly (string | JudgeSettings)[]) {
  const drawings = given.filter((one) => typeof one === 'string');
  const settings = given.find((one) => typeof one !== 'string') ?? DEFAULT_JUDGE_SETTINGS;
  const rule = ruleOf(condition);
  const judged = judgedRule(rule, TODAY);
  const traces = drawnTraces(drawings.flatMap((drawing, place) => drawnSpans(drawing, place + 1)));
  const judgments: { judgment: Judgment; kind: 'trace' | 'group'; key: string | null }[] =
    rule.condition.across === null
      ? traces.map((trace) => ({ judgment: judgeTrace(judged, trace, settings), kind: 'trace', key: null }))
      : judgeAcross(
          judged,
          traces.flatMap((trace) => membersOf(judged, trace)),
        ).groups.map(({ judgment }) => ({ judgment, kind: 'group', key: 'k=1' }));
  const found = judgments.find(({ judgment }) => ['violated', 'inconclusive'].includes(judgment.verdict));
  if (found === undefined) throw new Error('nothing was found');
  const check: CheckFinding = {
    rule: rule.id,
    judgment: found.judgment,
    scope: {
      kind: found.kind,
      key: found.key,
      traceIds: traces.map(({ id }) => id),
      start: traces[0]?.spans[0]?.start ?? 0n,
    },
  };
  const finding = buildFinding(check, rule);
  return {
    finding,
    judgment: found.judgment,
    sentences: [...sentencesOf(finding), ...advicesOf(finding)].map(plainPhrase),
    drawing: waterfall(finding, rule.condition.source.text, { style: PLAIN_STYLE, width: 90 }),
  };
}

describe('a finding in sentences', () => {
  it('names what is missing and what came nearest', () => {
    const { sentences, drawing, finding } = told(
      'payment.charge and payment.fraud_check.where(amount > 1000)',
      'shop/POST /buy @0ms+900ms\n  pay/payment.fraud_check @10ms+5ms {amount: 1000}\n  pay/payment.charge @120ms+80ms {amount: 1000}\n',
    );
    expect(sentences).toEqual([
      'Nothing matches `payment.fraud_check.where(amount > 1000)`.',
      'Nearest: `payment.fraud_check` is there, but `amount > 1000` met `1000`.',
    ]);
    expect(drawing).toHaveLength(3);
    expect(drawing[1]).toMatch(/^pay\/payment\.charge .*@120ms {2}\+80ms {2}trigger \{amount: 1000\}$/);
    expect(drawing[2]).toMatch(/^payment\.fraud_check .*missing$/);
    expect(finding.clause).toMatchObject({ file: 'rules.yaml', line: 4, column: 26 });
    expect(finding.clause.frame).toContain('^'.repeat('payment.fraud_check.where(amount > 1000)'.length));
  });

  it('says that an attribute is not there', () => {
    const { sentences } = told(
      'pay and check.where(amount > 1)',
      'a/root @0ms+9ms\n  a/pay @1ms+1ms\n  a/check @2ms+1ms {amount: 0}\n',
    );
    expect(sentences).toContain('Nearest: `check` is there, but `amount > 1` met `0`.');
  });

  it('draws spans that overlap', () => {
    const { sentences, drawing } = told(
      'pay and reserve.before(pay)',
      'a/root @0ms+900ms\n  a/reserve @100ms+100ms\n  a/pay @150ms+100ms\n',
    );
    expect(sentences).toContain(
      '`reserve` was to be before `pay`, but they overlap for 50ms: spans that overlap are in no order.',
    );
    expect(drawing.find((row) => row.startsWith('a/reserve'))).toContain('overlaps');
  });

  it('knows starts that were cut to milliseconds', () => {
    const cut = told(
      'pay and reserve.before(pay)',
      'a/root @0ms+900ms\n  a/reserve @100ms+20.7ms\n  a/pay @120ms+10.2ms\n',
    );
    expect(cut.finding.hints).toMatchObject([
      { kind: 'whole-millisecond-starts', help: expect.stringContaining('clock_resolution: 1ms') },
    ]);
    const rule = ruleOf('pay and reserve.before(pay)');
    const scope = { kind: 'trace' as const, key: null, traceIds: ['0'.repeat(32)], start: 0n };
    const findings = [cut.judgment, cut.judgment].map((judgment) => ({ rule: rule.id, judgment, scope }));
    const report = buildCheckReport({ ...SAMPLE_RESULT, rules: [], findings }, [rule]);
    for (const format of ['pretty', 'markdown'] as const) {
      const written = [...CHECK_REPORTERS[format](report, PLAIN_OPTIONS)].join('');
      expect(written.match(/starts are whole milliseconds here/g)).toHaveLength(1);
    }
    // Overlaps of a millisecond or more, and exact starts, are what they seem to be.
    for (const drawing of ['a/reserve @100ms+21ms', 'a/reserve @100ms+30ms']) {
      const { finding } = told(
        'pay and reserve.before(pay)',
        `a/root @0ms+900ms\n  ${drawing}\n  a/pay @120ms+9ms\n`,
      );
      expect(finding.hints).toEqual([]);
    }
    const exact = told(
      'pay and reserve.before(pay)',
      'a/root @0ms+900ms\n  a/reserve @100ms+20.7ms\n  a/pay @120.1ms+9ms\n',
    );
    expect(exact.finding.hints).toEqual([]);
  });

  it('calls no order that the clock cannot tell', () => {
    const { sentences, drawing } = told(
      'pay and reserve.before(pay)',
      { ...DEFAULT_JUDGE_SETTINGS, clockResolutionNanos: 1_000_000n },
      'a/root @0ms+900ms\n  a/reserve @100ms+20ms\n  a/pay @120.952ms+10ms\n',
    );
    expect(sentences).toContain('`reserve` was to be before `pay`, but that is too close to call.');
    expect(drawing.join('\n')).toContain('too close to call');
    expect([...sentences, ...drawing].join(' ')).not.toMatch(/apart\.|too far/);
  });

  it('shows the span by whose relation another must not be there', () => {
    const { sentences, drawing, finding } = told(
      'never { db.query.inside(request.where(user not exists)) }',
      'a/root @0ms+900ms\n  a/request @1ms+100ms {user: u1}\n    a/db.query @2ms+1ms\n  a/request @200ms+100ms\n    a/step @201ms+50ms\n      a/db.query @202ms+1ms\n',
    );
    expect(finding.spans.map(({ name, start }) => [name, start.slice(-9)])).toEqual([
      ['request', '200000000'],
      ['db.query', '202000000'],
    ]);
    expect(sentences).toEqual([
      '`request` of `a`, `db.query` of `a` are there, related as they must not be.',
    ]);
    expect(drawing).toHaveLength(2);
    const order = told('never { a.before(b) }', 's/a @0ms+1ms\n  s/b @5ms+1ms\n  s/b @9ms+1ms\n');
    expect(order.finding.spans.map(({ start }) => start.slice(-9))).toEqual(['000000000', '005000000']);
  });

  it('says by how much the order is reversed', () => {
    const { sentences } = told(
      'pay and reserve.before(pay)',
      'a/root @0ms+900ms\n  a/reserve @400ms+100ms\n  a/pay @150ms+100ms\n',
    );
    expect(sentences).toContain(
      '`reserve` was to be before `pay`, but it began 150ms after `pay` had ended.',
    );
  });

  it('says what must not be', () => {
    const { sentences } = told('never { pay.bypass }', 'a/root @0ms+9ms\n  a/pay.bypass @1ms+1ms\n');
    expect(sentences).toEqual(['`pay.bypass` of `a` is there and must not be.']);
  });

  it('gives numbers for counts, over a group of traces', () => {
    const { sentences, drawing, finding } = told(
      'across intent within 10m { count(pay) <= 1 }',
      'a/pay @1ms+1ms {intent: i1}\n',
      'a/pay @5s+1ms {intent: i1}\n',
    );
    expect(finding.scope.kind).toBe('group');
    expect(sentences).toEqual(['`count(pay)` is `2`.']);
    expect(drawing.map((row) => row.slice(0, 8))).toEqual(['00000001', '00000002']);
  });

  it('says why it is not proved, and what to do', () => {
    const { sentences, finding } = told(
      'when { each pay.where(tenant exists) as p } always { check.where(tenant == p.tenant and amount == p.amount) }',
      'a/root @0ms+9ms\n  a/pay @1ms+1ms {tenant: t}\n  a/check @3ms+1ms {tenant: t, amount: 1}\n',
    );
    expect(finding.verdict).toBe('inconclusive');
    expect(sentences).toContain('`pay` has no attribute `amount`, which the rule asks of it.');
    expect(sentences.at(-1)).toBe(
      'Set `amount` on that span, or say what a span without it means: `amount not exists`.',
    );
  });

  it('says of an each rule whose spans all keep it that others may be missing', () => {
    const { sentences } = told(
      'when { each pay as p } always { check }',
      'a/root @0ms+9ms\n  a/check @1ms+1ms\n  a/pay @1ms+1ms\n  a/pay @3ms+1ms\n  (missing)\n    a/lost @5ms+1ms\n',
    );
    expect(sentences).toContain('The 2 spans that arrived keep the rule; one that did not may break it.');
  });

  it('counts the spans of an each rule', () => {
    const { sentences } = told(
      'when { each pay as p } never { pay.where(id == p.id and amount < 0) }',
      'a/root @0ms+9ms\n  a/pay @1ms+1ms {id: 1, amount: -1}\n  a/pay @3ms+1ms {id: 2, amount: -2}\n  a/pay @5ms+1ms {id: 3, amount: 1}\n',
    );
    expect(sentences.at(-1)).toBe(
      'This is so for 2 of the 3 spans that the rule judges one by one; the first is shown.',
    );
  });
});

describe('a run of rule tests', () => {
  it('is reported with places, reasons, coverage and mutants', () => {
    const rules = {
      name: 'invariants/pay.yaml',
      text: 'rules:\n  - id: pay-is-checked\n    condition: pay and check.where(amount > 1)\n',
    };
    const tests = {
      name: 'invariants/pay.test.yaml',
      text: `rules: pay.yaml
tests:
  - name: checked
    trace: |
      a/root @0ms+9ms
        a/pay @1ms+1ms
        a/check @3ms+1ms {amount: 1}
    expect: { pay-is-checked: satisfied }
  - name: nothing is paid
    trace: |
      a/root @0ms+9ms
    expect: { pay-is-checked: violated }
  - name: not named
    trace: |
      a/root @0ms+9ms
        a/pay @1ms+1ms
    expect: {}
`,
    };
    const run = runRuleTests([tests], () => ({ source: rules }), {
      today: TODAY,
      coverage: true,
      mutate: true,
    });
    const report = buildTestReport(run);
    expect(report.files[0]?.tests.map((test) => test.failures[0]?.explanation)).toEqual([
      ['Nothing matches `check.where(amount > 1)`.', 'Nearest: `check` is there, but `amount > 1` met `1`.'],
      ['The trigger does not occur.'],
      ['Nothing matches `check.where(amount > 1)`.'],
    ]);
    expect(report.files[0]?.tests[0]?.failures[0]).toMatchObject({ line: 8, column: 31 });
    const text = [...TEST_REPORTERS.pretty(report, PLAIN_OPTIONS)].join('');
    expect(text).toContain(
      '`pay-is-checked`: expected satisfied, was violated\n      --> invariants/pay.test.yaml:8:31',
    );
    expect(text).toContain('`pay-is-checked`: the test does not name it, but it is violated');
    expect(text).toMatch(
      /`check\.where\(amount > 1\)` was never true in any test \(invariants\/pay\.yaml:3:/,
    );
    expect(text).toContain('Name it in `expect`, or write `only: true`.');
    expect(report.mutation).toBe(null);
    expect(text).toMatch(
      /the rules were not mutated, because 3 tests fail\n[\s\S]*help: make the tests pass first\n\n3 tests failed/,
    );
    expect(text).toContain('3 tests failed, 0 passed, of 3');
  });
});
