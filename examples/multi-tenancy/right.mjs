/** A service of several tenants whose spans say whose rows were read for whom. */
import { SpanKind } from '@opentelemetry/api';
import { inSpan } from '../telemetry/telemetry.mjs';
import { doWork } from '../telemetry/work.mjs';

/** @param {import('@opentelemetry/api').Tracer} tracer */
export const tenantSteps = (tracer) => ({
  /** `tenant` is the tenant of the session, never one named in the URL. */
  request: (tenant, work) =>
    inSpan(tracer, 'api.request', { tenant_id: tenant }, work, { kind: SpanKind.SERVER }),

  loadContext: (tenant) => inSpan(tracer, 'tenant.context_loaded', { tenant_id: tenant }, doWork),

  /** Called by the one function that sends statements, with what it bound, so that no caller can forget it. */
  query: (table, tenant) =>
    inSpan(
      tracer,
      'database.query',
      tenant === null ? { table, tenant_filter: false } : { table, tenant_filter: true, tenant_id: tenant },
      doWork,
      { kind: SpanKind.CLIENT },
    ),

  administer: (tenant) =>
    inSpan(tracer, 'admin.action', { tenant_id: tenant, action: 'raise_limit' }, doWork),
});

export const showCustomer = (tracer, tenant) => {
  const { request, loadContext, query } = tenantSteps(tracer);
  return request(tenant, async () => {
    await loadContext(tenant);
    await query('customer_data', tenant);
    await query('orders', tenant);
  });
};

export const raiseLimit = (tracer, tenant) => {
  const { request, loadContext, administer } = tenantSteps(tracer);
  return request(tenant, async () => {
    await loadContext(tenant);
    await administer(tenant);
  });
};

/** One trace a tenant: a job over all of them begins a new one for each. */
export const writeInvoices = async (tracer, tenants) => {
  const { query } = tenantSteps(tracer);
  for (const tenant of tenants) {
    await inSpan(tracer, 'invoices of a tenant', { tenant_id: tenant }, () => query('invoices', tenant));
  }
};
