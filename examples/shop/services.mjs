/**
 * The services of the shop and the requests that customers make of them.
 *
 *     frontend   POST /checkout
 *       checkout   checkout.place_order
 *         inventory  inventory.reserve      {cart.id, item.count}
 *         payment    payment.fraud_check    {cart.id, amount}
 *         payment    payment.charge         {cart.id, amount, payment_intent_id, attempt}
 *         email      email.send
 */
import { SpanKind } from '@opentelemetry/api';
import { inSpan } from '../telemetry/telemetry.mjs';

export const SERVICES = ['frontend', 'checkout', 'inventory', 'payment', 'email'];

class CardDeclined extends Error {
  name = 'CardDeclined';
  // A stack names files of the machine, and a recording is to be the same everywhere.
  stack = undefined;
}

/**
 * Opens the shop. Each request is played from its arrival (milliseconds since 1970) on a clock of its own and answers with the
 * ids of the traces that it made.
 *
 * @param {Record<string, import('@opentelemetry/api').Tracer>} tracers by service
 * @param {() => number} random
 */
export function openShop(tracers, random) {
  let carts = 0;
  let intents = 0;
  const between = (low, high) => low + random() * (high - low);
  const newIntent = () => `pi_${String(++intents).padStart(6, '0')}`;
  const newCart = (lowest = 5, highest = 400) => ({
    id: `cart-${String(++carts).padStart(5, '0')}`,
    items: 1 + Math.floor(random() * 5),
    total: Math.round(between(lowest, highest) * 100) / 100,
  });

  /** Spans and work on one clock: a request takes no real time. */
  function visit(arrival) {
    let time = arrival;
    const now = () => time;
    return {
      work: (low, high) => {
        time += between(low, high);
      },
      span: (service, name, attributes, work, kind = SpanKind.INTERNAL) =>
        inSpan(tracers[service], name, attributes, work, { kind, now }),
    };
  }

  async function request(arrival, route, work) {
    const { span, ...rest } = visit(arrival);
    let traceId = '';
    const [method, path] = route.split(' ');
    await span(
      'frontend',
      route,
      { 'http.request.method': method, 'http.route': path },
      async (server) => {
        traceId = server.spanContext().traceId;
        rest.work(1, 4);
        await work({ span, ...rest });
        rest.work(1, 4);
        server.setAttribute('http.response.status_code', 200);
      },
      SpanKind.SERVER,
    );
    return traceId;
  }

  const reserve = ({ span, work }, cart) =>
    span('inventory', 'inventory.reserve', { 'cart.id': cart.id, 'item.count': cart.items }, () =>
      work(8, 60),
    );

  const checkFraud = ({ span, work }, cart) =>
    span('payment', 'payment.fraud_check', { 'cart.id': cart.id, amount: cart.total }, () => work(15, 90));

  const charge = ({ span, work }, cart, intent, { attempt = 1, declined = false } = {}) =>
    span(
      'payment',
      'payment.charge',
      { 'cart.id': cart.id, amount: cart.total, payment_intent_id: intent, attempt },
      () => {
        work(60, 350);
        if (declined) throw new CardDeclined('card declined');
      },
      SpanKind.CLIENT,
    );

  const confirm = ({ span, work }, cart) =>
    span('email', 'email.send', { 'cart.id': cart.id, template: 'order_confirmation' }, () => work(10, 40));

  const placeOrder = (arrival, cart, steps) =>
    request(arrival, 'POST /checkout', (at) =>
      at.span('checkout', 'checkout.place_order', { 'cart.id': cart.id, amount: cart.total }, async () => {
        at.work(2, 10);
        await steps(at);
        await confirm(at, cart);
        at.work(1, 5);
      }),
    );

  async function checkout(arrival, cart = newCart(), intent = newIntent()) {
    return placeOrder(arrival, cart, async (at) => {
      await reserve(at, cart);
      await checkFraud(at, cart);
      await charge(at, cart, intent);
    });
  }

  async function retriedCheckout(arrival, nextIntent) {
    const cart = newCart();
    const intent = newIntent();
    return placeOrder(arrival, cart, async (at) => {
      await reserve(at, cart);
      await charge(at, cart, intent, { declined: true }).catch(ignoreDecline);
      at.work(200, 900);
      await charge(at, cart, nextIntent(intent), { attempt: 2 });
    });
  }

  const refund = (arrival, withLookup) =>
    request(arrival, 'POST /refunds', async (at) => {
      const intent = newIntent();
      const amount = Math.round(between(5, 400) * 100) / 100;
      if (withLookup) {
        await at.span('payment', 'payment.lookup', { payment_intent_id: intent, amount }, () =>
          at.work(5, 20),
        );
      }
      await at.span(
        'payment',
        'payment.refund',
        { payment_intent_id: intent, amount },
        () => at.work(60, 200),
        SpanKind.CLIENT,
      );
    });

  return {
    ordinaryRequest() {
      const chance = random();
      if (chance < 0.6) return 'browse';
      if (chance < 0.92) return 'checkout';
      if (chance < 0.95) return 'expensiveCheckout';
      return chance < 0.98 ? 'retry' : 'refund';
    },

    browse: async (arrival) => [
      await request(arrival, 'GET /products/{id}', ({ span, work }) =>
        span('inventory', 'inventory.lookup', { 'item.count': 1 }, () => work(2, 25)),
      ),
    ],
    checkout: async (arrival) => [await checkout(arrival)],
    expensiveCheckout: async (arrival) => [await checkout(arrival, newCart(1_100, 4_000))],
    retry: async (arrival) => [await retriedCheckout(arrival, (intent) => intent)],
    refund: async (arrival) => [await refund(arrival, true)],

    /** The stock service was slow, and a fallback went on without it. */
    withoutReservation: async (arrival) => {
      const cart = newCart();
      return [
        await placeOrder(arrival, cart, async (at) => {
          await checkFraud(at, cart);
          await charge(at, cart, newIntent());
        }),
      ];
    },
    /** Two lines were swapped in a clean-up. All spans are there. */
    chargeFirst: async (arrival) => {
      const cart = newCart();
      return [
        await placeOrder(arrival, cart, async (at) => {
          await checkFraud(at, cart);
          await charge(at, cart, newIntent());
          await reserve(at, cart);
        }),
      ];
    },
    /** Each of the two requests is faultless; only together they are wrong. */
    doubleClick: async (arrival) => {
      const cart = newCart();
      return [await checkout(arrival, cart), await checkout(arrival + 350, cart)];
    },
    /** A queue delivered one message twice: the same intent in two traces, at the same time. */
    twoWorkers: async (arrival) => {
      const cart = newCart();
      const intent = newIntent();
      return [await checkout(arrival, cart, intent), await checkout(arrival + 5, cart, intent)];
    },
    retryWithNewIntent: async (arrival) => [await retriedCheckout(arrival, () => newIntent())],
    withoutFraudCheck: async (arrival) => {
      const cart = newCart(1_100, 4_000);
      return [
        await placeOrder(arrival, cart, async (at) => {
          await reserve(at, cart);
          await charge(at, cart, newIntent());
        }),
      ];
    },
    blindRefund: async (arrival) => [await refund(arrival, false)],
  };
}

function ignoreDecline(error) {
  if (!(error instanceof CardDeclined)) throw error;
}
