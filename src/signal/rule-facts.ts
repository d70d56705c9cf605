/** What of a rule goes with its signals. */
import type { Rule } from '../invariant/rule.ts';
import type { SignalRule } from './signal.ts';

export function ruleFacts(rule: Rule): SignalRule {
  return {
    id: rule.id,
    name: rule.name,
    invariant: rule.invariant,
    severity: rule.severity,
    enforcement: rule.enforcement,
    category: rule.category,
    owner: rule.owner,
    runbook: rule.runbook,
    compliance: rule.compliance,
    condition: rule.condition.source.text,
  };
}
