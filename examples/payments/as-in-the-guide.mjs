/**
 * The instrumentation of the invariant-driven development guide, call for call in Node: spans that are started but never made
 * active, a charge that does not name its cart, and starts cut to the millisecond by the SDK.
 */
export function checkout(tracer, cart) {
  const reserve = tracer.startSpan('inventory.reserve');
  reserve.setAttribute('cart.id', cart.id);
  reserve.setAttribute('item.count', cart.items.length);
  reserve.end();

  const charge = tracer.startSpan('payment.charge');
  charge.setAttribute('amount', cart.total);
  charge.setAttribute('payment_intent_id', `intent-of-${cart.id}`);
  charge.end();
}

export function processPayment(tracer, cart, attempt = 1) {
  const check = tracer.startSpan('payment.fraud_check');
  check.setAttribute('amount', cart.total);
  check.end();

  const charge = tracer.startSpan('payment.charge');
  charge.setAttribute('amount', cart.total);
  charge.setAttribute('payment_intent_id', `intent-of-${cart.id}`);
  charge.setAttribute('attempt', attempt);
  charge.end();
}
