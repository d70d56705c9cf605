/**
 * The live engine: puts the parts together, starts them in their order, and stops them in the other one.
 *
 *     lock ─ rules ─ signals ─ log, recovery ─ receivers          (start)
 *     receivers ─ log sealed, archived ─ verdicts ─ signals ─ lock (stop)
 */
import { nodeDisk } from '../archive/disk/node-disk.ts';
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import { createStreamEngine } from '../engine/streaming/create-stream-engine.ts';
import type { VerdictEvent } from '../engine/streaming/stream.ts';
import { fetchClient } from '../notify/fetch-client.ts';
import type { Receiver } from '../notify/receiver.ts';
import { NameTable } from '../otlp/name-table.ts';
import type { RunningReceiver } from '../receiver/otlp/listen.ts';
import { startOtlpGrpc } from '../receiver/otlp/otlp-grpc-server.ts';
import { startOtlpHttp } from '../receiver/otlp/otlp-http-server.ts';
import { ByteBudget } from '../receiver/otlp/receiver-limits.ts';
import { ReceiverStats } from '../receiver/otlp/receiver-stats.ts';
import type { TakingParts } from '../receiver/otlp/take-request.ts';
import { type Address, reachableUrl } from './address.ts';
import { apiHandler } from './api/api-handler.ts';
import { apiRoutes } from './api/api-routes.ts';
import { type ServerClock, SteadyClock, systemClock } from './clock.ts';
import { DirectIntake } from './direct-intake.ts';
import { EngineHost } from './engine-host.ts';
import { Health } from './health.ts';
import { folderProblem, lockFolder } from './lock.ts';
import type { Log, LogLevel } from './log.ts';
import { observeProcess } from './metrics/process-metrics.ts';
import { observeReceivers } from './metrics/receiver-metrics.ts';
import { serverMetrics } from './metrics/server-metrics.ts';
import { type ApiHandler, startOperations } from './operations-listener.ts';
import { NO_TELEMETRY, ownTelemetry } from './own-telemetry.ts';
import { tellRules } from './rule-reloading.ts';
import { RuleKeeper } from './rules/rule-keeper.ts';
import type { RuleSet } from './rules/rule-set.ts';
import type { RuleSource } from './rules/rule-source.ts';
import type { ServerSettings } from './settings.ts';
import { openSignalling } from './signalling.ts';
import { VerdictFlow } from './verdict-flow.ts';

export interface ServerOptions {
  readonly settings: ServerSettings;
  readonly rules: RuleSource;
  readonly notify: readonly Receiver[];
  /** A rule file with an error, or no rule at all, keeps the server from starting. */
  readonly strict: boolean;
  readonly version: string;
  /** Absolute path of the package: the archiver's program lies in it. */
  readonly packageFolder: string;
  readonly log: Log;
  /** Is given what counts messages of the log. */
  readonly onLogMessage?: (count: (level: LogLevel) => void) => void;
  /** Aborted when the start is to be broken off. */
  readonly signal: AbortSignal;
  readonly clock?: ServerClock;
}

export interface Startup {
  /** Null: it did not start, and everything that had been opened is closed. */
  readonly server: RunningServer | null;
  /** What a person should see: why it did not start, and what is not as it should be. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface RunningServer {
  readonly version: string;
  /** Where it really listens; null: off. */
  readonly grpc: Address | null;
  readonly http: Address | null;
  readonly api: Address;
  rules(): RuleSet;
  /** Resolves with a bug that it cannot go on after. Never rejects. */
  readonly failed: Promise<unknown>;
  /**
   * Takes nothing more, finishes what was taken, and closes everything. May be called twice. What does not get done in the time for it
   * is done after the next start.
   */
  stop(): Promise<void>;
}

/** Starts a server. Never rejects for what a person wrote or the system refuses. */
export async function startServer(options: ServerOptions): Promise<Startup> {
  const startup = new ServerStartup(options);
  try {
    return await startup.run();
  } catch (error) {
    await startup.closeAll();
    throw error;
  }
}

