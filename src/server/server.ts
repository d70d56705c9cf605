/**
 * The live engine: puts the parts together, starts them in their order, and stops them in the other one.
 *
 *     lock ─ rules ─ operations ─ signals ─ engine ─ log ─ receivers
 */
import { randomBytes } from 'node:crypto';
import { openArchive } from '../archive/query.ts';
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import { createStreamEngine } from '../engine/streaming/create-stream-engine.ts';
import type { StreamEngine } from '../engine/streaming/stream.ts';
import type { Rule } from '../invariant/rule.ts';
import { NameTable } from '../otlp/name-table.ts';
import { type Address, addressText } from './address.ts';
import { archivedVerdicts, verdictsOf } from './api/archived-verdicts.ts';
import { SteadyClock } from './clock.ts';
import { ClockWatch } from './clock-watch.ts';
import { type Durability, openDurability } from './durability.ts';
import { EngineHost } from './engine-host.ts';
import { observeDurability, observedArchiver } from './metrics/durability-metrics.ts';
import type { ApiHandler } from './operations-listener.ts';
import { httpPost, NO_TELEMETRY, type OwnTelemetry, ownTelemetry } from './own-telemetry.ts';
import { startReceivers } from './receivers.ts';
import type { RuleSet } from './rules/rule-set.ts';
import { Refusal, type ServerOptions } from './startup/server-options.ts';
import { apiOf, startOperationsListener } from './startup/start-operations.ts';
import { startRuleMemory, startRules } from './startup/start-rules.ts';
import { startSignalling } from './startup/start-signalling.ts';
import {
  archiverOf,
  lookForDuckDb,
  newestArchived,
  observedDisk,
  startLock,
  startTidying,
  upkeepOf,
  watchFolder,
} from './startup/start-storage.ts';
import { StartupContext } from './startup/startup-context.ts';
import { tracedIntake } from './traced-intake.ts';
import { VerdictFlow } from './verdict-flow.ts';

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

/** Starts a server. Never rejects for what a person wrote or the system refuses. */
export async function startServer(options: ServerOptions): Promise<Startup> {
  const context = new StartupContext(options);
  try {
    return await start(context);
  } catch (error) {
    await context.closeAll();
    if (error instanceof Refusal) return { server: null, diagnostics: error.diagnostics };
    throw error;
  }
}

