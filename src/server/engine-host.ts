/** The engine with what surrounds it: the clock that moves it, the time that it takes, and the numbers that it tells. */
import type { LiveRule, Millis, Position, StreamEngine, StreamStats } from '../engine/streaming/stream.ts';
import { SHED_REASONS } from '../engine/streaming/stream.ts';
import type { ScannedRequest } from '../otlp/proto/scanned-request.ts';
import { END_HIGH, END_LOW, ROW } from '../otlp/span-rows.ts';
import type { ServerClock, SteadyClock } from './clock.ts';
import type { ServerMetrics } from './metrics/server-metrics.ts';

export interface EngineHostOptions {
  readonly engine: StreamEngine;
  readonly clock: ServerClock;
  readonly time: SteadyClock;
  readonly metrics: ServerMetrics;
  /** The engine's time must not pass this: something that came then is still on its way. Absent: nothing is. */
  readonly horizon?: () => Millis;
  /** Called when the engine has worked: there may be events and counts. */
  readonly onWork: () => void;
}

/** The engine is not looked at more often than this by the clock, nor less often. */
const SHORTEST_WAIT_MS = 10;
const LONGEST_WAIT_MS = 100;
/** What falls due is done in pieces of so much time, so that requests are answered in between. */
const PIECE_MS = 20;
/** Of the engine's time, that one piece covers. */
const STEP_MS = 25;

export class EngineHost {
  readonly #options: EngineHostOptions;
  #cancelTimer = () => {};
  #running = false;
  /** The clock has jumped, and the engine is not told yet that this was no time. */
  #isHeld = false;
  #tickedTo: Millis = Number.NEGATIVE_INFINITY;

  constructor(options: EngineHostOptions) {
    this.#options = options;
    const { metrics } = options;
    metrics.registry.onCollect(() => showStats(options.engine.stats(), metrics));
  }

  /** Takes a request in its turn. The same as `StreamEngine.add`. */
  add(request: ScannedRequest, at: Millis, position: Position): readonly number[] {
    const { engine, metrics, clock } = this.#options;
    const from = clock.monotonic();
    const repeated = engine.add(request, at, position);
    this.#reached(at);
    metrics.engineStep.observe((clock.monotonic() - from) / 1000, 'add');
    if (request.count > 0) {
      metrics.lastSpan.set(at / 1000);
      metrics.spanAge.observe((at - latestEnd(request)) / 1000);
    }
    this.#options.onWork();
    return repeated;
  }

  load(rules: readonly LiveRule[], at: Millis): void {
    this.#options.engine.load(rules, at);
    this.#reached(at);
    this.#options.onWork();
  }

  /** The same as `StreamEngine.resume`. */
  resume(at: Millis): void {
    this.#options.engine.resume(at);
    this.#reached(at);
    this.#isHeld = false;
    this.#options.onWork();
  }

  /** Lets no time pass until `resume`. */
  hold(): void {
    this.#isHeld = true;
  }

  /** How far the engine's time has come. */
  get tickedTo(): Millis {
    return this.#tickedTo;
  }

  #reached(at: Millis): void {
    this.#tickedTo = Math.max(this.#tickedTo, at);
  }

  /** Begins to let time pass. */
  start(): void {
    this.#running = true;
    this.#plan();
  }

  stop(): void {
    this.#running = false;
    this.#cancelTimer();
  }

  /** Lets happen what is due; false where there is more. */
  step(): boolean {
    const { engine, clock, time, metrics } = this.#options;
    const now = Math.min(time.now(), this.#options.horizon?.() ?? Number.POSITIVE_INFINITY);
    if (this.#isHeld) return true;
    const from = clock.monotonic();
    let done = true;
    for (;;) {
      const due = engine.nextDue();
      if (due === null || due > now) break;
      if (clock.monotonic() - from > PIECE_MS) {
        done = false;
        break;
      }
      const to = Math.min(now, due + STEP_MS);
      engine.tick(to);
      this.#reached(to);
    }
    metrics.engineStep.observe((clock.monotonic() - from) / 1000, 'tick');
    return done;
  }

  #plan(): void {
    if (!this.#running) return;
    const { engine, clock, time } = this.#options;
    const due = engine.nextDue();
    const wait = due === null ? LONGEST_WAIT_MS : due - time.now();
    const bounded = Math.min(LONGEST_WAIT_MS, Math.max(SHORTEST_WAIT_MS, wait));
    this.#cancelTimer = clock.after(bounded, () => this.#turn());
  }

  #turn(): void {
    if (!this.#running) return;
    const done = this.step();
    this.#options.onWork();
    if (done) this.#plan();
    // Requests that wait go first.
    else this.#cancelTimer = this.#options.clock.after(0, () => this.#turn());
  }
}

/** Milliseconds since 1970. Requests hold spans in the order in which they ended, mostly: the first and the last are looked at. */
function latestEnd(request: ScannedRequest): Millis {
  const { words } = request.rows;
  const endOf = (row: number) =>
    ((words[row * ROW + END_HIGH] ?? 0) * 2 ** 32 + (words[row * ROW + END_LOW] ?? 0)) / 1e6;
  return Math.max(endOf(0), endOf(request.count - 1));
}

function showStats(stats: StreamStats, metrics: ServerMetrics): void {
  metrics.spans.setTotal(stats.spans);
  metrics.repeatedSpans.setTotal(stats.repeatedSpans);
  metrics.keylessSpans.setTotal(stats.keylessSpans);
  metrics.closedTraces.setTotal(stats.closedTraces);
  metrics.reopenedTraces.setTotal(stats.reopenedTraces);
  metrics.incompleteTraces.setTotal(stats.incompleteTraces);
  metrics.oneSpanTraces.setTotal(stats.oneSpanTraces);
  metrics.openTraces.set(stats.openTraces);
  metrics.rememberedTraces.set(stats.rememberedTraces);
  metrics.heldSpans.set(stats.heldSpans);
  metrics.openGroups.set(stats.openGroups);
  metrics.groupMembers.set(stats.groupMembers);
  metrics.engineBytes.set(stats.bytes);
  for (const reason of SHED_REASONS) metrics.shed.setTotal(stats.shed[reason], reason);
}
