/** Whatever the bytes: reading ends, throws nothing, and says something where it lost something. */
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { places, readBytes } from './read-all.ts';
import { spanLists } from './sample-spans.ts';
import { framed, jaegerTraces, jsonText, otlpProto, otlpRequest, zipkinSpans } from './write-spans.ts';

const SEED = 20260122;
const LIMITS = { wholeDocument: 200, longLine: 400, headerWait: 2000, record: 4000, jaegerTrace: 8000 };
const chunkBytes = fc.constantFrom(1, 7, 64, 1 << 20);

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const files: fc.Arbitrary<Uint8Array> = fc.oneof(
  spanLists('otlp').map((spans) => bytesOf(jsonText(otlpRequest(spans), 2))),
  spanLists('otlp').map((spans) => bytesOf(spans.map((span) => jsonText(otlpRequest([span]))).join('\n'))),
  spanLists('otlp').map((spans) => framed([otlpProto(spans), otlpProto(spans)], 'be32')),
  spanLists('otlp').map((spans) => otlpProto(spans)),
  spanLists('jaeger').map((spans) => bytesOf(jsonText({ data: jaegerTraces(spans) }, 1))),
  spanLists('zipkin').map((spans) => bytesOf(jsonText(zipkinSpans(spans)))),
  spanLists('zipkin').map((spans) => gzipSync(jsonText(zipkinSpans(spans)))),
);

test('random bytes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), chunkBytes, async (bytes, size) => {
      const reading = await readBytes(bytes, { chunkBytes: size, limits: LIMITS });
      expect(reading.diagnostics.length + reading.records).toBeGreaterThan(0);
    }),
    { seed: SEED, numRuns: 1500, endOnFailure: true },
  );
});

test('random text of the letters that matter', async () => {
  const letters = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    '"',
    ',',
    ':',
    '\n',
    '\\',
    ' ',
    '"resourceSpans"',
    '"data"',
    '"spans"',
    '1',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(letters, { maxLength: 60 }), chunkBytes, async (parts, size) => {
      const text = parts.join('');
      const whole = await readBytes(text, { limits: LIMITS });
      const inChunks = await readBytes(text, { chunkBytes: size, limits: LIMITS });
      const told = whole.diagnostics.map(({ code, line }) => [code, line]);
      expect(inChunks.diagnostics.map(({ code, line }) => [code, line])).toEqual(told);
    }),
    { seed: SEED, numRuns: 3000, endOnFailure: true },
  );
});

test('files that are cut anywhere', async () => {
  await fc.assert(
    fc.asyncProperty(files, fc.nat(), chunkBytes, async (bytes, at, size) => {
      const cut = bytes.slice(0, at % bytes.length);
      const whole = await readBytes(bytes, { limits: LIMITS });
      const reading = await readBytes(cut, { chunkBytes: size, limits: LIMITS });
      expect(reading.spans.length).toBeLessThanOrEqual(whole.spans.length);
      if (reading.spans.length < whole.spans.length) {
        // Cut between two records, or in blanks, a file is a shorter file.
        const atBorder = reading.diagnostics.length === 0 && reading.records < whole.records;
        expect(atBorder || reading.diagnostics.length > 0).toBe(true);
      }
    }),
    { seed: SEED, numRuns: 600, endOnFailure: true },
  );
});

test('files with bits and bytes changed', async () => {
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(files, changes, chunkBytes, async (bytes, list, size) => {
      const changed = Uint8Array.from(bytes);
      for (const [at, byte] of list) changed[at % changed.length] = byte;
      // How much zlib had handed over when it met damage depends on the chunks.
      fc.pre(changed[0] !== 0x1f);
      // Cut or whole, it ends; whole, the size of the chunks makes no difference.
      await readBytes(changed, { chunkBytes: size, limits: LIMITS });
      const whole = await readBytes(changed);
      const inChunks = await readBytes(changed, { chunkBytes: size });
      expect(inChunks.spans).toEqual(whole.spans);
      // A batch tells of its cutting before its decoding, so their order depends on the chunks.
      expect(places(inChunks).sort()).toEqual(places(whole).sort());
      expect(inChunks.damaged).toBe(whole.damaged);
    }),
    { seed: SEED, numRuns: 800, endOnFailure: true },
  );
});
