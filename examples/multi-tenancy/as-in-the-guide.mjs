/**
 * The instrumentation of the invariant-driven development guide, call for call in Node. Its spans are in traces of their own,
 * and they carry `tenant.id` where the guide's rules read `tenant_id`.
 */
export function queryCustomerData(tracer, tenant) {
  const context = tracer.startSpan('tenant.context_loaded');
  context.setAttribute('tenant.id', tenant);
  context.end();

  const query = tracer.startSpan('database.query');
  query.setAttribute('tenant.id', tenant);
  query.setAttribute('tenant_filter', true);
  query.setAttribute('table', 'customer_data');
  query.end();
}
