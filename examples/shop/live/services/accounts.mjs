/** Accounts of several tenants: pages of a tenant's own rows, and the deactivation of many accounts at once. */
import { SpanKind } from '@opentelemetry/api';

export function accounts({ isOn, work }) {
  /** The tenant that the pooled connection was last used for. */
  let lastTenant = 'acme';

  const query = (span, table, tenant) =>
    span(
      'database.query',
      { table, tenant_filter: true, tenant_id: tenant },
      () => work(1, 4),
      SpanKind.CLIENT,
    );

  return {
    '/customers': {
      name: 'api.request',
      attributes: ({ tenant }) => ({ tenant_id: tenant }),
      answer: async ({ body: { tenant }, span }) => {
        await span('tenant.context_loaded', { tenant_id: tenant }, () => work(0, 2));
        await query(span, 'customers', tenant);
        await query(span, 'orders', isOn('cross-tenant-query') ? lastTenant : tenant);
        lastTenant = tenant;
        return { customers: 3 };
      },
    },
    '/accounts/deactivate': {
      answer: async ({ body, span }) => {
        await span('admin.bulk_deactivate', { accounts: body.accounts.length }, () => work(2, 8));
        const log = (attributes) =>
          span('audit.log', { action: 'account.deactivate', 'user.id': body.user, ...attributes }, () =>
            work(0, 2),
          );
        if (isOn('bulk-deactivation-without-audit')) await log({});
        else for (const account of body.accounts) await log({ 'account.id': account });
        return { deactivated: body.accounts.length };
      },
    },
  };
}
