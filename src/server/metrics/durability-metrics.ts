/** How the write-ahead log and the archive stand, as metrics. */
import type { Archiver } from '../../archive/archiver.ts';
import type { Durability } from '../durability.ts';
import type { OwnTelemetry } from '../own-telemetry.ts';
import type { ServerMetrics } from './server-metrics.ts';

/** `now`: the engine's time. */
export function observeDurability(
  metrics: ServerMetrics,
  { wal, feed }: Durability,
  now: () => number,
): void {
  metrics.registry.onCollect(() => {
    const { bytes, segments, appendedBytes, fault } = wal.stats();
    metrics.walBytes.set(bytes);
    metrics.walSegments.set(segments);
    metrics.walAppendedBytes.setTotal(appendedBytes);
    metrics.walFailed.set(fault === null ? 0 : 1);
    const since = feed.waitingSince;
    metrics.archiveLag.set(since === null ? 0 : Math.max(0, now() - since) / 1000);
  });
}

/** The archiver, with what it does counted and shown in Fluo's own spans. */
export function observedArchiver(
  archiver: Archiver,
  metrics: ServerMetrics,
  telemetry: OwnTelemetry,
): Archiver {
  return {
    async archive(segment) {
      const span = telemetry.begin('archive segment');
      try {
        const archived = await archiver.archive(segment);
        metrics.archivedSpans.add(archived.spans);
        span?.set('fluo.segment', segment.sequence);
        span?.set('fluo.spans', archived.spans);
        span?.end();
        return archived;
      } catch (error) {
        metrics.archiveFailures.add(1, 'archiving');
        span?.end(true);
        throw error;
      }
    },
    close: () => archiver.close(),
  };
}
