/** Looking up by value comes to what comparing every span with every bound span comes to. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRule } from '../../language/compile.ts';
import type { AttributeValue } from '../../trace/attribute-value.ts';
import type { Span } from '../../trace/span.ts';
import { buildTrace } from '../../trace/trace.ts';
import type { JudgedRule } from '../judged-rule.ts';
import { DEFAULT_JUDGE_SETTINGS } from '../verdict.ts';
import { judgeTrace } from './judge.ts';

const RULES: readonly JudgedRule[] = [
  'when { each a as x } always { b.where(k == x.k).before(x) }',
  'when { each a as x } always { b.where(n exists and n > 1 and k == x.k and n == x.n) }',
  'when { each a as x } never { count(b.where(k == x.k and (n == x.k or k == x.n))) > 1 }',
  'when { each a as x } always { b.where(number(k) == x.n).where(k != x.k) }',
  'when { each a as x } always { all(b.where(text(n) == x.k), n <= x.n) }',
  'when { each a as x } always { *.inside(b).where(k == x.k) and b.before(x).where(k == x.k) }',
  'when { each a as x and b.where(k == x.k) } always { c.where(n == x.n and k > 1) }',
].map((text) => {
  const { rule: condition, diagnostics } = compileRule({ name: 'rule', text });
  if (condition === null) throw new Error(`${text}: ${diagnostics[0]?.message}`);
  return { id: text, condition, onIncomplete: 'inconclusive', environments: null, exceptions: [] };
});

const value: fc.Arbitrary<AttributeValue | undefined> = fc.constantFrom<(AttributeValue | undefined)[]>(
  1,
  1,
  2,
  1n,
  2n,
  '1',
  '1',
  '2',
  true,
  Number.NaN,
  ['1'],
  undefined,
);

const drawnSpan = fc.record({
  name: fc.constantFrom('a', 'b', 'b', 'c'),
  k: value,
  n: value,
  start: fc.integer({ min: 0, max: 20 }),
  parent: fc.nat({ max: 12 }),
});

const RESOURCE = { attributes: new Map(), service: 'shop' };

describe('spans looked up by a value of the bound span', () => {
  it('are those that comparing all with all finds, with equal doubts and unknowns', () => {
    let found = 0;
    let unknown = 0;
    fc.assert(
      fc.property(fc.array(drawnSpan, { minLength: 3, maxLength: 14 }), (drawn) => {
        const trace = buildTrace(
          drawn.map(
            ({ name, k, n, start, parent }, index): Span => ({
              traceId: '1'.padStart(32, '0'),
              spanId: String(index + 1).padStart(16, '0'),
              parentSpanId: index === 0 || parent === index ? '' : String(parent + 1).padStart(16, '0'),
              name,
              kind: 'internal',
              start: BigInt(start) * 1_000_000_000n,
              end: BigInt(start + 2) * 1_000_000_000n,
              status: 'unset',
              attributes: new Map(
                [['k', k] as const, ['n', n] as const].flatMap(([key, one]) =>
                  one === undefined ? [] : [[key, one] as const],
                ),
              ),
              resource: RESOURCE,
              scope: '',
              events: [],
              traceState: '',
            }),
          ),
        );
        for (const rule of RULES) {
          const judged = judgeTrace(rule, trace, DEFAULT_JUDGE_SETTINGS);
          // Somebody who watches is shown every comparison, so nothing is passed over.
          expect(judged).toEqual(judgeTrace(rule, trace, DEFAULT_JUDGE_SETTINGS, {}));
          if (judged.each.length > 2) found++;
          if (judged.unknownAttributes.length > 0) unknown++;
        }
      }),
      { seed: 20261120, numRuns: 500 },
    );
    expect(found).toBeGreaterThan(500);
    expect(unknown).toBeGreaterThan(500);
  });
});
