/** A signal as a row of the archive, for analysis by other tools. */
import type { SignalRow } from '../archive/signals/signal-row.ts';
import type { Millis } from '../engine/streaming/stream.ts';
import type { Finding } from '../report/check-report.ts';
import type { Signal } from '../signal/signal.ts';

/** The state at `at`, with the witness of the latest example. */
export function archivedSignal(signal: Signal<Finding>, at: Millis): SignalRow {
  return {
    fingerprint: signal.fingerprint,
    fingerprintVersion: signal.fingerprintVersion,
    rule: signal.rule.id,
    ruleVersion: signal.ruleVersions.at(-1) ?? '',
    severity: signal.rule.severity,
    state: signal.state,
    firstSeen: signal.firstSeen,
    lastSeen: signal.lastSeen,
    count: signal.occurrences,
    services: signal.services,
    serviceVersions: signal.versions.map(({ version }) => version),
    traceIds: signal.examples.flatMap(({ traceIds }) => traceIds),
    clause: signal.clause,
    message: signal.summary,
    witness: signal.examples.at(-1)?.witness ?? null,
    at,
  };
}
