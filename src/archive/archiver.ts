/** Moves sealed segments of the write-ahead log to the archive, one after another. */
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import type { ScanLimits } from '../otlp/proto/scan-limits.ts';
import { type Disk, DiskError, remedyFor } from './disk/disk.ts';
import { type ArchiveRecord, SegmentWriter, type WrittenSegment } from './spans/segment-writer.ts';

/** A segment that is not written to any more. */
export interface SealedSegment {
  /** Its number; gives its files their names. */
  readonly sequence: number;
  readonly path: string;
  /** By position: ordinals of spans that repeat others, and are left out. */
  readonly skips: readonly SkippedSpans[];
}

export interface SkippedSpans {
  readonly position: number;
  readonly ordinals: readonly number[];
}

export interface ArchivedSegment extends WrittenSegment {
  readonly sequence: number;
}

export interface Archiver {
  /**
   * Resolves when all spans of the segment are safe in the archive: the segment may be removed then. Idempotent. Rejects with an
   * `ArchiveFailure`; ask again later then. Calls wait for one another.
   */
  archive(segment: SealedSegment): Promise<ArchivedSegment>;
  /** Resolves when what was asked for is done. Nothing may be asked for afterwards. */
  close(): Promise<void>;
}

/** Nothing is lost by it: the segment is still in the log. */
export class ArchiveFailure extends Error {
  override readonly name = 'ArchiveFailure';
  readonly diagnostic: Diagnostic;

  constructor(diagnostic: Diagnostic) {
    super(diagnostic.message);
    this.diagnostic = diagnostic;
  }
}

/** Reads the records of a sealed segment, in their order. */
export type ReadSegment = (disk: Disk, path: string) => AsyncIterable<ArchiveRecord>;

export interface ArchiverOptions {
  /** The folder `archive`. */
  readonly root: string;
  /** Those of the receiver. */
  readonly limits: ScanLimits;
}

/** Archives in this thread. */
export function createArchiver(disk: Disk, read: ReadSegment, options: ArchiverOptions): Archiver {
  const writer = new SegmentWriter({ disk, root: options.root, limits: options.limits });
  let last: Promise<unknown> = Promise.resolve();
  return {
    archive(segment) {
      const archived = last.then(() => archiveOne(writer, read(disk, segment.path), segment));
      last = archived.catch(() => {});
      return archived;
    },
    async close() {
      await last;
    },
  };
}

async function archiveOne(
  writer: SegmentWriter,
  records: AsyncIterable<ArchiveRecord>,
  segment: SealedSegment,
): Promise<ArchivedSegment> {
  const skips = new Map(segment.skips.map(({ position, ordinals }) => [position, ordinals]));
  try {
    return { sequence: segment.sequence, ...(await writer.write(segment.sequence, records, skips)) };
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    throw new ArchiveFailure(unwritable(error, segment.path));
  }
}

function unwritable(error: DiskError, segment: string): Diagnostic {
  return {
    code: 'FL830',
    severity: 'error',
    message: `the segment \`${segment}\` cannot be archived: ${error.message}`,
    file: error.path,
    notes: ['its spans are safe in the write-ahead log, and archiving is tried again'],
    help: remedyFor(error.fault),
  };
}
