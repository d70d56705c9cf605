/** One check with a finding of every sort, as the pipeline would give it. */
import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import type { CheckFinding, CheckResult, RuleResult } from '../../history/check/check-result.ts';
import type { Rule } from '../../invariant/rule.ts';
import { drawnSpans, sampleClause, sampleJudgment, sampleRule, spanAt } from './sample-rules.ts';

const FILE = {
  name: 'invariants/payment.yaml',
  text: `version: 1
rules:
  - id: payment-requires-inventory
    name: Payment requires inventory reservation
    severity: critical
    condition: payment.charge and inventory.reserve.before(payment.charge)
  - id: large-payment-is-checked
    severity: high
    condition: payment.charge and payment.fraud_check.where(amount > 1000)
  - id: one-charge-an-intent
    severity: critical
    condition: across payment_intent_id within 10m { count(payment.charge) <= 1 }
  - id: no-bypass
    severity: low
    condition: never { payment.bypass_validation }
  - id: refund-is-approved
    condition: payment.refund and refund.approve
`,
};

const INVENTORY = sampleRule(FILE, 'payment.charge and inventory.reserve.before(payment.charge)', {
  id: 'payment-requires-inventory',
  name: 'Payment requires inventory reservation',
  invariant: 'INVARIANT-44',
  severity: 'critical',
  enforcement: 'hard-block',
  category: 'Critical Data Protection',
  compliance: ['SOC2 CC7.2'],
  owner: 'team-payments',
  runbook: 'https://runbooks.example/payments#44',
});
const FRAUD = sampleRule(FILE, 'payment.charge and payment.fraud_check.where(amount > 1000)', {
  id: 'large-payment-is-checked',
  severity: 'high',
});
const TWICE = sampleRule(FILE, 'across payment_intent_id within 10m { count(payment.charge) <= 1 }', {
  id: 'one-charge-an-intent',
  name: 'An intent is charged once',
  severity: 'critical',
});
const BYPASS = sampleRule(FILE, 'never { payment.bypass_validation }', {
  id: 'no-bypass',
  severity: 'low',
  enforcement: 'audit-only',
});
const REFUND = sampleRule(FILE, 'payment.refund and refund.approve', { id: 'refund-is-approved' });

export const SAMPLE_RULES: readonly Rule[] = [INVENTORY, FRAUD, TWICE, BYPASS, REFUND];

const unreserved = (trace: number) =>
  drawnSpans(
    `shop/POST /checkout @0ms+900ms {span.kind: server}
  payment/payment.charge @120ms+80ms {amount: 59.99, cart.id: c1}
`,
    trace,
  );

const late = drawnSpans(
  `shop/POST /checkout @0ms+900ms {span.kind: server}
  payment/payment.charge @120ms+80ms {amount: 1000, payment_intent_id: pi_1}
  stock/inventory.reserve @150ms+400ms {cart.id: c1}
  payment/payment.fraud_check @10ms+5ms {amount: 1000}
  payment/payment.bypass_validation @700ms+1ms
`,
  20,
);
const again = drawnSpans('payment/payment.charge @60s+80ms {payment_intent_id: pi_1}\n', 21);

const CHARGE = spanAt(late, 1);

function inTrace(rule: Rule, judgment: CheckFinding['judgment'], spans = late): CheckFinding {
  const first = spanAt(spans, 0);
  return {
    rule: rule.id,
    judgment,
    scope: { kind: 'trace', key: null, traceIds: [first.traceId], start: first.start },
  };
}

function withoutReservation(trace: number): CheckFinding {
  const spans = unreserved(trace);
  const judgment = sampleJudgment('violated', {
    clause: sampleClause(INVENTORY, 'inventory.reserve.before(payment.charge)'),
    trigger: [spanAt(spans, 1)],
    missing: ['inventory.reserve.before(payment.charge)'],
  });
  return inTrace(INVENTORY, judgment, spans);
}

