import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import type { AttributeValue } from '../trace/attribute-value.ts';
import type { Span } from '../trace/span.ts';
import { compileRule } from './compile.ts';
import {
  lintObserved,
  type NamedRule,
  observeSpan,
  observeVerdict,
  TrafficObservation,
} from './lint-observed.ts';

const SCOPE = { macros: new Map(), lists: new Map() };

function span(
  name: string,
  attributes: Record<string, AttributeValue> = {},
  resource: Record<string, AttributeValue> = {},
): Span {
  return {
    traceId: '0'.repeat(32),
    spanId: '0'.repeat(16),
    parentSpanId: '',
    name,
    kind: 'internal',
    start: 0n,
    end: 1n,
    status: 'unset',
    attributes: new Map(Object.entries(attributes)),
    resource: { attributes: new Map(Object.entries(resource)), service: '' },
    scope: '',
    events: [],
    traceState: '',
  };
}

function seen(...spans: Span[]): TrafficObservation {
  const observed = new TrafficObservation();
  for (const one of spans) observeSpan(observed, one);
  return observed;
}

function rule(id: string, text: string): NamedRule {
  const { rule: condition, diagnostics } = compileRule({ name: id, text }, SCOPE);
  if (condition === null) throw new Error(diagnostics.map((one) => one.message).join('\n'));
  return { id, condition };
}

function lint(text: string, observed: TrafficObservation): Diagnostic[] {
  return lintObserved([rule('r', text)], observed);
}

function said(found: readonly Diagnostic[]): string[] {
  return found.map(
    ({ code, message, source, range }) =>
      `${code} ${source?.text.slice(range?.start, range?.end)}: ${message}`,
  );
}

const SHOP = seen(
  span('payment.charge', { amount: '59.99', currency: 'EUR', limit: 100 }, { 'host.name': 'a' }),
  span('payment.charge', { amount: '12', currency: 'USD', limit: 100 }, { 'host.name': 'b' }),
  span('inventory.reserve', { 'cart.id': 'c1' }),
);

