/**
 * The write-ahead log: what is appended is on disk before it is acknowledged, and stays until the archive has it and no open trace needs it.
 *
 *     append ─► [group commit: write, sync] ─► resolves        000000000016.archived.wal   archived, kept for open traces
 *                                                              000000000017.wal            sealed, with the archiver
 *                                                              000000000018.wal            being written
 *
 * A fault of the disk refuses what is on its way and all that comes, until a try, once a second, succeeds. After a fault nothing is known of the end
 * of the file: it is cut back to what was synced, and a fresh segment begun.
 */
import { ignoringFaults } from '../disk/cut-file.ts';
import { type Disk, DiskError, type DiskFault, type DiskFile } from '../disk/disk.ts';
import { GroupCommit } from '../group-commit.ts';
import { parseSegmentName, segmentName } from './segment-files.ts';
import {
  HEADER_BYTES,
  RECORD_BYTES,
  type RecordKind,
  seedOf,
  segmentHeader,
  writeRecordHeader,
} from './segment-format.ts';

export interface WalOptions {
  /** A segment is sealed when it has so many bytes. Absent: 64 MiB. */
  readonly segmentBytes?: number;
  /** A segment is sealed so many milliseconds after its first record. Absent: 2,000. */
  readonly segmentAge?: number;
  /** Beyond, archived segments go though open traces need them; unarchived ones never do: then appends are refused. Absent: 8 GiB. */
  readonly maxBytes?: number;
  /** Calls back once after so many milliseconds; gives what ends it. */
  readonly after: (milliseconds: number, callback: () => void) => () => void;
  /** Called when a segment is complete. */
  readonly onSealed: (segment: WalSegment) => void;
  /** Called when the disk stops taking records, and with null when it takes them again. */
  readonly onFault?: (fault: DiskError | null) => void;
  /** Called with segments that somebody removed: they are no part of the log any more. */
  readonly onRemoved?: (removed: RemovedSegments) => void;
}

export interface RemovedSegments {
  /** In order. */
  readonly segments: readonly WalSegment[];
  /** Nothing of the log is left: its folder was removed, or all that was in it. */
  readonly isAll: boolean;
}

export interface WalSegment {
  readonly sequence: number;
  readonly path: string;
  /** The header included. */
  readonly bytes: number;
  readonly firstPosition: number;
  /** Less than the first: it has no records. */
  readonly lastPosition: number;
  /** Of the first record. */
  readonly firstAt: number;
  /** Of the last record. */
  readonly lastAt: number;
  readonly isArchived: boolean;
}

export type AppendOutcome = Appended | AppendRefusal;

export interface Appended {
  readonly kind: 'appended';
  readonly position: number;
}

/** Nothing of it is kept. */
export interface AppendRefusal {
  readonly kind: 'refused';
  /** Null: too much waits for the archive. */
  readonly fault: DiskFault | null;
}

export interface WalState {
  readonly segments: readonly WalSegment[];
  readonly nextPosition: number;
  readonly nextSequence: number;
}

export interface WalStats {
  readonly segments: number;
  readonly bytes: number;
  readonly unarchivedSegments: number;
  readonly unarchivedBytes: number;
  readonly waitingBytes: number;
  readonly syncs: number;
  readonly appendedBytes: number;
  readonly fault: DiskFault | null;
  /** Segments that were removed to keep within the bound while open traces needed them. */
  readonly removedEarly: number;
}

const SEGMENT_BYTES = 64 * 1024 * 1024;
const SEGMENT_AGE = 2_000;
const MAX_BYTES = 8 * 1024 ** 3;
/** Between two tries of a disk that does not take records. */
const RETRY_AFTER = 1_000;
/** So much room must be there before a full disk is tried again. */
const LEAST_ROOM = 4 * 1024 * 1024;

interface Segment {
  readonly sequence: number;
  path: string;
  bytes: number;
  readonly firstPosition: number;
  lastPosition: number;
  firstAt: number;
  lastAt: number;
  isArchived: boolean;
}

interface OpenSegment {
  readonly segment: Segment;
  readonly file: DiskFile;
  readonly seed: number;
}

