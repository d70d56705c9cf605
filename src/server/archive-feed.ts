/**
 * Gives sealed segments of the log to the archive, in order, once the engine has seen all of them: only then it is known which spans repeat others.
 * Afterwards, and now and then, removes what of the log nobody needs any more.
 */
import { ArchiveFailure, type Archiver, type SkippedSpans } from '../archive/archiver.ts';
import { type Disk, DiskError } from '../archive/disk/disk.ts';
import type { WalSegment, WriteAheadLog } from '../archive/wal/write-ahead-log.ts';
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import type { Millis, Position } from '../engine/streaming/stream.ts';
import type { ScanLimits } from '../otlp/proto/scan-limits.ts';
import type { Journal } from './journal.ts';
import { SegmentTraceIds } from './trace-ids-of-segment.ts';

export interface ArchiveFeedOptions {
  readonly disk: Disk;
  readonly wal: WriteAheadLog;
  readonly journal: Journal;
  readonly archiver: Archiver;
  readonly limits: ScanLimits;
  /** The smallest position that the engine still needs; null: none. */
  readonly lowWater: () => Position | null;
  readonly processed: () => Position;
  readonly now: () => Millis;
  readonly after: (milliseconds: number, callback: () => void) => () => void;
  /** What keeps segments from the archive; null: it works again. */
  readonly onProblem: (problem: Diagnostic | null) => void;
  readonly onBug: (error: unknown) => void;
}

const RETRY_AFTER_MS = 1_000;

export class ArchiveFeed {
  readonly #options: ArchiveFeedOptions;
  readonly #sealed: WalSegment[] = [];
  /** Of records in segments that are not archived, in order. */
  #skips: SkippedSpans[] = [];
  #working: Promise<void> | null = null;
  #hasProblem = false;
  #endRetry: (() => void) | null = null;
  #isClosed = false;
  /** Made when it is first needed. */
  #traceIds: SegmentTraceIds | null = null;

  /** `sealed` and `skips`: what a replay found. */
  constructor(options: ArchiveFeedOptions, sealed: readonly WalSegment[], skips: readonly SkippedSpans[]) {
    this.#options = options;
    for (const segment of sealed) this.#sealed.push(segment);
    for (const skip of skips) this.#skips.push(skip);
  }

  /** When the oldest record came that the archive does not have, the open segment's too; null: it has all. */
  get waitingSince(): Millis | null {
    return this.#options.wal.unarchivedSince();
  }

  sealed(segment: WalSegment): void {
    this.#sealed.push(segment);
    this.work();
  }

  /** Somebody removed them from the disk: there is nothing left to archive. */
  giveUp(segments: readonly WalSegment[]): void {
    for (const segment of segments) this.#forget(segment);
    this.work();
  }

  /** The engine has seen a request. The ordinals are copied. */
  processed(position: Position, repeated: readonly number[]): void {
    if (repeated.length > 0) this.#skips.push({ position, ordinals: [...repeated] });
    if (position >= (this.#sealed[0]?.lastPosition ?? Number.POSITIVE_INFINITY)) this.work();
  }

  /** Archives what is ready, and removes what nobody needs. */
  work(): void {
    if (this.#working !== null || this.#isClosed || this.#endRetry !== null) return;
    this.#working = this.#archiveReady()
      .catch(this.#options.onBug)
      .finally(() => {
        this.#working = null;
        if (this.#isReady()) this.work();
      });
  }

  /** Archives what is ready, once more, and ends. */
  async close(): Promise<void> {
    this.#endRetry?.();
    this.#endRetry = null;
    this.work();
    while (this.#working !== null) await this.#working;
    this.#isClosed = true;
    await this.#options.archiver.close();
  }

  /** Removes segments that nobody needs. */
  async release(): Promise<void> {
    const { wal, journal, lowWater, processed } = this.#options;
    // What the engine has said and nobody has kept yet is said again after a crash: that needs the log.
    const told = (journal.through?.position ?? 0) + 1;
    const needed = Math.min(lowWater() ?? Number.POSITIVE_INFINITY, processed() + 1, told);
    await wal.release(needed, told, (segment) => this.#noteGone(segment));
  }

  #isReady(): boolean {
    const first = this.#sealed[0];
    return first !== undefined && first.lastPosition <= this.#options.processed();
  }

  async #archiveReady(): Promise<void> {
    const { wal, archiver } = this.#options;
    try {
      while (this.#isReady()) {
        const [segment] = this.#sealed as [WalSegment];
        const { sequence, path, firstPosition, lastPosition } = segment;
        const skips = this.#skips.filter(
          ({ position }) => position >= firstPosition && position <= lastPosition,
        );
        await archiver.archive({ sequence, path, skips });
        await wal.markArchived(sequence);
        this.#forget(segment);
      }
      await this.release();
      if (this.#hasProblem) this.#options.onProblem(null);
      this.#hasProblem = false;
    } catch (error) {
      const problem = problemOf(error);
      if (problem === null) throw error;
      this.#hasProblem = true;
      this.#options.onProblem(problem);
      this.#endRetry = this.#options.after(RETRY_AFTER_MS, () => {
        this.#endRetry = null;
        this.work();
      });
    }
  }

  /** Nothing more is to be done for it. */
  #forget({ sequence, firstPosition, lastPosition }: WalSegment): void {
    // It need not be the first: what was removed meanwhile was given up.
    const index = this.#sealed.findIndex((one) => one.sequence === sequence);
    if (index >= 0) this.#sealed.splice(index, 1);
    this.#skips = this.#skips.filter(({ position }) => position < firstPosition || position > lastPosition);
  }

  /** Traces with spans in a segment that goes too early: after a restart they could not be judged as a whole. */
  async #noteGone({ path }: WalSegment): Promise<void> {
    const { disk, journal, limits, now } = this.#options;
    this.#traceIds ??= new SegmentTraceIds(disk, limits);
    try {
      const ids = await this.#traceIds.of(path);
      if (ids.length > 0) await journal.markGone(now(), ids);
    } catch (error) {
      // Somebody was faster, and what was in it is not known.
      if (!(error instanceof DiskError) || error.fault !== 'missing') throw error;
    }
  }
}

function problemOf(error: unknown): Diagnostic | null {
  if (error instanceof ArchiveFailure) return error.diagnostic;
  if (!(error instanceof DiskError)) return null;
  return {
    code: 'FL822',
    severity: 'error',
    message: `the log cannot be tidied: ${error.message}`,
    file: error.path,
    help: 'make the data folder writable; it is tried again every second',
  };
}
