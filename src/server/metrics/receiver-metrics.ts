/** What the receivers have counted, as metrics. */
import { OUTCOMES, type ReceiverStats, STATS_TRANSPORTS } from '../../receiver/otlp/receiver-stats.ts';
import type { ServerMetrics } from './server-metrics.ts';

export function observeReceivers(metrics: ServerMetrics, stats: ReceiverStats): void {
  metrics.registry.onCollect(() => {
    for (const transport of STATS_TRANSPORTS) {
      const { requests, bytesReceived, bytesUnpacked, spansRejected } = stats.transports[transport];
      for (const outcome of OUTCOMES) {
        // Most pairs never happen; the usual ones are there from the beginning.
        if (requests[outcome] > 0 || outcome === 'accepted') {
          metrics.exportRequests.setTotal(requests[outcome], transport, outcome);
        }
      }
      metrics.receivedBytes.setTotal(bytesReceived, transport);
      metrics.unpackedBytes.setTotal(bytesUnpacked, transport);
      metrics.rejectedSpans.setTotal(spansRejected, transport);
    }
    for (const protocol of ['grpc', 'http'] as const) {
      metrics.receiverConnections.set(stats.openConnections[protocol], protocol);
      metrics.receiverRefusals.setTotal(stats.refusedConnections[protocol], protocol, 'connections');
      metrics.receiverRefusals.setTotal(stats.strayConnections[protocol], protocol, 'other-protocol');
    }
  });
}
