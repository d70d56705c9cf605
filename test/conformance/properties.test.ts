/** What holds of every judgement, whatever the rule and the trace. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { judgeTrace } from '../../src/engine/reference/judge.ts';
import { judgeAcross, membersOf } from '../../src/engine/reference/judge-across.ts';
import { DEFAULT_JUDGE_SETTINGS, type Judgment } from '../../src/engine/verdict.ts';
import { compileRule } from '../../src/language/compile.ts';
import type { CompiledRule } from '../../src/language/compiled-rule.ts';
import { nameMatcher } from '../../src/language/name-matcher.ts';
import { planOf } from '../../src/language/plan.ts';
import { printCondition, printRule } from '../../src/language/print.ts';
import { compareSpans, type Span } from '../../src/trace/span.ts';
import { buildTrace, type TraceCut } from '../../src/trace/trace.ts';
import { arbitraryJudgement, judged, SCOPE } from './arbitrary-judgement.ts';

const RUNS = { seed: 20260117, numRuns: 600 };

const settings = { ...DEFAULT_JUDGE_SETTINGS, clockSkewNanos: 1_500_000n };

/** All that a rule says of a trace: one judgement, or those of its groups. */
function judge(
  rule: CompiledRule,
  spans: readonly Span[],
  options: { cut?: TraceCut; onIncomplete?: 'judge' } = {},
): readonly Judgment[] {
  const own = judged(rule, options.onIncomplete);
  const trace = buildTrace(spans, options.cut);
  if (rule.across === null) return [judgeTrace(own, trace, settings)];
  return judgeAcross(own, membersOf(own, trace), settings).groups.map(({ judgment }) => judgment);
}

test('any order and repetition of the spans gives the same judgement', () => {
  const shuffled = arbitraryJudgement.chain(({ rule, spans }) =>
    fc
      .shuffledSubarray([...spans, ...spans], { minLength: spans.length * 2, maxLength: spans.length * 2 })
      .map((repeated) => ({ rule, spans, repeated })),
  );
  fc.assert(
    fc.property(shuffled, ({ rule, spans, repeated }) => {
      expect(judge(rule, repeated)).toEqual(judge(rule, spans));
    }),
    RUNS,
  );
});

test('members of groups may come in any order and repeatedly', () => {
  fc.assert(
    fc.property(arbitraryJudgement, fc.boolean(), ({ rule, spans }, twice) => {
      fc.pre(rule.across !== null);
      const own = judged(rule);
      const members = membersOf(own, buildTrace(spans));
      const backwards = [...members].reverse();
      expect(judgeAcross(own, twice ? [...backwards, ...members] : backwards, settings)).toEqual(
        judgeAcross(own, members, settings),
      );
    }),
    RUNS,
  );
});

/**
 * The added span hangs below one that is there, ends no chain, lasts no time and lies within the trace: a root, a span with a
 * missing parent, a child that covers its parent's time, or one outside the trace's duration may rightly change a verdict.
 */
test('a span that no selector can match changes nothing', () => {
  fc.assert(
    fc.property(arbitraryJudgement, fc.nat(), ({ rule, spans }, choice) => {
      const name = '~ matched by nothing ~';
      fc.pre(spans.length > 0 && !planOf(rule).matchers.some((matcher) => nameMatcher(matcher)(name)));
      const parent = spans[choice % spans.length];
      if (parent === undefined) throw new Error('no parent');
      const added: Span = {
        ...parent,
        spanId: 'f'.repeat(16),
        parentSpanId: parent.spanId,
        kind: 'internal',
        name,
        end: parent.start,
        attributes: new Map([...parent.attributes, ['more', 1]]),
      };
      expect(judge(rule, [...spans, added])).toEqual(judge(rule, spans));
    }),
    RUNS,
  );
});

test('what is decided of a part of a trace stays decided, whatever comes', () => {
  let decided = 0;
  fc.assert(
    fc.property(arbitraryJudgement, fc.nat({ max: 7 }), ({ rule, spans }, size) => {
      fc.pre(rule.across === null);
      const part = spans.slice(0, size);
      const early = judge(rule, part, { cut: { maxSpans: true } })[0];
      if (early?.verdict !== 'violated' && early?.verdict !== 'satisfied') return;
      decided++;
      const late = judge(rule, spans, { onIncomplete: 'judge' })[0];
      expect(late?.verdict).toBe(early.verdict);
    }),
    { ...RUNS, numRuns: 4000 },
  );
  expect(decided).toBeGreaterThan(200);
});

test('a complete trace is judged as one that is judged although incomplete', () => {
  fc.assert(
    fc.property(arbitraryJudgement, ({ rule, spans }) => {
      fc.pre(rule.across === null && buildTrace(spans).incomplete === null);
      expect(judge(rule, spans, { cut: { maxSpans: true }, onIncomplete: 'judge' })).toEqual(
        judge(rule, spans),
      );
    }),
    RUNS,
  );
});

test('the short form means what its long form says', () => {
  let compared = 0;
  fc.assert(
    fc.property(arbitraryJudgement, ({ rule, spans }) => {
      fc.pre(rule.across === null && rule.each === null && rule.ast.condition !== null);
      fc.pre(isSelfContained(rule));
      const { trigger } = rule;
      fc.pre(trigger !== null);
      if (trigger === null) return;
      const clauses = rule.requirements.map(
        ({ polarity, condition }) => `${polarity} { ${printCondition(condition)} }`,
      );
      const text = `when { ${printCondition(trigger)} } ${clauses.join(' ')}`;
      compared++;
      expect(withoutPlaces(judge(compiled(text), spans))).toEqual(withoutPlaces(judge(rule, spans)));
    }),
    { ...RUNS, numRuns: 1500 },
  );
  expect(compared).toBeGreaterThan(30);
});

test('a rule that was printed gives the same judgement', () => {
  fc.assert(
    fc.property(arbitraryJudgement, ({ rule, spans }) => {
      fc.pre(isSelfContained(rule));
      expect(withoutPlaces(judge(compiled(printRule(rule.ast)), spans))).toEqual(
        withoutPlaces(judge(rule, spans)),
      );
    }),
    RUNS,
  );
});

test('bound spans and witnesses come in canonical order', () => {
  fc.assert(
    fc.property(arbitraryJudgement, ({ rule, spans }) => {
      for (const { each, witness } of judge(rule, spans)) {
        for (const list of [each.map(({ span }) => span), witness?.trigger ?? [], witness?.spans ?? []]) {
          expect([...list].sort(compareSpans)).toEqual(list);
        }
      }
    }),
    RUNS,
  );
});

function compiled(text: string): CompiledRule {
  const { rule, diagnostics } = compileRule({ name: 'rule', text }, SCOPE);
  if (rule === null) throw new Error(`${text}: ${diagnostics.map(({ message }) => message).join('; ')}`);
  return rule;
}

/** Macros and lists of another file are not those of the text printed here. */
function isSelfContained(rule: CompiledRule): boolean {
  return !printRule(rule.ast).includes('$');
}

/** A clause is another text in another form; all else is the same. */
function withoutPlaces(judgments: readonly Judgment[]): unknown {
  return judgments.map(({ witness, ...rest }) => ({
    ...rest,
    witness:
      witness === null
        ? null
        : { ...witness, clause: null, measures: witness.measures.map(({ value }) => value) },
  }));
}
