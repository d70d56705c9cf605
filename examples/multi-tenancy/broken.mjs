/** The failures that the rules of tenants are about, each as the smallest change to the right program. */
import { inSpan } from '../telemetry/telemetry.mjs';
import { tenantSteps } from './right.mjs';

/** The second query was added in a hurry. */
export const oneQueryUnfiltered = (tracer, tenant) => {
  const { request, query } = tenantSteps(tracer);
  return request(tenant, async () => {
    await query('customer_data', tenant);
    await query('orders', null);
  });
};

/** A pooled connection kept the tenant of the request before. */
export const rowsOfAnotherTenant = (tracer, tenant, other) => {
  const { request, query } = tenantSteps(tracer);
  return request(tenant, () => query('customer_data', other));
};

/** The request says `tenant.id`, so nothing can be compared with it. */
export const requestWithoutTenant = (tracer, tenant) => {
  const { query } = tenantSteps(tracer);
  return inSpan(tracer, 'api.request', { 'tenant.id': tenant }, () => query('customer_data', tenant));
};

/** One trace for all tenants. */
export const jobOverTenants = (tracer, tenants) => {
  const { query } = tenantSteps(tracer);
  return inSpan(tracer, 'nightly invoices', {}, async () => {
    for (const tenant of tenants) await query('invoices', tenant);
  });
};

/** The administrator's own tenant was loaded. */
export const administeredAnotherTenant = (tracer, own, other) => {
  const { request, loadContext, administer } = tenantSteps(tracer);
  return request(own, async () => {
    await loadContext(own);
    await administer(other);
  });
};
