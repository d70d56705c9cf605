/** Orders: reserve, check, charge. Three of the shop's bugs live here, as orders are where the money is. */
export function checkout({ isOn, random, work, newId }) {
  const order = ({ body: { cart, card }, span, call }) =>
    span('checkout.place_order', { 'cart.id': cart.id, amount: cart.total }, async () => {
      const isStockSlow = random() < 0.3;
      if (!(isOn('payment-without-reservation') && isStockSlow)) {
        await call('inventory', '/reserve', { cart });
      }
      await call('payment', '/fraud-check', { cart });
      const intent = newId('pi');
      const charge = (withIntent, attempt) =>
        call('payment', '/charge', { cart, card, intent: withIntent, attempt });
      if (isOn('two-workers-one-intent') && card !== 'declined once') {
        await Promise.all([charge(intent, 1), charge(intent, 1)]);
        return { paid: true };
      }
      const first = await charge(intent, 1);
      if (first.charged) return { paid: true };
      await work(5, 20);
      const second = await charge(isOn('retry-with-new-intent') ? newId('pi') : intent, 2);
      return { paid: second.charged };
    });

  return { '/orders': { answer: order } };
}
