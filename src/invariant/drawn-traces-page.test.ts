import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseDrawnTrace } from './drawn-trace.ts';
import { parseRuleTestFile } from './rule-test-file.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/reference/drawn-traces.md'), 'utf8');
const blocks = [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language = '', text = '']) => ({
  language,
  text,
}));

describe('docs/reference/drawn-traces.md', () => {
  it.each(blocks.filter((block) => block.language === 'trace'))('can be read: $text', ({ text }) => {
    const { spans, diagnostics } = parseDrawnTrace({ name: 'page', text });
    expect(diagnostics).toEqual([]);
    expect(spans.length).toBeGreaterThan(0);
  });

  it.each(blocks.filter((block) => block.language === 'yaml'))('can be tested: $text', ({ text }) => {
    expect(parseRuleTestFile({ name: 'page', text }).diagnostics).toEqual([]);
  });

  it('has drawings and tests', () => {
    expect(blocks.map((block) => block.language)).toEqual(expect.arrayContaining(['trace', 'yaml']));
  });
});
