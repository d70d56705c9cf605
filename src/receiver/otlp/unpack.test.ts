/** Unpacking of bodies: what comes out, where it stops, and what is said of damage. */
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Packing, unpack } from './unpack.ts';

const LIMIT = 3 * 1024 * 1024;
const PACK: readonly [string, Packing, (bytes: Uint8Array) => Uint8Array][] = [
  ['identity', 'identity', (bytes) => bytes],
  ['gzip', 'gzip', (bytes) => gzipSync(bytes)],
  [
    'gzip in two members',
    'gzip',
    (bytes) => Buffer.concat([gzipSync(bytes.subarray(0, 7)), gzipSync(bytes.subarray(7))]),
  ],
  ['deflate', 'deflate', (bytes) => deflateSync(bytes)],
  ['deflate without its envelope', 'deflate', (bytes) => deflateRawSync(bytes)],
];
// Compressible and not, within what is unpacked at once and beyond, at the edges of the limit.
const BODIES: readonly Uint8Array[] = [0, 1, 1000, 70_000, 1024 * 1024, 1024 * 1024 + 1, LIMIT].flatMap(
  (length) => [
    Buffer.alloc(length, 'span name '),
    Uint8Array.from({ length }, (_, at) => (Math.imul(at + 1, 2654435761) >>> 16) & 0xff),
  ],
);

test.each(PACK)('%s gives back what was packed', async (_, packing, pack) => {
  for (const body of BODIES) {
    const result = await unpack(pack(body), packing, LIMIT);
    expect(result.kind).toBe('unpacked');
    if (result.kind === 'unpacked') expect(Buffer.compare(result.bytes, body)).toBe(0);
  }
});

test.each(PACK)('%s stops behind the limit', async (_, packing, pack) => {
  for (const limit of [10, 1024 * 1024, LIMIT]) {
    expect(await unpack(pack(Buffer.alloc(limit + 1)), packing, limit)).toEqual({ kind: 'too-large' });
    expect(await unpack(pack(Buffer.alloc(limit)), packing, limit)).toMatchObject({ kind: 'unpacked' });
  }
});

test('many at a time each give their own', async () => {
  const bodies = Array.from({ length: 12 }, (_, at) => Buffer.alloc(2_000_000, `body ${at} `));
  const results = await Promise.all(bodies.map((body) => unpack(gzipSync(body), 'gzip', LIMIT)));
  results.forEach((result, at) => {
    expect(result.kind === 'unpacked' && bodies[at]?.equals(result.bytes)).toBe(true);
  });
});

test('damage is said, or changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...PACK.slice(1)),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      async ([, packing, pack], at, change) => {
        const body = Buffer.alloc(5000, 'span name and attribute ');
        const packed = Uint8Array.from(pack(body));
        packed[at % packed.length] = (packed[at % packed.length] as number) ^ change;
        const result = await unpack(packed, packing, LIMIT);
        expect(['unpacked', 'damaged', 'too-large']).toContain(result.kind);
        // Raw deflate has no checksum: damage may go unseen there.
        if (result.kind === 'unpacked' && packing === 'gzip')
          expect(body.equals(result.bytes) || result.bytes.length < body.length).toBe(true);
      },
    ),
    { seed: 842, numRuns: 300 },
  );
});
