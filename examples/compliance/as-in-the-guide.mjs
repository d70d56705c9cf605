/**
 * The instrumentation of the invariant-driven development guide, call for call in Node. Its spans are in traces of their own,
 * and the access names a `customer.id` where the log names a `resource`.
 */
export function accessCustomerPii(tracer, user, customer) {
  const check = tracer.startSpan('auth.check');
  check.setAttribute('user.id', user);
  check.setAttribute('resource', `customer.${customer}`);
  check.end();

  const access = tracer.startSpan('pii.access');
  access.setAttribute('user.id', user);
  access.setAttribute('customer.id', customer);
  access.end();

  const log = tracer.startSpan('audit.log');
  log.setAttribute('action', 'pii.access');
  log.setAttribute('user.id', user);
  log.setAttribute('resource', `customer.${customer}`);
  log.end();
}