const findings: readonly CheckFinding[] = [
  inTrace(
    BYPASS,
    sampleJudgment('violated', {
      clause: sampleClause(BYPASS, 'never { payment.bypass_validation }'),
      spans: [spanAt(late, 4)],
    }),
  ),
  ...[1, 2, 3, 4, 5, 6].map(withoutReservation),
  inTrace(
    INVENTORY,
    sampleJudgment('violated', {
      clause: sampleClause(INVENTORY, 'inventory.reserve.before(payment.charge)'),
      trigger: [CHARGE],
      missing: ['inventory.reserve.before(payment.charge)'],
      nearest: {
        selector: 'inventory.reserve.before(payment.charge)',
        span: spanAt(late, 2),
        failed: '.before(payment.charge)',
      },
      order: [{ relation: 'before', left: spanAt(late, 2), right: CHARGE, problem: 'overlap' }],
    }),
  ),
  inTrace(
    FRAUD,
    sampleJudgment('violated', {
      clause: sampleClause(FRAUD, 'payment.fraud_check.where(amount > 1000)'),
      trigger: [CHARGE],
      missing: ['payment.fraud_check.where(amount > 1000)'],
      nearest: {
        selector: 'payment.fraud_check.where(amount > 1000)',
        span: spanAt(late, 3),
        failed: 'amount > 1000',
        attribute: 'amount',
        actual: 1000,
      },
    }),
  ),
  {
    rule: TWICE.id,
    judgment: sampleJudgment('violated', {
      clause: sampleClause(TWICE, 'count(payment.charge) <= 1'),
      spans: [CHARGE, spanAt(again, 0)],
      measures: [{ text: 'count(payment.charge)', value: '2' }],
    }),
    scope: {
      kind: 'group',
      key: 'payment_intent_id=pi_1',
      traceIds: [CHARGE.traceId, spanAt(again, 0).traceId],
      start: CHARGE.start,
    },
  },
  inTrace(
    INVENTORY,
    sampleJudgment(
      'inconclusive',
      {
        clause: sampleClause(INVENTORY, 'inventory.reserve.before(payment.charge)'),
        trigger: [CHARGE],
        missing: ['inventory.reserve.before(payment.charge)'],
      },
      {
        reasons: [
          {
            kind: 'incomplete',
            reason: { kind: 'missing-parent', span: CHARGE },
            traceId: CHARGE.traceId,
          },
        ],
      },
    ),
  ),
];

function counts(
  rule: Rule,
  verdicts: readonly [number, number, number, number],
  rest: Partial<RuleResult> = {},
) {
  const [satisfied, violated, not_applicable, inconclusive] = verdicts;
  return {
    id: rule.id,
    verdicts: { satisfied, violated, not_applicable, inconclusive },
    leftOut: { environment: 0, exceptions: [] },
    unknownAttributes: [],
    keyless: 0,
    unlisted: 0,
    ...rest,
  };
}

const DAMAGED: Diagnostic = {
  code: 'FL501' as Diagnostic['code'],
  severity: 'warning',
  message: 'the record is no JSON: expected `}` and found the end of the line',
  file: 'traces.jsonl',
  line: 7,
  help: 'Cut the line out, or write the file again',
};

export const SAMPLE_RESULT: CheckResult = {
  traces: 19_107,
  spans: 847_000,
  repeated: 3,
  conflicting: 0,
  damaged: 1,
  foreign: 2,
  mended: 0,
  rules: [
    counts(INVENTORY, [679, 7, 18_420, 1], {
      leftOut: { environment: 0, exceptions: [{ name: 'internal tenant', scopes: 12 }] },
    }),
    counts(FRAUD, [1, 1, 19_105, 0], {
      unknownAttributes: [{ attribute: 'amount', missing: 12, otherType: 1 }],
    }),
    counts(TWICE, [685, 1, 0, 0], { keyless: 4 }),
    counts(BYPASS, [19_106, 1, 0, 0]),
    counts(REFUND, [0, 0, 19_107, 0]),
  ],
  findings,
  diagnostics: [DAMAGED],
  stopped: false,
  passes: { scanned: 0, decoded: 0, redone: 0, spilled: 0 },
};
