import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arbitraryJudgement, judged } from '../../../test/conformance/arbitrary-judgement.ts';
import { buildTrace, durationOf } from '../../trace/trace.ts';
import type { JudgedRule } from '../judged-rule.ts';
import { judgeScope } from '../reference/judge.ts';
import type { Scope } from '../reference/scope.ts';
import { DEFAULT_JUDGE_SETTINGS, type UnknownAttribute, VERDICTS } from '../verdict.ts';
import { QuickJudge, UNCLEAR } from './quick-judge.ts';

test('the quick look says what the reference says, or that it cannot say', () => {
  const said = new Map<string, number>();
  fc.assert(
    fc.property(
      arbitraryJudgement.filter(({ rule }) => rule.across === null),
      fc.constantFrom(0n, 0n, 1_000_000n),
      fc.boolean(),
      ({ rule, spans }, clockSkewNanos, hasException) => {
        const exception = { name: 'one', fields: ['amount'], values: [[1]], anywhere: false };
        const one: JudgedRule = { ...judged(rule), exceptions: hasException ? [exception] : [] };
        const settings = { ...DEFAULT_JUDGE_SETTINGS, clockSkewNanos };
        const trace = buildTrace(spans);
        const scope: Scope = {
          spans: trace.spans,
          gaps: [],
          parentOf: (span) => trace.parentOf(span),
          childrenOf: (span) => trace.childrenOf(span),
          duration: () => durationOf(trace.spans),
        };
        const expected = judgeScope(one, scope, settings);
        const quick = new QuickJudge(one, settings);
        const exact = quick.judge(scope, true);
        const { dependedOnOrder } = quick;
        const unknown = countsOf(quick);
        const loose = quick.judge(scope, false);
        if (!dependedOnOrder && exact !== UNCLEAR) {
          // The order of the spans does not matter, but that another one may leave it unclear.
          const reversed = quick.judge({ ...scope, spans: trace.spans.toReversed() }, true);
          expect(quick.dependedOnOrder).toBe(false);
          if (reversed !== UNCLEAR) expect([reversed, countsOf(quick)]).toEqual([exact, unknown]);
        }
        const key = exact === UNCLEAR ? 'unclear' : (VERDICTS[exact] ?? '');
        said.set(key, 1 + (said.get(key) ?? 0));
        if (loose !== UNCLEAR) expect(VERDICTS[loose]).toBe(expected.verdict);
        if (exact === UNCLEAR) return;
        expect(VERDICTS[exact]).toBe(expected.verdict);
        expect(unknown).toEqual(expected.unknownAttributes);
        expect(expected.leftOut).toBe(null);
      },
    ),
    { seed: 20261121, numRuns: 3000 },
  );
  for (const verdict of ['satisfied', 'violated', 'not_applicable', 'unclear']) {
    expect(said.get(verdict) ?? 0).toBeGreaterThan(200);
  }
});

function countsOf({ unknowns: { count, attributes, whys } }: QuickJudge): UnknownAttribute[] {
  const counts = new Map<string, { missing: number; otherType: number }>();
  for (let nth = 0; nth < count; nth++) {
    const attribute = attributes[nth] as string;
    const known = counts.get(attribute) ?? { missing: 0, otherType: 0 };
    known[whys[nth] as 'missing' | 'otherType']++;
    counts.set(attribute, known);
  }
  return [...counts]
    .map(([attribute, one]) => ({ attribute, ...one }))
    .sort((a, b) => (a.attribute < b.attribute ? -1 : 1));
}
