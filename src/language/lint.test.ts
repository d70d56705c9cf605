import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LINT_CODES } from '../diagnostic/codes/lint.ts';
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import { compileRule } from './compile.ts';
import type { RuleScope } from './compiled-rule.ts';
import { lintRule } from './lint.ts';
import { parseSelector } from './parse.ts';
import { printRule } from './print.ts';
import { arbitraryRule } from './testing/arbitrary-rule.ts';

const ok = parseSelector({ name: 'macro', text: 'payment.charge.where(span.status == ok)' }).selector;
const SCOPE: RuleScope = {
  macros: new Map(ok === null ? [] : [['paid', ok]]),
  lists: new Map([['card_processors', ['stripe', 'square']]]),
};

function lint(text: string): Diagnostic[] {
  const { rule, diagnostics } = compileRule({ name: 'rule', text }, SCOPE);
  expect(diagnostics).toEqual([]);
  return rule === null ? [] : lintRule(rule);
}

function codes(text: string): string[] {
  return lint(text).map((one) => one.code);
}

/** The part of the text that a diagnostic points at. */
function pointed(text: string, { range }: Diagnostic): string {
  return text.slice(range?.start, range?.end);
}

describe('the documentation of the lints', () => {
  const documented = Object.entries(LINT_CODES).flatMap(([code, entry]) =>
    'bad' in entry ? [{ code, bad: entry.bad, good: entry.good }] : [],
  );

  it.each(documented)(
    '$code: the bad example earns exactly this, the good one nothing',
    ({ code, bad, good }) => {
      expect(codes(bad)).toEqual([code]);
      expect(codes(good)).toEqual([]);
    },
  );

  it('shows an example of every lint that needs only the rule', () => {
    const without = Object.entries(LINT_CODES).filter(([, entry]) => !('bad' in entry));
    expect(without.map(([code]) => code).every((code) => code >= 'FL420')).toBe(true);
  });
});

describe('the rules of the guide', () => {
  const GUIDE: readonly (readonly [rule: string, codes: readonly string[]])[] = [
    ['trace.has(payment.charge) and trace.has(inventory.reserve)', []],
    [
      'trace.has(payment.charge).where(attempt > 1) and trace.count(payment.charge).where(payment_intent_id == unique) == 1',
      [],
    ],
    ['trace.has(payment.refund) and trace.has(payment.charge)', []],
    ['trace.has(payment.charge).where(amount > 1000) and trace.has(payment.fraud_check)', []],
    // Truly the trap: the query of tenant data may be another than the one that filters.
    [
      'trace.has(database.query).where(table contains "tenant_data") and trace.has(database.query).where(tenant_filter == true)',
      ['FL401'],
    ],
    [
      'trace.has(api.request).where(tenant_id == tenant_a) and not trace.has(database.query).where(tenant_id == tenant_b)',
      [],
    ],
    ['trace.has(llm.generate).where(rag_enabled == true) and trace.has(rag.cite_sources)', []],
    ['trace.has(agent.action).where(destructive == true) and trace.has(human.approval)', []],
    ['trace.has(database.write).where(data_type == phi) and trace.has(encryption.at_rest)', []],
    ['trace.has(api.request).where(endpoint matches "/api/v2/.*") and trace.has(auth.check)', []],
    ['trace.has(database.query).where(operation == write) and trace.has(transaction.begin)', []],
  ];
  it.each(GUIDE)('%s', (text, expected) => {
    expect(codes(text)).toEqual(expected);
  });
});

