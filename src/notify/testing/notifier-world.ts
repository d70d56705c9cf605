/** A notifier over a log, receivers and a clock in memory, for tests, and what it is told of. */
import type { Signal, SignalTransition } from '../../signal/signal.ts';
import { MemoryRecordLog } from '../../signal/testing/memory-record-log.ts';
import { Notifier } from '../notifier.ts';
import type { NotifierAttempt, NotifierProblem } from '../notifier-options.ts';
import type { NotifyLimits } from '../notify-limits.ts';
import type { Receiver, SlackReceiver, WebhookReceiver } from '../receiver.ts';
import { ManualClock } from './manual-clock.ts';
import { MemoryHttp } from './memory-http.ts';

export const SLACK: SlackReceiver = {
  type: 'slack',
  name: 'team',
  url: 'https://hooks.slack.example/services/T0/B0/secret',
  minSeverity: 'high',
  sendRetractions: true,
  sendResolved: false,
  sendAuditOnly: true,
};
export const WEBHOOK: WebhookReceiver = {
  ...SLACK,
  type: 'webhook',
  name: 'hook',
  url: 'https://hook.example/fluo',
  minSeverity: 'low',
  sendResolved: true,
  headers: { authorization: 'Bearer abc' },
  secret: 'shared',
};

export const SIGNAL: Signal<unknown> = {
  id: '0123456789abcdef',
  fingerprint: '0123456789abcdef0123456789abcdef',
  fingerprintVersion: 1,
  clause: 'inventory.reserve.before(payment.charge)',
  pair: { trigger: 'payment', other: '' },
  attributes: [],
  state: 'open',
  rule: {
    id: 'payment-requires-inventory',
    name: 'Payment requires <inventory> & reservation',
    invariant: 'INVARIANT-44',
    severity: 'critical',
    enforcement: 'hard-block',
    category: null,
    owner: 'team-payments',
    runbook: 'https://runbooks.example/44?a=1&b=2',
    compliance: [],
    condition: 'payment.charge and inventory.reserve.before(payment.charge)',
  },
  ruleVersions: ['r1'],
  summary: 'Nothing matches `inventory.reserve`. <!channel> & <https://evil.example|click>',
  firstSeen: 1_000,
  lastSeen: 2_000,
  occurrences: 1,
  retracted: 0,
  reopened: 0,
  services: ['payment', 'a`b'],
  versions: [{ service: 'payment', version: '1.2.0' }],
  environments: ['production'],
  examples: [
    {
      scopeId: 's',
      kind: 'trace',
      traceIds: ['4bf92f3577b34da6a3ce929d0e0e4736'],
      at: 1_000,
      service: 'payment',
      serviceVersion: '1.2.0',
      witness: {},
    },
  ],
  decisions: [],
};

export function transition(
  sequence: number,
  kind: SignalTransition['kind'] = 'opened',
  id = SIGNAL.id,
): SignalTransition {
  const to = kind === 'retracted' ? 'retracted' : 'open';
  const at = new ManualClock().now();
  return { sequence, kind, signal: id, at, from: null, to, occurrences: 1, decision: null };
}

export interface World {
  readonly receivers?: readonly Receiver[];
  readonly log?: MemoryRecordLog;
  readonly http?: MemoryHttp;
  readonly clock?: ManualClock;
  readonly limits?: Partial<NotifyLimits>;
  /** The signal of an id; `SIGNAL` with that id where it is not given. */
  readonly signalOf?: (id: string) => Signal<unknown> | null;
  readonly onAttempt?: (attempt: NotifierAttempt) => void;
}

export async function start(world: World = {}) {
  const log = world.log ?? new MemoryRecordLog();
  const http = world.http ?? new MemoryHttp();
  const clock = world.clock ?? new ManualClock();
  const problems: NotifierProblem[] = [];
  const notifier = new Notifier({
    log,
    snapshot: log.snapshotTaken,
    records: log.records,
    receivers: world.receivers ?? [WEBHOOK],
    http,
    clock,
    random: () => 1,
    onProblem: (problem) => problems.push(problem),
    ...(world.onAttempt === undefined ? {} : { onAttempt: world.onAttempt }),
    ...(world.limits === undefined ? {} : { limits: world.limits }),
  });
  await notifier.start();
  const take = (...transitions: readonly SignalTransition[]) =>
    notifier.take(transitions, world.signalOf ?? ((id) => ({ ...SIGNAL, id })));
  return { log, http, clock, problems, notifier, take };
}

export const texts = (http: MemoryHttp) => http.requests.map(({ body }) => JSON.parse(body ?? ''));
