import { describe, expect, it } from 'vitest';
import { buildCheckReport } from './build-check-report.ts';
import type { FailOn } from './finding-level.ts';
import { CHECK_REPORTERS, DIAGNOSTICS_REPORTERS, REPORT_FORMATS, TEST_REPORTERS } from './reporters.ts';
import { ANSI_STYLE, PLAIN_OPTIONS } from './style.ts';
import { SAMPLE_RESULT, SAMPLE_RULES } from './testing/sample-check.ts';
import { SAMPLE_DIAGNOSTICS } from './testing/sample-diagnostics.ts';
import { SAMPLE_TESTS } from './testing/sample-tests.ts';
import { sarifProblems } from './testing/sarif-structure.ts';
import { readXml } from './testing/xml-well-formed.ts';

const text = (pieces: Iterable<string>) => [...pieces].join('');
const check = () => buildCheckReport(SAMPLE_RESULT, SAMPLE_RULES);

describe.each(REPORT_FORMATS)('%s', (format) => {
  const file = (report: string) => `./testing/expected/${report}-${format}.txt`;

  it('writes a check as expected', async () => {
    await expect(text(CHECK_REPORTERS[format](check(), PLAIN_OPTIONS))).toMatchFileSnapshot(file('check'));
  });

  it('writes diagnostics as expected', async () => {
    const written = text(DIAGNOSTICS_REPORTERS[format](SAMPLE_DIAGNOSTICS, PLAIN_OPTIONS));
    await expect(written).toMatchFileSnapshot(file('diagnostics'));
  });

  it('writes rule tests as expected', async () => {
    const written = text(TEST_REPORTERS[format](SAMPLE_TESTS, PLAIN_OPTIONS));
    await expect(written).toMatchFileSnapshot(file('test'));
  });

  it('ends every report with a line end', () => {
    const nothing = { ...SAMPLE_RESULT, rules: [], findings: [], diagnostics: [], traces: 0 };
    for (const report of [check(), buildCheckReport(nothing, [])]) {
      expect(text(CHECK_REPORTERS[format](report, PLAIN_OPTIONS))).toMatch(/[^\n]\n+$/);
    }
    expect(text(DIAGNOSTICS_REPORTERS[format](SAMPLE_DIAGNOSTICS, PLAIN_OPTIONS))).toMatch(/\n$/);
    expect(text(TEST_REPORTERS[format](SAMPLE_TESTS, PLAIN_OPTIONS))).toMatch(/\n$/);
  });
});

describe('sarif', () => {
  it.each([
    ['a check', () => CHECK_REPORTERS.sarif(check(), PLAIN_OPTIONS)],
    ['diagnostics', () => DIAGNOSTICS_REPORTERS.sarif(SAMPLE_DIAGNOSTICS, PLAIN_OPTIONS)],
    ['rule tests', () => TEST_REPORTERS.sarif(SAMPLE_TESTS, PLAIN_OPTIONS)],
  ])('keeps to the standard for %s', (_, write) => {
    const document = JSON.parse(text(write()));
    expect(document.runs[0].results.length).toBeGreaterThan(0);
    expect(sarifProblems(document)).toEqual([]);
  });

  it('has checks that notice', () => {
    const document = JSON.parse(text(CHECK_REPORTERS.sarif(check(), PLAIN_OPTIONS)));
    document.runs[0].results[0].ruleIndex = 3;
    document.runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri = 'a b';
    document.runs[0].results.at(-1).level = 'error';
    expect(sarifProblems(document)).toHaveLength(3);
  });
});

describe('junit', () => {
  it('counts what it writes', () => {
    const root = readXml(text(CHECK_REPORTERS.junit(check(), PLAIN_OPTIONS)));
    const cases = root.children.flatMap((suite) => suite.children);
    const having = (name: string) => cases.filter((one) => one.children.some((child) => child.name === name));
    expect(root.attributes).toMatchObject({
      tests: String(cases.length),
      failures: String(having('failure').length),
      skipped: String(having('skipped').length),
    });
    expect(having('failure').map((one) => one.attributes['name'])).toEqual([
      'payment-requires-inventory',
      'large-payment-is-checked',
      'one-charge-an-intent',
    ]);
    for (const one of cases) {
      expect(one.attributes['classname']).toBe(one.attributes['file']);
      expect(one.attributes['time']).toBe('0');
    }
  });
});

describe('json', () => {
  it('is the report itself, piece by piece', () => {
    const report = check();
    expect(JSON.parse(text(CHECK_REPORTERS.json(report, PLAIN_OPTIONS)))).toEqual(
      JSON.parse(JSON.stringify(report)),
    );
    const lines = text(CHECK_REPORTERS.jsonl(report, PLAIN_OPTIONS)).trimEnd().split('\n');
    expect(lines).toHaveLength(report.findings.length + 1);
    for (const [place, finding] of [...report.findings].entries()) {
      expect(JSON.parse(lines[place] ?? '')).toEqual({
        type: 'finding',
        ...JSON.parse(JSON.stringify(finding)),
      });
    }
  });
});

