/** Payments: the fraud check, and the charge at a provider that declines some cards the first time. */
import { SpanKind } from '@opentelemetry/api';

export class CardDeclined extends Error {
  name = 'CardDeclined';
}

export function payment({ work }) {
  return {
    '/fraud-check': {
      answer: ({ body, span }) =>
        span('payment.fraud_check', { 'cart.id': body.cart.id, amount: body.cart.total }, async () => {
          await work(1, 5);
          return { clean: true };
        }),
    },
    '/charge': {
      answer: ({ body: { cart, card, intent, attempt }, span }) =>
        span(
          'payment.charge',
          { 'cart.id': cart.id, amount: cart.total, payment_intent_id: intent, attempt },
          async () => {
            await work(3, 15);
            if (card === 'declined once' && attempt === 1) throw new CardDeclined('card declined');
            return { charged: true };
          },
          SpanKind.CLIENT,
        ).catch((error) => {
          if (error instanceof CardDeclined) return { charged: false };
          throw error;
        }),
    },
  };
}
