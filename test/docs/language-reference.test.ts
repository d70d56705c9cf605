/** The language reference keeps its word: rules marked `fluo` compile, rules marked `fluo-error CODE` earn that code. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compileRule } from '../../src/language/compile.ts';

const pages = ['../../docs/technical/trace-rules-dsl.md', '../../README.md'].map((path) =>
  readFileSync(new URL(path, import.meta.url), 'utf8'),
);
const blocks = pages
  .flatMap((page) => [...page.matchAll(/^```fluo(?:-error (FL\d+))?\n([\s\S]*?)^```$/gm)])
  .map(([, code, text]) => ({
    code,
    text: text ?? '',
  }));

const scope = { macros: new Map(), lists: new Map() };

describe('the language reference', () => {
  test('shows rules', () => {
    expect(blocks.length).toBeGreaterThan(10);
  });

  test.each(blocks)('$text', ({ code, text }) => {
    const { rule, diagnostics } = compileRule({ name: 'page', text }, scope);
    expect(diagnostics.map((diagnostic) => diagnostic.code)).toEqual(code === undefined ? [] : [code]);
    expect(rule !== null).toBe(code === undefined);
  });
});
