import { describe, expect, it } from 'vitest';
import { buildCheckReport } from './build-check-report.ts';
import { buildDiagnosticsReport } from './reported-diagnostic.ts';
import { reportedSpan, reportedValue, valueText } from './reported-span.ts';
import { CHECK_REPORTERS, DIAGNOSTICS_REPORTERS, REPORT_FORMATS, type ReportFormat } from './reporters.ts';
import { PLAIN_OPTIONS } from './style.ts';
import { HOSTILE_RULE, HOSTILE_SPAN, HOSTILE_TEXT, hostileResult } from './testing/hostile.ts';
import { sarifProblems } from './testing/sarif-structure.ts';
import { readXml } from './testing/xml-well-formed.ts';

const write = (format: ReportFormat, findings = 1) =>
  [...CHECK_REPORTERS[format](buildCheckReport(hostileResult(findings), [HOSTILE_RULE]), PLAIN_OPTIONS)].join(
    '',
  );

describe.each(REPORT_FORMATS)('hostile text in %s', (format) => {
  it('leaves nothing that a terminal or an editor acts on', () => {
    for (const written of [
      write(format),
      [
        ...DIAGNOSTICS_REPORTERS[format](
          buildDiagnosticsReport(hostileResult().diagnostics, 1),
          PLAIN_OPTIONS,
        ),
      ].join(''),
    ]) {
      expect(written).not.toMatch(/(?![\n\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    }
  });

  it('stays small, whatever the attributes', () => {
    expect(write(format).length).toBeLessThan(format === 'json' || format === 'jsonl' ? 2_500_000 : 65_000);
  });
});

describe('hostile text', () => {
  it('forges no workflow command', () => {
    const lines = write('github').trimEnd().split('\n');
    // A finding, a diagnostic and three warnings, each on its own line; then the result.
    expect(lines).toHaveLength(6);
    expect(lines.filter((line) => line.startsWith('::'))).toHaveLength(5);
    for (const line of lines.slice(0, 5)) {
      const properties = /^::(?:error|warning|notice) ([^:]*)::/.exec(line)?.[1] ?? '';
      expect(properties.split(',').map((property) => property.split('=')[0])).toContain('title');
      expect(properties.match(/file=/g)).toHaveLength(properties.includes('forged') ? 2 : 1);
    }
  });

  it('stays inside its XML element', () => {
    const root = readXml(write('junit'));
    const names = (element: typeof root): string[] => [element.name, ...element.children.flatMap(names)];
    expect(new Set(names(root))).toEqual(
      new Set(['testsuites', 'testsuite', 'testcase', 'failure', 'skipped', 'system-out']),
    );
    expect(root.children[0]?.children[0]?.attributes['classname']).toContain(']]></failure><script>');
  });

  it('keeps SARIF to its standard', () => {
    const document = JSON.parse(write('sarif'));
    expect(sarifProblems(document)).toEqual([]);
    expect(document.runs[0].tool.driver.rules[0].helpUri).toBeUndefined();
  });

  it('makes no markup of itself in Markdown', () => {
    const written = write('markdown');
    const outside = written
      .replace(/^(`{3,})\w*\n[\s\S]*?^\1$/gm, '')
      .replace(/(`+)(?!`)[^\n]*?[^`]\1(?!`)/g, '');
    expect(outside).not.toMatch(/(?<!\\)<(img|script|\/)/);
    expect(outside).not.toMatch(/(?<!\\)\]\(/);
    expect(outside).not.toMatch(/@everyone/);
    expect(outside).not.toMatch(/^(out of the fence|# )/m);
  });

  it('comes back from JSON as it was sent, where it is short', () => {
    const [finding] = JSON.parse(write('json')).findings;
    expect(finding.missing[0]).toBe(HOSTILE_TEXT);
    expect(finding.trigger[0].name).toBe(HOSTILE_TEXT.slice(0, 512));
    expect(finding.trigger[0].attributes[HOSTILE_TEXT]).toBe(HOSTILE_TEXT);
  });

  it('is cut in Markdown at 65,000 characters, and says so', () => {
    const rules = Array.from({ length: 300 }, (_, place) => ({ ...HOSTILE_RULE, id: `hostile-${place}` }));
    const result = hostileResult();
    const [rule] = result.rules;
    const [finding] = result.findings;
    if (rule === undefined || finding === undefined) throw new Error('the sample is empty');
    const many = {
      ...result,
      rules: rules.map(({ id }) => ({ ...rule, id })),
      findings: rules.map(({ id }) => ({ ...finding, rule: id })),
    };
    const written = [...CHECK_REPORTERS.markdown(buildCheckReport(many, rules), PLAIN_OPTIONS)].join('');
    expect(written.length).toBeLessThanOrEqual(65_000);
    const shown = written.match(/^### `/gm)?.length ?? 0;
    expect(shown).toBeGreaterThan(3);
    expect(written).toContain(`_Cut here: ${300 - shown} more findings did not fit.`);
  });
});

describe('values of attributes', () => {
  it('are JSON-safe and bounded', () => {
    const { attributes } = reportedSpan(HOSTILE_SPAN);
    expect(attributes['huge']).toEqual({ bigint: '9007199254740993' });
    expect(attributes['nan']).toEqual({ double: 'NaN' });
    expect(attributes['bytes']).toMatchObject({ length: 5000 });
    expect(attributes['many']).toMatchObject({ length: 5000 });
    expect(Object.keys(attributes)).toContain('__proto__');
    expect(JSON.stringify(attributes).length).toBeLessThan(20_000);
    expect(JSON.parse(JSON.stringify(attributes))).toEqual({ ...attributes });
  });

  it.each([
    [-0, { double: '-0' }],
    [Number.NEGATIVE_INFINITY, { double: '-Infinity' }],
    [
      ['a', 1n],
      ['a', { bigint: '1' }],
    ],
    [{ a: { b: true } }, { map: { a: { map: { b: true }, length: 1 } }, length: 1 }],
    [[[[[['deep']]]]], [[[[{ array: [], length: 1 }]]]]],
  ])('%o is written as %o', (value, expected) => {
    expect(JSON.parse(JSON.stringify(reportedValue(value)))).toEqual(expected);
  });

  it('never end in half a pair', () => {
    const cut = reportedValue(`${'x'.repeat(1023)}😀${'y'.repeat(10)}`);
    expect(cut).toEqual({ text: 'x'.repeat(1023), length: 1035 });
    expect(valueText('😀'.repeat(100), 20)).not.toMatch(/\p{Cs}/u);
  });
});
