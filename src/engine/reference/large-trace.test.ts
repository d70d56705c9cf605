import { describe, expect, it } from 'vitest';
import { makeSpan } from '../../trace/testing/make-span.ts';
import { buildTrace } from '../../trace/trace.ts';
import { simpleRule } from '../streaming/testing/simple-rule.ts';
import { DEFAULT_JUDGE_SETTINGS } from '../verdict.ts';
import { judgeTrace } from './judge.ts';

describe('a trace of 40,000 spans', () => {
  it('is asked for ancestors at a cost that grows with its spans, not with their square', () => {
    const rule = simpleRule('r', 'when { a.x } always { a.y.inside(a.x) }');
    const traceId = '1'.padStart(32, '0');
    const idOf = (at: number) => (at + 1).toString(16).padStart(16, '0');
    const spans = Array.from({ length: 40_000 }, (_, at) =>
      makeSpan({
        traceId,
        spanId: idOf(at),
        parentSpanId: at === 0 ? '' : idOf(0),
        name: at === 0 ? 'root' : at % 2 === 0 ? 'a.x' : 'a.y',
      }),
    );
    expect(judgeTrace(rule, buildTrace(spans), DEFAULT_JUDGE_SETTINGS).verdict).toBe('violated');
  });
});
