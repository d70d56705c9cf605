import { describe, expect, it } from 'vitest';
import type { Resource } from '../../trace/span.ts';
import { DEFAULT_JUDGE_SETTINGS } from '../verdict.ts';
import { RuleState, SATISFIED } from './rule-states.ts';
import type { VerdictCount } from './stream.ts';
import { simpleRule } from './testing/simple-rule.ts';

describe('RuleState', () => {
  it('counts by so many resources, and what further ones bring of no service', () => {
    const rule = simpleRule('r', 'never { bad }');
    const state = new RuleState({ rule, version: '1' }, DEFAULT_JUDGE_SETTINGS);
    const resources = Array.from({ length: 10_000 }, (_, at): Resource => {
      return { service: `s${at}`, attributes: new Map() };
    });
    for (const resource of resources) state.count(SATISFIED, resource, 1);
    const counts: VerdictCount[] = [];
    state.takeCounts(counts);
    expect(counts).toHaveLength(2_001);
    expect(counts.find(({ service }) => service === '')?.count).toBe(8_000);
    expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe(10_000);
  });
});
