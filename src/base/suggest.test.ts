import { expect, test } from 'vitest';
import { didYouMean, suggest } from './suggest.ts';

test('near names, nearest first', () => {
  expect(suggest('paymnt', ['payment', 'payments', 'shipment'])).toEqual(['payment', 'payments']);
  expect(suggest('hsa', ['has', 'sum'])).toEqual(['has']);
  expect(suggest('HAS', ['has'])).toEqual(['has']);
  expect(suggest('x', ['abc', 'y'])).toEqual([]);
  expect(suggest('entirely', ['different'])).toEqual([]);
});

test('as a question', () => {
  expect(didYouMean('coutn', ['count'])).toBe('did you mean `count`?');
  expect(didYouMean('ab', ['aa', 'ac', 'ad'])).toBe('did you mean `aa`, `ac` or `ad`?');
  expect(didYouMean('entirely', ['different'])).toBe('');
});
