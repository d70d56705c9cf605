/** Records the examples of compliance: `node examples/compliance/record.mjs VARIANT OUT.jsonl`. */
import { recordVariant } from '../telemetry/record.mjs';
import * as guide from './as-in-the-guide.mjs';
import * as broken from './broken.mjs';
import {
  changeLimits,
  deactivateMany,
  deactivateOne,
  exportCustomers,
  officeSteps,
  showCustomer,
  transferMoney,
} from './right.mjs';

const approval = { id: 'ap-1', approver: 'u2', decision: 'approved' };

await recordVariant('back-office', {
  right: async (tracer) => {
    await Promise.all([showCustomer(tracer, 'u1', 42), showCustomer(tracer, 'u2', 43)]);
    await changeLimits(tracer, 'u1', approval);
    await transferMoney(tracer, 'u1', 7);
    await exportCustomers(tracer, 'export-1');
    await deactivateOne(tracer, 'u1', 'a1');
    await deactivateMany(tracer, 'u1', ['a2', 'a3', 'a4']);
  },
  guide: async (tracer) => guide.accessCustomerPii(tracer, 'u1', 42),
  'guide-in-request': (tracer) =>
    officeSteps(tracer).request('GET /customers/{id}', () => guide.accessCustomerPii(tracer, 'u1', 42)),
  'access-without-log': (tracer) => broken.accessWithoutLog(tracer, 'u1', 42),
  'one-log-for-a-list': (tracer) => broken.oneLogForAList(tracer, 'u1', [42, 43]),
  'bulk-without-logs': (tracer) =>
    broken.bulkWithoutLogs(
      tracer,
      Array.from({ length: 1000 }, (_, index) => `a${index}`),
    ),
  'loop-loses-a-log': (tracer) => broken.loopLosesALog(tracer, 'u1', ['a1', 'a2']),
  'approved-by-oneself': (tracer) => broken.approvedByOneself(tracer, 'u1'),
  'executed-though-denied': (tracer) => broken.executedThoughDenied(tracer, 'u1', 7),
  'exported-in-the-clear': (tracer) => broken.exportedInTheClear(tracer, 'export-1'),
});
