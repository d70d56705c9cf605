/**
 * The live engine: puts the parts together, starts them in their order, and stops them in the other one.
 *
 *     lock ─ rules ─ operations ─ signals ─ engine ─ log ─ receivers
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Archiver } from '../archive/archiver.ts';
import { nodeDisk } from '../archive/disk/node-disk.ts';
import { createWorkerArchiver } from '../archive/worker-archiver.ts';
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import { createStreamEngine } from '../engine/streaming/create-stream-engine.ts';
import type { StreamEngine } from '../engine/streaming/stream.ts';
import type { Rule } from '../invariant/rule.ts';
import { fetchClient } from '../notify/fetch-client.ts';
import type { Receiver } from '../notify/receiver.ts';
import { NameTable } from '../otlp/name-table.ts';
import { type Address, reachableUrl } from './address.ts';
import { apiHandler } from './api/api-handler.ts';
import { apiRoutes } from './api/api-routes.ts';
import { type ServerClock, SteadyClock, systemClock } from './clock.ts';
import { ARCHIVE_FOLDER, type Durability, openDurability } from './durability.ts';
import { EngineHost } from './engine-host.ts';
import { Health } from './health.ts';
import { type FolderLock, folderProblem, lockFolder } from './lock.ts';
import type { Log, LogLevel } from './log.ts';
import { observeProcess } from './metrics/process-metrics.ts';
import { type ServerMetrics, serverMetrics } from './metrics/server-metrics.ts';
import { type ApiHandler, type OperationsListener, startOperations } from './operations-listener.ts';
import { startReceivers } from './receivers.ts';
import { tellRules } from './rule-reloading.ts';
import { RuleKeeper } from './rules/rule-keeper.ts';
import type { RuleSet } from './rules/rule-set.ts';
import type { RuleSource } from './rules/rule-source.ts';
import type { ServerSettings } from './settings.ts';
import { openSignalling, type Signalling } from './signalling.ts';
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
    if (error instanceof Refusal) return { server: null, diagnostics: error.diagnostics };
    throw error;
  }
}

/** The start cannot go on; says why. Does not leave this file. */
class Refusal extends Error {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics[0]?.message ?? 'broken off');
    this.diagnostics = diagnostics;
  }
}

