/** Signals as the API shows them. */
import type { Finding } from '../../report/check-report.ts';
import type { Signal } from '../../signal/signal.ts';
import { API_VERSION, type SignalDocument, type SignalSummary } from './api-documents.ts';

export function signalSummary(signal: Signal<unknown>): SignalSummary {
  return {
    id: signal.id,
    fingerprint: signal.fingerprint,
    fingerprintVersion: signal.fingerprintVersion,
    state: signal.state,
    rule: signal.rule,
    summary: signal.summary,
    clause: signal.clause,
    pair: signal.pair,
    attributes: signal.attributes,
    firstSeen: isoOf(signal.firstSeen),
    lastSeen: isoOf(signal.lastSeen),
    occurrences: signal.occurrences,
    retracted: signal.retracted,
    reopened: signal.reopened,
    services: signal.services,
    versions: signal.versions,
    environments: signal.environments,
    traceIds: signal.examples.flatMap(({ traceIds }) => traceIds.slice(0, 1)),
    rebuilt: signal.rebuilt !== undefined,
  };
}

export function signalDocument(signal: Signal<Finding>): SignalDocument {
  return {
    schemaVersion: API_VERSION,
    signal: signalSummary(signal),
    ruleVersions: signal.ruleVersions,
    examples: signal.examples.map(({ kind, traceIds, at, service, serviceVersion, witness }) => ({
      scope: kind,
      traceIds,
      at: isoOf(at),
      service,
      serviceVersion,
      finding: witness,
    })),
    decisions: signal.decisions.map((decision) => ({ ...decision, at: isoOf(decision.at) })),
  };
}

export function isoOf(at: number): string {
  return new Date(at).toISOString();
}
