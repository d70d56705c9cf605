/** A bank's back office whose spans are evidence. */
import { SpanKind } from '@opentelemetry/api';
import { inSpan } from '../telemetry/telemetry.mjs';
import { doWork } from '../telemetry/work.mjs';

/** @param {import('@opentelemetry/api').Tracer} tracer */
export const officeSteps = (tracer) => ({
  request: (route, work) => inSpan(tracer, route, {}, work, { kind: SpanKind.SERVER }),

  /** What was decided is known only after the check. */
  authorize: (user, resource, granted = true) =>
    inSpan(tracer, 'auth.check', { 'user.id': user, resource }, async (span) => {
      await doWork();
      span.setAttribute('granted', granted);
    }),

  /** The same text for the resource here and in the log: that is what joins the two. */
  readCustomer: (user, customer) =>
    inSpan(tracer, 'pii.access', { 'user.id': user, resource: `customer.${customer}` }, doWork),

  log: (action, attributes) => inSpan(tracer, 'audit.log', { action, ...attributes }, doWork),

  readApproval: (approval) =>
    inSpan(
      tracer,
      'approval.record',
      { 'approval.id': approval.id, 'approver.id': approval.approver, decision: approval.decision },
      doWork,
    ),

  administer: (user, approval) =>
    inSpan(tracer, 'admin.action', { 'user.id': user, 'approval.id': approval.id }, doWork),

  transfer: (user, account) =>
    inSpan(tracer, 'transaction.execute', { 'user.id': user, resource: `account.${account}` }, doWork),

  encrypt: (id) =>
    inSpan(tracer, 'encryption.applied', { 'export.id': id, algorithm: 'AES-256-GCM' }, doWork),

  exportFile: (id, work = doWork) => inSpan(tracer, 'data.export', { 'export.id': id }, work),

  deactivate: (account) => inSpan(tracer, 'account.deactivate', { 'account.id': account }, doWork),

  /** The number is the one that the database answered. */
  deactivateAll: (accounts) =>
    inSpan(tracer, 'admin.bulk_deactivate', {}, async (span) => {
      await doWork();
      span.setAttribute('accounts', accounts.length);
    }),
});

export const showCustomer = (tracer, user, customer) => {
  const { request, authorize, readCustomer, log } = officeSteps(tracer);
  return request('GET /customers/{id}', async () => {
    await authorize(user, `customer.${customer}`);
    await readCustomer(user, customer);
    await log('pii.access', { 'user.id': user, resource: `customer.${customer}` });
  });
};

export const changeLimits = (tracer, user, approval) => {
  const { request, readApproval, administer } = officeSteps(tracer);
  return request('POST /admin/limits', async () => {
    await readApproval(approval);
    await administer(user, approval);
  });
};

export const transferMoney = (tracer, user, account) => {
  const { request, authorize, transfer } = officeSteps(tracer);
  return request('POST /transfers', async () => {
    await authorize(user, `account.${account}`);
    await transfer(user, account);
  });
};

export const exportCustomers = (tracer, id) => {
  const { request, encrypt, exportFile } = officeSteps(tracer);
  return request('POST /exports', async () => {
    await encrypt(id);
    await exportFile(id);
  });
};

export const deactivateOne = (tracer, user, account) => {
  const { request, deactivate, log } = officeSteps(tracer);
  return request('POST /accounts/{id}/deactivate', async () => {
    await deactivate(account);
    await log('account.deactivate', { 'user.id': user, 'account.id': account });
  });
};

/** One statement for all accounts, one log for each. */
export const deactivateMany = (tracer, user, accounts) => {
  const { request, deactivateAll, log } = officeSteps(tracer);
  return request('POST /accounts/deactivate', async () => {
    await deactivateAll(accounts);
    for (const account of accounts) {
      await log('account.deactivate', { 'user.id': user, 'account.id': account });
    }
  });
};
