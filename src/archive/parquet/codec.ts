/**
 * Compression of pages. Snappy is ours, works in every Node, and is what the archive is written with: for spans it costs a sixth of the whole, and
 * leaves two fifths of the bytes; gzip would leave three tenths for half as much time more (bench/archive.mjs). Compaction writes zstd.
 */
import * as zlib from 'node:zlib';
import { GrowingBytes } from './growing-bytes.ts';
import { mostCompressed, snappyCompress } from './snappy.ts';

export type Codec = 'none' | 'snappy' | 'gzip' | 'zstd';

/** Numbers of the codecs in Parquet's footer. */
export const CODEC_NUMBERS: Readonly<Record<Codec, number>> = { none: 0, snappy: 1, gzip: 2, zstd: 6 };

type ZstdCompress = (bytes: Uint8Array, options: { params: Record<number, number> }) => Uint8Array;

// Not in the types of the oldest Node that Fluo runs on.
const zstdCompress = (zlib as unknown as { zstdCompressSync?: ZstdCompress }).zstdCompressSync;
const ZSTD_LEVEL = (zlib.constants as unknown as Record<string, number>)['ZSTD_c_compressionLevel'] ?? 100;

/** What the archive is written with. */
export const DEFAULT_CODEC: Codec = 'snappy';

/** Whether this Node has zstd: from 22.15 on. */
export const HAS_ZSTD = zstdCompress !== undefined;

export class PageCompressor {
  readonly codec: Codec;
  readonly #scratch = new GrowingBytes();

  constructor(codec: Codec) {
    if (codec === 'zstd' && zstdCompress === undefined) throw new Error('this Node has no zstd');
    this.codec = codec;
  }

  /** The view holds until the next call. */
  compress(page: Uint8Array): Uint8Array {
    switch (this.codec) {
      case 'none':
        return page;
      case 'snappy': {
        const scratch = this.#scratch;
        scratch.clear();
        scratch.reserve(mostCompressed(page.length));
        return scratch.bytes.subarray(0, snappyCompress(page, scratch.bytes, 0));
      }
      case 'gzip':
        return zlib.gzipSync(page, { level: 1 });
      case 'zstd':
        return (zstdCompress as ZstdCompress)(page, { params: { [ZSTD_LEVEL]: 1 } });
    }
  }
}
