/** `/api/v1/status`: how the server is. */
import type { ReceiverStatus } from '../../notify/notifier.ts';
import type { Finding } from '../../report/check-report.ts';
import type { SignalStore } from '../../signal/signal-store.ts';
import type { Refusal } from '../refusals.ts';
import { API_VERSION, type StatusDocument } from './api-documents.ts';
import { answer } from './api-request.ts';
import { Parameters } from './parameters.ts';
import type { Route } from './router.ts';
import { isoOf } from './signal-documents.ts';

export interface StatusServices {
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly listens: StatusDocument['listens'];
  readiness(): { readonly ready: boolean; readonly notes: StatusDocument['notes'] };
  /** Numbers that the engine tells of itself, by name. */
  engine(): { readonly [name: string]: number };
  readonly signals: SignalStore<Finding>;
  receivers(): readonly ReceiverStatus[];
  refusals(): readonly Refusal[];
}

export function statusRoute(services: StatusServices): Route {
  return {
    method: 'GET',
    path: '/api/v1/status',
    answer: ({ query }) => new Parameters(query, []).problem ?? answer(statusDocument(services)),
  };
}

function statusDocument(services: StatusServices): StatusDocument {
  const { ready, notes } = services.readiness();
  const { signals, unsaved } = services.signals.stats();
  const open = [...services.signals.signals()].filter(({ state }) => state === 'open').length;
  return {
    schemaVersion: API_VERSION,
    version: services.version,
    startedAt: isoOf(services.startedAt),
    listens: services.listens,
    ready,
    notes,
    signals: { kept: signals, open, unsaved },
    engine: services.engine(),
    receivers: services.receivers().map((status) => ({
      name: status.receiver,
      type: status.type,
      pending: status.pending,
      delivered: status.delivered,
      failedAttempts: status.failedAttempts,
      dead: status.dead,
      problem: status.problem,
      lastDeliveredAt: status.lastDeliveredAt === null ? null : isoOf(status.lastDeliveredAt),
    })),
    refusals: services.refusals().map((refusal) => ({ ...refusal, at: isoOf(refusal.at) })),
  };
}
