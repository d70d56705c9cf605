import { describe, expect, it } from 'vitest';
import { buildCheckReport } from './build-check-report.ts';
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
    expect(written).toContain('and 2 more (see --format json)');
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
