/**
 * Takes export requests: checks them, has them written to the log, answers, and gives them to the engine in the order of the log.
 *
 *     bytes ─► scan ─► log ── synced ──► answer
 *                                 └────► queue ─► engine.add, in log order
 *
 * The engine only sees what is on disk: after a crash, the log leads it to the same state again. Whatever else changes the engine (rules, a
 * restart) goes the same way.
 */
import { remedyFor } from '../archive/disk/disk.ts';
import type { RecordKind } from '../archive/wal/segment-format.ts';
import type { AppendRefusal, WriteAheadLog } from '../archive/wal/write-ahead-log.ts';
import { formatPath } from '../base/exact-json.ts';
import type { LiveRule, Millis, Position } from '../engine/streaming/stream.ts';
import type { NameTable } from '../otlp/name-table.ts';
import { RequestScanner } from '../otlp/proto/request-scanner.ts';
import type { ScanLimits } from '../otlp/proto/scan-limits.ts';
import { ScannedRequest } from '../otlp/proto/scanned-request.ts';
import { describeWireFault } from '../otlp/proto/wire-fault.ts';
import type { IntakeOutcome, IntakeRefusal, SpanIntake, Transport } from '../receiver/span-intake.ts';
import { resumeRecord, rulesRecord } from './log-records.ts';

/** The engine, as far as the log drives it. */
export interface LogDriven {
  add(request: ScannedRequest, at: Millis, position: Position): readonly number[];
  /** `position`: of the record that says so. */
  load(rules: readonly LiveRule[], at: Millis, position: Position): void;
  resume(at: Millis): void;
}

export interface IntakeOptions {
  readonly wal: WriteAheadLog;
  readonly names: NameTable;
  readonly limits: ScanLimits;
  readonly engine: LogDriven;
  /** The engine's time; never goes back, nor before what the log holds. */
  readonly now: () => Millis;
  /** Calls back in a turn of its own, after what is waiting to be read and answered. */
  readonly later: (callback: () => void) => void;
  readonly after: (milliseconds: number, callback: () => void) => () => void;
  /** Of the last request that the engine has seen. */
  readonly processed: Position;
  /** Told of each request that the engine has seen, with the ordinals of repeated spans in it. */
  readonly onProcessed: (position: Position, repeated: readonly number[]) => void;
  /** Most bytes of requests that wait for the disk or the engine. Absent: 64 MiB. */
  readonly waitingBytes?: number;
  readonly onBug: (error: unknown) => void;
}

const WAITING_BYTES = 64 * 1024 * 1024;
const RETRY_AFTER_MS = 1_000;
/** Requests that the engine takes before others get their turn. */
const TURN = 16;
const MOST_POOLED = 64;

interface Waiting {
  readonly at: Millis;
  readonly bytes: number;
  /** What it does to the engine when it is in the log. */
  readonly apply: (position: Position) => void;
  /** Null: with the disk; -1: refused. */
  position: Position | null;
}

