import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRule } from './compile.ts';
import type { RuleScope } from './compiled-rule.ts';
import { describeRule } from './describe.ts';
import { parseSelector } from './parse.ts';
import { planOf } from './plan.ts';
import { printRule } from './print.ts';
import { arbitraryRule } from './testing/arbitrary-rule.ts';

const paid = parseSelector({ name: 'macro', text: 'payment.charge.where(span.status != error)' }).selector;
const SCOPE: RuleScope = {
  macros: new Map(paid === null ? [] : [['paid', paid]]),
  lists: new Map([['card_processors', ['stripe', 'square']]]),
};

const TOPPED_UP: RuleScope = {
  macros: new Map(
    paid === null
      ? []
      : [
          ['paid', paid],
          ['top-up', paid],
        ],
  ),
  lists: new Map([
    ['card_processors', ['stripe', 'square']],
    ['eu', ['de', 'fr']],
  ]),
};

const SENTENCES: readonly (readonly [rule: string, sentence: string])[] = [
  [
    'trace.has(payment.charge) and trace.has(inventory.reserve)',
    'When a trace has a `payment.charge` span, then the trace must have an `inventory.reserve` span.',
  ],
  [
    'trace.has(payment.charge).where(attempt > 1) and trace.count(payment.charge).where(payment_intent_id == unique) == 1',
    'When a trace has a `payment.charge` span whose `attempt` is greater than 1, then the number of different values of `payment_intent_id` among `payment.charge` spans must equal 1.',
  ],
  [
    'trace.has(payment.refund) and trace.has(payment.charge)',
    'When a trace has a `payment.refund` span, then the trace must have a `payment.charge` span.',
  ],
  [
    'trace.has(payment.charge).where(amount > 1000) and trace.has(payment.fraud_check)',
    'When a trace has a `payment.charge` span whose `amount` is greater than 1000, then the trace must have a `payment.fraud_check` span.',
  ],
  [
    'trace.has(database.query).where(table contains "tenant_data") and trace.has(database.query).where(tenant_filter == true)',
    'When a trace has a `database.query` span whose `table` contains "tenant_data", then the trace must have a `database.query` span whose `tenant_filter` is true.',
  ],
  [
    'trace.has(api.request).where(tenant_id == tenant_a) and not trace.has(database.query).where(tenant_id == tenant_b)',
    'When a trace has an `api.request` span whose `tenant_id` is "tenant_a", then the trace must not have a `database.query` span whose `tenant_id` is "tenant_b".',
  ],
  [
    'trace.has(llm.generate).where(rag_enabled == true) and trace.has(rag.cite_sources)',
    'When a trace has an `llm.generate` span whose `rag_enabled` is true, then the trace must have a `rag.cite_sources` span.',
  ],
  [
    'trace.has(database.write).where(data_type == phi) and trace.has(encryption.at_rest)',
    'When a trace has a `database.write` span whose `data_type` is "phi", then the trace must have an `encryption.at_rest` span.',
  ],
  [
    'trace.has(api.request).where(endpoint matches "/api/v2/.*") and trace.has(auth.check)',
    'When a trace has an `api.request` span whose `endpoint` matches "/api/v2/.*", then the trace must have an `auth.check` span.',
  ],
  [
    'trace.has(payment.charge) and trace.has(inventory.reserve).before(payment.charge)',
    'When a trace has a `payment.charge` span, then the trace must have an `inventory.reserve` span that ended before the first `payment.charge` span started.',
  ],
  [
    'when { payment.charge.where(amount > 1000) and not customer.verified } always { payment.fraud_check and inventory.reserve.before(payment.charge) } never { payment.bypass_validation }',
    'When a trace has a `payment.charge` span whose `amount` is greater than 1000, and no `customer.verified` span, then the trace must have a `payment.fraud_check` span, and an `inventory.reserve` span that ended before the first `payment.charge` span started, and must not have a `payment.bypass_validation` span.',
  ],
  [
    'never { payment.bypass_validation }',
    'In every trace, there must be no `payment.bypass_validation` span.',
  ],
  ['count(payment.charge) <= 1', 'In every trace, there must be at most 1 `payment.charge` span.'],
  [
    'when { each payment.charge.where(amount > 1000) as charge } always { payment.fraud_check.where(payment_intent_id == charge.payment_intent_id).before(charge) }',
    'For every `payment.charge` span whose `amount` is greater than 1000 (called charge), the trace must have a `payment.fraud_check` span whose `payment_intent_id` equals that of charge and that ended before charge started.',
  ],
  [
    'when { each api.request.where(tenant_id exists) as r } never { database.query.where(tenant_id not exists or tenant_id != r.tenant_id) }',
    'For every `api.request` span whose `tenant_id` is set (called r), the trace must not have a `database.query` span whose `tenant_id` is not set or `tenant_id` differs from that of r.',
  ],
  [
    'across payment_intent_id within 10m { count(payment.charge).where(span.status != error) <= 1 }',
    'Over all traces that share the same `payment_intent_id`, with at most 10 min between one span and the next, there must be at most 1 `payment.charge` span whose status is not error.',
  ],
  [
    'across (tenant_id, cart.id) within 5m { when { checkout and not refund } always { payment.charge } }',
    'Over all traces that share the same `tenant_id` and `cart.id`, with at most 5 min between one span and the next, when there is a `checkout` span and no `refund` span, then there must be a `payment.charge` span.',
  ],
  [
    'count(transaction.start) == count(transaction.commit)',
    'In every trace, the number of `transaction.start` spans must equal the number of `transaction.commit` spans.',
  ],
  [
    'sum(payment.refund, amount) <= sum(payment.charge, amount)',
    'In every trace, the sum of `amount` over `payment.refund` spans must be at most the sum of `amount` over `payment.charge` spans.',
  ],
  [
    'when { order.place } always { all(database.query, tenant_filter == true) }',
    'When a trace has an `order.place` span, then every `database.query` span must be one whose `tenant_filter` is true.',
  ],
  [
    'when { order.place } always { trace.duration <= 2s }',
    'When a trace has an `order.place` span, then the trace must last at most 2 s.',
  ],
  [
    'distinct(payment.charge, payment_intent_id) <= 1',
    'In every trace, the number of different values of `payment_intent_id` among `payment.charge` spans must be at most 1.',
  ],
  ['never { a and b }', 'In every trace, it must never be that there is an `a` span and a `b` span.'],
  ['never { a or b }', 'In every trace, there must be no `a` span and no `b` span.'],
  [
    'when { a or b } always { c or d }',
    'When a trace has an `a` span or a `b` span, then the trace must have a `c` span or a `d` span.',
  ],
  [
    'when { a and (b or c) } always { d and (e or count(f) == 1) }',
    'When a trace has an `a` span, and (the trace has a `b` span or a `c` span), then the trace must have a `d` span, and must have an `e` span or exactly 1 `f` span.',
  ],
  [
    'when { a } always { x.before(b).within(5s) and y.child_of(a) and z.inside(a.where(k == 1)) } never { count(q) > 3 }',
    'When a trace has an `a` span, then the trace must have an `x` span that ended before the first `b` span started, with at most 5 s to the nearest one, a `y` span whose parent is an `a` span, and a `z` span that is inside an `a` span whose `k` is 1, and must have at most 3 `q` spans.',
  ],
  [
    'when { a } always { not (b and c) }',
    'When a trace has an `a` span, then it must never be that the trace has a `b` span and a `c` span.',
  ],
  [
    'when { trace.duration > 10s and a } always { alert.sent }',
    'When a trace lasts longer than 10 s and the trace has an `a` span, then the trace must have an `alert.sent` span.',
  ],
  [
    'when { a.where(processor in $card_processors and not (x == 1 and y contains "z")) } always { b.where(text(code) == "42" and number(n) > 3) }',
    'When a trace has an `a` span whose `processor` is in the list $card_processors ("stripe" or "square"), and also either `x` is not 1 or `y` does not contain "z", then the trace must have a `b` span whose `code` (read as text) is "42" and `n` (read as a number) is greater than 3.',
  ],
  [
    'when { a.where(charged <= this.authorised and resource.host exists and span.duration > 5s) } always { b.where(span.events contains exception or p not in [1, 2, true]) }',
    'When a trace has an `a` span whose `charged` is at most its own `authorised` and resource attribute `host` is set and duration is longer than 5 s, then the trace must have a `b` span whose list of event names contains "exception" or `p` is not one of 1, 2 or true.',
  ],
  [
    'when { count(a) >= 2 } always { count(b) == 0 }',
    'When a trace has at least 2 `a` spans, then the trace must not have a `b` span.',
  ],
  [
    'when { a } always { not all(b, ok) }',
    'When a trace has an `a` span, then not every `b` span may be one whose `ok` is true.',
  ],
  [
    'when { * } always { matches "GET /v[12]/.*" }',
    'When a trace has a span, then the trace must have a span whose name matches `GET /v[12]/.*`.',
  ],
  [
    'when { each payment.* as p and order.place } always { audit.log.after(p).within(2s) } never { count(x.child_of(p)) != 2 }',
    'For every `payment.*` span (called p), when the trace has an `order.place` span, then the trace must have an `audit.log` span that started after p ended, with at most 2 s between, and must have exactly 2 `x` spans whose parent is p.',
  ],
  [
    'when { a } always { count(b) != 2 and sum(b, amount) > 100 }',
    'When a trace has an `a` span, then the number of `b` spans must not be 2 and the sum of `amount` over `b` spans must be greater than 100.',
  ],
  [
    'when { a } always { trace.duration <= 2s and trace.duration > 1d } never { trace.duration == 3h }',
    'When a trace has an `a` span, then the trace must last at most 2 s and must last longer than 1 day, and must not last exactly 3 h.',
  ],
  ['never { trace.duration > 1m }', 'Every trace must last at most 1 min.'],
  [
    'when { a } never { count(b) == 1 or all(c, x) }',
    'When a trace has an `a` span, then the number of `b` spans must not be 1, and not every `c` span may be one whose `x` is true.',
  ],
  ['when { a } always { not not b }', 'When a trace has an `a` span, then the trace must have a `b` span.'],
  ['when { a } never { not b }', 'When a trace has an `a` span, then the trace must have a `b` span.'],
  [
    'never { sum(payment.refund, amount) > 500.5 }',
    'In every trace, the sum of `amount` over `payment.refund` spans must be at most 500.5.',
  ],
  [
    'when { a } always { b or not c }',
    'When a trace has an `a` span, then the trace must have a `b` span or no `c` span.',
  ],
  [
    'when { a } always { b or all(c, x > 1) }',
    'When a trace has an `a` span, then it must be that the trace has a `b` span, or every `c` span is one whose `x` is greater than 1.',
  ],
  [
    'when { a } always { (b and c) or d }',
    'When a trace has an `a` span, then it must be that (the trace has a `b` span and a `c` span), or the trace has a `d` span.',
  ],
  [
    'when { not a and b } always { c }',
    'When a trace has no `a` span and a `b` span, then the trace must have a `c` span.',
  ],
  [
    'when { a or count(b) > 2 or trace.duration > 5s } always { c }',
    'When a trace has an `a` span or more than 2 `b` spans, or the trace lasts longer than 5 s, then the trace must have a `c` span.',
  ],
  [
    'when { $paid.where(amount >= 10) } always { invoice.sent }',
    'When a trace has a `payment.charge` span whose status is not error and whose `amount` is at least 10, then the trace must have an `invoice.sent` span.',
  ],
  [
    'when { "POST /api/checkout" } always { database.query.where(span.kind == client and span.service starts_with "db").child_of("POST /api/checkout").before(email.sent.where(template ends_with ".html")) }',
    'When a trace has a `POST /api/checkout` span, then the trace must have a `database.query` span whose kind is client and service starts with "db" and whose parent is a `POST /api/checkout` span and that ended before the first `email.sent` span whose `template` ends with ".html" started.',
  ],
  [
    'when { each a as x and (b or c) } always { d.where(k > x.j or resource.zone == x.resource.zone) }',
    'For every `a` span (called x), when the trace has a `b` span or a `c` span, then the trace must have a `d` span whose `k` is greater than the `j` of x or resource attribute `zone` equals that of x.',
  ],
  [
    'across user.id within 1h { when { each login as first } always { login.where(country == first.country) and count(logout.after(first)) <= 1 } }',
    'Over all traces that share the same `user.id`, with at most 1 h between one span and the next, for every `login` span (called first), there must be a `login` span whose `country` equals that of first, and at most 1 `logout` span that started after first ended.',
  ],
  [
    'across user.id within 30s { when { a and count(b) > 1 } never { c } }',
    'Over all traces that share the same `user.id`, with at most 30 s between one span and the next, when there is an `a` span and more than 1 `b` span, then there must be no `c` span.',
  ],
  [
    'when { a } always { count(b) == count(c) and distinct(d, user.id) >= 2 }',
    'When a trace has an `a` span, then the number of `b` spans must equal the number of `c` spans and the number of different values of `user.id` among `d` spans must be at least 2.',
  ],
  [
    'when { a.where(not verified) } always { b.where(not (x in [1, 2])) }',
    'When a trace has an `a` span whose `verified` is not true, then the trace must have a `b` span whose `x` is not one of 1 or 2.',
  ],
  [
    'when { a.where(x in [1]) } always { b.where(y not in $card_processors) }',
    'When a trace has an `a` span whose `x` is 1, then the trace must have a `b` span whose `y` is not in the list $card_processors ("stripe" or "square").',
  ],
  [
    'when { a.where(n > -1 and not (n > 5) and not (m exists)) } always { b.inside(c.inside(d)) }',
    'When a trace has an `a` span whose `n` is greater than -1 and `n` is not greater than 5 and `m` is not set, then the trace must have a `b` span that is inside a `c` span that is inside a `d` span.',
  ],
  [
    'all(database.query, tenant_filter)',
    'In every trace, every `database.query` span must be one whose `tenant_filter` is true.',
  ],
  [
    'when { *.where(span.status == error) } always { alert.sent }',
    'When a trace has a span whose status is error, then the trace must have an `alert.sent` span.',
  ],
  [
    'when { each r as request } never { q.where(table contains "t" or table in $card_processors).where(id not exists or id != request.id).inside(request) }',
    'For every `r` span (called request), the trace must not have a `q` span for which either `table` contains "t" or `table` is in the list $card_processors ("stripe" or "square"), and also for which either `id` is not set or `id` differs from that of request, and also that is inside request.',
  ],
  [
    'when { a.where(x == 1 and y == 2 or z == 3) } always { b.where((x == 1 or y == 2) and z == 3) }',
    'When a trace has an `a` span for which either both `x` is 1 and `y` is 2, or `z` is 3, then the trace must have a `b` span for which either `x` is 1 or `y` is 2, and also `z` is 3.',
  ],
  [
    'when { a.where(p in $card_processors) } always { all(b, p in $card_processors and q not in $card_processors) }',
    'When a trace has an `a` span whose `p` is in the list $card_processors ("stripe" or "square"), then every `b` span must be one whose `p` is in the list $card_processors and `q` is not in the list $card_processors.',
  ],
  [
    'when { a } never { trace.duration < 250ms or b }',
    'When a trace has an `a` span, then the trace must last at least 250 ms and must not have a `b` span.',
  ],
];

