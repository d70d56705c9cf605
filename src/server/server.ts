/**
 * The live engine: puts the parts together, starts them in their order, and stops them in the other one.
 *
 *     lock ─ rules ─ operations ─ signals ─ engine ─ log ─ receivers
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Archiver, createArchiver } from '../archive/archiver.ts';
import { mergeInChild } from '../archive/compaction/merge-in-child.ts';
import { type Disk, remedyFor } from '../archive/disk/disk.ts';
import { nodeDisk } from '../archive/disk/node-disk.ts';
import { DUCKDB_MISSING, hasDuckDb } from '../archive/duckdb.ts';
import { HOUR_MS } from '../archive/layout.ts';
import { openArchive } from '../archive/query.ts';
import { newestHour } from '../archive/retention.ts';
import { spanRecordReader } from '../archive/wal/segment-files.ts';
import { createWorkerArchiver } from '../archive/worker-archiver.ts';
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import { createStreamEngine } from '../engine/streaming/create-stream-engine.ts';
import type { StreamEngine } from '../engine/streaming/stream.ts';
import type { Rule } from '../invariant/rule.ts';
import { fetchClient } from '../notify/fetch-client.ts';
import type { Receiver } from '../notify/receiver.ts';
import { NameTable } from '../otlp/name-table.ts';
import type { VerdictSource } from '../signal/verdict-window.ts';
import { type Address, addressText, reachableUrl } from './address.ts';
import { apiHandler } from './api/api-handler.ts';
import { apiRoutes } from './api/api-routes.ts';
import { archivedVerdicts, verdictsOf } from './api/archived-verdicts.ts';
import type { StatusServices } from './api/status-route.ts';
import { ArchiveUpkeep } from './archive-upkeep.ts';
import { type ServerClock, SteadyClock, systemClock } from './clock.ts';
import { ClockWatch } from './clock-watch.ts';
import { ARCHIVE_FOLDER, type Durability, openDurability } from './durability.ts';
import { EngineHost } from './engine-host.ts';
import { FolderWatch } from './folder-watch.ts';
import { Health } from './health.ts';
import { type FolderLock, folderProblem, lockFolder, systemProcesses } from './lock.ts';
import type { Log, LogLevel } from './log.ts';
import { observeDurability, observedArchiver } from './metrics/durability-metrics.ts';
import { observeProcess, systemUsage } from './metrics/process-metrics.ts';
import { type ServerMetrics, serverMetrics } from './metrics/server-metrics.ts';
import { NotificationWatch } from './notification-watch.ts';
import { type ApiHandler, type OperationsListener, startOperations } from './operations-listener.ts';
import { httpPost, NO_TELEMETRY, type OwnTelemetry, ownTelemetry } from './own-telemetry.ts';
import { startReceivers } from './receivers.ts';
import { Refusals } from './refusals.ts';
import { tellRules } from './rule-reloading.ts';
import { RuleKeeper } from './rules/rule-keeper.ts';
import { openRuleMemory, type RuleMemory } from './rules/rule-memory.ts';
import type { RuleSet } from './rules/rule-set.ts';
import type { RuleSource } from './rules/rule-source.ts';
import type { ServerSettings } from './settings.ts';
import { SignalArchive } from './signal-archive.ts';
import { openSignalling, type Signalling } from './signalling.ts';
import { Tidying, tellLag } from './tidying.ts';
import { timedDisk } from './timed-disk.ts';
import { tracedIntake } from './traced-intake.ts';
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
  /** Whether DuckDB is installed. */
  readonly hasDuckDb?: () => boolean;
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
  /** Resolves when the data folder is no longer its own, with what happened: it must be stopped. */
  readonly lost: Promise<Diagnostic>;
  /**
   * Takes nothing more, finishes what was taken, and closes everything. May be called twice. What does not get done in the time for it
   * is done after the next start.
   */
  stop(): Promise<void>;
}

