import { expect, test } from 'vitest';
import { UNTOLD_SERVICE } from './held-rows.ts';
import { ServiceNumbers } from './service-numbers.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

test('a service has one number, by its bytes and by its text', () => {
  const services = new ServiceNumbers();
  const shop = bytesOf('..shop..');
  const number = services.ofBytes(shop, 2, 6);
  expect(services.textOf(number)).toBe('shop');
  expect(services.ofText('shop')).toBe(number);
  expect(services.ofText('stock')).not.toBe(number);
  expect(services.ofBytes(bytesOf('stock'), 0, 5)).toBe(services.ofText('stock'));
});

test('no name is the service without one; what is no UTF-8 is told by its text alone', () => {
  const services = new ServiceNumbers();
  expect([services.ofBytes(bytesOf('shop'), 2, 2), services.ofText('')]).toEqual([0, 0]);
  expect(services.textOf(0)).toBe('');
  expect(services.ofBytes(Uint8Array.of(0xff, 0xfe), 0, 2)).toBe(-1);
});

test('services beyond the most share a number', () => {
  const services = new ServiceNumbers();
  for (let nth = 1; nth < UNTOLD_SERVICE; nth++) expect(services.ofText(`s${nth}`)).toBe(nth);
  expect(services.ofText('one more')).toBe(UNTOLD_SERVICE);
  expect(services.ofBytes(bytesOf('one more'), 0, 8)).toBe(-1);
  expect(services.ofText('s7')).toBe(7);
});