describe('lintObserved', () => {
  it('tells unknown names with the nearest one and how often that was seen', () => {
    const found = lint('when { payment.chrage } always { inventory.reserve }', SHOP);
    expect(said(found)).toEqual([
      'FL422 payment.chrage: no span of 3 is called `payment.chrage`: did you mean `payment.charge`?',
    ]);
    expect(found[0]?.notes).toEqual(['`payment.charge` was seen 2 times']);
  });

  it('tells an attribute where a span belongs, and patterns that match nothing', () => {
    expect(lint('when { payment.charge } always { cart.id }', SHOP)[0]?.notes).toEqual([
      '`cart.id` is an attribute of `inventory.reserve`: attributes are asked in `.where(...)`',
    ]);
    expect(said(lint('when { payment.charge } always { ship.* }', SHOP))).toEqual([
      'FL422 ship.*: no span of 3 is called `ship.*`',
    ]);
  });

  it('finds it right that what is forbidden was never seen, unless the name is a slip', () => {
    expect(lint('never { payment.bypass_validation }', SHOP)).toEqual([]);
    expect(lint('never { payment.bypass_validation.where(x == 1) }', SHOP)).toEqual([]);
    const [slip, ...more] = lint('never { payment.chargee }', SHOP);
    expect(more).toEqual([]);
    expect(slip).toMatchObject({ code: 'FL422' });
    expect(slip?.notes?.at(-1)).toBe('so on this traffic nothing can break `payment.chargee`');
  });

  it('tells attributes that the spans do not have', () => {
    const found = lint(
      'when { payment.charge.where(curency == EUR) } always { inventory.reserve.where(sku exists) }',
      SHOP,
    );
    expect(said(found)).toEqual([
      'FL423 curency: none of 2 `payment.charge` spans has the attribute `curency`: did you mean `currency`?',
      'FL423 sku: none of 1 `inventory.reserve` span has the attribute `sku`',
    ]);
    expect(found[1]?.notes).toEqual(['they have `cart.id`']);
  });

  it('looks for attributes where the language does', () => {
    expect(lint('when { payment.charge.where(host.name == a) } always { inventory.reserve }', SHOP)).toEqual(
      [],
    );
    expect(
      lint('when { payment.charge.where(resource.host.name == a) } always { inventory.reserve }', SHOP),
    ).toEqual([]);
    expect(
      said(
        lint('when { payment.charge.where(resource.currency == EUR) } always { inventory.reserve }', SHOP),
      ),
    ).toEqual([
      'FL423 resource.currency: none of 2 `payment.charge` spans has the attribute `resource.currency`',
    ]);
    expect(
      lint('when { payment.charge.where(refunded not exists) } always { inventory.reserve }', SHOP),
    ).toEqual([]);
    expect(
      lint('when { payment.charge.where(span.status == error) } always { inventory.reserve }', SHOP),
    ).toEqual([]);
  });

  it('asks a reference of the bound span', () => {
    const text = 'when { each payment.charge as c } always { inventory.reserve.where(cart.id == c.cart.id) }';
    expect(said(lint(text, SHOP))).toEqual([
      'FL423 c.cart.id: none of 2 `payment.charge` spans has the attribute `cart.id`',
    ]);
  });

  it('tells attributes of another type, with the conversion that reads them', () => {
    const [found, ...more] = lint(
      'when { payment.charge.where(amount > 50) } always { inventory.reserve }',
      SHOP,
    );
    expect(more).toEqual([]);
    expect(found).toMatchObject({
      code: 'FL424',
      severity: 'warning',
      message: '`amount > 50` expects number, and `amount` was sent as text on 2 of 2 spans',
      help: 'write `number(amount)`, or send the type that is compared with',
      fix: { range: { start: 28, end: 34 }, text: 'number(amount)' },
    });
    expect(
      lint('when { payment.charge.where(number(amount) > 50) } always { inventory.reserve }', SHOP),
    ).toEqual([]);
    expect(said(lint('sum(payment.charge, amount) <= 100', SHOP))).toEqual([
      'FL424 amount: `sum` expects number, and `amount` was sent as text on 2 of 2 spans',
    ]);
    expect(
      said(lint('when { payment.charge.where(currency > 3) } always { inventory.reserve }', SHOP)),
    ).toEqual([
      'FL424 currency > 3: `currency > 3` expects number, and `currency` was sent as text on 2 of 2 spans',
    ]);
  });

  it('mentions mixed types without alarm and without a fix', () => {
    const mixed = seen(span('a', { n: 1 }), span('a', { n: '2' }), span('b'));
    const [found] = lint('when { a.where(n > 0) } always { b }', mixed);
    expect(found).toMatchObject({ code: 'FL424', severity: 'info' });
    expect(found?.fix).toBeUndefined();
  });

  it('tells bare words that are attributes of the span, unless they are values too', () => {
    expect(
      said(lint('when { payment.charge.where(currency == limit) } always { inventory.reserve }', SHOP)),
    ).toEqual([
      'FL425 limit: `limit` is the text "limit" here, and `payment.charge` spans have an attribute of that name',
    ]);
    expect(
      lint('when { payment.charge.where(currency == "limit") } always { inventory.reserve }', SHOP).map(
        ({ code }) => code,
      ),
    ).toEqual(['FL427']);
    const both = seen(span('a', { kind_of: 'card', card: 7 }), span('b'));
    expect(lint('when { a.where(kind_of == card) } always { b }', both)).toEqual([]);
  });

  it('tells rules that nothing can break', () => {
    const found = lint('when { payment.charge } never { inventory.reserve.where(sku == "x") }', SHOP);
    expect(found.map((one) => one.code)).toEqual(['FL423']);
    expect(found[0]?.notes?.at(-1)).toMatch(/^so on this traffic nothing can break/);
    const limit = lint('count(payment.retry_later) <= 1', SHOP);
    expect(limit.map((one) => one.code)).toEqual(['FL422']);
    expect(limit[0]?.notes?.at(-1)).toMatch(/^so on this traffic nothing can break/);
    const mixed =
      'when { payment.charge } always { inventory.reserve } never { inventory.reserve.where(sku == "x") }';
    expect(lint(mixed, SHOP).map((one) => one.code)).toEqual(['FL423']);
  });

  it('tells one warning of a name that is missing, with what follows from it', () => {
    const observed = seen(span('a'), span('b'));
    observeVerdict(observed, 'r', 'not_applicable', 't1');
    const found = lint('when { order.placed } always { b }', observed);
    expect(said(found)).toEqual(['FL422 order.placed: no span of 2 is called `order.placed`']);
    expect(found[0]?.notes).toEqual(['so the trigger of `r` occurred in none of 1 traces']);
    // What is missing elsewhere does not explain the trigger.
    const other = lint('when { a.where(span.status == error) } always { bb }', observed);
    expect(other.map(({ code }) => code).sort()).toEqual(['FL420', 'FL422']);
  });

  it('tells a key that no span carries', () => {
    const orders = seen(span('order.placed', { 'order.id': 'o1' }), span('order.paid', { 'order.id': 'o1' }));
    const text = 'across order_id within 1m { when { order.placed } always { order.paid } }';
    const [found, ...more] = lint(text, orders);
    expect(more).toEqual([]);
    expect(found).toMatchObject({
      code: 'FL423',
      severity: 'warning',
      message: 'none of the 2 spans that the rule groups has the key `order_id`: did you mean `order.id`?',
    });
    expect(text.slice(found?.range?.start, found?.range?.end)).toBe('order_id');
    expect(lint(text.replace('order_id', 'order.id'), orders)).toEqual([]);
  });

  it('tells values that were never sent, where all values are known', () => {
    const mails = (...templates: readonly AttributeValue[]) =>
      seen(span('order'), ...templates.map((template) => span('mail', { template })));
    const text = 'order and mail.where(template == order_confirmation)';
    const [found, ...more] = lint(text, mails('order_confirmed', 'welcome'));
    expect(more).toEqual([]);
    expect(found).toMatchObject({
      code: 'FL427',
      message: 'none of 2 `mail` spans has `template == order_confirmation`: did you mean `order_confirmed`?',
      notes: ['`template` is `order_confirmed`, `welcome`'],
    });
    expect(lint(text, mails('order_confirmation', 'welcome'))).toEqual([]);
    // Not where some values were not kept, and not of what must not be.
    expect(lint(text, mails(...Array.from({ length: 20 }, (_, place) => `t${place}`)))).toEqual([]);
    expect(lint(text, mails('x'.repeat(60)))).toEqual([]);
    expect(lint('never { mail.where(template == order_confirmation) }', mails('welcome'))).toEqual([]);
    expect(lint('order and mail.where(template == 1)', mails(1n, 2n))).toEqual([]);
    expect(lint('order and mail.where(template == 3)', mails(1n, 2)).map(({ code }) => code)).toEqual([
      'FL427',
    ]);
  });

  it('tells rules that never applied', () => {
    const observed = seen(span('a'), span('b'));
    observeVerdict(observed, 'r', 'not_applicable', 't1');
    observeVerdict(observed, 'r', 'not_applicable', 't2');
    expect(said(lint('when { a.where(span.status == error) } always { b }', observed))).toEqual([
      'FL420 when { a.where(span.status == error) }: the trigger of `r` occurred in none of 2 traces',
    ]);
    observeVerdict(observed, 'r', 'satisfied', 't3');
    expect(lint('when { a.where(span.status == error) } always { b }', observed)).toEqual([]);
  });

  it('tells rules that fire exactly where an earlier one does', () => {
    const observed = seen(span('a'), span('b'), span('c'));
    for (const scope of ['t1', 't2']) {
      observeVerdict(observed, 'one', 'violated', scope);
      observeVerdict(observed, 'two', 'violated', scope);
    }
    observeVerdict(observed, 'three', 'violated', 't1');
    const rules = [
      rule('one', 'a and b'),
      rule('two', 'a and c'),
      rule('three', 'b and c'),
      rule('four', 'c and a'),
    ];
    expect(said(lintObserved(rules, observed))).toEqual([
      'FL426 a and c: `two` fired in exactly the 2 scopes in which `one` did',
    ]);
  });

  it('says nothing when it saw nothing', () => {
    expect(lint('when { x } always { y }', new TrafficObservation())).toEqual([]);
  });
});

