/** Where notifications go, as configured. */
import { RULE_SEVERITIES, type RuleSeverity } from '../invariant/rule.ts';
import type { Notification } from './notification.ts';

export type Receiver = SlackReceiver | WebhookReceiver;

interface CommonReceiver {
  /** Unique; the queue knows it by this. */
  readonly name: string;
  /** A secret: whoever knows it can post. */
  readonly url: string;
  /** And whatever is worse. */
  readonly minSeverity: RuleSeverity;
  readonly sendRetractions: boolean;
  readonly sendResolved: boolean;
  /** Also of rules that only watch (`enforcement: audit-only`). */
  readonly sendAuditOnly: boolean;
}

export interface SlackReceiver extends CommonReceiver {
  readonly type: 'slack';
}

export interface WebhookReceiver extends CommonReceiver {
  readonly type: 'webhook';
  readonly headers: Readonly<Record<string, string>>;
  /** Key of the signature; null: not signed. */
  readonly secret: string | null;
}

/** Whether the receiver is to be told. */
export function wants(receiver: Receiver, { event, signal }: Notification): boolean {
  const { rule } = signal;
  if (RULE_SEVERITIES.indexOf(rule.severity) > RULE_SEVERITIES.indexOf(receiver.minSeverity)) return false;
  if (rule.enforcement === 'audit-only' && !receiver.sendAuditOnly) return false;
  if (event === 'retracted') return receiver.sendRetractions;
  return event === 'resolved' ? receiver.sendResolved : true;
}
