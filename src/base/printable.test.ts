import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clip, printable, printableLines, wholePairs } from './printable.ts';

describe('printable', () => {
  it.each([
    ['plain', 'plain'],
    ['a\u001b[31mb', 'a\\x1b[31mb'],
    ['a\r\n\tb', 'a\\r\\n\\tb'],
    ['\u202eabc\u2069', '\\u{202e}abc\\u{2069}'],
    ['\u2028 \u0085 \u009b', '\\u{2028} \\x85 \\x9b'],
    ['half \ud800 pair', 'half \\u{d800} pair'],
    ['zero\u200bwidth\ufeff', 'zero\\u{200b}width\\u{feff}'],
    ['tag \u{e0041}', 'tag \\u{e0041}'],
    ['👩\u200d💻 and म\u200cन', '👩\u200d💻 and म\u200cन'],
    ['漢字 äöü', '漢字 äöü'],
  ])('%j is shown as %j', (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it('changes nothing a second time, and leaves nothing behind', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const shown = printable(text);
        expect(printable(shown)).toBe(shown);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u);
      }),
      { seed: 41 },
    );
  });

  it('keeps lines where lines are meant', () => {
    expect(printableLines('a\r\nb\n\tc\u001b')).toBe('a\nb\n c\\x1b');
  });
});

describe('clip', () => {
  it.each([
    ['short', 10, 'short'],
    ['exactly', 7, 'exactly'],
    ['too long', 5, 'too …'],
    ['a😀b', 3, 'a…'],
    ['a😀bc', 4, 'a😀…'],
  ])('%j to %i is %j', (text, limit, clipped) => {
    expect(clip(text, limit)).toBe(clipped);
  });

  it('never stands within a pair', () => {
    expect([0, 1, 2, 3].map((offset) => wholePairs('a😀b', offset))).toEqual([0, 1, 1, 3]);
  });
});
