/** Records the examples of several tenants: `node examples/multi-tenancy/record.mjs VARIANT OUT.jsonl`. */
import { SpanKind } from '@opentelemetry/api';
import { recordVariant } from '../telemetry/record.mjs';
import { inSpan } from '../telemetry/telemetry.mjs';
import * as guide from './as-in-the-guide.mjs';
import * as broken from './broken.mjs';
import { raiseLimit, showCustomer, writeInvoices } from './right.mjs';

await recordVariant('crm', {
  right: async (tracer) => {
    await Promise.all([showCustomer(tracer, 'acme'), showCustomer(tracer, 'globex')]);
    await raiseLimit(tracer, 'acme');
    await writeInvoices(tracer, ['acme', 'globex']);
  },
  guide: async (tracer) => guide.queryCustomerData(tracer, 'acme'),
  'guide-in-request': (tracer) =>
    inSpan(tracer, 'api.request', { 'tenant.id': 'acme' }, () => guide.queryCustomerData(tracer, 'acme'), {
      kind: SpanKind.SERVER,
    }),
  'one-query-unfiltered': (tracer) => broken.oneQueryUnfiltered(tracer, 'acme'),
  'rows-of-another-tenant': (tracer) => broken.rowsOfAnotherTenant(tracer, 'acme', 'globex'),
  'request-without-tenant': (tracer) => broken.requestWithoutTenant(tracer, 'acme'),
  'job-over-tenants': (tracer) => broken.jobOverTenants(tracer, ['acme', 'globex']),
  'administered-another-tenant': (tracer) => broken.administeredAnotherTenant(tracer, 'acme', 'globex'),
});
