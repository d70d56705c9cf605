import { nodeDisk } from '../../archive/disk/node-disk.ts';
import { fetchClient } from '../../notify/fetch-client.ts';
import type { ServerMetrics } from '../metrics/server-metrics.ts';
import { NotificationWatch } from '../notification-watch.ts';
import { openSignalling, type Signalling } from '../signalling.ts';
import type { StartupContext } from './startup-context.ts';

/** Opens signals, verdict counts and notifications. It tells nobody of anything before its `start`. */
export async function startSignalling(context: StartupContext): Promise<Signalling> {
  const { clock, metrics } = context;
  const { settings, notify, log } = context.options;
  const watch = new NotificationWatch({ clock, health: context.health, log });
  const { signalling, problems } = await context.guarded(() =>
    openSignalling({
      disk: nodeDisk(),
      folder: settings.folder,
      receivers: notify,
      http: fetchClient(),
      clock: {
        now: () => clock.wall(),
        after: (milliseconds, callback) => clock.after(milliseconds, callback),
      },
      random: Math.random,
      onAttempt: (attempt) => watch.attempted(attempt),
      onProblem: ({ kind, receiver, message }) =>
        log.error('a notification is in trouble', { kind, receiver, problem: message }),
    }),
  );
  context.onClose(() => signalling.stop());
  context.found(problems);
  metrics.registry.onCollect(() => collect(metrics, signalling));
  return signalling;
}

function collect(metrics: ServerMetrics, { store, notifier }: Signalling): void {
  metrics.signals.clear();
  const states = new Map<string, number>();
  for (const { state } of store.signals()) states.set(state, (states.get(state) ?? 0) + 1);
  for (const [state, count] of states) metrics.signals.set(count, state);
  const status = notifier.status();
  const sum = (of: 'pending' | 'delivered' | 'failedAttempts' | 'dead') =>
    status.reduce((total, receiver) => total + receiver[of], 0);
  metrics.notifyQueue.set(sum('pending'));
  metrics.notifications.setTotal(sum('delivered'), 'delivered');
  metrics.notifications.setTotal(sum('failedAttempts'), 'failed');
  metrics.notifications.setTotal(sum('dead'), 'given-up');
}