describe('warnings', () => {
  const none = { satisfied: 0, violated: 0, not_applicable: 0, inconclusive: 0 };
  const across = ['order_id'];
  const built = buildCheckReport(SAMPLE_RESULT, SAMPLE_RULES);
  const asked = (keyless: number) => ({
    ...built,
    rules: built.rules.map((rule, place) =>
      place === 2 ? { ...rule, verdicts: none, keyless, acrossKey: across } : rule,
    ),
  });

  it.each(['pretty', 'github', 'markdown', 'sarif', 'junit'] as const)('stand in %s', (format) => {
    const written = text(CHECK_REPORTERS[format](built, PLAIN_OPTIONS));
    expect(written).toMatch(/`refund-is-approved` applied to none of 19,107 scopes/);
    expect(written).toMatch(/`amount` was not there in 12 comparisons/);
    expect(text(CHECK_REPORTERS[format](asked(4), PLAIN_OPTIONS))).toMatch(
      /`one-charge-an-intent` applied to nothing: no span carries the key `order_id`, so the 4 spans/,
    );
    expect(text(CHECK_REPORTERS[format](asked(0), PLAIN_OPTIONS))).toMatch(
      /`one-charge-an-intent` applied to nothing: no span that it looks at was there/,
    );
  });

  it('of a rule that applied to nothing are a failure with --require-applied', () => {
    const report = buildCheckReport(SAMPLE_RESULT, SAMPLE_RULES, 'never', true);
    expect(text(CHECK_REPORTERS.github(report, PLAIN_OPTIONS))).toMatch(
      /^::error file=invariants\/payment.yaml.*title=refund-is-approved/m,
    );
    const root = readXml(text(CHECK_REPORTERS.junit(report, PLAIN_OPTIONS)));
    expect(root.attributes['failures']).toBe('1');
  });
});

describe('a thousand damaged records', () => {
  const [damaged] = SAMPLE_RESULT.diagnostics;
  const diagnostics = Array.from({ length: 1000 }, (_, line) => ({ ...damaged, line: line + 1 }));
  const report = buildCheckReport({ ...SAMPLE_RESULT, diagnostics: diagnostics as never }, SAMPLE_RULES);

  it.each(['pretty', 'github', 'markdown'] as const)('do not push out what was found: %s', (format) => {
    const written = text(CHECK_REPORTERS[format](report, PLAIN_OPTIONS));
    for (const { id } of SAMPLE_RULES.slice(0, 4)) expect(written).toContain(id);
    expect(written.split('FL501').length).toBeLessThan(25);
    if (format === 'github') expect(written).toMatch(/^::error file=invariants/);
  });
});

describe('pretty', () => {
  it('warns of spans that were changed or left out', () => {
    const report = buildCheckReport({ ...SAMPLE_RESULT, conflicting: 1, mended: 2 }, SAMPLE_RULES);
    const written = text(CHECK_REPORTERS.pretty(report, PLAIN_OPTIONS));
    expect(written).toContain('warning: 1 span has the id of another, different span');
    expect(written).toContain('warning: 2 spans have no end, or one before the start');
  });

  it('folds the findings of a rule after five', () => {
    const written = text(CHECK_REPORTERS.pretty(check(), PLAIN_OPTIONS));
    expect(written).toContain('and 2 more (--limit 0 shows all)');
  });

  it('shows so many findings of a rule as it is told, one of each kind first', () => {
    const drawn = (limit?: number) => {
      const written = text(CHECK_REPORTERS.pretty(check(), { ...PLAIN_OPTIONS, limit }));
      const [, block = ''] = /✗ payment-requires-inventory([\s\S]*?)\n[✗!?] /.exec(written) ?? [];
      return [...block.matchAll(/trace 0{30}(..)$|and .* more.*/gm)].map(([all, id]) => id ?? all);
    };
    expect(drawn()).toEqual(['01', '14', '02', '03', '04', 'and 2 more (--limit 0 shows all)']);
    expect(drawn(2)).toEqual(['01', '14', 'and 5 more (--limit 0 shows all)']);
    expect(drawn(1)).toEqual(['01', 'and 6 more, of 1 kind that is not shown (--limit 0 shows all)']);
    expect(drawn(0)).toEqual(['01', '02', '03', '04', '05', '06', '14']);
  });

  it('tells what fails the run from what does not', () => {
    const lastLine = (...options: [FailOn?, boolean?]) => {
      const report = buildCheckReport(SAMPLE_RESULT, SAMPLE_RULES, ...options);
      const written = text(CHECK_REPORTERS.pretty(report, PLAIN_OPTIONS));
      return { last: written.trimEnd().split('\n').at(-1), failing: report.rules.map((one) => one.failing) };
    };
    expect(lastLine().last).toContain(
      '10 violations of 4 rules, 1 of them not failing: audit-only (`--fail-on violated` counts it)',
    );
    expect(lastLine('violated').last).toContain('10 violations of 4 rules and 1 scope not proved, in');
    expect(lastLine('never').last).toContain(
      ', none failing: hard-block, soft-warning, audit-only (`--fail-on violated` counts them)',
    );
    expect(lastLine('inconclusive').last).toContain('not proved, which fails (`--fail-on inconclusive`)');
    expect(lastLine('never', true)).toMatchObject({ failing: [false, false, false, false, true] });
    expect(lastLine('never', true).last).toContain('; 1 rule applied to nothing, which fails');
  });

  it('says the same with and without colours', () => {
    const plain = text(CHECK_REPORTERS.pretty(check(), PLAIN_OPTIONS));
    const coloured = text(CHECK_REPORTERS.pretty(check(), { ...PLAIN_OPTIONS, style: ANSI_STYLE }));
    expect(coloured).not.toBe(plain);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
    expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(plain);
  });

  it.each([60, 80, 200])('keeps drawings and tables within %i cells', (width) => {
    const written = text(CHECK_REPORTERS.pretty(check(), { ...PLAIN_OPTIONS, width }));
    for (const line of written.split('\n').filter((one) => /[█┄]/.test(one))) {
      expect(line.length).toBeLessThanOrEqual(width);
    }
  });
});
