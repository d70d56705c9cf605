/** Records the payment examples: `node examples/payments/record.mjs VARIANT OUT.jsonl`. */
import { SpanKind } from '@opentelemetry/api';
import { recordVariant } from '../telemetry/record.mjs';
import { inSpan } from '../telemetry/telemetry.mjs';
import * as guide from './as-in-the-guide.mjs';
import * as broken from './broken.mjs';
import { checkout, checkoutWithRetry, refund } from './right.mjs';

const cart = { id: 'cart-1', items: ['mug', 'tea'], total: 59.99 };
const otherCart = { id: 'cart-2', items: ['pot'], total: 24.5 };
const expensiveCart = { id: 'cart-3', items: ['bicycle'], total: 1_400 };
const payment = { intent: 'pi-cart-1', amount: 59.99 };

await recordVariant('payment', {
  right: async (tracer) => {
    await checkout(tracer, cart, payment.intent);
    await checkoutWithRetry(tracer, otherCart, 'pi-cart-2');
    await checkout(tracer, expensiveCart, 'pi-cart-3');
    await refund(tracer, payment, 20);
    await refund(tracer, payment, 39.99);
  },
  guide: async (tracer) => {
    guide.checkout(tracer, cart);
    guide.processPayment(tracer, expensiveCart);
  },
  'guide-in-request': async (tracer) => {
    const request = (work) => inSpan(tracer, 'POST /checkout', {}, work, { kind: SpanKind.SERVER });
    await request(() => guide.checkout(tracer, cart));
    await request(() => guide.processPayment(tracer, expensiveCart));
  },
  'without-reservation': (tracer) => broken.withoutReservation(tracer, cart),
  'reserved-and-charged-at-once': (tracer) => broken.reservedAndChargedAtOnce(tracer, cart),
  'one-reservation-for-two-carts': (tracer) => broken.oneReservationForTwoCarts(tracer, cart, otherCart),
  'double-click': (tracer) => broken.doubleClick(tracer, cart),
  'two-workers': (tracer) => broken.twoWorkers(tracer, cart),
  'retry-with-new-intent': (tracer) => broken.retryWithNewIntent(tracer, cart),
  'without-fraud-check': (tracer) => broken.withoutFraudCheck(tracer, expensiveCart),
  'blind-refund': (tracer) => broken.blindRefund(tracer, payment),
  'refund-clicked-twice': async (tracer) => {
    await checkout(tracer, cart, payment.intent);
    await refund(tracer, payment, payment.amount);
    await refund(tracer, payment, payment.amount);
  },
});
