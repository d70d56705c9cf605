import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadRuleFile } from '../invariant/rule-file.ts';
import { formatRuleFile } from './format-rule-file.ts';

function formatted(text: string): string {
  const result = formatRuleFile({ name: 'rules.yaml', text });
  expect(result.diagnostics).toEqual([]);
  return result.text ?? '';
}

const file = (condition: string) => `rules:\n  - id: a\n    ${condition}\n    severity: high\n`;

describe('formatRuleFile', () => {
  it.each([
    ['plain', 'condition: a   and b', 'condition: a and b'],
    [
      'single quotes',
      "condition: 'a.where(x ==   \"it''s\")  and b'",
      "condition: 'a.where(x == \"it''s\") and b'",
    ],
    [
      'double quotes',
      'condition: "a.where(x   == \\"y\\") and b"',
      'condition: "a.where(x == \\"y\\") and b"',
    ],
    ['a block', 'condition: |\n        a   and b', 'condition: |\n        a and b'],
    ['a block with a comment', 'condition: |- # why\n      a   and b', 'condition: |- # why\n      a and b'],
    ['a folded block', 'condition: >\n      a   and\n      b', 'condition: |\n      a and b'],
    ['a comment behind a plain text', 'condition: a   and b # why', 'condition: a and b # why'],
  ])('keeps the way a text is written: %s', (_, before, after) => {
    expect(formatted(file(before))).toBe(file(after));
  });

  it('makes a block of what needs several lines, and keeps the comment', () => {
    const before = file('condition: "when{a}always{b}" # why');
    expect(formatted(before)).toBe(file('condition: | # why\n      when   { a }\n      always { b }'));
  });

  it('keeps one line within braces, where a block cannot be', () => {
    const before = 'rules:\n  - { id: a, condition: "when{a}always{b}" }\n';
    expect(formatted(before)).toBe('rules:\n  - { id: a, condition: "when { a } always { b }" }\n');
  });

  it('formats macros, and leaves all other YAML as it is', () => {
    const before = `# A comment.
version:   1
macros: { paid: "payment.charge.where( x==1 )" }

rules:
- id:   a     # spaces stay
  condition:   $paid  and b
`;
    expect(formatted(before)).toBe(`# A comment.
version:   1
macros: { paid: "payment.charge.where(x == 1)" }

rules:
- id:   a     # spaces stay
  condition:   $paid and b
`);
  });

  it('keeps line ends of Windows', () => {
    expect(formatted('rules:\r\n  - id: a\r\n    condition: "when{a}always{b}"\r\n')).toBe(
      'rules:\r\n  - id: a\r\n    condition: |\r\n      when   { a }\r\n      always { b }\r\n',
    );
  });

  it('says what does not parse, in its place, and formats nothing', () => {
    const result = formatRuleFile({ name: 'rules.yaml', text: file('condition: a and') });
    expect(result.text).toBe(null);
    expect(result.diagnostics).toMatchObject([{ code: 'FL112', range: { start: expect.any(Number) } }]);
  });

  const library = readdirSync('library', { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.yaml') && !name.endsWith('.test.yaml'),
  );

  it.each(library)('changes nothing twice, and no meaning: %s', (name) => {
    const text = readFileSync(join('library', name), 'utf8');
    const once = formatted(text);
    expect(formatted(once)).toBe(once);
    const meaning = (source: string) =>
      loadRuleFile({ name, text: source }, '2026-01-01').rules.map(({ id, condition }) => [
        id,
        condition.source.text.replaceAll(/\s/g, ''),
      ]);
    expect(meaning(once)).toEqual(meaning(text));
  });
});
