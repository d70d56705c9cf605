/** One attempt to bring a notification to a receiver, and what its answer means. */
import type { HttpClient, HttpOutcome, HttpRequest } from '../base/http.ts';
import { clip, printable } from '../base/printable.ts';
import type { Notification } from './notification.ts';
import type { Receiver } from './receiver.ts';
import { slackMessage } from './slack-message.ts';
import { signatureOf, webhookDocument } from './webhook-document.ts';

export type DeliveryOutcome =
  | { readonly kind: 'delivered' }
  /** Worth another try; `retryAfterMs` is what the receiver asks for. */
  | { readonly kind: 'failed'; readonly problem: string; readonly retryAfterMs: number | null }
  /** The same again would be refused again. */
  | { readonly kind: 'refused'; readonly problem: string };

const TIMEOUT_MS = 10_000;
/** The longest wait that a receiver may ask for. */
export const LONGEST_WAIT_MS = 3_600_000;

/** `now` in milliseconds since 1970. */
export async function deliver(
  http: HttpClient,
  receiver: Receiver,
  notification: Notification,
  now: number,
): Promise<DeliveryOutcome> {
  return outcomeOf(await http.send(requestFor(receiver, notification, now)), now);
}

export function requestFor(receiver: Receiver, notification: Notification, now: number): HttpRequest {
  const common = { method: 'POST', url: receiver.url, timeoutMs: TIMEOUT_MS } as const;
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'user-agent': 'fluo',
    'idempotency-key': notification.id,
  };
  if (receiver.type === 'slack') {
    return { ...common, headers, body: JSON.stringify(slackMessage(notification)) };
  }
  const body = JSON.stringify(webhookDocument(notification));
  const signature =
    receiver.secret === null ? {} : { 'fluo-signature': signatureOf(body, receiver.secret, now) };
  return { ...common, headers: { ...receiver.headers, ...headers, ...signature }, body };
}

/** Other answers of the 400s say that the message or the address is wrong: they would come again. */
const WORTH_ANOTHER_TRY: readonly number[] = [408, 425, 429];

function outcomeOf(outcome: HttpOutcome, now: number): DeliveryOutcome {
  if (outcome.kind === 'failed') return { ...outcome, retryAfterMs: null };
  const { status } = outcome;
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  const said = outcome.body.trim();
  const problem = `it answered ${status}${said === '' ? '' : `: ${printable(clip(said, 200))}`}`;
  if (status >= 500 || WORTH_ANOTHER_TRY.includes(status)) {
    return { kind: 'failed', problem, retryAfterMs: retryAfterOf(outcome.header('retry-after'), now) };
  }
  return { kind: 'refused', problem };
}

/** RFC 9110, 10.2.3: seconds, or a date. At most an hour. */
function retryAfterOf(value: string | null, now: number): number | null {
  if (value === null) return null;
  const milliseconds = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isFinite(milliseconds) ? Math.min(LONGEST_WAIT_MS, Math.max(0, milliseconds)) : null;
}