async function start(context: StartupContext): Promise<Startup> {
  const { clock, metrics, health, onBug } = context;
  const { settings, version, log } = context.options;
  health.set('starting', 'the server is starting', 'wait');
  const lock = await startLock(context);
  const telemetry = telemetryOf(context);
  let onRules: (set: RuleSet, meaning: boolean) => void = () => {};
  const memory = await startRuleMemory(context);
  // Before what is in force now joins them: later ones are not asked for.
  const earlierRule = memory.earlierRules(settings.judge);
  const keeper = startRules(context, telemetry, memory, (set, meaning) => onRules(set, meaning));
  // Closed after the API, which reads it.
  const archive = openArchive(context.archiveFolder);
  context.onClose(() => archive.close());
  let api: ApiHandler | null = null;
  const operations = await startOperationsListener(context, lock, () => api);
  lookForDuckDb(context);
  const signalling = await startSignalling(context);

  const names = new NameTable();
  const disk = observedDisk(context);
  let onJump: (byMs: number) => void = () => {};
  const watch = new ClockWatch({ clock, health, log });
  context.onClose(() => watch.stop());
  const time = new SteadyClock(clock, ({ byMs }) => {
    metrics.clockJumps.add(1);
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
    clock,
    now: () => time.now(),
    metrics,
    health,
    log,
    onBug,
  });
  const host = new EngineHost({
    engine,
    clock,
    time,
    metrics,
    horizon: () => durability?.intake.horizon() ?? Number.NEGATIVE_INFINITY,
    onWork: () => flow.worked(),
  });
  onRules = (set, meaning) => {
    rules.load(set);
    void memory.keep(set);
    signalling.load(set.rules.map(({ written }) => written));
    if (meaning) durability?.intake.load(set.rules).catch(onBug);
  };
  onRules(keeper.current, true);
  await memory.saved();
  context.onClose(() => durability?.close());
  context.onClose(() => flow.stop());
  await context.guarded(() => signalling.start());

  const upkeep = upkeepOf(context, {
    disk,
    time,
    watch,
    firstUnarchived: () => durability?.wal.unarchived()[0]?.sequence ?? null,
  });
  await context.guarded(() => upkeep.recover());
  const opening = await context.guarded(() =>
    openDurability({
      disk,
      settings,
      names,
      engine,
      host,
      clock,
      time,
      rules: keeper.current.rules,
      earlierRule,
      listen: (heard) => {
        isHeard = heard;
      },
      archiver: observedArchiver(archiverOf(context, disk), metrics, telemetry),
      health,
      log,
      onBug,
    }),
  );
  context.found(opening.problems);
  watch.started(opening.lastRecord || (await context.guarded(() => newestArchived(context, disk))));
  const { intake } = opening.durability;
  durability = opening.durability;
  observeDurability(metrics, durability, () => time.now());
  onJump = (byMs) => {
    if (byMs < 0) return;
    // What is open must not be taken for silent all that time.
    host.hold();
    intake.resume(host.tickedTo).catch(onBug);
  };
  context.onClose(() => intake.close());
  const going = opening.durability.start().then(() => {
    flow.start(opening.durability);
    host.start();
    health.clear('starting');
  });
  going.catch(onBug);
  context.onClose(() => host.stop());
  const traced = tracedIntake(intake, clock, metrics, telemetry);
  const receivers = await startReceivers({
    settings,
    intake: traced,
    metrics,
    onRefused: (request) => context.refusals.add(request),
    onBug,
  });
  if (receivers.problem !== null) throw context.refusal(receivers.problem);
  context.onClose(() => receivers.running.close());
  if (context.options.signal.aborted) throw new Refusal([]);

  const verdicts = verdictsOf(signalling.verdicts, archivedVerdicts(archive));
  const { grpc, http } = receivers.running;
  const listens = {
    grpc: grpc === null ? null : addressText(grpc),
    http: http === null ? null : addressText(http),
    api: addressText(operations.address),
  };
  api = apiOf(context, { keeper, signalling, verdicts, engine, time, listens });
  keeper.watch();
  upkeep.start();
  startTidying(context, disk, opening.durability, signalling, time);
  watchFolder(context, lock, opening.durability, signalling);
  // A disk that refuses keeps it from taking spans, not from saying so.
  await Promise.race([going, context.passing(START_WITHIN_MS)]);
  log.info('serving', { rules: keeper.current.rules.length, folder: settings.folder });
  let stopping: Promise<void> | null = null;
  const stop = (): Promise<void> => {
    health.set('stopping', 'the server is stopping', 'send to another one, or again after its start');
    stopping ??= context.closeInTime();
    return stopping;
  };
  return {
    diagnostics: context.diagnostics,
    server: {
      version,
      grpc,
      http,
      api: operations.address,
      rules: () => keeper.current,
      failed: context.failed,
      lost: lock.lost,
      stop,
    },
  };
}

function telemetryOf(context: StartupContext): OwnTelemetry {
  const { settings, version } = context.options;
  if (settings.telemetry === null) return NO_TELEMETRY;
  const telemetry = ownTelemetry({
    settings: settings.telemetry,
    clock: context.clock,
    version,
    random: Math.random,
    bytes: randomBytes,
    post: httpPost(settings.telemetry),
    onOutcome: (outcome, spans) => context.metrics.ownSpans.add(spans, outcome),
  });
  context.onClose(() => telemetry.stop());
  return telemetry;
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