describe('describeRule', () => {
  it.each(SENTENCES)('%s', (text, sentence) => {
    const { rule, diagnostics } = compileRule({ name: 'rule', text }, SCOPE);
    expect(diagnostics).toEqual([]);
    expect(rule && describeRule(rule)).toBe(sentence);
  });

  it('names every span and attribute that a rule speaks of, in one sentence', () => {
    let compiled = 0;
    fc.assert(
      fc.property(arbitraryRule, (tree) => {
        const { rule } = compileRule({ name: 'rule', text: printRule(tree) }, TOPPED_UP);
        if (rule === null) return;
        compiled++;
        const sentence = describeRule(rule);
        expect(sentence).toMatch(/^[A-Z].*[^ ]\.$/);
        expect(sentence).not.toMatch(/undefined|\[object| {2}/);
        const { matchers, attributes } = planOf(rule);
        for (const matcher of matchers) {
          if (matcher.kind === 'exact') expect(sentence).toContain(`\`${matcher.name}\``);
          if (matcher.kind === 'regex') expect(sentence).toContain(`\`${matcher.pattern}\``);
        }
        for (const { name } of attributes) expect(sentence).toContain(`\`${name}\``);
      }),
      { seed: 4, numRuns: 1500 },
    );
    // Most trees of the arbitrary ask for what the checker refuses; enough do not.
    expect(compiled).toBeGreaterThan(40);
  });
});
