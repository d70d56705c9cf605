/** What the first bytes of a file (after gzip) say of it. */
import { bigEndian32, type ProtoFraming, readVarint } from './proto-cutter.ts';

type Recognition =
  | { readonly kind: 'json' /** Of a byte order mark. */; readonly skip: number }
  | { readonly kind: 'proto'; readonly framing: ProtoFraming }
  /** Compressed, archived or in another encoding. */
  | { readonly kind: 'encoded'; readonly what: string }
  | { readonly kind: 'unknown'; readonly what: string };

/** So many bytes are enough to tell; fewer only at the end of a file. */
export const HEAD_BYTES = 64;

const MAGICS: readonly { readonly bytes: readonly number[]; readonly what: string }[] = [
  { bytes: [0x28, 0xb5, 0x2f, 0xfd], what: 'compressed with zstd' },
  { bytes: [0x1f, 0x8b], what: 'compressed with gzip twice' },
  { bytes: [0x42, 0x5a, 0x68], what: 'compressed with bzip2' },
  { bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a], what: 'compressed with xz' },
  { bytes: [0x04, 0x22, 0x4d, 0x18], what: 'compressed with lz4' },
  { bytes: [0xff, 0x06, 0x00, 0x00, 0x73], what: 'compressed with snappy' },
  { bytes: [0x50, 0x4b, 0x03, 0x04], what: 'a zip archive' },
  { bytes: [0x50, 0x41, 0x52, 0x31], what: 'a Parquet file' },
  { bytes: [0xff, 0xfe], what: 'text in UTF-16' },
  { bytes: [0xfe, 0xff], what: 'text in UTF-16' },
];
const BOM = [0xef, 0xbb, 0xbf];

/** Recognises a file by its first bytes: at least `HEAD_BYTES`, or all of it. Not for empty files. */
export function recognise(head: Uint8Array): Recognition {
  const magic = MAGICS.find(({ bytes }) => startsWith(head, bytes, 0));
  if (magic !== undefined) return { kind: 'encoded', what: magic.what };
  if (startsWith(head, [0x28, 0xb5, 0x2f, 0xfd], 4)) {
    return { kind: 'encoded', what: 'compressed with zstd, message by message' };
  }
  // A protobuf request begins with the byte of a line end, so it is looked for before JSON behind blank lines.
  const framing = protoFraming(head);
  if (framing !== null) return { kind: 'proto', framing };
  const skip = startsWith(head, BOM, 0) ? BOM.length : 0;
  return isText(head) ? { kind: 'json', skip } : { kind: 'unknown', what: 'bytes of an unknown format' };
}

function startsWith(head: Uint8Array, bytes: readonly number[], at: number): boolean {
  return bytes.every((byte, index) => head[at + index] === byte);
}

/** No control characters but blanks: what else it is shows when it is cut. */
function isText(head: Uint8Array): boolean {
  return head.every((byte) => byte >= 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d);
}

function protoFraming(head: Uint8Array): ProtoFraming | null {
  if (requestLength(head, 0) !== null) return 'bare';
  // An empty request has no bytes: its length is 0, and the next one decides.
  let at = 0;
  while (at + 4 <= head.length && bigEndian32(head, at) === 0) at += 4;
  if (at + 4 <= head.length) {
    const inner = requestLength(head, at + 4);
    if (inner !== null && inner <= bigEndian32(head, at)) return 'be32';
  }
  const length = readVarint(head, 0);
  if (typeof length === 'string') return null;
  const inner = requestLength(head, length.size);
  return inner !== null && inner <= length.value ? 'varint' : null;
}

/**
 * The length of the first entry of a request's field 1, with its tag, where one begins here and holds what a ResourceSpans (or
 * ResourceLogs, ResourceMetrics) begins with: a resource, scopes or a schema URL, and the first of these likewise. Else null.
 */
function requestLength(head: Uint8Array, at: number): number | null {
  const resource = entry(head, at, [0x0a]);
  if (resource === null) return null;
  const { from, length, size } = resource;
  if (length === 0) return size;
  // Field 1000, the scopes of before OTLP 0.15, has a tag of two bytes.
  if (head[from] === 0xc2 && head[from + 1] === 0x3e) return size + length;
  const inner = entry(head, from, [0x0a, 0x12, 0x1a]);
  if (inner === null || inner.size + inner.length > length) return null;
  if (inner.length === 0 || inner.from >= head.length || head[from] === 0x1a) return size + length;
  const first = head[inner.from] as number;
  // Of a resource: attributes, their dropped count, entities. Of scopes: the scope, records, a schema URL.
  const known = head[from] === 0x0a ? [0x0a, 0x10, 0x1a] : [0x0a, 0x12, 0x1a];
  return known.includes(first) ? size + length : null;
}

function entry(
  head: Uint8Array,
  at: number,
  tags: readonly number[],
): { from: number; length: number; size: number } | null {
  if (!tags.includes(head[at] ?? -1)) return null;
  const length = readVarint(head, at + 1);
  if (typeof length === 'string') return null;
  return { from: at + 1 + length.size, length: length.value, size: 1 + length.size };
}
