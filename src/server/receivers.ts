/** The receivers that are configured, started and stopped together. */
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import { BodyPool } from '../receiver/otlp/body-pool.ts';
import type { RunningReceiver, Started } from '../receiver/otlp/listen.ts';
import { startOtlpGrpc } from '../receiver/otlp/otlp-grpc-server.ts';
import { startOtlpHttp } from '../receiver/otlp/otlp-http-server.ts';
import { ByteBudget } from '../receiver/otlp/receiver-limits.ts';
import { ReceiverStats } from '../receiver/otlp/receiver-stats.ts';
import type { TakingParts } from '../receiver/otlp/take-request.ts';
import type { SpanIntake } from '../receiver/span-intake.ts';
import type { Address } from './address.ts';
import { observeReceivers } from './metrics/receiver-metrics.ts';
import type { ServerMetrics } from './metrics/server-metrics.ts';
import type { ServerSettings } from './settings.ts';

export interface ReceiversOptions {
  readonly settings: ServerSettings;
  readonly intake: SpanIntake;
  readonly metrics: ServerMetrics;
  readonly onRefused: TakingParts['onRefused'];
  readonly onBug: (error: unknown) => void;
}

export interface RunningReceivers {
  /** Null: off. */
  readonly grpc: Address | null;
  readonly http: Address | null;
  /** Requests that have begun are answered; after `drain` they are broken off. */
  close(): Promise<void>;
}

export async function startReceivers(
  options: ReceiversOptions,
): Promise<
  | { readonly running: RunningReceivers; readonly problem: null }
  | { readonly running: null; readonly problem: Diagnostic }
> {
  const { settings, intake, metrics, onRefused, onBug } = options;
  const stats = new ReceiverStats();
  observeReceivers(metrics, stats);
  const parts: TakingParts = {
    intake,
    limits: settings.receiverLimits,
    budget: new ByteBudget(settings.receiverLimits.bytesInFlight),
    pool: new BodyPool(),
    stats,
    onRefused,
    onBug,
  };
  const cors = settings.cors === null ? {} : { cors: settings.cors };
  const { grpc, http } = settings;
  const starting: { readonly name: 'grpc' | 'http'; readonly start: () => Promise<Started> }[] = [];
  if (grpc !== null) starting.push({ name: 'grpc', start: () => startOtlpGrpc({ ...parts, ...grpc }) });
  if (http !== null)
    starting.push({ name: 'http', start: () => startOtlpHttp({ ...parts, ...http, ...cors }) });

  const running: RunningReceiver[] = [];
  const addresses: { grpc: Address | null; http: Address | null } = { grpc: null, http: null };
  for (const { name, start } of starting) {
    const { receiver, problem } = await start();
    if (receiver === null) {
      await Promise.all(running.map((one) => one.close(false)));
      return { running: null, problem };
    }
    running.push(receiver);
    addresses[name] = receiver.address;
  }
  return { running: { ...addresses, close: () => closeAll(running, settings.drain) }, problem: null };
}

async function closeAll(receivers: readonly RunningReceiver[], drain: number): Promise<void> {
  const breakOff = setTimeout(() => {
    for (const receiver of receivers) void receiver.close(false);
  }, drain);
  await Promise.all(receivers.map((receiver) => receiver.close(true)));
  clearTimeout(breakOff);
}
