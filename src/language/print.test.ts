import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RuleNode } from './ast.ts';
import { parseRule } from './parse.ts';
import { printRule } from './print.ts';
import { arbitraryRule } from './testing/arbitrary-rule.ts';

const SEED = 20_261_120;

function parse(text: string): RuleNode {
  const { rule, diagnostics } = parseRule({ name: 'rule', text });
  if (rule === null) {
    throw new Error(`${text}\n${diagnostics.map((one) => `${one.range?.start}: ${one.message}`).join('\n')}`);
  }
  return rule;
}

/** The tree without its places in the text. */
function withoutRanges(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutRanges);
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(
    Object.entries(node).flatMap(([key, value]) => (key === 'range' ? [] : [[key, withoutRanges(value)]])),
  );
}

describe('printRule', () => {
  it('prints what parses to the same tree', () => {
    fc.assert(
      fc.property(arbitraryRule, (rule) => {
        expect(withoutRanges(parse(printRule(rule)))).toEqual(withoutRanges(rule));
      }),
      { seed: SEED, numRuns: 2000 },
    );
  });

  it('prints a parsed rule as it printed it before, at every width', () => {
    fc.assert(
      fc.property(arbitraryRule, fc.integer({ min: 1, max: 140 }), (rule, width) => {
        const text = printRule(rule, width);
        expect(printRule(parse(text), width)).toBe(text);
      }),
      { seed: SEED, numRuns: 1000 },
    );
  });

  it('keeps within its width where there is a place to break, and leaves no blanks at line ends', () => {
    fc.assert(
      fc.property(arbitraryRule, (rule) => {
        for (const line of printRule(rule).split('\n')) {
          expect(line).toBe(line.trimEnd());
          // What is too long is one piece: a comparison of two measures, an each with its name, a header.
          if (line.length > 100) expect(line.trim()).not.toMatch(/^(and|or) .* (and|or) \w+\(/);
        }
      }),
      { seed: SEED, numRuns: 1000 },
    );
  });

  it('loses no comment, keeps their order and the tree, and is stable, wherever comments stand', () => {
    fc.assert(
      fc.property(
        arbitraryRule,
        fc.array(fc.tuple(fc.nat(), fc.boolean()), { minLength: 1, maxLength: 4 }),
        (rule, at) => {
          const commented = withComments(printRule(rule, 40), at);
          const parsed = parse(commented);
          const printed = printRule(parsed);
          const again = parse(printed);
          expect(again.comments.map((one) => one.text)).toEqual(parsed.comments.map((one) => one.text));
          expect(withoutRanges({ ...again, comments: [] })).toEqual(withoutRanges(rule));
          expect(printRule(again)).toBe(printed);
        },
      ),
      { seed: SEED, numRuns: 2000 },
    );
  });

  const CANONICAL: readonly string[] = [
    'trace.has(payment.charge).where(amount > 1000) and trace.has(payment.fraud_check)',
    'count(payment.charge).where(payment_intent_id == unique) <= 1',
    'never { payment.bypass_validation }',
    `when   { each payment.charge.where(amount > 1000) as charge }
always { payment.fraud_check.where(payment_intent_id == charge.payment_intent_id).before(charge) }`,
    `when   { payment.charge.where(amount > 1000) and not customer.verified }
always { payment.fraud_check and inventory.reserve.before(payment.charge) }
never  { payment.bypass_validation }`,
    'across payment_intent_id within 10m { count(payment.charge).where(span.status != error) <= 1 }',
    `across (tenant_id, cart.id) within 5m {
  when   { checkout }
  always { count(payment.charge) == 1 }
}`,
    `trace.has(payment.charge).where(amount > 1000 and currency == EUR)
  and trace.has(payment.fraud_check)
  and not trace.has(payment.bypass_validation)`,
    `when {
  each payment.charge.where(amount > 1000 and currency in [EUR, USD, GBP, CHF]) as charge
    and customer.verified
    and not customer.blocked
}
always { payment.fraud_check.before(charge) }`,
    `trace.has(payment.charge)
  // the shop must hold the goods first
  and trace.has(inventory.reserve) // whatever the warehouse
  and not trace.has(payment.refund)
// end`,
    `// head
across k within 5m { // key
  when   { a } // trigger
  // demand
  always {
    b
    // last word
  }
  // closing
}`,
    `a and (b or c) // why`,
    `count(payment.charge)
  .where(amount > 1000 and currency == EUR and processor == stripe)
  .before(inventory.reserve)
  .where(payment_intent_id == unique) <= 1`,
    `when   { a }
// first
always { b } // second`,
  ];
  it.each(CANONICAL)('leaves the canonical text as it is: %s', (text) => {
    expect(printRule(parse(text))).toBe(text);
  });

  it.each([
    ['A  and\n\n B', 'A and B'],
    ['has( a ) . where( x==1 )  and b', 'has(a).where(x == 1) and b'],
    ['a and (b)', 'a and b'],
    ['count(x.where(a == 1)) <= 1', 'count(x).where(a == 1) <= 1'],
    ['a and (b and c)', 'a and (b and c)'],
    ['never { not a.where(not b == 1) }', 'never { not a.where(not (b == 1)) }'],
    ['a and b.where(c in [x,y , "z z"])', 'a and b.where(c in [x, y, "z z"])'],
    // A comment behind the operator speaks of what stands before it on the line.
    ['a and // why\n b', 'a // why\n  and b'],
    ['a and (b or c // one\n) // two\n and d', 'a\n  and (b or c) // one\n  // two\n  and d'],
    ['when { a } always { b // one\n // two\n }', 'when   { a }\nalways {\n  b // one\n  // two\n}'],
    ['always { a and (b or c\n// one\n) // two\n}', 'always {\n  a and (b or c)\n  // one\n  // two\n}'],
  ])('prints %j as %j', (text, printed) => {
    expect(printRule(parse(text))).toBe(printed);
  });
});

/** Puts comments at blanks of a text that are not within quotes, alone on their lines or behind what is there. */
function withComments(text: string, places: readonly (readonly [number, boolean])[]): string {
  const blanks = [...text.matchAll(/"(?:[^"\\]|\\.)*"|(\s+)/g)].filter((match) => match[1] !== undefined);
  const chosen = new Map(places.map(([at, own]) => [at % (blanks.length + 1), own]));
  let result = '';
  let from = 0;
  let number = 0;
  blanks.forEach((blank, at) => {
    result += text.slice(from, blank.index);
    const own = chosen.get(at);
    result += own === undefined ? blank[0] : `${own ? '\n' : ' '}// note ${number++}\n`;
    from = blank.index + blank[0].length;
  });
  result += text.slice(from);
  const own = chosen.get(blanks.length);
  return own === undefined ? result : `${result}${own ? '\n' : ' '}// note ${number}`;
}
