/** The intake with the time that it takes measured, and a share of requests shown in Fluo's own spans. */
import type { SpanIntake } from '../receiver/span-intake.ts';
import type { ServerClock } from './clock.ts';
import type { ServerMetrics } from './metrics/server-metrics.ts';
import type { OwnTelemetry } from './own-telemetry.ts';

export function tracedIntake(
  intake: SpanIntake,
  clock: ServerClock,
  metrics: ServerMetrics,
  telemetry: OwnTelemetry,
): SpanIntake {
  return {
    async export(request, transport, free) {
      const span = telemetry.begin('export', 'server');
      const from = clock.monotonic();
      const { length } = request;
      const outcome = await intake.export(request, transport, free);
      metrics.exportDuration.observe((clock.monotonic() - from) / 1000, transport);
      if (span !== null) {
        span.set('fluo.transport', transport);
        span.set('fluo.request.size', length);
        span.set('fluo.outcome', outcome.kind);
        span.end(outcome.kind !== 'accepted');
      }
      return outcome;
    },
    admit: (bytes) => intake.admit(bytes),
  };
}
