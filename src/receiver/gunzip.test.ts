import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type Chunk, GzipError, gunzip } from './gunzip.ts';

/** Does not compress well, so that there are many chunks on both sides. */
const TEXT = Array.from({ length: 300_000 }, (_, n) =>
  ((n * 2_654_435_761) % 4_294_967_296).toString(36),
).join('\n');
const WHOLE = gzipSync(TEXT);

async function* inChunks(bytes: Uint8Array, length = 64 * 1024): AsyncGenerator<Chunk> {
  for (let at = 0; at < bytes.length; at += length) {
    const piece = bytes.subarray(at, at + length);
    yield { bytes: piece, bytesRead: at + piece.length };
  }
}

async function unpack(source: AsyncIterable<Chunk>) {
  const pieces: Uint8Array[] = [];
  let bytesRead = 0;
  let error: unknown = null;
  try {
    for await (const chunk of gunzip(source)) {
      pieces.push(chunk.bytes);
      expect(chunk.bytesRead).toBeGreaterThanOrEqual(bytesRead);
      bytesRead = chunk.bytesRead;
    }
  } catch (caught) {
    error = caught;
  }
  return { text: Buffer.concat(pieces).toString(), error };
}

describe('gunzip', () => {
  test('a member', async () => {
    expect(await unpack(inChunks(WHOLE))).toEqual({ text: TEXT, error: null });
  });

  test('members one behind the other', async () => {
    const two = Buffer.concat([WHOLE, gzipSync('second')]);
    expect(await unpack(inChunks(two))).toEqual({ text: `${TEXT}second`, error: null });
  });

  test('an early end gives what was there, then the error', async () => {
    const { text, error } = await unpack(inChunks(WHOLE.subarray(0, WHOLE.length - 200_000)));
    expect(error).toBeInstanceOf(GzipError);
    expect(text.length).toBeGreaterThan(TEXT.length / 3);
    expect(TEXT.startsWith(text)).toBe(true);
  });

  test('damage in the middle gives what stands before it, then the error', async () => {
    const damaged = Buffer.from(WHOLE);
    damaged.fill(0xff, WHOLE.length - 100_000, WHOLE.length - 90_000);
    const { text, error } = await unpack(inChunks(damaged));
    expect(error).toBeInstanceOf(GzipError);
    expect(text.length).toBeGreaterThan(0);
  });

  test('an error of the source passes through', async () => {
    async function* failing(): AsyncGenerator<Chunk> {
      yield* inChunks(WHOLE.subarray(0, 300_000));
      throw new Error('the disk is gone');
    }
    const { error } = await unpack(failing());
    expect(error).toEqual(new Error('the disk is gone'));
  });

  test('a reader that stops early stops the source', async () => {
    let isClosed = false;
    async function* endless(): AsyncGenerator<Chunk> {
      try {
        for (;;) yield* inChunks(WHOLE);
      } finally {
        isClosed = true;
      }
    }
    for await (const { bytes } of gunzip(endless())) {
      if (bytes.length > 0) break;
    }
    expect(isClosed).toBe(true);
  });
});
