import { describe, expect, it } from 'vitest';
import { lex } from './lexer.ts';
import { Problems } from './problems.ts';

/** Tokens as `kind:text`; `+` after the kind marks a keyword, `(` a call; the end is left out. */
function tokensOf(text: string): string[] {
  const { tokens } = lex(text, new Problems({ name: 'rule', text }));
  return tokens
    .slice(0, -1)
    .map(({ kind, text: said, keyword, call }) =>
      kind === said ? kind : `${kind}${keyword ? '+' : ''}${call ? '(' : ''}:${said}`,
    );
}

describe('lex', () => {
  it.each([
    ['payment.charge', ['name:payment.charge']],
    ['payment.*', ['name:payment.*']],
    ['*', ['name:*']],
    ['*.charge_v2-x', ['name:*.charge_v2-x']],
    ['order.in not.found in', ['name:order.in', 'name:not.found', 'name+:in']],
    ['search.where', ['name:search.where']],
    ['search.where(x)', ['name:search', '.', 'name(:where', '(', 'name:x', ')']],
    ['search.where (x)', ['name:search', '.', 'name(:where', '(', 'name:x', ')']],
    ['search .where(x)', ['name:search', '.', 'name(:where', '(', 'name:x', ')']],
    ['trace.has(x)', ['name:trace', '.', 'name(:has', '(', 'name:x', ')']],
    ['count all count(', ['name:count', 'name:all', 'name(:count', '(']],
    ['not (a)', ['name+:not', '(', 'name:a', ')']],
    ['x).within(5s)', ['name:x', ')', '.', 'name(:within', '(', 'duration:5s', ')']],
    ['within 5s', ['name+:within', 'duration:5s']],
    ['a-b', ['name:a-b']],
    ['a - b', ['name:a', 'unknown:-', 'name:b']],
    ['attempt>1', ['name:attempt', 'operator:>', 'number:1']],
    ['attempt>-1', ['name:attempt', 'operator:>', 'number:-1']],
    ['r."x y"', ['name:r', '.', 'text:x y']],
    ['1 -1.5 1e3 1.5E-3 007', ['number:1', 'number:-1.5', 'number:1e3', 'number:1.5E-3', 'number:007']],
    [
      '5ns 5us 5ms 5s 5m 5h 5d 1.5h',
      'ns us ms s m h d'
        .split(' ')
        .map((u) => `duration:5${u}`)
        .concat('duration:1.5h'),
    ],
    [
      '5sec -5s 1_000 .5 5. +5',
      [
        'odd-number:5sec',
        'odd-number:-5s',
        'odd-number:1_000',
        'odd-number:.5',
        'odd-number:5.',
        'odd-number:+5',
      ],
    ],
    ['2fa.verify', ['odd-name:2fa.verify']],
    ['2fa.verify.where(x)', ['odd-name:2fa.verify', '.', 'name(:where', '(', 'name:x', ')']],
    ['Checkout/PlaceOrder a:b c@d', ['odd-name:Checkout/PlaceOrder', 'odd-name:a:b', 'odd-name:c@d']],
    ['größe 名前', ['odd-name:größe', 'odd-name:名前']],
    ['$paid.where', ['macro:paid', '.', 'name:where']],
    ['$card-x', ['macro:card-x']],
    ['"a\\"b\\\\c"', ['text:a"b\\c']],
    ['""', ['text:']],
    ['a//b', ['name:a']],
    ['a // b\nc', ['name:a', 'name:c']],
    [
      '== != >= <= > <',
      ['operator:==', 'operator:!=', 'operator:>=', 'operator:<=', 'operator:>', 'operator:<'],
    ],
    ['=', ['operator:==']],
    ['&&', ['name+:and']],
    ['a||b', ['name:a', 'name+:or', 'name:b']],
    ['!a', ['name+:not', 'name:a']],
    ["'x'", ['text:x']],
    ['“x”', ['text:x']],
    ['\u00a0a\ufeff', ['name:a']],
    ['\u200b', ['unknown:\u200b']],
    ['[1,2]{}', ['[', 'number:1', ',', 'number:2', ']', '{', '}']],
  ])('%s', (text, expected) => {
    expect(tokensOf(text)).toEqual(expected);
  });

  it('gives the place of every token', () => {
    const text = 'has( a.b.where("x") )';
    const { tokens } = lex(text, new Problems({ name: 'rule', text }));
    expect(tokens.map(({ start, end }) => text.slice(start, end))).toEqual([
      'has',
      '(',
      'a.b',
      '.',
      'where',
      '(',
      '"x"',
      ')',
      ')',
      '',
    ]);
    expect(tokens.at(-1)).toMatchObject({ kind: 'end', start: text.length, end: text.length });
  });

  it('keeps comments, and knows which have a line of their own', () => {
    const { comments } = lex('// one\r\na // two  \n  // three', new Problems({ name: 'rule', text: '' }));
    expect(comments).toEqual([
      { text: '// one', ownLine: true, range: { start: 0, end: 6 } },
      { text: '// two', ownLine: false, range: { start: 10, end: 16 } },
      { text: '// three', ownLine: true, range: { start: 21, end: 29 } },
    ]);
  });

  it.each([
    ['9007199254740991', 9007199254740991],
    ['9007199254740993', 9007199254740993n],
    ['-9007199254740993', -9007199254740993n],
    ['9007199254740993.0', 9007199254740993n],
    ['1e20', 100000000000000000000n],
    ['1.5e3', 1500],
    ['-0', 0],
    ['0.1', 0.1],
    ['0.10', 0.1],
    ['1e-7', 1e-7],
    ['123456789.125', 123456789.125],
  ])('holds the number %s exactly', (text, value) => {
    const problems = new Problems({ name: 'rule', text });
    expect(lex(text, problems).tokens[0]?.value).toBe(value);
    expect(problems.any).toBe(false);
  });
});
