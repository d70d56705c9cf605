/** No text makes the parser throw, loop or take more than linear time; every failure is told. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CODES } from '../diagnostic/codes.ts';
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import { compileRule, compileSelector } from './compile.ts';
import { LONGEST_TEXT, parseRule } from './parse.ts';
import { printRule } from './print.ts';

function expectSound(text: string, diagnostics: readonly Diagnostic[], isNull: boolean): void {
  if (isNull !== diagnostics.length > 0)
    throw new Error(`a failure that is not told: ${JSON.stringify(text)}`);
  if (diagnostics.length > 100) throw new Error('more than 100 diagnostics');
  let last = 0;
  for (const { code, message, help, range, severity } of diagnostics) {
    if (range === undefined) throw new Error('no range');
    const inOrder = last <= range.start && range.start <= range.end && range.end <= text.length;
    const says =
      code in CODES && message !== '' && help !== '' && message.length <= 500 && severity === 'error';
    if (!inOrder || !says) throw new Error(`${code} ${message}: ${JSON.stringify(text.slice(0, 200))}`);
    last = range.start;
  }
}

function compileBoth(text: string): void {
  const { rule, diagnostics } = compileRule({ name: 'rule', text });
  expectSound(text, diagnostics, rule === null);
  const macro = compileSelector({ name: 'macro', text });
  expectSound(text, macro.diagnostics, macro.selector === null);
}

const UNITS =
  '( ) [ ] { } " \' \\ . , * - = ! < & @ : / $ a 1 é 😀 “ \n \0 \uFEFF \uD800 (] ([{ a{ :/ /: // "a "\\ && a. a, 1. 1, 9e 1_ $a. a:b >=-1'
    .split(' ')
    .concat(
      [
        'not ',
        'not(',
        '( not ',
        '.where(',
        'a.where(',
        'a.where(a==',
        'a.where(a) and ',
        'a.where(b == c.d) and ',
      ],
      [
        'a and ',
        'a or ',
        'and ',
        'a b ',
        'a.b ',
        '1 ',
        '5s ',
        '5 s ',
        '$a ',
        'a = b and ',
        'x==',
        '{} ',
        '} {',
      ],
      ['has(', 'has(a) and ', 'count(', 'count(a) <= 1 and ', 'all(a, ', 'number(', 'trace.', 'trace.has('],
      [
        'a.before(',
        'a.before(b).',
        'a.before(b)',
        'each ',
        'each a as b ',
        'when ',
        'when {',
        'always {',
        'never { a } ',
      ],
      [
        'across ',
        'across a within 5m { ',
        'matches ',
        'matches "a*" and ',
        'span.',
        'this.',
        'r.x == ',
        'not in ',
      ],
      ['a.where(x in [', 'unique ', 'a.where(b == unique) and ', '// a\n', '"(" '],
    );

const FRAMES = [
  ['', ''],
  ['a and b.where(', ')'],
  ['when { a } always { ', '}'],
  ['a and "', ''],
  ['a and b.where(x in [', '])'],
  ['a and b.where(c == ', ')'],
  ['count(x) == ', ''],
] as const;

describe('64 KiB of one thing', () => {
  it.each(UNITS)('%j', (unit) => {
    for (const [before, after] of FRAMES) {
      // A crash needs the full length only where nothing stands around.
      const length = before === '' ? LONGEST_TEXT : LONGEST_TEXT / 16;
      const room = length - before.length - after.length;
      const bytes = new TextEncoder().encode(unit).length;
      compileBoth(before + unit.repeat(Math.floor(room / bytes)) + after);
    }
  });
});

const WORDS =
  'a b.c payment.charge r r.x this.y this span.status span.duration span.nope resource.z resource trace trace.duration trace.x * p.* "q" " \\ $m 1 -2 1e3 5s 5sec 2fa .5 5. true false null True unique ok error and or not in exists matches contains starts_with when always never each as across within AND NOT When has all count distinct sum number text where before after child_of inside == != > >= < <= = && || ! ( ) { } [ ] , . @ / é \' .where( .before( .within( has( count( all( (a) ; + ~ “ \uD800'
    .split(' ')
    .concat('//x\n', '\n', 'x == 1', 'matches "("', '5 s');

const SOUND_RULES = [
  'a and b',
  'when { each a.where(x > 1) as r and not b } always { c.before(r).within(5s) } never { d.where(y == r.y) }',
  'across (a, b) within 5m { count(p.*).where(a == unique) <= 1 }',
  'a and all(b, x in [1, "c d", e]) and sum(b, z) <= 3 and trace.duration < 5s',
  'never { matches "x.*".inside(q).where((a or b) and not c exists) }',
];

const soup = fc
  .array(fc.tuple(fc.constantFrom(...WORDS), fc.constantFrom(' ', '', ' ')), { maxLength: 16 })
  .map((parts) => parts.flat().join(''));

/** A sound rule with a few of its pieces taken away, replaced or added to. */
const damaged = fc
  .tuple(
    fc.constantFrom(...SOUND_RULES),
    fc.array(fc.tuple(fc.nat(60), fc.constantFrom(...WORDS), fc.constantFrom('replace', 'remove', 'add')), {
      minLength: 1,
      maxLength: 3,
    }),
  )
  .map(([rule, damages]) => {
    const pieces = rule.split(/(\s+|[(){}.,])/);
    for (const [place, word, what] of damages) {
      const at = place % pieces.length;
      if (what === 'add') pieces.splice(at, 0, ` ${word} `);
      else pieces[at] = what === 'replace' ? word : '';
    }
    return pieces.join('');
  });

describe('token soup', () => {
  it.each([
    ['of words', soup],
    ['of damaged rules', damaged],
    ['of any characters', fc.string({ unit: 'binary', maxLength: 60 })],
  ])('%s is compiled or told', (_, texts) => {
    fc.assert(
      fc.property(texts, (text) => {
        compileBoth(text);
      }),
      { seed: 20_260_120, numRuns: 2000 },
    );
  });

  it('that happens to be a rule loses nothing when it is printed', () => {
    fc.assert(
      fc.property(fc.oneof(soup, damaged), (text) => {
        const { rule } = parseRule({ name: 'rule', text });
        if (rule === null) return;
        const printed = printRule(rule);
        const again = parseRule({ name: 'rule', text: printed });
        expect(again.diagnostics).toEqual([]);
        expect(again.rule === null ? null : printRule(again.rule)).toBe(printed);
      }),
      { seed: 20_260_121, numRuns: 2000 },
    );
  });
});
