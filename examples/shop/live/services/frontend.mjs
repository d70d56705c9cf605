/** The shop's front door. Knows which orders are being paid, so that a second click pays nothing. */
export function frontend({ isOn, work }) {
  /** Order to the answer that is on its way or was given lately. */
  const paid = new Map();

  const pay = async ({ body, span, call }) => {
    const order = () => call('checkout', '/orders', { cart: body.cart, card: body.card });
    if (isOn('double-click')) return order();
    const first = paid.get(body.cart.id);
    if (first !== undefined) {
      return span('checkout.repeated', { 'cart.id': body.cart.id }, () => first);
    }
    const answer = order();
    paid.set(body.cart.id, answer);
    // Carts are forgotten after a while, or the map would grow for ever.
    if (paid.size > 5_000) paid.delete(paid.keys().next().value);
    return answer;
  };

  return {
    '/products': {
      answer: async ({ body, call }) => {
        await work(1, 3);
        return call('inventory', '/lookup', { product: body.product });
      },
    },
    '/checkout': { answer: pay },
  };
}
