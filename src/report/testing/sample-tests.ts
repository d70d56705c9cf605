/** A run of rule tests with every outcome, coverage and mutants. */
import { reportedSpan } from '../reported-span.ts';
import { TEST_REPORT_VERSION, type TestReport } from '../test-report.ts';
import { drawnSpans } from './sample-rules.ts';

export const SAMPLE_TESTS: TestReport = {
  schemaVersion: TEST_REPORT_VERSION,
  passed: 1,
  failed: 2,
  files: [
    {
      file: 'invariants/payment.test.yaml',
      tests: [
        { name: 'charged without a reservation', line: 3, column: 5, outcome: 'passed', failures: [] },
        {
          name: 'charged and reserved too late',
          line: 9,
          column: 5,
          outcome: 'failed',
          failures: [
            {
              rule: 'payment-requires-inventory',
              expected: 'violated',
              actual: 'satisfied',
              at: null,
              line: 15,
              column: 17,
              explanation: ['`inventory.reserve.before(payment.charge)` holds.'],
              spans: drawnSpans('stock/inventory.reserve @20ms+60ms {cart.id: c1}\n').map(reportedSpan),
            },
            {
              rule: 'one-charge-an-intent',
              expected: null,
              actual: 'inconclusive',
              at: null,
              line: 9,
              column: 5,
              explanation: [],
              spans: [],
            },
          ],
        },
        {
          name: 'the reservation arrives 40 s late',
          line: 20,
          column: 5,
          outcome: 'failed',
          failures: [
            {
              rule: 'payment-requires-inventory',
              expected: 'retracted',
              actual: 'violated',
              at: '39s',
              line: 26,
              column: 17,
              explanation: [],
              spans: [],
            },
          ],
        },
      ],
    },
  ],
  coverage: [
    {
      rule: 'payment-requires-inventory',
      file: 'invariants/payment.yaml',
      goals: 4,
      reached: 3,
      gaps: [
        {
          clause: 'inventory.reserve.before(payment.charge)',
          file: 'invariants/payment.yaml',
          line: 6,
          column: 35,
          never: 'true',
        },
      ],
    },
    { rule: 'one-charge-an-intent', file: 'invariants/payment.yaml', goals: 2, reached: 2, gaps: [] },
  ],
  mutation: [
    {
      rule: 'large-payment-is-checked',
      file: 'invariants/payment.yaml',
      mutants: 4,
      noticed: 2,
      survivors: [
        {
          file: 'invariants/payment.yaml',
          line: 9,
          column: 65,
          original: 'amount > 1000',
          replacement: 'amount >= 1000',
        },
        {
          file: 'invariants/payment.yaml',
          line: 9,
          column: 57,
          original: '.where(amount > 1000)',
          replacement: '',
        },
      ],
    },
  ],
  diagnostics: [],
};