type Entry =
  | AppendEntry
  | { readonly kind: 'seal'; readonly sequence: number | null }
  | { readonly kind: 'look' }
  | { readonly kind: 'try' };

interface AppendEntry {
  readonly kind: 'append';
  readonly record: RecordKind;
  readonly bytes: Uint8Array;
  readonly at: number;
  outcome: AppendOutcome | null;
}

export class WriteAheadLog {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #options: WalOptions;
  readonly #segmentBytes: number;
  readonly #maxBytes: number;
  readonly #commit: GroupCommit<Entry>;
  /** In order; the one being written is the last. */
  readonly #segments: Segment[];
  #open: OpenSegment | null = null;
  /** Segments whose end could not be cut off yet. */
  #uncut: Segment[] = [];
  /** Segments that are being removed by the log itself. */
  readonly #going = new Set<Segment>();
  #nextPosition: number;
  #nextSequence: number;
  #fault: DiskError | null = null;
  #endTimer: (() => void) | null = null;
  #endRetry: (() => void) | null = null;
  #waitingBytes = 0;
  #unarchivedBytes = 0;
  #syncs = 0;
  #appendedBytes = 0;
  #removedEarly = 0;
  #isClosed = false;

  /** `openWriteAheadLog` finds the state in the folder. */
  constructor(disk: Disk, folder: string, options: WalOptions, state: WalState) {
    this.#disk = disk;
    this.#folder = folder;
    this.#options = options;
    this.#segmentBytes = options.segmentBytes ?? SEGMENT_BYTES;
    this.#maxBytes = options.maxBytes ?? MAX_BYTES;
    this.#commit = new GroupCommit((batch) => this.#write(batch));
    this.#segments = state.segments.map((segment) => ({ ...segment }));
    this.#nextPosition = state.nextPosition;
    this.#nextSequence = state.nextSequence;
    for (const segment of this.#segments) if (!segment.isArchived) this.#unarchivedBytes += segment.bytes;
  }

  /** Of the next record. */
  get nextPosition(): number {
    return this.#nextPosition;
  }

  /** Sealed segments that the archive does not have yet, in order. */
  unarchived(): WalSegment[] {
    return this.#segments.filter((segment) => !segment.isArchived && segment !== this.#open?.segment);
  }

  /** When the oldest record came that the archive does not have; null: it has all. */
  unarchivedSince(): number | null {
    const first = this.#segments.find(
      ({ isArchived, firstPosition, lastPosition }) => !isArchived && lastPosition >= firstPosition,
    );
    return first?.firstAt ?? null;
  }

