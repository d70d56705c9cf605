/** Rules and verdict events for tests, made by the real loader and the real evaluator. */

import { judgeTrace } from '../../engine/reference/judge.ts';
import type { VerdictEvent } from '../../engine/streaming/stream.ts';
import { DEFAULT_JUDGE_SETTINGS } from '../../engine/verdict.ts';
import { parseDrawnTrace } from '../../invariant/drawn-trace.ts';
import type { Rule } from '../../invariant/rule.ts';
import { loadRuleFile } from '../../invariant/rule-file.ts';
import { buildTrace } from '../../trace/trace.ts';

export const RULE_FILE = `version: 1
rules:
  - id: payment-requires-inventory
    name: Payment requires inventory reservation
    severity: critical
    enforcement: hard-block
    owner: team-payments
    runbook: https://runbooks.example/44
    condition: payment.charge and inventory.reserve.before(payment.charge)
  - id: no-declined-shipment
    severity: high
    condition: never { shipment.send.where(state == declined and amount > 10) }
  - id: mostly-checked
    severity: low
    condition: payment.charge and payment.fraud_check
    raise: { share: 50%, within: 1m, at_least: 3 }
`;

export function rulesOf(text: string = RULE_FILE): readonly Rule[] {
  const { rules, diagnostics } = loadRuleFile({ name: 'invariants/payment.yaml', text }, '2026-01-01');
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  return rules;
}

export const RULES: ReadonlyMap<string, Rule> = new Map(rulesOf().map((rule) => [rule.id, rule]));

export const UNRESERVED = `
shop/POST /checkout @0ms+900ms
  payment/payment.charge @120ms+80ms {amount: 59}
`;

export interface EventOptions {
  readonly at?: number;
  readonly kind?: VerdictEvent['kind'];
  readonly service?: string;
  readonly serviceVersion?: string;
  readonly ruleVersion?: string;
  readonly trace?: string;
  readonly rule?: Rule;
}

/** A rule broken (or kept again) by a drawn trace, as the engine tells it. `number` makes the trace's id. */
export function verdictEvent(ruleId: string, number: number, options: EventOptions = {}): VerdictEvent {
  const rule = options.rule ?? RULES.get(ruleId);
  if (rule === undefined) throw new Error(`no rule ${ruleId}`);
  const traceId = number.toString(16).padStart(32, '0');
  const drawing = { name: 'drawing', text: options.trace ?? UNRESERVED };
  const { spans, diagnostics } = parseDrawnTrace(drawing, { firstTrace: number });
  if (diagnostics.length > 0) throw new Error(JSON.stringify(diagnostics));
  const judgment = judgeTrace(rule, buildTrace(spans), DEFAULT_JUDGE_SETTINGS);
  return {
    kind: options.kind ?? 'violated',
    rule,
    ruleVersion: options.ruleVersion ?? 'r1',
    scope: {
      kind: 'trace',
      id: traceId,
      key: null,
      traceIds: [traceId],
      start: spans.reduce((first, { start }) => (start < first ? start : first), spans[0]?.start ?? 0n),
    },
    judgment,
    early: false,
    at: options.at ?? 1_000 + number,
    service: options.service ?? 'payment',
    serviceVersion: options.serviceVersion ?? '1.0.0',
  };
}
