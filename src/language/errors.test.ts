/**
 * What a person can get wrong in a rule, and what is told of it.
 */
import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import { compileRule } from './compile.ts';
import { MEANING, SYNTAX } from './testing/wrong-rules.ts';

function diagnose(text: string): Diagnostic[] {
  return compileRule({ name: 'rule', text }).diagnostics;
}

function told(text: string): string[] {
  return diagnose(text).map(({ code, range }) => `${code} ${text.slice(range?.start, range?.end)}`.trimEnd());
}

describe('errors of syntax', () => {
  it.each(SYNTAX)('%s', (text, ...errors) => {
    expect(told(text)).toEqual(errors);
  });
});

describe('errors of meaning', () => {
  it.each(MEANING)('%s', (text, ...errors) => {
    expect(told(text)).toEqual(errors);
  });
});

describe('several errors in one run', () => {
  it('tells independent ones at once, of syntax and of meaning', () => {
    const text = `when { each payment.charge.where(amount > "1000") as charge andd customer }
always { has(inventory.reserve.befor(charge)) and trace.hass(audit.log)
  and count(x) <= 5s }
never { $bypass or y.where(span.status == failed and z = 1) }`;
    expect(told(text)).toEqual([
      'FL214 "1000"',
      'FL114 andd',
      'FL116 befor',
      'FL115 hass',
      'FL217 5s',
      'FL201 $bypass',
      'FL218 failed',
      'FL105 =',
    ]);
  });

  it('does not ask what a rule comes to while a part of it is wrong', () => {
    expect(told('a or b.where(x = 1)')).toEqual(['FL105 =']);
    expect(told('a or b.where(x > y)')).toEqual(['FL214 y']);
  });

  it('does not call names unbound when the `each` that binds them cannot be read', () => {
    expect(told('when { each a.wher(x) as r } always { b.where(y == r.z).before(r) }')).toEqual([
      'FL116 wher',
    ]);
    expect(
      told('when { each a. as r } always { b.where(y == r.z) }').filter((line) => line.startsWith('FL208')),
    ).toEqual([]);
  });

  it('stops after 100', () => {
    expect(diagnose('a = b and '.repeat(500))).toHaveLength(100);
  });
});

describe('what a diagnostic says', () => {
  const first = (text: string): Diagnostic => {
    const [diagnostic] = diagnose(text);
    if (diagnostic === undefined) throw new Error('no diagnostic');
    return diagnostic;
  };

  it.each([
    ['a and trace.hass(b)', 'unknown function `trace.hass`: did you mean `trace.has`?'],
    ['a and b.wher(x)', 'unknown step `.wher`: did you mean `.where`?'],
    ['a and b.where(span.statuss == ok)', 'a span has no field `statuss`: did you mean `status`?'],
    ['a and b.where(span.status == okay)', '`span.status` is never `okay`: did you mean `ok`?'],
    [
      'a and b.where(span.kind == SPAN_KIND_SERVER)',
      '`span.kind` is never `SPAN_KIND_SERVER`: did you mean `server`?',
    ],
    ['when { a } then { b }', 'no clause is called `then`: did you mean `always`?'],
    ['a and b.where(x like y)', 'unknown operator `like`: did you mean `contains`?'],
    [
      'when { each a as chrg } always { b.where(x == chrge.y) }',
      'nothing binds `chrge`: did you mean `chrg`?',
    ],
    ['a and matches "("', '`(` is no regular expression of RE2: missing closing ): `(`'],
    ['a and (b', 'expected `)`, which closes the `(` before, but found the end of the text'],
    ['a and b @ c', 'expected `and`, `or` or the end, but found `@`, which the language has no use for'],
    ['a and \u200bb', 'expected a condition, but found `U+200B`, which the language has no use for'],
  ])('%s: %s', (text, message) => {
    expect(first(text).message).toBe(message);
  });

  it.each([
    ['1 < count(x)', 'write `count(x) > 1`'],
    [
      'payment.charge.amount > 1000',
      'for an attribute write `payment.charge.where(amount > 1000)`; for a number of spans `count(payment.charge.amount) > 1000`',
    ],
    [
      'a and b.where(amount > "1000")',
      'write the number without quotes: `amount > 1000`; if the attribute is sent as text: `number(amount) > 1000`',
    ],
    ['a and b.where(x == span.name)', 'write `this.span.name` for the same span'],
    ['trace.duration <= 2', 'write the unit: `2ms` or `2s`'],
  ])('%s: help to %s', (text, help) => {
    expect(first(text).help).toBe(help);
  });

  it.each([
    ['a and b.where(x = 1)', 'a and b.where(x == 1)'],
    ['a&&b', 'a and b'],
    ['a and \'b "c"\'', 'a and "b \\"c\\""'],
    ['a and matches "\\d+"', 'a and matches "\\\\d+"'],
    ['a AND b', 'a and b'],
    ['1 >= count(a)', 'count(a) <= 1'],
    ['a and b.where(1000 < amount)', 'a and b.where(amount > 1000)'],
    ['trace.duration <= 5 sec', 'trace.duration <= 5s'],
    ['a and b.where(x > 1_000)', 'a and b.where(x > 1000)'],
    ['a and b.where(x == True)', 'a and b.where(x == true)'],
    ['a and Checkout/PlaceOrder', 'a and "Checkout/PlaceOrder"'],
    ['a and b.where(in == 1)', 'a and b.where("in" == 1)'],
    ['a and b.where(x == count)', 'a and b.where(x == "count")'],
    ['a and trace.hass(b)', 'a and trace.has(b)'],
    ['a and b.wher(x)', 'a and b.where(x)'],
    ['a and b.where(x startswith y)', 'a and b.where(x starts_with y)'],
    ['a and b.where(span.nme == x)', 'a and b.where(span.name == x)'],
    ['a and b.where(span.attributes.x == y)', 'a and b.where(x == y)'],
    ['a and b.where(this.x > 1)', 'a and b.where(x > 1)'],
    ['a and b.where(x in [y.z])', 'a and b.where(x in ["y.z"])'],
    ['a and b.where(x ends_with 5)', 'a and b.where(x ends_with "5")'],
    ['a and b)', 'a and b'],
    ['a andd b', 'a and b'],
  ])('%s is mended to %s', (text, mended) => {
    const { fix } = first(text);
    expect(fix).toBeDefined();
    const { start = 0, end = 0 } = fix?.range ?? {};
    expect(text.slice(0, start) + fix?.text + text.slice(end)).toBe(mended);
    expect(told(mended)).toEqual([]);
  });

  it('says where the bracket stands that is not closed', () => {
    expect(first('a and\n  (b').notes).toEqual(['it is the one in `(b`']);
  });

  it('keeps messages short, however long a name is', () => {
    const long = 'x'.repeat(10_000);
    for (const text of [
      `a and ${long}(b)`,
      `when { each a as ${long} } always { ${long} }`,
      `a and b.where(${long} > "${long}")`,
    ]) {
      for (const { message, help } of diagnose(text)) {
        expect(message.length).toBeLessThanOrEqual(500);
        expect(help.length).toBeLessThanOrEqual(500);
      }
    }
  });
});