  /** Why an append would be refused now; null: it would be tried. */
  refusal(bytes: number): AppendRefusal | null {
    if (this.#isClosed) return { kind: 'refused', fault: 'failed' };
    if (this.#fault !== null) return { kind: 'refused', fault: this.#fault.fault };
    const isBehind = this.#unarchivedBytes + this.#waitingBytes + bytes > this.#maxBytes;
    return isBehind ? { kind: 'refused', fault: null } : null;
  }

  /**
   * Resolves when the record is synced, or cannot be. The bytes must stay as they are until then. Records are in the log in the order of the calls;
   * `at` must not go back.
   */
  async append(kind: RecordKind, bytes: Uint8Array, at: number): Promise<AppendOutcome> {
    const refusal = this.refusal(bytes.length);
    if (refusal !== null) return refusal;
    const entry: AppendEntry = { kind: 'append', record: kind, bytes, at, outcome: null };
    this.#waitingBytes += bytes.length;
    await this.#commit.add(entry);
    this.#waitingBytes -= bytes.length;
    return entry.outcome as AppendOutcome;
  }

  /** Seals the segment that is being written. */
  seal(): Promise<void> {
    return this.#commit.add({ kind: 'seal', sequence: null });
  }

  /** The archive has all of the segment. Rejects with a `DiskError` when that cannot be noted: the segment is archived again after a restart. */
  async markArchived(sequence: number): Promise<void> {
    const segment = this.#segments.find((one) => one.sequence === sequence);
    if (segment === undefined || segment.isArchived) return;
    const path = `${this.#folder}/${segmentName(sequence, true)}`;
    let isThere = true;
    try {
      await this.#disk.rename(segment.path, path);
      segment.path = path;
    } catch (error) {
      // Somebody removed it, and the archive has it.
      if (!(error instanceof DiskError) || error.fault !== 'missing') throw error;
      isThere = false;
    }
    // Whoever looked for it meanwhile has taken it out of the sum.
    if (this.#segments.includes(segment)) this.#unarchivedBytes -= segment.bytes;
    segment.isArchived = true;
    if (isThere) await this.#disk.syncFolder(this.#folder);
  }

  /**
   * Removes segments that are archived and end before `lowWater`, the first position that something needs, and while the log is larger than its
   * bound those that end before `told` (what has happened up to there was told), oldest first; of these `onEarly` learns before they go.
   */
  async release(
    lowWater: number,
    told: number,
    onEarly: (segment: WalSegment) => Promise<void> = async () => {},
  ): Promise<void> {
    let bytes = this.#segments.reduce((sum, segment) => sum + segment.bytes, 0);
    // The last one stays in any case: the numbers of the next ones follow from it.
    for (const segment of this.#segments.slice(0, -1)) {
      const isOver = segment.lastPosition < segment.firstPosition;
      if (!segment.isArchived && !isOver) continue;
      const isNeeded = !isOver && segment.lastPosition >= lowWater;
      if (isNeeded && (bytes <= this.#maxBytes || segment.lastPosition >= told)) continue;
      if (isNeeded) await onEarly({ ...segment });
      this.#going.add(segment);
      try {
        await this.#disk.remove(segment.path);
      } finally {
        this.#going.delete(segment);
      }
      if (isNeeded) this.#removedEarly++;
      bytes -= segment.bytes;
      this.#drop(segment);
    }
  }

  stats(): WalStats {
    const unarchived = this.#segments.filter(({ isArchived }) => !isArchived);
    return {
      segments: this.#segments.length,
      bytes: this.#segments.reduce((sum, segment) => sum + segment.bytes, 0),
      unarchivedSegments: unarchived.length,
      unarchivedBytes: this.#unarchivedBytes,
      waitingBytes: this.#waitingBytes,
      syncs: this.#syncs,
      appendedBytes: this.#appendedBytes,
      fault: this.#fault?.fault ?? null,
      removedEarly: this.#removedEarly,
    };
  }

  /**
   * Looks whether its files are still there. What somebody removed is left out and told; where nothing is left, the folder is made again and a fresh
   * segment begun. To be called now and then, while the data folder is the server's own.
   */
  look(): Promise<void> {
    return this.#commit.add({ kind: 'look' });
  }

  /** Writes what is waiting and seals. Later appends are refused. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.seal();
    await this.#commit.idle();
    this.#endTimer?.();
    this.#endRetry?.();
  }

  async #write(batch: readonly Entry[]): Promise<void> {
    let appends: AppendEntry[] = [];
    for (const entry of batch) {
      if (entry.kind === 'append') {
        appends.push(entry);
        continue;
      }
      await this.#writeRecords(appends);
      appends = [];
      if (entry.kind === 'try') await this.#try();
      else if (entry.kind === 'look') await this.#look();
      else if (entry.sequence === null || entry.sequence === this.#open?.segment.sequence) await this.#seal();
    }
    await this.#writeRecords(appends);
  }

  async #writeRecords(entries: readonly AppendEntry[]): Promise<void> {
    if (entries.length === 0) return;
    if (this.#fault === null) {
      try {
        await this.#writeSynced(entries);
      } catch (error) {
        if (!(error instanceof DiskError)) throw error;
        await this.#fail(error);
      }
    }
    const fault = this.#fault?.fault ?? 'failed';
    for (const entry of entries) entry.outcome ??= { kind: 'refused', fault };
    const open = this.#open;
    if (open !== null && open.segment.bytes >= this.#segmentBytes) await this.#seal();
  }

  async #writeSynced(entries: readonly AppendEntry[]): Promise<void> {
    const isNew = this.#open === null;
    const parts: Uint8Array[] = [];
    const { segment, file, seed } = this.#open ?? (await this.#create(parts));
    const headers = Buffer.alloc(entries.length * RECORD_BYTES);
    let length = isNew ? HEADER_BYTES : 0;
    entries.forEach(({ record: kind, bytes, at }, index) => {
      const offset = index * RECORD_BYTES;
      writeRecordHeader(headers, offset, seed, { kind, position: this.#nextPosition + index, at, bytes });
      parts.push(headers.subarray(offset, offset + RECORD_BYTES), bytes);
      length += RECORD_BYTES + bytes.length;
    });
    await file.write(parts, isNew ? 0 : segment.bytes);
    await file.sync();
    if (isNew) await this.#disk.syncFolder(this.#folder);
    this.#syncs++;
    this.#appendedBytes += length;
    const isFirst = segment.lastPosition < segment.firstPosition;
    segment.bytes = isNew ? length : segment.bytes + length;
    this.#unarchivedBytes += length;
    if (isFirst) segment.firstAt = entries[0]?.at ?? segment.firstAt;
    segment.lastAt = entries.at(-1)?.at ?? segment.lastAt;
    for (const entry of entries) entry.outcome = { kind: 'appended', position: this.#nextPosition++ };
    segment.lastPosition = this.#nextPosition - 1;
    if (isFirst) this.#sealLater(segment.sequence);
  }

  /** Creates the next segment; its header goes into `parts`. */
  async #create(parts: Uint8Array[]): Promise<OpenSegment> {
    const sequence = this.#nextSequence;
    const before = this.#segments.at(-1);
    const firstPosition = this.#nextPosition;
    const path = `${this.#folder}/${segmentName(sequence, false)}`;
    const file = await this.#disk.open(path, 'stream');
    // A number is used once, whatever becomes of its file.
    this.#nextSequence++;
    const segment: Segment = {
      sequence,
      path,
      bytes: 0,
      firstPosition,
      lastPosition: firstPosition - 1,
      firstAt: before?.lastAt ?? 0,
      lastAt: before?.lastAt ?? 0,
      isArchived: false,
    };
    this.#segments.push(segment);
    this.#open = { segment, file, seed: seedOf(sequence) };
    const sequenceBefore = before?.sequence ?? 0;
    parts.push(segmentHeader(sequence, { firstPosition, sequenceBefore, lengthBefore: before?.bytes ?? 0 }));
    return this.#open;
  }

  #sealLater(sequence: number): void {
    this.#endTimer?.();
    this.#endTimer = this.#options.after(this.#options.segmentAge ?? SEGMENT_AGE, () => {
      this.#endTimer = null;
      void this.#commit.add({ kind: 'seal', sequence });
    });
  }

  async #seal(): Promise<void> {
    const open = this.#open;
    if (open === null) return;
    this.#open = null;
    this.#endTimer?.();
    this.#endTimer = null;
    await ignoringFaults(open.file.close());
    if (open.segment.lastPosition >= open.segment.firstPosition) this.#options.onSealed({ ...open.segment });
  }