class ServerStartup {
  readonly #options: ServerOptions;
  /** What has been opened, closed in the other order. */
  readonly #closers: (() => void | Promise<void>)[] = [];

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  async run(): Promise<Startup> {
    const { settings, log, version, signal } = this.#options;
    const clock = this.#options.clock ?? systemClock();
    const metrics = serverMetrics();
    const health = new Health();
    this.#options.onLogMessage?.((level) => metrics.logMessages.add(1, level));
    health.set('starting', 'the server is starting', 'wait');
    let fail: (error: unknown) => void = () => {};
    const failed = new Promise<unknown>((resolve) => {
      fail = resolve;
    });

    // 1. The folder is ours.
    const locking = await lockFolder(settings.folder);
    if ('problem' in locking) return this.#refused([locking.problem]);
    const { lock } = locking;
    this.#closers.push(() => lock.release());

    // 2. Rules.
    const diagnostics: Diagnostic[] = [];
    const keeper = new RuleKeeper({
      source: this.#options.rules,
      settings: settings.judge,
      clock,
      onChange: (set, outcome, meaning) => {
        tellRules(set, outcome, { metrics, health, log });
        signalling.load(set.rules.map(({ written }) => written));
        if (meaning) host.load(set.rules);
      },
    });
    const first = keeper.loadFirst();
    diagnostics.push(...first.diagnostics);
    const fatal = this.#options.strict ? strictProblems(first) : [];
    if (fatal.length > 0) return this.#refused([...diagnostics, ...fatal]);
    tellRules(first, null, { metrics, health, log });
    if (first.rules.length === 0) diagnostics.push(noRules());
    this.#closers.push(() => keeper.stop());

    // 3. Metrics and health answer from here on.
    let api: ApiHandler | null = null;
    const operations = await startOperations({
      address: settings.api,
      registry: metrics.registry,
      health,
      api: () => api,
      version,
    });
    if ('problem' in operations) return this.#refused([operations.problem]);
    this.#closers.push(() => operations.listener.close());
    this.#closers.push(observeProcess(metrics, version));
    metrics.registry.onCollect(() => metrics.ready.set(health.isReady ? 1 : 0));
    await lock.announce(reachableUrl(operations.listener.address));

    // 4. Signals.
    const time = new SteadyClock(clock, ({ byMs }) => {
      metrics.clockJumps.add(1);
      log.warn('the clock of the machine jumped', { byMs });
    });
    const disk = nodeDisk();
    let signalling: Awaited<ReturnType<typeof openSignalling>>['signalling'];
    try {
      const opening = await openSignalling({
        disk,
        folder: settings.folder,
        receivers: this.#options.notify,
        http: fetchClient(),
        clock: {
          now: () => clock.wall(),
          after: (milliseconds, callback) => clock.after(milliseconds, callback),
        },
        random: Math.random,
        onProblem: ({ receiver, message }) =>
          log.error('a notification is in trouble', { receiver, problem: message }),
      });
      signalling = opening.signalling;
      diagnostics.push(...opening.problems);
    } catch (error) {
      return this.#refused([folderProblem(settings.folder, error)]);
    }
    this.#closers.push(() => signalling.stop());
    signalling.load(first.rules.map(({ written }) => written));

    // 5. The engine.
    const written = () => new Map(keeper.current.rules.map((rule) => [rule.rule.id, rule.written]));
    const flow = new VerdictFlow({ signalling, lookup: (id) => written().get(id), metrics, health, log });
    const names = new NameTable();
    let events: VerdictEvent[] = [];
    const engine = createStreamEngine({
      names,
      settings: settings.judge,
      limits: settings.engine,
      onVerdict: (event) => events.push(event),
    });
    let flushing: Promise<void> | null = null;
    const flush = async () => {
      while (events.length > 0) {
        const told = events;
        events = [];
        await flow.bring(told, engine.takeCounts(), time.now()).catch(() => {});
      }
    };
    const host = new EngineHost({
      engine,
      clock,
      time,
      metrics,
      onWork: () => {
        if (events.length === 0) return;
        flushing ??= flush().finally(() => {
          flushing = null;
        });
      },
    });
    host.load(first.rules);
    const telemetry =
      settings.telemetry === null
        ? NO_TELEMETRY
        : ownTelemetry({
            settings: settings.telemetry,
            clock,
            version,
            random: Math.random,
            onOutcome: (outcome, spans) => metrics.ownSpans.add(spans, outcome),
          });
    this.#closers.push(() => telemetry.stop());
    await signalling.start();

    // 6. Receivers.
    const stats = new ReceiverStats();
    observeReceivers(metrics, stats);
    const intake = new DirectIntake({ names, limits: settings.scanLimits, host, time });
    const parts: TakingParts = {
      intake,
      limits: settings.receiverLimits,
      budget: new ByteBudget(settings.receiverLimits.bytesInFlight),
      stats,
      onBug: fail,
    };
    const receivers: RunningReceiver[] = [];
    this.#closers.push(async () => {
      const timeout = setTimeout(
        () => receivers.forEach((receiver) => void receiver.close(false)),
        settings.drain,
      );
      await Promise.all(receivers.map((receiver) => receiver.close(true)));
      clearTimeout(timeout);
    });
    const started: { grpc: Address | null; http: Address | null } = { grpc: null, http: null };
    for (const protocol of ['grpc', 'http'] as const) {
      const address = settings[protocol];
      if (address === null) continue;
      const { receiver, problem } =
        protocol === 'grpc'
          ? await startOtlpGrpc({ ...parts, ...address })
          : await startOtlpHttp({
              ...parts,
              ...address,
              ...(settings.cors === null ? {} : { cors: settings.cors }),
            });
      if (receiver === null) return this.#refused([problem]);
      receivers.push(receiver);
      started[protocol] = receiver.address;
    }
    if (signal.aborted) return this.#refused([]);

    const startedAt = clock.wall();
    api = apiHandler({
      routes: apiRoutes({
        version,
        startedAt,
        signals: signalling.store,
        verdicts: signalling.verdicts,
        now: () => time.now(),
        onDecision: () => signalling.tell(),
        rules: () =>
          keeper.current.rules.map(({ written: rule, version: meaning }) => ({ rule, version: meaning })),
        health: () => engine.health(),
        traces: () => {
          const { closedTraces, oneSpanTraces } = engine.stats();
          return { closed: closedTraces, oneSpan: oneSpanTraces };
        },
        readiness: () => {
          const report = health.report();
          return { ready: health.isReady, notes: [...report.reasons, ...report.notes] };
        },
        engine: () => {
          const { shed: _apart, ...numbers } = engine.stats();
          return numbers;
        },
        receivers: () => signalling.notifier.status(),
      }),
      listensAt: settings.api.host,
      hosts: [],
      onFailure: (error) => log.error('the API failed', { problem: String(error) }),
    });
    keeper.watch();
    host.start();
    this.#closers.push(() => host.stop());
    health.clear('starting');
    log.info('serving', { rules: first.rules.length });

    let stopping: Promise<void> | null = null;
    return {
      diagnostics,
      server: {
        version,
        ...started,
        api: operations.listener.address,
        rules: () => keeper.current,
        failed,
        stop: () => {
          health.set('stopping', 'the server is stopping', 'send to another one, or again after its start');
          stopping ??= this.closeAll();
          return stopping;
        },
      },
    };
  }

  async #refused(diagnostics: readonly Diagnostic[]): Promise<Startup> {
    await this.closeAll();
    return { server: null, diagnostics };
  }

  /** Closes what was opened, the last first. A failure of one keeps none of the others open. */
  async closeAll(): Promise<void> {
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) {
      try {
        await close();
      } catch (error) {
        this.#options.log.error('a part could not be closed in order', { problem: String(error) });
      }
    }
  }
}

function strictProblems(set: RuleSet): Diagnostic[] {
  if (set.rules.length === 0 && set.broken.length === 0) return [{ ...noRules(), severity: 'error' }];
  return set.broken.map(({ name, errors }) => ({
    code: 'FL806',
    severity: 'error',
    message: `\`${name}\` has ${errors === 1 ? 'an error' : `${errors} errors`}, and with \`--strict\` the server does not start`,
    file: name,
    help: 'mend it, or leave `--strict` out to serve with the rules of the other files',
  }));
}

function noRules(): Diagnostic {
  return {
    code: 'FL805',
    severity: 'warning',
    message: 'there are no rules: spans are archived and nothing is judged',
    help: 'put rule files into the folder of rules (`fluo init` makes a first one): they are loaded without a restart',
  };
}
