/** A payment service whose spans say what the payment rules ask. */
import { SpanKind } from '@opentelemetry/api';
import { inSpan } from '../telemetry/telemetry.mjs';
import { doWork } from '../telemetry/work.mjs';

export class CardDeclined extends Error {}

/** Each step of a payment as a span. @param {import('@opentelemetry/api').Tracer} tracer */
export const paymentSteps = (tracer) => ({
  /** The span of the request is the active parent of all that happens in it: one request, one trace. */
  request: (route, work) => inSpan(tracer, route, {}, work, { kind: SpanKind.SERVER }),

  reserve: (cart) =>
    inSpan(tracer, 'inventory.reserve', { 'cart.id': cart.id, 'item.count': cart.items.length }, doWork),

  checkFraud: (cart) =>
    inSpan(tracer, 'payment.fraud_check', { 'cart.id': cart.id, amount: cart.total }, doWork),

  /** The cart on the charge is what ties it to the reservation. A declined card fails the span. */
  charge: (cart, intent, attempt = 1, declined = false) =>
    inSpan(
      tracer,
      'payment.charge',
      { 'cart.id': cart.id, amount: cart.total, payment_intent_id: intent, attempt },
      async () => {
        await doWork();
        if (declined) throw new CardDeclined('card declined');
      },
      { kind: SpanKind.CLIENT },
    ),

  lookUp: (payment) =>
    inSpan(tracer, 'payment.lookup', { payment_intent_id: payment.intent, amount: payment.amount }, doWork),

  refund: (payment, amount) =>
    inSpan(tracer, 'payment.refund', { payment_intent_id: payment.intent, amount }, doWork, {
      kind: SpanKind.CLIENT,
    }),
});

export const checkout = (tracer, cart, intent) => {
  const { request, reserve, checkFraud, charge } = paymentSteps(tracer);
  return request('POST /checkout', async () => {
    await reserve(cart);
    await checkFraud(cart);
    await charge(cart, intent);
  });
};

/** The card is declined once; the retry is the same payment, so it keeps the intent. */
export const checkoutWithRetry = (tracer, cart, intent) => {
  const { request, reserve, checkFraud, charge } = paymentSteps(tracer);
  return request('POST /checkout', async () => {
    await reserve(cart);
    await checkFraud(cart);
    try {
      await charge(cart, intent, 1, true);
    } catch (error) {
      if (!(error instanceof CardDeclined)) throw error;
      await charge(cart, intent, 2);
    }
  });
};

/** Reads the payment before it gives anything back. */
export const refund = (tracer, payment, amount) => {
  const { request, lookUp, refund: giveBack } = paymentSteps(tracer);
  return request('POST /refunds', async () => {
    await lookUp(payment);
    await giveBack(payment, amount);
  });
};