  async #fail(error: DiskError): Promise<void> {
    const isFirst = this.#fault === null;
    this.#fault = error;
    const open = this.#open;
    if (open !== null) {
      this.#open = null;
      this.#endTimer?.();
      this.#endTimer = null;
      await ignoringFaults(open.file.close());
      this.#uncut.push(open.segment);
      // With what cannot be cut off now, the next try begins.
      await ignoringFaults(this.#cutEnds());
    }
    this.#retryLater();
    if (isFirst) this.#options.onFault?.(error);
  }

  /** Cuts segments back to what was synced; those that hold records are complete then. */
  async #cutEnds(): Promise<void> {
    for (let segment = this.#uncut[0]; segment !== undefined; segment = this.#uncut[0]) {
      const isEmpty = segment.lastPosition < segment.firstPosition;
      if (isEmpty) {
        await this.#disk.remove(segment.path);
        this.#drop(segment);
      } else {
        const file = await this.#disk.open(segment.path, 'write');
        try {
          await file.truncate(segment.bytes);
          await file.sync();
        } finally {
          await ignoringFaults(file.close());
        }
      }
      this.#uncut.shift();
      if (!isEmpty) this.#options.onSealed({ ...segment });
    }
  }

  #drop(segment: Segment): void {
    const index = this.#segments.indexOf(segment);
    if (index < 0) return;
    this.#segments.splice(index, 1);
    if (!segment.isArchived) this.#unarchivedBytes -= segment.bytes;
  }

  #retryLater(): void {
    this.#endRetry?.();
    this.#endRetry = this.#options.after(RETRY_AFTER, () => {
      this.#endRetry = null;
      void this.#commit.add({ kind: 'try' });
    });
  }

  async #look(): Promise<void> {
    if (this.#isClosed) return;
    let removed: readonly Segment[] = [];
    // Not being able to look keeps it from nothing else.
    await ignoringFaults(
      this.#removed().then((found) => {
        removed = found;
      }),
    );
    if (removed.length > 0) await this.#giveUp(removed);
    const isEmpty = this.#segments.length === 0 && (removed.length > 0 || this.#fault !== null);
    if (!isEmpty && this.#fault?.fault !== 'missing') return;
    try {
      await this.#disk.makeFolder(this.#folder);
      if (this.#open === null) await this.#begin();
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      await this.#fail(error);
      return;
    }
    if (this.#fault === null) return;
    this.#fault = null;
    this.#endRetry?.();
    this.#endRetry = null;
    this.#options.onFault?.(null);
  }

  /** Segments whose files are not there, though the log did not remove them. */
  async #removed(): Promise<Segment[]> {
    const numbers = new Set<number | undefined>();
    for (const name of await this.#disk.list(this.#folder)) numbers.add(parseSegmentName(name)?.sequence);
    const removed: Segment[] = [];
    for (const segment of [...this.#segments]) {
      const isThere =
        segment === this.#open?.segment
          ? await this.#open.file.isNamed()
          : numbers.has(segment.sequence) || (await this.#isThere(segment));
      // Meanwhile the log may have removed it itself.
      if (!isThere && this.#segments.includes(segment) && !this.#going.has(segment)) removed.push(segment);
    }
    return removed;
  }

  /** A list that was read while a file got another name may have neither. */
  async #isThere({ sequence }: Segment): Promise<boolean> {
    for (const isArchived of [false, true]) {
      const path = `${this.#folder}/${segmentName(sequence, isArchived)}`;
      if ((await this.#disk.sizeOf(path)) !== null) return true;
    }
    return false;
  }

  async #giveUp(removed: readonly Segment[]): Promise<void> {
    const open = this.#open;
    if (open !== null && removed.includes(open.segment)) {
      this.#open = null;
      this.#endTimer?.();
      this.#endTimer = null;
      await ignoringFaults(open.file.close());
    }
    this.#uncut = this.#uncut.filter((segment) => !removed.includes(segment));
    for (const segment of removed) this.#drop(segment);
    const segments = removed.map((segment) => ({ ...segment }));
    this.#options.onRemoved?.({ segments, isAll: this.#segments.length === 0 });
  }

  /** Begins a segment without records. */
  async #begin(): Promise<void> {
    const parts: Uint8Array[] = [];
    const { segment, file } = await this.#create(parts);
    await file.write(parts, 0);
    await file.sync();
    await this.#disk.syncFolder(this.#folder);
    segment.bytes = HEADER_BYTES;
    this.#unarchivedBytes += HEADER_BYTES;
  }

  /** Whether the disk takes records again: a fresh segment can be made and synced. */
  async #try(): Promise<void> {
    const fault = this.#fault;
    if (fault === null) return;
    try {
      await this.#cutEnds();
      if (fault.fault === 'full' && (await this.#disk.freeBytes(this.#folder)) < LEAST_ROOM) throw fault;
      await this.#begin();
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      await this.#fail(error);
      return;
    }
    this.#fault = null;
    this.#options.onFault?.(null);
  }
}
