import type { StreamEngine } from '../../engine/streaming/stream.ts';
import type { VerdictSource } from '../../signal/verdict-window.ts';
import { reachableUrl } from '../address.ts';
import { apiHandler } from '../api/api-handler.ts';
import { apiRoutes } from '../api/api-routes.ts';
import type { StatusServices } from '../api/status-route.ts';
import type { SteadyClock } from '../clock.ts';
import type { FolderLock } from '../lock.ts';
import { observeProcess, systemUsage } from '../metrics/process-metrics.ts';
import { type ApiHandler, type OperationsListener, startOperations } from '../operations-listener.ts';
import type { RuleKeeper } from '../rules/rule-keeper.ts';
import type { Signalling } from '../signalling.ts';
import type { StartupContext } from './startup-context.ts';

/** Metrics and health answer from here on: a start may take its time. `api` gives what answers the rest, once it is there. */
export async function startOperationsListener(
  context: StartupContext,
  lock: FolderLock,
  api: () => ApiHandler | null,
): Promise<OperationsListener> {
  const { metrics, health, clock } = context;
  const { settings, version } = context.options;
  const started = await startOperations({
    address: settings.api,
    hosts: settings.apiHosts,
    registry: metrics.registry,
    health,
    api,
    version,
  });
  if ('problem' in started) throw context.refusal(started.problem);
  context.onClose(
    () => started.listener.close(),
    observeProcess(metrics, version, systemUsage(clock), clock),
  );
  metrics.registry.onCollect(() => metrics.ready.set(health.isReady ? 1 : 0));
  await context.guarded(() => lock.announce(reachableUrl(started.listener.address)));
  return started.listener;
}

export interface ApiParts {
  readonly keeper: RuleKeeper;
  readonly signalling: Signalling;
  readonly verdicts: VerdictSource;
  readonly engine: StreamEngine;
  readonly time: SteadyClock;
  readonly listens: StatusServices['listens'];
}

export function apiOf(context: StartupContext, parts: ApiParts): ApiHandler {
  const { keeper, signalling, verdicts, engine, time, listens } = parts;
  const { settings, version, log } = context.options;
  return apiHandler({
    routes: apiRoutes({
      version,
      startedAt: context.clock.wall(),
      listens,
      signals: signalling.store,
      verdicts,
      now: () => time.now(),
      onDecision: () => signalling.tell(),
      rules: () =>
        keeper.current.rules.map(({ written, version: meaning }) => ({ rule: written, version: meaning })),
      health: () => engine.health(),
      traces: () => {
        const { closedTraces, oneSpanTraces } = engine.stats();
        return { closed: closedTraces, oneSpan: oneSpanTraces };
      },
      readiness: () => {
        const { reasons, notes } = context.health.report();
        return { ready: context.health.isReady, notes: [...reasons, ...notes] };
      },
      engine: () => {
        const { shed: _byReason, ...numbers } = engine.stats();
        return numbers;
      },
      receivers: () => signalling.notifier.status(),
      refusals: () => context.refusals.latest(),
    }),
    listensAt: settings.api.host,
    hosts: settings.apiHosts,
    onFailure: (error) => log.error('the API could not answer', { problem: String(error) }),
  });
}