export class LogIntake implements SpanIntake {
  readonly #options: IntakeOptions;
  readonly #scanner: RequestScanner;
  readonly #mostWaiting: number;
  readonly #pool: ScannedRequest[] = [];
  /** In log order: first those that the engine has not seen yet, then those that are with the disk. */
  readonly #queue: Waiting[] = [];
  #waitingBytes = 0;
  #processed: Position;
  #isPlanned = false;
  #state: 'starting' | 'open' | 'closed' = 'starting';
  #idle: (() => void)[] = [];

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#scanner = new RequestScanner(options.names, options.limits);
    this.#mostWaiting = options.waitingBytes ?? WAITING_BYTES;
    this.#processed = options.processed;
  }

  /** The last record that the engine has seen. */
  get processed(): Position {
    return this.#processed;
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** The engine's time must not pass this: something that came at that time is still on its way to it. */
  horizon(): Millis {
    if (this.#state === 'starting') return Number.NEGATIVE_INFINITY;
    return this.#queue[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  /**
   * Notes in the log that the engine goes on after a restart, with these rules, and then takes requests. Resolves when that is in the log: on a disk
   * that is full, when there is room. `tickedTo`: how far the engine's time had come.
   */
  async start(rules: readonly LiveRule[], tickedTo: Millis): Promise<void> {
    const { engine } = this.#options;
    const resumed = this.#appendSurely(
      'resume',
      () => resumeRecord(tickedTo),
      (at) => engine.resume(at),
    );
    await resumed;
    await this.load(rules);
    if (this.#state === 'starting') this.#state = 'open';
  }

  /**
   * Notes that the time since `tickedTo` counts as no time at all for what is open: the clock jumped. What is taken after this call comes after it for the
   * engine.
   */
  resume(tickedTo: Millis): Promise<void> {
    return this.#appendSurely(
      'resume',
      () => resumeRecord(tickedTo),
      (at) => this.#options.engine.resume(at),
    );
  }

  /** Rules for what comes from now on. Resolves when that is in the log. */
  load(rules: readonly LiveRule[]): Promise<void> {
    return this.#appendSurely(
      'rules',
      () => rulesRecord(rules),
      (at, position) => this.#options.engine.load(rules, at, position),
    );
  }

  async export(
    bytes: Uint8Array,
    _transport?: Transport,
    free: () => void = () => {},
  ): Promise<IntakeOutcome> {
    const refusal = this.admit(bytes.length);
    if (refusal !== null) {
      free();
      return refusal;
    }
    const request = this.#pool.pop() ?? new ScannedRequest();
    const fault = this.#scanner.scan(bytes, request);
    if (fault !== null) {
      this.#release(request);
      free();
      return { kind: 'malformed', message: describeWireFault(fault) };
    }
    const accepted = acceptedOf(request);
    if (request.count === 0) {
      this.#release(request);
      free();
      return accepted;
    }
    const at = this.#options.now();
    const refused = await this.#append('spans', bytes, at, (position) => {
      const repeated = this.#options.engine.add(request, at, position);
      this.#options.onProcessed(position, repeated);
      this.#release(request);
      free();
    });
    if (refused === null) return accepted;
    this.#release(request);
    free();
    return refusalOf(refused);
  }

  admit(bytes: number): IntakeRefusal | null {
    if (this.#state === 'starting') return unavailable('the server is starting: send it again in a moment');
    if (this.#state === 'closed') return unavailable('the server is stopping: send it again after its start');
    const refused = this.#options.wal.refusal(bytes);
    if (refused !== null) return refusalOf(refused);
    // One that is larger than the bound is taken when nothing else waits.
    if (this.#waitingBytes === 0 || this.#waitingBytes + bytes <= this.#mostWaiting) return null;
    return {
      kind: 'overloaded',
      retryAfterMs: RETRY_AFTER_MS,
      message: `${this.#waitingBytes} bytes wait to be written to disk, and no more are taken until they are: send it again later, or send less`,
    };
  }

  /** Takes nothing more. Resolves when the engine has seen everything that was taken. */
  async close(): Promise<void> {
    this.#state = 'closed';
    if (this.#queue.length > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** For what must not be left out: tries again until it is in the log. */
  async #appendSurely(
    kind: RecordKind,
    bytesOf: () => Uint8Array,
    apply: (at: Millis, position: Position) => void,
  ): Promise<void> {
    while (this.#state !== 'closed') {
      const at = this.#options.now();
      const refused = await this.#append(kind, bytesOf(), at, (position) => apply(at, position));
      if (refused === null) return;
      await new Promise<void>((resolve) => void this.#options.after(RETRY_AFTER_MS, resolve));
    }
  }

  /** Null: it is in the log. */
  async #append(
    kind: RecordKind,
    bytes: Uint8Array,
    at: Millis,
    apply: (position: Position) => void,
  ): Promise<AppendRefusal | null> {
    const waiting: Waiting = { at, bytes: bytes.length, apply, position: null };
    this.#queue.push(waiting);
    this.#waitingBytes += bytes.length;
    const outcome = await this.#options.wal.append(kind, bytes, at);
    waiting.position = outcome.kind === 'appended' ? outcome.position : -1;
    this.#plan();
    return outcome.kind === 'appended' ? null : outcome;
  }

  #plan(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    this.#options.later(() => {
      this.#isPlanned = false;
      try {
        this.#turn();
      } catch (error) {
        this.#options.onBug(error);
      }
    });
  }

  #turn(): void {
    let done = 0;
    for (; done < TURN; done++) {
      const first = this.#queue[done];
      if (first === undefined || first.position === null) break;
      this.#waitingBytes -= first.bytes;
      if (first.position < 0) continue;
      first.apply(first.position);
      this.#processed = first.position;
    }
    this.#queue.splice(0, done);
    if (this.#queue.length === 0) {
      for (const resolve of this.#idle.splice(0)) resolve();
    } else if (this.#queue[0]?.position !== null) this.#plan();
  }

  #release(request: ScannedRequest): void {
    // The bytes are not kept for longer than they are looked at.
    request.bytes = NO_BYTES;
    if (this.#pool.length < MOST_POOLED) this.#pool.push(request);
  }
}

const NO_BYTES = new Uint8Array(0);

function acceptedOf(request: ScannedRequest): IntakeOutcome {
  const { rejected, faults } = request;
  if (rejected === 0) return { kind: 'accepted', rejectedSpans: 0, message: '' };
  const told = faults.slice(0, 3).map(({ path, message }) => `\`${formatPath(path)}\` ${message}`);
  return {
    kind: 'accepted',
    rejectedSpans: rejected,
    message: `${rejected === 1 ? 'a span was' : `${rejected} spans were`} left out: ${told.join('; ')}`,
  };
}

function refusalOf({ fault }: AppendRefusal): IntakeRefusal {
  if (fault === null) {
    return unavailable(
      'the archive is behind by all that `wal.max_bytes` allows: look at the log of the server',
    );
  }
  const what = fault === 'full' ? 'the disk is full' : `the disk cannot be written (${fault})`;
  return unavailable(`${what}: ${remedyFor(fault)}; spans are taken again as soon as it works`);
}

function unavailable(message: string): IntakeRefusal {
  return { kind: 'unavailable', retryAfterMs: RETRY_AFTER_MS, message };
}
