/** A notification as a generic webhook gets it: the JSON document and the header that signs it. */
import { createHmac } from 'node:crypto';
import type { SignalRule, SignalState } from '../signal/signal.ts';
import type { HeldBack, Notification, NotificationEvent } from './notification.ts';

/** Raised when a key changes its meaning or goes away; a new key does not raise it. */
export const WEBHOOK_VERSION = 1;

export interface WebhookDocument {
  readonly schemaVersion: typeof WEBHOOK_VERSION;
  /** Equal for repetitions of the same news; also in the header `Idempotency-Key`. */
  readonly id: string;
  readonly event: NotificationEvent;
  /** ISO 8601, UTC, as all times here. */
  readonly at: string;
  readonly signal: WebhookSignal;
  readonly decision: { readonly by: string; readonly reason: string } | null;
  /** Null: the message stands for itself alone. */
  readonly heldBack: WebhookHeldBack | null;
}

/** What was held back and is told in this one message. */
export interface WebhookHeldBack {
  readonly of: HeldBack['of'];
  readonly count: number;
  readonly signals: readonly string[];
  readonly since: string;
}

export interface WebhookSignal {
  readonly id: string;
  readonly fingerprint: string;
  readonly state: SignalState;
  readonly summary: string;
  readonly clause: string;
  readonly rule: SignalRule;
  readonly services: readonly string[];
  readonly versions: readonly { readonly service: string; readonly version: string }[];
  readonly environments: readonly string[];
  readonly occurrences: number;
  readonly retracted: number;
  readonly reopened: number;
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly traceIds: readonly string[];
}

export function webhookDocument(notification: Notification): WebhookDocument {
  const { id, event, at, signal, decision, heldBack } = notification;
  return {
    schemaVersion: WEBHOOK_VERSION,
    id,
    event,
    at: isoOf(at),
    signal: { ...signal, firstSeen: isoOf(signal.firstSeen), lastSeen: isoOf(signal.lastSeen) },
    decision,
    heldBack: heldBack === undefined ? null : { ...heldBack, since: isoOf(heldBack.since) },
  };
}

/**
 * The value of `Fluo-Signature`: `t=` the time of sending in seconds, `v1=` HMAC-SHA256 in hex over that time, a dot, and the body. The time is signed
 * too, so that a receiver can refuse what is old.
 */
export function signatureOf(body: string, secret: string, at: number): string {
  const seconds = Math.floor(at / 1000);
  const digest = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return `t=${seconds},v1=${digest}`;
}

function isoOf(at: number): string {
  return new Date(at).toISOString();
}
