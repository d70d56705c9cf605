import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { displayWidth, fitMiddle, fitWidth, padWidth } from './display-width.ts';

describe('displayWidth', () => {
  it.each([
    ['', 0],
    ['abc', 3],
    ['漢字', 4],
    ['e\u0301', 1],
    ['한글', 4],
    ['😀', 2],
    ['ｆｕｌｌ', 8],
    ['äöü', 3],
  ])('of %j is %i', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });
});

describe('text is fitted', () => {
  it.each([
    ['abc', 3, 'abc'],
    ['abcd', 3, 'ab…'],
    ['漢字漢字', 5, '漢字…'],
    ['漢字漢字', 4, '漢…'],
    ['abc', 1, '…'],
    ['abc', 0, ''],
  ])('%j to %i is %j', (text, width, fitted) => {
    expect(fitWidth(text, width)).toBe(fitted);
  });

  it('keeps beginning and end where the middle goes', () => {
    expect(fitMiddle('checkoutservice/hipstershop.CartService/GetCart', 20)).toBe('check…ervice/GetCart');
    expect(fitMiddle('short', 20)).toBe('short');
  });

  it('never is wider than asked for', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 30 }), (text, width) => {
        expect(displayWidth(fitWidth(text, width))).toBeLessThanOrEqual(width);
        expect(displayWidth(fitMiddle(text, width))).toBeLessThanOrEqual(width);
        expect(displayWidth(padWidth(fitWidth(text, width), width))).toBe(width);
      }),
      { seed: 42 },
    );
  });
});