describe('lintRule', () => {
  const EARNED: readonly (readonly [code: string, text: string, pointed: string])[] = [
    ['FL401', 'when { q } always { q.where(b) }', 'q.where(b)'],
    ['FL401', 'when { q.where(a) and q.where(b) } always { c }', 'q.where(b)'],
    ['FL401', 'when { c } always { q.where(a) and q.where(b) }', 'q.where(b)'],
    ['FL401', 'when { q.where(a == 1) } always { q.where(b == 1 or c == 1) }', 'q.where(b == 1 or c == 1)'],
    ['FL402', 'when { each q as r } always { q.where(id == r.id) }', 'q.where(id == r.id)'],
    [
      'FL402',
      'when { each q.where(a > 1) as r } always { q.where(id == r.id and a > 1) }',
      'q.where(id == r.id and a > 1)',
    ],
    [
      'FL402',
      'when { each payment.charge as r } never { payment.*.where(id == r.id) }',
      'payment.*.where(id == r.id)',
    ],
    ['FL403', 'when { a } always { b.after(c) }', 'b.after(c)'],
    [
      'FL403',
      'when { a.where(x > 1) } always { b.before(a.where(x > 1 and y > 1)) }',
      'b.before(a.where(x > 1 and y > 1))',
    ],
    ['FL404', 'when { a } always { b.before(a).within(5s) }', 'b.before(a).within(5s)'],
    ['FL404', 'when { a } always { a.inside(b) }', 'a.inside(b)'],
    ['FL404', 'when { a } always { b.child_of(a) }', 'b.child_of(a)'],
    ['FL405', 'when { x } never { a and b }', 'never { a and b }'],
    [
      'FL406',
      'when { x } always { a.where(k not in $card_processors) }',
      'a.where(k not in $card_processors)',
    ],
    ['FL406', 'when { x } always { a.where(not (k == 1)) }', 'a.where(not (k == 1))'],
    ['FL407', 'when { $paid } always { b }', '$paid'],
    ['FL408', 'when { x } always { count(a.where(kind == server)) == 1 }', 'kind'],
    ['FL408', 'never { a.where(status in [error, unset]) }', 'status'],
    ['FL408', 'never { a.where(not status == STATUS_CODE_ERROR) }', 'status'],
    ['FL408', 'never { a.where(service == shop) }', 'service'],
    ['FL408', 'never { *.where(name starts_with "GET") }', 'name'],
    ['FL408', 'never { a.where(duration > 5) }', 'duration'],
    ['FL414', 'never { a.where(attributes.total < 0) }', 'attributes.total'],
    ['FL414', 'never { a.where(resource.attributes.zone == eu) }', 'resource.attributes.zone'],
    ['FL414', 'when { each a as r } always { b.where(x == r.attributes.x) }', 'r.attributes.x'],
    ['FL414', 'sum(a, attribute.total) <= 5', 'attribute.total'],
    ['FL408', 'when { each a as r } always { b.where(x == r.duration) }', 'r.duration'],
    ['FL409', 'when { x } always { a.where(k == 1 or k == 2 or k == 1) }', 'k == 1'],
    ['FL409', 'when { x } always { (a or b) and c and (a or b) }', 'a or b'],
    ['FL410', 'when { x } never { a.where(k == 1).where(k == 2) }', 'a.where(k == 1).where(k == 2)'],
    [
      'FL410',
      'when { x } never { a.where(k in [1, 2] and not (k < 3)) }',
      'a.where(k in [1, 2] and not (k < 3))',
    ],
    ['FL410', 'when { x } never { a.where(k not exists and k == 1) }', 'a.where(k not exists and k == 1)'],
    ['FL410', 'when { x } never { a.where(k != this.k) }', 'a.where(k != this.k)'],
    ['FL410', 'when { x } always { all(a, k >= 5 and k < 5) }', 'k < 5'],
    ['FL411', 'when { * } always { a }', '*'],
    ['FL411', 'when { a } always { distinct(b, k) < 0 }', 'distinct(b, k) < 0'],
    ['FL411', 'when { a } never { not count(b) >= 0 }', 'count(b) >= 0'],
    ['FL412', 'when { payment.charge and b } always { payment.* }', 'payment.*'],
    ['FL412', 'when { a } never { a }', 'a'],
    ['FL413', 'when { each a as r and c } always { b }', 'r'],
  ];
  it.each(EARNED)('%s in %s', (code, text, where) => {
    const found = lint(text);
    expect(found.map((one) => one.code)).toEqual([code]);
    expect(found.map((one) => pointed(text, one))).toEqual([where]);
    expect(found[0]?.help).not.toBe('');
  });

  const CLEAN: readonly string[] = [
    // Two values that one span cannot have: two spans are meant.
    'when { q.where(step == 1) } always { q.where(step == 2) }',
    'when { q.where(step == first) } always { q.where(step in [second, third]) }',
    'when { each q as r } always { q.where(id == r.id).before(r) }',
    'when { each q as r } always { q.where(id != r.id) }',
    'when { each q.where(attempt == 2) as r } always { q.where(attempt == 1 and id == r.id) }',
    'when { each q as r } always { count(q.where(id == r.id)) == 1 }',
    'when { each q as r } always { all(q, id == r.id) }',
    'when { a } always { b.before(a) }',
    'when { a } always { c and b.before(c) }',
    'when { a } always { not c or b.before(c) }',
    'when { a } never { b.before(c) }',
    'when { each a as r } always { b.inside(r) }',
    'when { x } always { not (a and b) }',
    'when { x } always { a.where(id == 7 and state != failed) }',
    'when { x } always { a.where(span.status != error) }',
    'when { a.where(region != test) } always { b }',
    'when { x } never { a.where(tenant != acme) }',
    'when { x } always { a.where("status" == paid) }',
    'never { a.where("status" == error and "name" == x and "service" == y) }',
    'never { a.where(name exists or service == 5) }',
    'never { a.where("attributes.total" < 0 or resource."attributes.zone" == eu) }',
    'when { x } always { a.where(k == 1 or k == 2) }',
    'when { x } always { a.where(k > 1 and k < 3) }',
    'when { a.where(k != 1 and k != 2) } always { b }',
    'when { *.where(span.status == error) } always { alert.sent }',
    'count(a) <= 0',
    'across user.id within 1h { when { each login as first } always { logout.after(first) } }',
  ];
  it.each(CLEAN)('none in %s', (text) => {
    expect(codes(text)).toEqual([]);
  });

  it('warns of a field without `span.` where the value is one of that field, and mentions it elsewhere', () => {
    const severity = (predicate: string): string | undefined =>
      lint(`never { a.where(${predicate}) }`)[0]?.severity;
    for (const predicate of [
      'status == error',
      'status != Unset',
      'kind in [server, x]',
      'service == shop',
      'name matches "G.*"',
    ]) {
      expect([predicate, severity(predicate)]).toEqual([predicate, 'warning']);
    }
    for (const predicate of ['status == paid', 'kind exists', 'duration > 5', 'status > 200']) {
      expect([predicate, severity(predicate)]).toEqual([predicate, 'info']);
    }
  });

  it('repairs what has one certain repair', () => {
    const repairs = [
      ['when { x } always { a and b and a }', 'when { x } always { a and b }'],
      [
        'when { x } always { b.where(span.status == ok) }',
        'when { x } always { b.where(span.status != error) }',
      ],
      ['when { x } always { b.where(k == 1 or k == 1) }', 'when { x } always { b.where(k == 1) }'],
    ] as const;
    for (const [before, after] of repairs) {
      const [{ fix } = { fix: undefined }] = lint(before);
      expect(fix).toBeDefined();
      if (fix === undefined) continue;
      const repaired = before.slice(0, fix.range.start) + fix.text + before.slice(fix.range.end);
      expect(repaired).toBe(after);
      expect(codes(repaired)).toEqual([]);
    }
  });

  it('takes away no parenthesis with a redundant term', () => {
    const [found] = lint('when { x } always { (a or b) and c and (a or b) }');
    expect(found?.fix).toBeUndefined();
    expect(lint('when { $paid } always { b }')[0]?.fix).toBeUndefined();
  });

  it('looks at any rule that compiles, and points into its text', () => {
    let compiled = 0;
    fc.assert(
      fc.property(arbitraryRule, (tree) => {
        const text = printRule(tree);
        const { rule } = compileRule({ name: 'rule', text }, SCOPE);
        if (rule === null) return;
        compiled++;
        for (const { range, source, message, help, fix } of lintRule(rule)) {
          expect(source?.text).toBe(text);
          expect(range?.start).toBeLessThan(range?.end ?? 0);
          expect(range?.end).toBeLessThanOrEqual(text.length);
          expect(`${message}${help}`).not.toMatch(/undefined|\[object/);
          if (fix === undefined) continue;
          const repaired = text.slice(0, fix.range.start) + fix.text + text.slice(fix.range.end);
          expect(compileRule({ name: 'rule', text: repaired }, SCOPE).diagnostics).toEqual([]);
        }
      }),
      { seed: 8, numRuns: 1500 },
    );
    expect(compiled).toBeGreaterThan(20);
  });
});
