/** The failures that the rules of compliance are about, each as the smallest change to the right program. */
import { officeSteps } from './right.mjs';

export const accessWithoutLog = (tracer, user, customer) => {
  const { request, authorize, readCustomer } = officeSteps(tracer);
  return request('GET /customers/{id}', async () => {
    await authorize(user, `customer.${customer}`);
    await readCustomer(user, customer);
  });
};

/** A list is shown, and the log names its first entry. */
export const oneLogForAList = (tracer, user, customers) => {
  const { request, readCustomer, log } = officeSteps(tracer);
  return request('GET /customers', async () => {
    for (const customer of customers) await readCustomer(user, customer);
    await log('pii.access', { 'user.id': user, resource: `customer.${customers[0]}` });
  });
};

/** The log is written by a decorator of the single path; the bulk path has none. */
export const bulkWithoutLogs = (tracer, accounts) => {
  const { request, deactivateAll } = officeSteps(tracer);
  return request('POST /accounts/deactivate', () => deactivateAll(accounts));
};

/** One account after the other, and the last log is lost. */
export const loopLosesALog = (tracer, user, accounts) => {
  const { request, deactivate, log } = officeSteps(tracer);
  return request('POST /accounts/deactivate', async () => {
    for (const account of accounts) await deactivate(account);
    for (const account of accounts.slice(1)) {
      await log('account.deactivate', { 'user.id': user, 'account.id': account });
    }
  });
};

export const approvedByOneself = (tracer, user) => {
  const { request, readApproval, administer } = officeSteps(tracer);
  const approval = { id: 'ap-9', approver: user, decision: 'approved' };
  return request('POST /admin/limits', async () => {
    await readApproval(approval);
    await administer(user, approval);
  });
};

/** The answer of the check is looked at when the money has gone. */
export const executedThoughDenied = (tracer, user, account) => {
  const { request, authorize, transfer } = officeSteps(tracer);
  return request('POST /transfers', async () => {
    await authorize(user, `account.${account}`, false);
    await transfer(user, account);
  });
};

export const exportedInTheClear = (tracer, id) => {
  const { request, exportFile } = officeSteps(tracer);
  return request('POST /exports', () => exportFile(id));
};
