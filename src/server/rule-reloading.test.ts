import { describe, expect, it } from 'vitest';
import { Health } from './health.ts';
import type { Log } from './log.ts';
import { serverMetrics } from './metrics/server-metrics.ts';
import { tellRules } from './rule-reloading.ts';
import { type BrokenFile, NO_RULES, type RuleSet } from './rules/rule-set.ts';

function told(set: RuleSet, outcome: 'loaded' | 'errors' | null) {
  const lines: string[] = [];
  const take = (level: string) => (message: string) => void lines.push(`${level}: ${message}`);
  const log = { debug: take('debug'), info: take('info'), warn: take('warn'), error: take('error') } as Log;
  const health = new Health();
  tellRules(set, outcome, { metrics: serverMetrics(), health, log });
  return { lines, notes: health.report().notes };
}

const LOST: BrokenFile = { name: 'invariants', errors: 1, keptRules: 3 };
const VANISHED: RuleSet = {
  rules: [{}, {}, {}] as never,
  diagnostics: [{ code: 'FL815', severity: 'error', message: 'it is not there', help: 'put it back' }],
  broken: [LOST],
  files: 0,
  texts: [],
  day: '',
};

describe('tellRules', () => {
  it('warns when the last rule has gone', () => {
    const { lines, notes } = told(NO_RULES, 'loaded');
    expect(lines).toEqual(['warn: rules were read again, and there are none any more: nothing is judged']);
    expect(notes.map(({ condition }) => condition)).toEqual(['no-rules']);
  });

  it('says at a start which files keep what they gave before', () => {
    expect(told(VANISHED, null).lines).toEqual(['warn: some files of rules have errors']);
    expect(told(NO_RULES, null).lines).toEqual([]);
  });

  it('says of a folder that is not there how many rules stay, and what to do', () => {
    const { lines, notes } = told(VANISHED, 'errors');
    expect(lines[0]).toBe('error: error in a rule file');
    expect(notes).toMatchObject([
      {
        condition: 'rule-files-with-errors',
        message: expect.stringContaining('invariants (an error; 3 of its earlier rules stay in force)'),
        help: 'put it back',
      },
    ]);
  });
});
