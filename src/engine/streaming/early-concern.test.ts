import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arbitraryJudgement, judged } from '../../../test/conformance/arbitrary-judgement.ts';
import { planOf } from '../../language/plan.ts';
import type { Span } from '../../trace/span.ts';
import { buildTrace, durationOf } from '../../trace/trace.ts';
import type { JudgedRule } from '../judged-rule.ts';
import { judgeScope } from '../reference/judge.ts';
import { incompleteTrace } from '../reference/scope.ts';
import { DEFAULT_JUDGE_SETTINGS } from '../verdict.ts';
import { canBreakEarly } from './early.ts';
import { EarlyConcerns } from './early-concern.ts';

test('a rule is violated anew only after a span that concerns it', () => {
  let violated = 0;
  let unconcerned = 0;
  fc.assert(
    fc.property(
      arbitraryJudgement.filter(({ rule }) => rule.across === null),
      fc.boolean(),
      ({ rule, spans }, hasException) => {
        const exception = { name: 'one', fields: ['amount'], values: [[1]], anywhere: false };
        const one: JudgedRule = { ...judged(rule), exceptions: hasException ? [exception] : [] };
        if (!canBreakEarly(one)) return;
        const { usesParents, usesChildren, usesTraceDuration } = planOf(rule);
        const dependsOnOthers = usesParents || usesChildren || usesTraceDuration;
        const concerns = new EarlyConcerns(one, dependsOnOthers, DEFAULT_JUDGE_SETTINGS);
        const distinct = buildTrace(spans).spans;
        for (let count = 1; count <= distinct.length; count++) {
          const last = distinct[count - 1] as Span;
          const isFirst = distinct.findIndex(({ name }) => name === last.name) === count - 1;
          const concerned = concerns.ofName(last.name)(last, isFirst) && count >= concerns.leastSpans;
          if (!concerned) unconcerned++;
          if (!isViolated(one, distinct.slice(0, count))) continue;
          expect(count).toBeGreaterThanOrEqual(concerns.leastSpans);
          if (isViolated(one, distinct.slice(0, count - 1))) continue;
          violated++;
          expect(concerned).toBe(true);
        }
      },
    ),
    { seed: 20261121, numRuns: 3000 },
  );
  expect(violated).toBeGreaterThan(100);
  expect(unconcerned).toBeGreaterThan(1000);
});

/** Of an open scope. */
function isViolated(rule: JudgedRule, spans: readonly Span[]): boolean {
  if (spans.length === 0) return false;
  const trace = buildTrace(spans);
  const scope = {
    spans: trace.spans,
    gaps: [incompleteTrace(trace.id, { kind: 'max-age' })],
    parentOf: (span: Span) => trace.parentOf(span),
    childrenOf: (span: Span) => trace.childrenOf(span),
    duration: () => durationOf(trace.spans),
  };
  return judgeScope(rule, scope, DEFAULT_JUDGE_SETTINGS).verdict === 'violated';
}
