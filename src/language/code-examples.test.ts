import { describe, expect, it } from 'vitest';
import { CHECK_CODES } from '../diagnostic/codes/check.ts';
import { SYNTAX_CODES } from '../diagnostic/codes/syntax.ts';
import type { CodeEntry } from '../diagnostic/codes.ts';
import { compileRule } from './compile.ts';

const ENTRIES: [string, CodeEntry][] = Object.entries({ ...SYNTAX_CODES, ...CHECK_CODES });
const SHOWN = ENTRIES.flatMap(([code, { bad, good }]) =>
  bad === undefined || good === undefined ? [] : [[code, bad, good] as const],
);

describe('the examples of the codes of rules', () => {
  it.each(SHOWN)('%s: %s', (code, bad, good) => {
    expect(compileRule({ name: 'bad', text: bad }).diagnostics.map((diagnostic) => diagnostic.code)).toEqual([
      code,
    ]);
    expect(compileRule({ name: 'good', text: good }).diagnostics).toEqual([]);
  });

  it('are there for all but limits and what a rule file brings', () => {
    const without = ENTRIES.filter(([, { bad }]) => bad === undefined).map(([, { name }]) => name);
    expect(without).toEqual([
      'text-too-long',
      'nesting-too-deep',
      'macro-cycle',
      'broken-macro',
      'macro-too-large',
      'empty-list',
    ]);
  });
});
