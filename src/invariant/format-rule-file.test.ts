import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printRule } from '../language/print.ts';
import { formatRuleFile } from './format-rule-file.ts';
import { loadRuleFile } from './rule-file.ts';

function format(text: string): string {
  const formatted = formatRuleFile({ name: 'x.yaml', text });
  expect(formatted.diagnostics).toEqual([]);
  return formatted.text;
}

function conditions(text: string): string[] {
  return loadRuleFile({ name: 'x.yaml', text }, '2026-01-01').rules.map((rule) =>
    printRule(rule.condition.ast),
  );
}

describe('formatRuleFile', () => {
  it('formats conditions in their place and leaves everything else as it is', () => {
    const text = `# of payments
version:   1
macros: { paid:   "payment.charge.where(amount>0)" }   # macros

rules:
  # first
  - id:    "a"    # kept
    condition: |   # why
        trace.has( a )
          and   b

    severity:   low
  - condition: a   and b # kept too
    id: b


  - { id: c, condition: 'a and   b.where(x=="y")' }
# end
`;
    expect(format(text)).toBe(`# of payments
version:   1
macros: { paid:   "payment.charge.where(amount > 0)" }   # macros

rules:
  # first
  - id:    "a"    # kept
    condition: |   # why
      trace.has(a) and b

    severity:   low
  - condition: a and b # kept too
    id: b


  - { id: c, condition: 'a and b.where(x == "y")' }
# end
`);
  });

  it('makes a block of what does not fit on its line', () => {
    const long = Array.from({ length: 8 }, (_, index) => `some.long.span.name.number.n${index}`).join(
      ' and ',
    );
    const text = `rules:\n  - id: a\n    condition: ${long} # why\n    severity: low\n`;
    const formatted = format(text);
    expect(formatted).toMatch(/^ {4}condition: \| # why\n {6}some\.long/m);
    expect(formatted).toMatch(/\n {4}severity: low\n$/);
    expect(Math.max(...formatted.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(conditions(formatted)).toEqual(conditions(text));
  });

  it('turns folded blocks into literal ones, and drops their indicators', () => {
    expect(
      format(
        'rules:\n  - id: a\n    condition: >2-\n      a\n      and b\n\n\n  - id: b\n    condition: c and d\n',
      ),
    ).toBe('rules:\n  - id: a\n    condition: |\n      a and b\n\n\n  - id: b\n    condition: c and d\n');
  });

  it('keeps carriage returns', () => {
    const formatted = format(
      'rules:\r\n  - id: a\r\n    condition: |\r\n      // why\r\n      a   and b\r\n',
    );
    expect(formatted).not.toMatch(/[^\r]\n/);
    expect(conditions(formatted)).toEqual(
      conditions('rules:\n  - id: a\n    condition: |\n      // why\n      a   and b\n'),
    );
  });

  it('quotes what a plain text could not hold', () => {
    const text = 'rules:\n  - id: a\n    condition: a.where("x #y"   == 1) and b\n';
    // ` #` begins a comment in a plain text, so this one is cut there and is no condition.
    expect(formatRuleFile({ name: 'x.yaml', text }).text).toBe(text);
    const quoted = 'rules:\n  - id: a\n    condition: \'"a b"   and b\'\n';
    expect(format(quoted)).toBe('rules:\n  - id: a\n    condition: \'"a b" and b\'\n');
  });

  it('returns a file with errors unchanged, with the errors', () => {
    const text = 'rules:\n  - id: a\n    condition: a   and\n';
    const { text: same, diagnostics } = formatRuleFile({ name: 'x.yaml', text });
    expect(same).toBe(text);
    expect(diagnostics.length).toBeGreaterThan(0);
    expect(diagnostics.every((diagnostic) => diagnostic.severity === 'error')).toBe(true);
  });

  it('keeps the meaning, and changes nothing a second time', () => {
    const term = fc.constantFrom(
      'a',
      'b.where(x == "y z")',
      'c.where(p > 1 and q exists)',
      'not d',
      '(e or f)',
      'g.before(h)',
      'count(i) <= 2',
      '"x: y"',
      'j.where(n == "it\'s # 1")',
      'matches "GET \\\\d+"',
    );
    const gap = fc.constantFrom(' and ', '  and\n', '\n  and ', ' and // why\n', '\n\nand ');
    const condition = fc
      .tuple(
        fc.constantFrom('a', 'k.where(z == 1)'),
        fc.array(fc.tuple(gap, term), { minLength: 1, maxLength: 6 }),
      )
      .map(([first, rest]) => first + rest.map(([between, word]) => between + word).join(''));
    const written = fc
      .tuple(condition, fc.constantFrom('|', '>', '"', "'", '{"', "{'"), fc.boolean())
      .map(([text, style, first]) => {
        const lines = text.split('\n');
        const double = `"${text.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`;
        const single = `'${lines.join('\n\n      ').replaceAll("'", "''")}'`;
        if (style === '{"') return `  - { id: ID, condition: ${double} }\n`;
        if (style === "{'") return `  - { id: ID, condition: ${single} }\n`;
        const value =
          style === '"'
            ? double
            : style === "'"
              ? single
              : `${style}\n${lines.join(style === '>' ? '\n\n' : '\n').replace(/^(?=.)/gm, '        ')}`;
        return first ? `  - condition: ${value}\n    id: ID\n` : `  - id: ID # x\n    condition: ${value}\n`;
      });
    fc.assert(
      fc.property(fc.array(written, { minLength: 1, maxLength: 4 }), (rules) => {
        const text = `rules:\n${rules.map((rule, index) => rule.replace('ID', `r${index}`)).join('\n')}`;
        fc.pre(conditions(text).length > 0);
        const once = format(text);
        expect(conditions(once), once).toEqual(conditions(text));
        expect(format(once)).toBe(once);
      }),
      { seed: 5, numRuns: 500 },
    );
  });

  const library = join(import.meta.dirname, '../../library');
  const names = readdirSync(library, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.yaml') && !name.endsWith('.test.yaml'),
  );
  it.each(names)('keeps the meaning of %s', (name) => {
    const text = readFileSync(join(library, name), 'utf8');
    const once = format(text);
    expect(conditions(once)).toEqual(conditions(text));
    expect(format(once)).toBe(once);
  });
});
