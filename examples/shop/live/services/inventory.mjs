/** Stock: looks products up and reserves them for a cart. */
export function inventory({ work }) {
  return {
    '/lookup': {
      answer: ({ body, span }) =>
        span('inventory.lookup', { 'product.id': body.product }, async () => {
          await work(1, 4);
          return { available: true };
        }),
    },
    '/reserve': {
      answer: ({ body, span }) =>
        span('inventory.reserve', { 'cart.id': body.cart.id, 'item.count': body.cart.items }, async () => {
          await work(2, 8);
          return { reserved: true };
        }),
    },
  };
}
