/** The failures that the payment rules are about, each as the smallest change to the right program. */
import { CardDeclined, checkout, paymentSteps } from './right.mjs';

/** The stock service timed out, and a fallback went on without it. */
export const withoutReservation = (tracer, cart) => {
  const { request, checkFraud, charge } = paymentSteps(tracer);
  return request('POST /checkout', async () => {
    await checkFraud(cart);
    await charge(cart, `pi-${cart.id}`);
  });
};

/** "These do not depend on each other, so run them side by side." */
export const reservedAndChargedAtOnce = (tracer, cart) => {
  const { request, reserve, checkFraud, charge } = paymentSteps(tracer);
  return request('POST /checkout', async () => {
    await checkFraud(cart);
    await Promise.all([reserve(cart), charge(cart, `pi-${cart.id}`)]);
  });
};

/** Two carts are settled in one go, and only the first was reserved. */
export const oneReservationForTwoCarts = (tracer, first, second) => {
  const { request, reserve, checkFraud, charge } = paymentSteps(tracer);
  return request('POST /settle', async () => {
    await reserve(first);
    for (const cart of [first, second]) {
      await checkFraud(cart);
      await charge(cart, `pi-${cart.id}`);
    }
  });
};

/** Each click is a request, a trace and an intent of its own. */
export const doubleClick = (tracer, cart) =>
  Promise.all([checkout(tracer, cart, 'pi-first-click'), checkout(tracer, cart, 'pi-second-click')]);

/** The queue delivers twice: one intent, two workers. */
export const twoWorkers = (tracer, cart) =>
  Promise.all([checkout(tracer, cart, 'pi-shared'), checkout(tracer, cart, 'pi-shared')]);

export const retryWithNewIntent = (tracer, cart) => {
  const { request, reserve, checkFraud, charge } = paymentSteps(tracer);
  return request('POST /checkout', async () => {
    await reserve(cart);
    await checkFraud(cart);
    await charge(cart, 'pi-first', 1, true).catch((error) => {
      if (!(error instanceof CardDeclined)) throw error;
    });
    await charge(cart, 'pi-second', 2);
  });
};

export const withoutFraudCheck = (tracer, cart) => {
  const { request, reserve, charge } = paymentSteps(tracer);
  return request('POST /checkout', async () => {
    await reserve(cart);
    await charge(cart, `pi-${cart.id}`);
  });
};

export const blindRefund = (tracer, payment) => {
  const { request, refund } = paymentSteps(tracer);
  return request('POST /refunds', () => refund(payment, payment.amount));
};
