/**
 * What a person can get wrong in a rule: each line is a text and, for each error, its code and the text that it points to.
 * A line has all the errors of its text: none more, for one slip must be one error.
 */
import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import { compileRule } from './compile.ts';

function diagnose(text: string): Diagnostic[] {
  return compileRule({ name: 'rule', text }).diagnostics;
}

function told(text: string): string[] {
  return diagnose(text).map(({ code, range }) => `${code} ${text.slice(range?.start, range?.end)}`.trimEnd());
}

type Line = readonly [text: string, ...errors: string[]];

const SYNTAX: readonly Line[] = [
  // Characters and texts.
  ['a and b @ c', 'FL101 @'],
  ['a and b;', 'FL101 ;'],
  ['a and b # note', 'FL101 #'],
  ['a and \u200bb', 'FL101 \u200b'],
  ['a and b.where(x == "y)', 'FL102 "y'],
  ['a and b.where(x == "y) and c.wher(z)', 'FL102 "y) and c.wher(z'],
  ['a and b.where(x == "y)\nand c.wher(z)', 'FL102 "y', 'FL116 wher'],
  ['never { "x }', 'FL102 "x'],
  ["never { 'x }", "FL102 'x"],
  ['never { matches "\\d\\.x" }', 'FL103 \\d', 'FL103 \\.'],
  ["a and 'b c'", "FL104 'b c'"],
  ['a and “b c” and `d`', 'FL104 “b c”', 'FL104 `d`'],
  // Operators and words of other languages.
  ['a and b.where(x = 1)', 'FL105 ='],
  ['a && b || a', 'FL105 &&', 'FL105 ||'],
  ['a and !b', 'FL105 !'],
  [
    'a and b.where(x === 1 and y !== 2 and z <> 3 and u => 4 and v =< 5)',
    'FL105 ===',
    'FL105 !==',
    'FL105 <>',
    'FL105 =>',
    'FL105 =<',
  ],
  ['a and b.where(x ≥ 1 and y =~ "z")', 'FL105 ≥', 'FL105 =~'],
  ['a AND b Or c', 'FL106 AND', 'FL106 Or'],
  ['a and NOT b', 'FL106 NOT'],
  ['WHEN { Each a AS r } Always { b.before(r) }', 'FL106 WHEN', 'FL106 Each', 'FL106 AS', 'FL106 Always'],
  [
    'a and b.where(x IN [1] and y CONTAINS z and u Not Exists)',
    'FL106 IN',
    'FL106 CONTAINS',
    'FL106 Not',
    'FL106 Exists',
  ],
  ['a and b.where(x == True and y != FALSE)', 'FL106 True', 'FL106 FALSE'],
  // Numbers and durations.
  ['a and b.where(x > 1_000)', 'FL107 1_000'],
  [
    'a and b.where(x > .5 or x > 5. or x > +5 or x > 1.2.3)',
    'FL107 .5',
    'FL107 5.',
    'FL107 +5',
    'FL107 1.2.3',
  ],
  ['count(a) <= 1_000', 'FL107 1_000'],
  ['trace.duration <= 5sec', 'FL108 5sec'],
  ['trace.duration <= 5 s', 'FL108 5 s'],
  ['trace.duration <= 5 minutes and count(a) <= 1', 'FL108 5 minutes'],
  ['trace.duration <= -5s', 'FL108 -5s'],
  ['trace.duration <= 300000d', 'FL108 300000d'],
  ['trace.duration <= 0.5ns', 'FL108 0.5ns'],
  ['a and b.before(c).within(5S)', 'FL108 5S'],
  ['a and b.where(x > 1e999)', 'FL109 1e999'],
  ['a and b.where(x > 1e-999)', 'FL109 1e-999'],
  ['a and b.where(x > 0.12345678901234567890)', 'FL109 0.12345678901234567890'],
  ['a and b.where(x > 9007199254740992.5)', 'FL109 9007199254740992.5'],
  // Names.
  ['a and 2fa.verify', 'FL110 2fa.verify'],
  ['a and 2fa.verify.where(x)', 'FL110 2fa.verify'],
  ['a and 5sec', 'FL110 5sec'],
  ['a and Checkout/PlaceOrder', 'FL110 Checkout/PlaceOrder'],
  ['a and has(Checkout/PlaceOrder.where(x))', 'FL110 Checkout/PlaceOrder'],
  ['a and has(GET /checkout)', 'FL110 /checkout'],
  ['GET /checkout and a', 'FL114 /checkout'],
  ['a and größe and b.where(größe > 1 and x == groß)', 'FL110 größe', 'FL110 größe', 'FL110 groß'],
  ['a and b.where(http/route == x)', 'FL110 http/route'],
  ['a and b.where(path == /api/v2)', 'FL110 /api/v2'],
  ['a and b.where(id == 3abc)', 'FL110 3abc'],
  ['a and trace.payment', 'FL110 trace.payment'],
  ['a and b.where(trace.x == 1)', 'FL110 trace.x'],
  ['a and b.where(trace.duration > 1s)', 'FL130 trace.duration'],
  ['a and in', 'FL111 in'],
  ['a and not.where(x)', 'FL111 not'],
  ['a and b.where(in == 1 and never exists and each in [1])', 'FL111 in', 'FL111 never', 'FL111 each'],
  ['a and b.where(x == count and y == where and z in [all])', 'FL111 count', 'FL111 where', 'FL111 all'],
  ['a and b.where(x == this.in)', 'FL111 in'],
  ['across in within 5m { never { a } }', 'FL111 in'],
  // Something else was expected.
  ['a and', 'FL112'],
  ['and a', 'FL112 and'],
  ['a and not', 'FL112'],
  ['a and or b', 'FL112 or'],
  ['a or', 'FL112'],
  ['not', 'FL112'],
  ['5 and a', 'FL112 5'],
  ['a and 5s', 'FL112 5s'],
  ['a and matches b', 'FL112 b'],
  ['a and b.', 'FL112'],
  ['a and b.where(x).before', 'FL112 before'],
  ['a and b.where(x ==)', 'FL112 )'],
  ['a and b.where(x == and y)', 'FL112 and'],
  ['a and b.where(x > = 1)', 'FL105 =', 'FL112 ='],
  ['a and b.where(and x)', 'FL112 and'],
  ['a and b.where(exists x)', 'FL112 exists'],
  ['a and b.where(x == [1])', 'FL112 ['],
  ['a and b.where(x not contains y)', 'FL112 not'],
  ['a and b.where(x == this.)', 'FL112 )'],
  ['count(a)', 'FL112'],
  ['count(a) and b', 'FL112 and'],
  ['count(a) <=', 'FL112'],
  ['count(a) <= b', 'FL112 b'],
  ['count(a) <= true', 'FL112 true'],
  ['trace.duration', 'FL112'],
  ['trace.has and a', 'FL112 and'],
  ['a and sum(b) > 1', 'FL112 )'],
  ['a and distinct(b, ) > 1', 'FL112 )'],
  ['a and all(b)', 'FL112 )'],
  ['a and b.before(c, d)', 'FL112 ,'],
  ['when a always b', 'FL112 a', 'FL112 b'],
  ['when { each a } always { b.where(x == r.y) }', 'FL112 }'],
  ['when { each as r } always { b.before(r) }', 'FL112 as'],
  ['when { each a as } always { b }', 'FL112 }'],
  ['across within 5m { never { a } }', 'FL112 within'],
  ['across a { never { b } }', 'FL112 {'],
  ['across a within { never { b } }', 'FL112 {'],
  ['across a, b within 5m { never { c } }', 'FL112 ,'],
  ['across a within 5m never { b }', 'FL112 never'],
  ['a and b.where(x in [1, 2,])', 'FL112 ]'],
  ['a and b.where(x in [1 2])', 'FL112 2'],
  // Brackets.
  ['a and (b', 'FL113'],
  ['a and ((b or c) and d', 'FL113'],
  ['a and has(b', 'FL113'],
  ['a and has(b and has(c)', 'FL113 and'],
  ['a and b.where(x in [1, 2) and c.wher(y)', 'FL113 )', 'FL116 wher'],
  ['when { a always { b }', 'FL113 always'],
  ['never { a', 'FL113'],
  ['never { (a }', 'FL113 }'],
  ['across (a, b within 5m { never { c } }', 'FL113 within'],
  ['a and b)', 'FL114 )'],
  ['a and b) and c.wher(x)', 'FL114 )', 'FL116 wher'],
  ['never { a) }', 'FL114 )'],
  ['never { a } }', 'FL114 }'],
  ['a b', 'FL114 b'],
  ['a b and c d', 'FL114 b', 'FL114 d'],
  ['a amd b', 'FL114 amd'],
  ['a and b.where(x y)', 'FL117 y'],
  ['a and b.where(x == 1 y == 2)', 'FL114 y'],
  ['a and b.where(x == tags[0])', 'FL114 ['],
  ['when { a } and always { b }', 'FL114 and'],
  ['when { a }, always { b }', 'FL114 ,'],
  ['when { a } always { b } c', 'FL114 c'],
  // Functions, steps, operators, clauses that are not there.
  ['trace.hass(a) and b', 'FL115 hass'],
  ['a and hsa(b)', 'FL115 hsa'],
  ['a and contain(b) and every(c)', 'FL115 contain', 'FL115 every'],
  ['trace.duration(a) <= 5s', 'FL115 duration'],
  ['a and b.where(lower(x) == y)', 'FL115 lower'],
  ['a and b.wher(x) and c.filter(y)', 'FL116 wher', 'FL116 filter'],
  ['a and b.count(c)', 'FL116 count'],
  ['a and all(b, c).where(d)', 'FL116 where'],
  ['a and sum(b, c).where(d) <= 1', 'FL116 where'],
  ['a and b.where(x like y and z startswith u and v is w)', 'FL117 like', 'FL117 startswith', 'FL117 is'],
  ['a and b.where(tags.contains("x"))', 'FL117 .contains'],
  ['when { a } then { b }', 'FL118 then'],
  ['if { a } always { b }', 'FL118 if'],
  ['alwais { not a }', 'FL118 alwais'],
  // Nothing there.
  ['', 'FL121'],
  [' // only a comment', 'FL121'],
  ['when {} always {}', 'FL121 {}', 'FL121 {}'],
  ['a and b.where()', 'FL121 ()'],
  ['a and ()', 'FL121 ()'],
  ['has() and a', 'FL121 ()'],
  ['a and b.before()', 'FL121 ()'],
  ['a and b.where(x in [])', 'FL121 []'],
  ['across a within 5m {}', 'FL121 }'],
  // Clauses.
  ['when { a }', 'FL122 when'],
  ['across a within 5m { when { b } }', 'FL122 when'],
  ['when { a } when { b } always { c }', 'FL123 when'],
  ['always { not b } when { a }', 'FL123 when'],
  ['a always { b }', 'FL123 always'],
  ['a and when { b }', 'FL112 when'],
  ['when { a and each b as r } always { c.before(r) }', 'FL124 each'],
  ['when { a } always { each b as r }', 'FL124 each'],
  ['each a as r and b.before(r)', 'FL124 each'],
  ['when { each a as r or b } always { c }', 'FL124 or'],
  ['across a within 5m { across b within 5m { never { c } } }', 'FL125 across'],
  ['never { a } and across b within 5m { c }', 'FL114 and'],
  // Comparisons.
  ['1 < count(a)', 'FL126 1'],
  ['2s >= trace.duration', 'FL126 2s'],
  ['a and b.where(1000 < amount and "x" == y)', 'FL126 1000'],
  ['a and b.where(true == x)', 'FL126 true'],
  ['5 < a', 'FL112 a'],
  ['payment.charge.amount > 1000', 'FL127 >'],
  ['duration <= 5s', 'FL127 <='],
  ['a and has(b) >= 1', 'FL127 >='],
  ['a and (count(b)) >= 1', 'FL112 )'],
  ['a and (b) == 1', 'FL127 =='],
  ['a and b.within(5s)', 'FL128 within'],
  ['a and b.before(c).within(5s).within(1s)', 'FL128 within'],
  ['a and b.where(x == unique)', 'FL129 unique'],
  ['count(a.where(x == unique)) <= 1', 'FL129 unique'],
  ['count(a).where(x == unique).where(y) <= 1', 'FL129 unique'],
  ['count(a).where(x == unique and y) <= 1', 'FL129 unique'],
  ['count(a).where(x != unique) <= 1', 'FL129 unique'],
  ['a and b.where(x in [unique])', 'FL129 unique'],
  ['a and b.before(has(c))', 'FL130 has'],
  ['when { each has(a).where(x) as r } always { b.before(r) }', 'FL130 has'],
  ['a and number(b) > 1', 'FL130 number'],
  ['a and where(b)', 'FL130 where'],
  ['a and b.where(count(c) > 1)', 'FL130 count'],
  ['a and b.where(x > number(y))', 'FL130 number'],
  ['a and b.where(span.nme == x)', 'FL131 span.nme'],
  ['a and b.where(x == this.span.nme)', 'FL131 span.nme'],
  ['a and b.where(span.attributes.x == y)', 'FL131 span.attributes.x'],
  ['a and b.where(x in (1, 2))', 'FL132 ('],
  ['a and b.where(x in y and z in "u")', 'FL132 y', 'FL132 "u"'],
  ['a and b.where(x == $y)', 'FL132 $y'],
  ['a and b.where(x in [y.z])', 'FL132 y.z'],
  ['has(a and b) and c', 'FL133 and'],
  ['count(a, b) <= 1', 'FL133 ,'],
  ['a and b.where(1 < x < 3)', 'FL126 1', 'FL134 <'],
  ['a and b.where(x > 1 < 3)', 'FL134 <'],
  ['count(a) <= 3 <= 4', 'FL134 <='],
  ['a and b.where(this.x > 1)', 'FL135 this.x'],
  [
    'a and b.where(x > this.y * 2 and z > 5 + 3 and u > 5 -3 and v > 5 - 3)',
    'FL136 *',
    'FL136 +',
    'FL136 -3',
    'FL136 -',
  ],
  ['count(a) <= count(b) + 1', 'FL136 +'],
  ['a and b.where(x.* == 1 and y == z*)', 'FL137 x.*', 'FL137 z*'],
  ['a and b.where(x == null or y != None)', 'FL138 null', 'FL138 None'],
];

