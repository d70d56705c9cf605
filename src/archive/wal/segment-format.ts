/**
 * The bytes of a segment of the write-ahead log. Numbers are little-endian; positions, times and lengths of files are doubles.
 *
 *     header   "FLUOWAL\n"  version  0  first position  sequence before  its length  CRC-32  0                 48 bytes
 *     record   length  CRC-32  "FLR" kind  0  position  at  ── and `length` bytes                              32 + n bytes
 *     record   ...
 *
 * The CRC begins with one of the segment's name: a record of another segment is none here. Positions grow by one from record to record, so that
 * a gap is a loss. Behind a record that is not what was written, reading goes on where its length says, or else at the next mark whose record
 * has the right checksum.
 */
import { crc32 } from 'node:zlib';

export type RecordKind = 'spans' | 'resume' | 'rules';

const KINDS: readonly (RecordKind | null)[] = [null, 'spans', 'resume', 'rules'];

export interface WalRecord {
  readonly kind: RecordKind;
  readonly position: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly bytes: Uint8Array;
}

export interface SegmentHeader {
  readonly firstPosition: number;
  /** The segment written before this one, and how many of its bytes were synced; 0 and 0: none. */
  readonly sequenceBefore: number;
  readonly lengthBefore: number;
}

export interface DamagedRange {
  readonly from: number;
  readonly to: number;
}

export interface SegmentReading {
  /** Null: damaged. */
  readonly header: SegmentHeader | null;
  readonly records: readonly WalRecord[];
  /** Bytes between records that can be trusted. */
  readonly damaged: readonly DamagedRange[];
  /** Where the last record ends that can be trusted. */
  readonly end: number;
  /** Whether what follows has the length of a record: more than a write that was cut short. */
  readonly isTailWhole: boolean;
}

export const HEADER_BYTES = 48;
export const RECORD_BYTES = 32;
const MAGIC = Buffer.from('FLUOWAL\n');
const VERSION = 1;
const MARK = Buffer.from('FLR');
const MARK_AT = 8;

export function segmentHeader(sequence: number, header: SegmentHeader): Uint8Array {
  const bytes = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(bytes);
  bytes.writeUInt32LE(VERSION, 8);
  bytes.writeDoubleLE(header.firstPosition, 16);
  bytes.writeDoubleLE(header.sequenceBefore, 24);
  bytes.writeDoubleLE(header.lengthBefore, 32);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 40), seedOf(sequence)), 40);
  return bytes;
}

/** What goes before the bytes of a record, written into `into` at an offset. */
export function writeRecordHeader(into: Buffer, offset: number, seed: number, record: WalRecord): void {
  const { kind, position, at, bytes } = record;
  MARK.copy(into, offset + MARK_AT);
  into[offset + 11] = KINDS.indexOf(kind);
  into.writeUInt32LE(0, offset + 12);
  into.writeDoubleLE(position, offset + 16);
  into.writeDoubleLE(at, offset + 24);
  into.writeUInt32LE(bytes.length, offset);
  const start = crc32(into.subarray(offset + MARK_AT, offset + RECORD_BYTES), seed);
  into.writeUInt32LE(crc32(bytes, start), offset + 4);
}

/** What the checksums of a segment begin with. */
export function seedOf(sequence: number): number {
  return crc32(String(sequence));
}

/** Null: these are no first bytes of this segment. */
export function readHeader(bytes: Uint8Array, sequence: number): SegmentHeader | null {
  if (bytes.length < HEADER_BYTES) return null;
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  if (!view.subarray(0, MAGIC.length).equals(MAGIC) || view.readUInt32LE(8) !== VERSION) return null;
  if (view.readUInt32LE(40) !== crc32(view.subarray(0, 40), seedOf(sequence))) return null;
  return {
    firstPosition: view.readDoubleLE(16),
    sequenceBefore: view.readDoubleLE(24),
    lengthBefore: view.readDoubleLE(32),
  };
}

/** Reads all that can be trusted; never throws. The records point into `bytes`. */
export function readSegment(bytes: Uint8Array, sequence: number): SegmentReading {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const header = readHeader(text, sequence);
  const seed = seedOf(sequence);
  const records: WalRecord[] = [];
  const damaged: DamagedRange[] = [];
  let end = Math.min(HEADER_BYTES, text.length);
  let last = header === null ? -1 : header.firstPosition - 1;
  let at = end;
  while (at < text.length) {
    const record = recordAt(text, at, seed, last);
    if (record === null) {
      at = nextCandidate(text, at, end, seed, last);
      continue;
    }
    if (at > end) damaged.push({ from: end, to: at });
    records.push(record);
    last = record.position;
    at += RECORD_BYTES + record.bytes.length;
    end = at;
  }
  return { header, records, damaged, end, isTailWhole: isWholeFrame(text, end) };
}

/** Null: no record that can be trusted begins here. */
function recordAt(text: Buffer, at: number, seed: number, last: number): WalRecord | null {
  if (!isWholeFrame(text, at)) return null;
  const length = text.readUInt32LE(at);
  const kind = KINDS[text[at + 11] as number] ?? null;
  const position = text.readDoubleLE(at + 16);
  // A record takes at least its header: more cannot lie between.
  if (
    kind === null ||
    !(position > last) ||
    (last >= 0 && position > last + 1 + text.length / RECORD_BYTES)
  ) {
    return null;
  }
  const end = at + RECORD_BYTES + length;
  const crc = crc32(
    text.subarray(at + RECORD_BYTES, end),
    crc32(text.subarray(at + MARK_AT, at + RECORD_BYTES), seed),
  );
  if (crc !== text.readUInt32LE(at + 4)) return null;
  return { kind, position, at: text.readDoubleLE(at + 24), bytes: text.subarray(at + RECORD_BYTES, end) };
}

/** Whether a mark stands where a record's would, and the length fits. */
function isWholeFrame(text: Buffer, at: number): boolean {
  if (at + RECORD_BYTES > text.length) return false;
  if (text.compare(MARK, 0, MARK.length, at + MARK_AT, at + MARK_AT + MARK.length) !== 0) return false;
  return at + RECORD_BYTES + text.readUInt32LE(at) <= text.length;
}

/** Where to look next, behind a place where no record is. */
function nextCandidate(text: Buffer, at: number, end: number, seed: number, last: number): number {
  if (at === end && isWholeFrame(text, at)) {
    // If only the bytes of the record are damaged, the next but one in number is where its length says.
    const next = at + RECORD_BYTES + text.readUInt32LE(at);
    if (recordAt(text, next, seed, last)?.position === last + 2) return next;
  }
  const mark = text.indexOf(MARK, at + 1 + MARK_AT);
  return mark < 0 ? text.length : mark - MARK_AT;
}