describe('observeSpan', () => {
  const SMALL = { names: 2, attributes: 2, samples: 2, text: 3, fired: 1 };

  it('keeps within its bounds, and claims no absence past them', () => {
    const observed = new TrafficObservation(SMALL);
    for (const name of ['a', 'b', 'c', 'd']) observeSpan(observed, span(name, { x: 1, y: 2, z: 3 }));
    expect([...observed.names.keys()]).toEqual(['a', 'b']);
    expect(observed).toMatchObject({ spans: 4, unlisted: 2 });
    expect([...(observed.names.get('a')?.attributes.keys() ?? [])]).toEqual(['x', 'y']);
    expect(lint('when { a.where(z == 3) } always { unheard.of }', observed)).toEqual([]);
    observeVerdict(observed, 'r', 'violated', 't1');
    observeVerdict(observed, 'r', 'violated', 't1');
    expect(observed.rules.get('r')?.fired?.size).toBe(1);
    observeVerdict(observed, 'r', 'violated', 't2');
    expect(observed.rules.get('r')).toMatchObject({ violated: 3, fired: null });
  });

  it('counts types and keeps a few distinct samples, texts cut, NaN as missing', () => {
    const observed = new TrafficObservation(SMALL);
    for (const x of ['abcdef', 'abcxyz', 'd', 'e', 5, Number.NaN, [1]])
      observeSpan(observed, span('a', { x }));
    const x = observed.names.get('a')?.attributes.get('x');
    expect(x?.count).toBe(6);
    expect(x?.samples).toEqual(['abc', 'd']);
    expect(Object.fromEntries(x?.types ?? [])).toEqual({ text: 4, number: 1, array: 1 });
  });
});