const MEANING: readonly Line[] = [
  ['a and $b', 'FL201 $b'],
  ['a and b.where(x in $c)', 'FL202 $c'],
  [
    'a and matches "(" and b.where(x matches "[a" and y matches "(?=z)")',
    'FL206 matches "("',
    'FL206 "[a"',
    'FL206 "(?=z)"',
  ],
  ['a and b.where(x == api.example)', 'FL208 api.example'],
  ['a and b.where(x == "y" and z == r."u v")', 'FL208 r."u v"'],
  ['when { each a as r } always { b.where(x == s.y) }', 'FL208 s.y'],
  ['a and b.where(x == span.name and y == resource.z)', 'FL208 span.name', 'FL208 resource.z'],
  ['when { each a as r } always { r and has(r.where(x)) }', 'FL209 r', 'FL209 r'],
  ['when { each a as r } always { b.before(r.where(x)) }', 'FL209 r'],
  ['a and b.before(this)', 'FL209 this'],
  ['when { each a.before(r) as r } always { b }', 'FL210 r'],
  ['when { each a.where(x == r.y) as r } always { b }', 'FL210 r.y'],
  ['when { each a as when } always { b }', 'FL211 when'],
  ['when { each a as trace } always { b }', 'FL211 trace'],
  ['when { each a as this } always { b }', 'FL211 this'],
  ['when { each a as has } always { b }', 'FL211 has'],
  ['when { each a as unique } always { b }', 'FL211 unique'],
  ['when { each a as b-c } always { d }', 'FL211 b-c'],
  ['when { each a as b.c } always { d }', 'FL211 b.c'],
  ['when { each a as * } always { d }', 'FL211 *'],
  ['when { each a as "r" } always { d.where(x == r.y) }', 'FL211 "r"'],
  ['when { each a as 2b } always { d }', 'FL211 2b'],
  ['when { each a as cart } always { b.where(cart.id == cart.id) }', 'FL212 cart.id'],
  ['when { each a as cart } always { b.where(cart) and sum(c, cart.x) > 1 }', 'FL212 cart', 'FL212 cart.x'],
  ['when { each a as r } never { b.where(x == r) }', 'FL213 r'],
  ['a and b.where(x == this)', 'FL213 this'],
  ['a and b.where(x > "5" and y >= true and z < abc)', 'FL214 "5"', 'FL214 true', 'FL214 abc'],
  [
    'a and b.where(span.name > 5 or text(x) < 5 or x < this.span.name)',
    'FL214 5',
    'FL214 5',
    'FL214 this.span.name',
  ],
  ['a and b.where(x ends_with 5 or y matches true or z starts_with 5s)', 'FL215 5', 'FL215 true', 'FL215 5s'],
  ['a and b.where(x matches this.y or z ends_with this.span.start)', 'FL215 this.y', 'FL215 this.span.start'],
  ['trace.duration <= 2', 'FL216 2'],
  ['trace.duration <= count(a)', 'FL216 count(a)'],
  [
    'a and b.where(span.duration > 5 or span.self == x or span.duration > this.y)',
    'FL216 5',
    'FL216 x',
    'FL216 this.y',
  ],
  ['a and b.before(c).within(5)', 'FL216 5'],
  ['across a within 5 { never { b } }', 'FL216 5'],
  ['count(a) <= 5s', 'FL217 5s'],
  ['sum(a, b) <= trace.duration', 'FL217 trace.duration'],
  ['a and b.where(latency > 5s or x == this.span.duration)', 'FL217 5s', 'FL217 this.span.duration'],
  ['a and b.where(x in [5s])', 'FL217 5s'],
  [
    'a and b.where(span.status == okay or span.kind != "Server" or span.status in [ok, 2])',
    'FL218 okay',
    'FL218 "Server"',
    'FL218 2',
  ],
  ['a and b.where(span.status > ok)', 'FL219 span.status > ok'],
  ['a and b.where(span.kind starts_with s)', 'FL219 span.kind starts_with s'],
  [
    'a and b.where(span.events == x or span.events in [x] or span.events matches "x")',
    'FL219 span.events == x',
    'FL219 span.events in [x]',
    'FL219 span.events matches "x"',
  ],
  [
    'a and b.where(span.start > 5 or span.end == "x" or span.start in [1])',
    'FL219 span.start > 5',
    'FL219 span.end == "x"',
    'FL219 span.start in [1]',
  ],
  [
    'a and b.where(x > this.span.start or span.duration contains x)',
    'FL219 x > this.span.start',
    'FL219 span.duration contains x',
  ],
  ['across a within 5m { trace.duration <= 2s and count(b) <= 1 }', 'FL220 trace.duration'],
  ['across a within 0s { never { b } }', 'FL221 0s'],
  ['across a within 61m { never { b } }', 'FL221 61m'],
  [
    'across (span.duration, span.status) within 5m { never { b } }',
    'FL222 span.duration',
    'FL222 span.status',
  ],
  ['across (a, b, a) within 5m { never { c } }', 'FL223 a'],
  ['a and b.where(x in [1, 1.0, y, "y"])', 'FL223 1.0', 'FL223 "y"'],
  ['count(a) <= 1.5 and distinct(b, c) < -1', 'FL225 1.5', 'FL225 -1'],
  [
    'a and b.where(number(x) == "1" or text(x) != 1 or span.name == 5 or span.service in [1])',
    'FL226 "1"',
    'FL226 1',
    'FL226 5',
    'FL226 1',
  ],
  ['a and b.where(number(span.name) == 1)', 'FL226 number(span.name)'],
  [
    'a and b.where(span.status or number(x) or not span.name)',
    'FL227 span.status',
    'FL227 number(x)',
    'FL227 span.name',
  ],
  [
    'a and b.where(span.name exists or span.service not exists)',
    'FL228 span.name exists',
    'FL228 span.service not exists',
  ],
  [
    'a and sum(b, span.duration) > 1 and distinct(b, span.start) > 1',
    'FL229 span.duration',
    'FL229 span.start',
  ],
];

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
      'for an attribute write `payment.charge.where(amount > 1000)`; for a number of spans `count(payment.charge.amount) > ...`',
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
