import { describe, expect, it } from 'vitest';
import type { Finding } from './check-report.ts';
import { sentencesOf } from './narrate-finding.ts';
import { plainPhrase } from './phrase.ts';

const FINDING = {
  verdict: 'violated',
  missing: [],
  nearest: null,
  order: [],
  spans: [],
  reasons: [],
  each: null,
  measures: [],
} as unknown as Finding;

describe('what was measured', () => {
  it.each([
    ['3', '`count(a)` is `3`.'],
    ['1ms', '`count(a)` is `1ms`.'],
    ['2 or more', '`count(a)` is at least `2`.'],
    ['2 or less', '`count(a)` is at most `2`.'],
    ['-1.5 to 2', '`count(a)` is between `-1.5` and `2`.'],
    ['unknown', '`count(a)` is not known.'],
  ])('reads %s', (value, sentence) => {
    const sentences = sentencesOf({ ...FINDING, measures: [{ text: 'count(a)', value }] });
    expect(sentences.map(plainPhrase)).toEqual([sentence]);
  });
});