/** A start waits so long for the disk before it says that it serves; until it takes spans, they are refused with the reason. */
const START_WITHIN_MS = 2_000;
/** Of the process that puts files of the archive together. */
const COMPACTOR_MEGABYTES = 512;

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
  readonly #refusals: Refusals;
  readonly #hasDuckDb: boolean;
  /** What has been opened, closed in the other order. */
  readonly #closers: (() => void | Promise<void>)[] = [];
  readonly #diagnostics: Diagnostic[] = [];
  readonly #failed: Promise<unknown>;
  #onBug: (error: unknown) => void = () => {};
  #api: ApiHandler | null = null;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock();
    this.#hasDuckDb = (options.hasDuckDb ?? hasDuckDb)();
    this.#refusals = new Refusals(options.log, () => this.#clock.wall());
    this.#failed = new Promise((resolve) => {
      this.#onBug = resolve;
    });
    options.onLogMessage?.((level) => this.#metrics.logMessages.add(1, level));
  }

  async run(): Promise<Startup> {
    const { settings, version, log } = this.#options;
    this.#health.set('starting', 'the server is starting', 'wait');
    const lock = await this.#lock();
    const telemetry = this.#telemetry();
    let onRules: (set: RuleSet, meaning: boolean) => void = () => {};
    const memory = await this.#ruleMemory();
    // Before what is in force now joins them: later ones are not asked for.
    const earlierRule = memory.earlierRules(settings.judge);
    const keeper = this.#rules(telemetry, memory, (set, meaning) => onRules(set, meaning));
    // Closed after the API, which reads it.
    const archive = openArchive(this.#archiveFolder);
    this.#closers.push(() => archive.close());
    const operations = await this.#operations(lock);
    this.#lookForDuckDb();
    const signalling = await this.#signalling();

    const names = new NameTable();
    const disk = this.#disk();
    let onJump: (byMs: number) => void = () => {};
    const watch = new ClockWatch({ clock: this.#clock, health: this.#health, log });
    this.#closers.push(() => watch.stop());
    const time = new SteadyClock(this.#clock, ({ byMs }) => {
      this.#metrics.clockJumps.add(1);
      watch.jumped(byMs);
      onJump(byMs);
    });
    // What a replay says again is no news.
    let isHeard = false;
    let durability: Durability | null = null;
    const engine: StreamEngine = createStreamEngine({
      names,
      settings: settings.judge,
      limits: settings.engine,
      // A sender who knew it could choose span ids that all look for the same place.
      seed: randomBytes(4).readUInt32LE(),
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
      void memory.keep(set);
      signalling.load(set.rules.map(({ written }) => written));
      if (meaning) durability?.intake.load(set.rules).catch(this.#onBug);
    };
    onRules(keeper.current, true);
    await memory.saved();
    this.#closers.push(() => durability?.close());
    this.#closers.push(() => flow.stop());
    await this.#guarded(() => signalling.start());

    const upkeep = this.#upkeep(disk, time, watch, () => durability?.wal.unarchived()[0]?.sequence ?? null);
    await this.#guarded(() => upkeep.recover());
    const opening = await this.#guarded(() =>
      openDurability({
        disk,
        settings,
        names,
        engine,
        host,
        clock: this.#clock,
        time,
        rules: keeper.current.rules,
        earlierRule,
        listen: (heard) => {
          isHeard = heard;
        },
        archiver: observedArchiver(this.#archiver(disk), this.#metrics, telemetry),
        health: this.#health,
        log,
        onBug: this.#onBug,
      }),
    );
    this.#diagnostics.push(...opening.problems);
    watch.started(opening.lastRecord || (await this.#guarded(() => this.#newestArchived(disk))));
    const { intake } = opening.durability;
    durability = opening.durability;
    observeDurability(this.#metrics, durability, () => time.now());
    onJump = (byMs) => {
      if (byMs < 0) return;
      // What is open must not be taken for silent all that time.
      host.hold();
      intake.resume(host.tickedTo).catch(this.#onBug);
    };
    this.#closers.push(() => intake.close());
    const going = opening.durability.start().then(() => {
      flow.start(opening.durability);
      host.start();
      this.#health.clear('starting');
    });
    going.catch(this.#onBug);
    this.#closers.push(() => host.stop());
    const traced = tracedIntake(intake, this.#clock, this.#metrics, telemetry);
    const receivers = await startReceivers({
      settings,
      intake: traced,
      metrics: this.#metrics,
      onRefused: (request) => this.#refusals.add(request),
      onBug: this.#onBug,
    });
    if (receivers.problem !== null) throw new Refusal([...this.#diagnostics, receivers.problem]);
    this.#closers.push(() => receivers.running.close());
    if (this.#options.signal.aborted) throw new Refusal([]);

    const verdicts = verdictsOf(signalling.verdicts, archivedVerdicts(archive));
    const { grpc, http } = receivers.running;
    const listens = {
      grpc: grpc === null ? null : addressText(grpc),
      http: http === null ? null : addressText(http),
      api: addressText(operations.address),
    };
    this.#api = this.#apiOf({ keeper, signalling, verdicts, engine, time, listens });
    keeper.watch();
    upkeep.start();
    this.#tidy(disk, opening.durability, signalling, time);
    this.#watchFolder(lock, opening.durability, signalling);
    // A disk that refuses keeps it from taking spans, not from saying so.
    await Promise.race([going, this.#passing(START_WITHIN_MS)]);
    log.info('serving', { rules: keeper.current.rules.length, folder: settings.folder });
    let stopping: Promise<void> | null = null;
    const stop = (): Promise<void> => {
      this.#health.set('stopping', 'the server is stopping', 'send to another one, or again after its start');
      stopping ??= this.#closeInTime();
      return stopping;
    };
    return {
      diagnostics: this.#diagnostics,
      server: {
        version,
        grpc,
        http,
        api: operations.address,
        rules: () => keeper.current,
        failed: this.#failed,
        lost: lock.lost,
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

  async #closeInTime(): Promise<void> {
    const { settings, log } = this.#options;
    const closed = this.closeAll().then(() => true);
    const isInTime = await Promise.race([closed, this.#passing(settings.drain).then(() => false)]);
    if (isInTime) return;
    log.warn('not everything was finished in time; it is done after the next start', {
      drainMs: settings.drain,
    });
  }

  #passing(milliseconds: number): Promise<void> {
    return new Promise((resolve) => void this.#clock.after(milliseconds, resolve));
  }

  /** The disk of the data folder; syncs of the log are timed. */
  #disk(): Disk {
    const onSync = (seconds: number) => this.#metrics.walSync.observe(seconds);
    return timedDisk(nodeDisk(), '.wal', () => this.#clock.monotonic(), onSync);
  }

  #telemetry(): OwnTelemetry {
    const { settings, version } = this.#options;
    if (settings.telemetry === null) return NO_TELEMETRY;
    const telemetry = ownTelemetry({
      settings: settings.telemetry,
      clock: this.#clock,
      version,
      random: Math.random,
      bytes: randomBytes,
      post: httpPost(settings.telemetry),
      onOutcome: (outcome, spans) => this.#metrics.ownSpans.add(spans, outcome),
    });
    this.#closers.push(() => telemetry.stop());
    return telemetry;
  }

  /** In a thread of its own, where its program is built. */
  #archiver(disk: Disk): Archiver {
    const { packageFolder, settings } = this.#options;
    const options = { root: this.#archiveFolder, limits: settings.scanLimits };
    const program = join(packageFolder, 'dist/archiver-worker.js');
    return existsSync(program)
      ? createWorkerArchiver(pathToFileURL(program), options)
      : createArchiver(disk, spanRecordReader(), options);
  }

  get #archiveFolder(): string {
    return `${this.#options.settings.folder}/${ARCHIVE_FOLDER}`;
  }

  /** `firstUnarchived`: number of the first segment that is not archived; null: all are. */
  #upkeep(
    disk: Disk,
    time: SteadyClock,
    watch: ClockWatch,
    firstUnarchived: () => number | null,
  ): ArchiveUpkeep {
    const { packageFolder, settings, log } = this.#options;
    const ending = new AbortController();
    const upkeep = new ArchiveUpkeep({
      disk,
      root: this.#archiveFolder,
      settings: { ...settings.archive, compaction: settings.archive.compaction && this.#hasDuckDb },
      merge: mergeInChild(
        join(packageFolder, 'dist/compactor.js'),
        { megabytes: COMPACTOR_MEGABYTES },
        ending.signal,
      ),
      confirmedThrough: () => (firstUnarchived() ?? Number.MAX_SAFE_INTEGER) - 1,
      clock: this.#clock,
      now: () => time.now(),
      ageing: () => watch.ageing(time),
      metrics: this.#metrics,
      log,
      onBug: this.#onBug,
    });
    this.#closers.push(() => {
      ending.abort();
      return upkeep.stop();
    });
    return upkeep;
  }

  #lookForDuckDb(): void {
    if (this.#hasDuckDb) return;
    const { code, message, help } = DUCKDB_MISSING;
    this.#health.set('duckdb-missing', message, help);
    this.#options.log.warn('DuckDB is not installed', { code, problem: message, help });
  }

  /** The end of the newest hour of spans; 0: there is none. */
  async #newestArchived(disk: Disk): Promise<number> {
    const hour = await newestHour(disk, this.#archiveFolder, 'spans');
    return hour === null ? 0 : (hour + 1) * HOUR_MS;
  }

  /** Every few seconds: what of the log nobody needs goes, signals that changed go to the archive, and what is late is told. */
  #tidy(disk: Disk, durability: Durability, { store }: Signalling, time: SteadyClock): void {
    const archive = new SignalArchive({ disk, root: this.#archiveFolder, store, now: time.now() });
    const tidying = new Tidying({
      clock: this.#clock,
      tasks: [
        { name: 'releasing of the log', run: () => durability.feed.release() },
        { name: 'archiving of signals', run: () => archive.write() },
      ],
      metrics: this.#metrics,
      log: this.#options.log,
      onBug: this.#onBug,
      onRound: () => tellLag(durability.feed.waitingSince, time.now(), this.#health),
    });
    tidying.start();
    this.#closers.push(() => tidying.stop());
  }

  /** What is removed of the folder while the server runs. */
  #watchFolder(lock: FolderLock, { wal, kept }: Durability, signalling: Signalling): void {
    const watch = new FolderWatch({
      kept: [...signalling.kept, ...kept],
      wal,
      isOwn: async () => {
        await lock.look();
        return !lock.isLost;
      },
      clock: this.#clock,
      health: this.#health,
      log: this.#options.log,
      onBug: this.#onBug,
    });
    watch.start();
    this.#closers.push(() => watch.stop());
  }

  async #lock(): Promise<FolderLock> {
    const locking = await lockFolder(this.#options.settings.folder, systemProcesses(), this.#clock);
    if ('problem' in locking) throw new Refusal([locking.problem]);
    this.#closers.push(() => locking.lock.release());
    return locking.lock;
  }

  async #ruleMemory(): Promise<RuleMemory> {
    const { settings, log } = this.#options;
    const { memory, problems } = await this.#guarded(() =>
      openRuleMemory({
        disk: nodeDisk(),
        folder: settings.folder,
        after: (milliseconds, callback) => this.#clock.after(milliseconds, callback),
        onFault: ({ message, fault }) =>
          log.warn('rules that are in force cannot be kept for the next start', {
            problem: message,
            help: remedyFor(fault),
          }),
        onBug: this.#onBug,
      }),
    );
    this.#closers.push(() => memory.close());
    this.#diagnostics.push(...problems);
    return memory;
  }

  #rules(
    telemetry: OwnTelemetry,
    memory: RuleMemory,
    onRules: (set: RuleSet, meaning: boolean) => void,
  ): RuleKeeper {
    const { settings, log, strict, rules: source } = this.#options;
    const news = { metrics: this.#metrics, health: this.#health, log };
    const keeper = new RuleKeeper({
      source,
      settings: settings.judge,
      lastGood: memory.lastGood,
      clock: this.#clock,
      telemetry,
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
      hosts: settings.apiHosts,
      registry: metrics.registry,
      health: this.#health,
      api: () => this.#api,
      version,
    });
    if ('problem' in started) throw new Refusal([...this.#diagnostics, started.problem]);
    this.#closers.push(
      () => started.listener.close(),
      observeProcess(metrics, version, systemUsage(this.#clock), this.#clock),
    );
    metrics.registry.onCollect(() => metrics.ready.set(this.#health.isReady ? 1 : 0));
    await this.#guarded(() => lock.announce(reachableUrl(started.listener.address)));
    return started.listener;
  }

  async #signalling(): Promise<Signalling> {
    const { settings, notify, log } = this.#options;
    const clock = this.#clock;
    const metrics = this.#metrics;
    const watch = new NotificationWatch({ clock, health: this.#health, log });
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
        onAttempt: (attempt) => watch.attempted(attempt),
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

  #apiOf(parts: {
    readonly keeper: RuleKeeper;
    readonly signalling: Signalling;
    readonly verdicts: VerdictSource;
    readonly engine: StreamEngine;
    readonly time: SteadyClock;
    readonly listens: StatusServices['listens'];
  }): ApiHandler {
    const { keeper, signalling, verdicts, engine, time, listens } = parts;
    const { settings, version, log } = this.#options;
    return apiHandler({
      routes: apiRoutes({
        version,
        startedAt: this.#clock.wall(),
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
          const { reasons, notes } = this.#health.report();
          return { ready: this.#health.isReady, notes: [...reasons, ...notes] };
        },
        engine: () => {
          const { shed: _byReason, ...numbers } = engine.stats();
          return numbers;
        },
        receivers: () => signalling.notifier.status(),
        refusals: () => this.#refusals.latest(),
      }),
      listensAt: settings.api.host,
      hosts: settings.apiHosts,
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