class ServerStartup {
  readonly #options: ServerOptions;
  readonly #clock: ServerClock;
  readonly #metrics: ServerMetrics = serverMetrics();
  readonly #health = new Health();
  /** What has been opened, closed in the other order. */
  readonly #closers: (() => void | Promise<void>)[] = [];
  readonly #diagnostics: Diagnostic[] = [];
  readonly #failed: Promise<unknown>;
  #onBug: (error: unknown) => void = () => {};
  #api: ApiHandler | null = null;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock();
    this.#failed = new Promise((resolve) => {
      this.#onBug = resolve;
    });
    options.onLogMessage?.((level) => this.#metrics.logMessages.add(1, level));
  }

  async run(): Promise<Startup> {
    const { settings, version, log } = this.#options;
    this.#health.set('starting', 'the server is starting', 'wait');
    const lock = await this.#lock();
    let onRules: (set: RuleSet, meaning: boolean) => void = () => {};
    const keeper = this.#rules((set, meaning) => onRules(set, meaning));
    const operations = await this.#operations(lock);
    const signalling = await this.#signalling();

    const names = new NameTable();
    const time = this.#time();
    // What a replay says again is no news.
    let isHeard = false;
    let durability: Durability | null = null;
    const engine: StreamEngine = createStreamEngine({
      names,
      settings: settings.judge,
      limits: settings.engine,
      onVerdict: (event) => {
        if (isHeard) flow.tell(event);
      },
    });

    const rules = new RuleIndex();
    const flow: VerdictFlow = new VerdictFlow({
      engine,
      signalling,
      lookup: (id) => rules.get(id),
      clock: this.#clock,
      now: () => time.now(),
      metrics: this.#metrics,
      health: this.#health,
      log,
      onBug: this.#onBug,
    });
    const host = new EngineHost({
      engine,
      clock: this.#clock,
      time,
      metrics: this.#metrics,
      horizon: () => durability?.intake.horizon() ?? Number.NEGATIVE_INFINITY,
      onWork: () => flow.worked(),
    });
    onRules = (set, meaning) => {
      rules.load(set);
      signalling.load(set.rules.map(({ written }) => written));
      if (meaning) durability?.intake.load(set.rules).catch(this.#onBug);
    };
    onRules(keeper.current, true);
    this.#closers.push(() => durability?.close());
    this.#closers.push(() => flow.stop());
    await this.#guarded(() => signalling.start());

    const opening = await this.#guarded(() =>
      openDurability({
        disk: nodeDisk(),
        settings,
        names,
        engine,
        host,
        clock: this.#clock,
        time,
        rules: keeper.current.rules,
        listen: (heard) => {
          isHeard = heard;
        },
        archiver: this.#archiver(),
        health: this.#health,
        log,
        onBug: this.#onBug,
      }),
    );
    this.#diagnostics.push(...opening.problems);
    const { intake } = opening.durability;
    durability = opening.durability;
    this.#closers.push(() => intake.close());
    await durability.start();
    flow.start(durability);
    host.start();
    this.#closers.push(() => host.stop());
    const receivers = await startReceivers({ settings, intake, metrics: this.#metrics, onBug: this.#onBug });
    if (receivers.problem !== null) throw new Refusal([...this.#diagnostics, receivers.problem]);
    this.#closers.push(() => receivers.running.close());
    if (this.#options.signal.aborted) throw new Refusal([]);

    this.#api = this.#apiOf({ keeper, signalling, engine, time });
    keeper.watch();
    this.#health.clear('starting');
    log.info('serving', { rules: keeper.current.rules.length, folder: settings.folder });
    let stopping: Promise<void> | null = null;
    const stop = (): Promise<void> => {
      this.#health.set('stopping', 'the server is stopping', 'send to another one, or again after its start');
      stopping ??= this.closeAll();
      return stopping;
    };
    const { grpc, http } = receivers.running;
    return {
      diagnostics: this.#diagnostics,
      server: {
        version,
        grpc,
        http,
        api: operations.address,
        rules: () => keeper.current,
        failed: this.#failed,
        stop,
      },
    };
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

  /** In a thread of its own, where its program is built. */
  #archiver(): Archiver | null {
    const { packageFolder, settings } = this.#options;
    const program = join(packageFolder, 'dist/archiver-worker.js');
    if (!existsSync(program)) return null;
    return createWorkerArchiver(pathToFileURL(program), {
      root: join(settings.folder, ARCHIVE_FOLDER),
      limits: settings.scanLimits,
    });
  }

  async #lock(): Promise<FolderLock> {
    const locking = await lockFolder(this.#options.settings.folder);
    if ('problem' in locking) throw new Refusal([locking.problem]);
    this.#closers.push(() => locking.lock.release());
    return locking.lock;
  }

  #rules(onRules: (set: RuleSet, meaning: boolean) => void): RuleKeeper {
    const { settings, log, strict, rules: source } = this.#options;
    const news = { metrics: this.#metrics, health: this.#health, log };
    const keeper = new RuleKeeper({
      source,
      settings: settings.judge,
      clock: this.#clock,
      onChange: (set, outcome, meaning) => {
        tellRules(set, outcome, news);
        onRules(set, meaning);
      },
    });
    const first = keeper.loadFirst();
    this.#closers.push(() => keeper.stop());
    this.#diagnostics.push(...first.diagnostics.filter(({ severity }) => severity !== 'info'));
    const fatal = strict ? strictProblems(first) : [];
    if (fatal.length > 0) throw new Refusal([...this.#diagnostics, ...fatal]);
    if (first.rules.length === 0) this.#diagnostics.push(noRules());
    tellRules(first, null, news);
    return keeper;
  }

  /** Metrics and health answer from here on: a start may take its time. */
  async #operations(lock: FolderLock): Promise<OperationsListener> {
    const { settings, version } = this.#options;
    const metrics = this.#metrics;
    const started = await startOperations({
      address: settings.api,
      registry: metrics.registry,
      health: this.#health,
      api: () => this.#api,
      version,
    });
    if ('problem' in started) throw new Refusal([...this.#diagnostics, started.problem]);
    this.#closers.push(() => started.listener.close(), observeProcess(metrics, version));
    metrics.registry.onCollect(() => metrics.ready.set(this.#health.isReady ? 1 : 0));
    await this.#guarded(() => lock.announce(reachableUrl(started.listener.address)));
    return started.listener;
  }

  async #signalling(): Promise<Signalling> {
    const { settings, notify, log } = this.#options;
    const clock = this.#clock;
    const metrics = this.#metrics;
    const { signalling, problems } = await this.#guarded(() =>
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
        onProblem: ({ kind, receiver, message }) =>
          log.error('a notification is in trouble', { kind, receiver, problem: message }),
      }),
    );
    this.#closers.push(() => signalling.stop());
    this.#diagnostics.push(...problems);
    metrics.registry.onCollect(() => {
      metrics.signals.clear();
      const states = new Map<string, number>();
      for (const { state } of signalling.store.signals()) states.set(state, (states.get(state) ?? 0) + 1);
      for (const [state, count] of states) metrics.signals.set(count, state);
      const status = signalling.notifier.status();
      const sum = (of: 'pending' | 'delivered' | 'failedAttempts' | 'dead') =>
        status.reduce((total, receiver) => total + receiver[of], 0);
      metrics.notifyQueue.set(sum('pending'));
      metrics.notifications.setTotal(sum('delivered'), 'delivered');
      metrics.notifications.setTotal(sum('failedAttempts'), 'failed');
      metrics.notifications.setTotal(sum('dead'), 'given-up');
    });
    return signalling;
  }

  #time(): SteadyClock {
    return new SteadyClock(this.#clock, ({ byMs }) => {
      this.#metrics.clockJumps.add(1);
      this.#options.log.warn('the clock of the machine jumped', { byMs });
    });
  }

  #apiOf(parts: {
    readonly keeper: RuleKeeper;
    readonly signalling: Signalling;
    readonly engine: StreamEngine;
    readonly time: SteadyClock;
  }): ApiHandler {
    const { keeper, signalling, engine, time } = parts;
    const { settings, version, log } = this.#options;
    return apiHandler({
      routes: apiRoutes({
        version,
        startedAt: this.#clock.wall(),
        signals: signalling.store,
        verdicts: signalling.verdicts,
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
          const { reasons, notes } = this.#health.report();
          return { ready: this.#health.isReady, notes: [...reasons, ...notes] };
        },
        engine: () => {
          const { shed: _byReason, ...numbers } = engine.stats();
          return numbers;
        },
        receivers: () => signalling.notifier.status(),
      }),
      listensAt: settings.api.host,
      hosts: [],
      onFailure: (error) => log.error('the API could not answer', { problem: String(error) }),
    });
  }

  /** What the disk refuses ends the start with words. */
  async #guarded<Value>(action: () => Promise<Value>): Promise<Value> {
    try {
      return await action();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      throw new Refusal([...this.#diagnostics, folderProblem(this.#options.settings.folder, error)]);
    }
  }
}

/** The rules in force as their files have them, by id. */
class RuleIndex {
  #rules = new Map<string, Rule>();

  load({ rules }: RuleSet): void {
    this.#rules = new Map(rules.map(({ written }) => [written.id, written]));
  }

  get(id: string): Rule | undefined {
    return this.#rules.get(id);
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
