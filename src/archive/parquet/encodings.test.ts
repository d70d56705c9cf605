/** Compression and packing against readers written for the test, and a whole file against DuckDB. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { query } from '../testing/read-archive.ts';
import { bitWidthOf, packIndices } from './bit-packing.ts';
import { DictionaryColumn } from './dictionary-column.ts';
import { GrowingBytes } from './growing-bytes.ts';
import { Int32Column, Int64Column } from './number-columns.ts';
import { ParquetWriter } from './parquet-writer.ts';
import { Repeats } from './repeats.ts';
import { mostCompressed, snappyCompress, snappyCompressRepeats } from './snappy.ts';
import { TextColumn } from './text-column.ts';

const SEED = 20261120;

function unsnappy(bytes: Uint8Array): Uint8Array {
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] as number;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  const little = (count: number) => {
    let value = 0;
    for (let index = 0; index < count; index++) value += (bytes[at++] as number) * 256 ** index;
    return value;
  };
  const out = new Uint8Array(varint());
  let to = 0;
  while (at < bytes.length) {
    const tag = bytes[at++] as number;
    let length = (tag >> 2) + 1;
    if ((tag & 3) === 0) {
      if (length > 60) length = little(length - 60) + 1;
      out.set(bytes.subarray(at, at + length), to);
      at += length;
      to += length;
      continue;
    }
    let offset: number;
    if ((tag & 3) === 1) {
      length = ((tag >> 2) & 7) + 4;
      offset = ((tag >> 5) << 8) | little(1);
    } else offset = little((tag & 3) === 2 ? 2 : 4);
    expect(offset).toBeGreaterThan(0);
    expect(offset).toBeLessThanOrEqual(to);
    for (let index = 0; index < length; index++, to++) out[to] = out[to - offset] as number;
  }
  expect(to).toBe(out.length);
  return out;
}

test('what Snappy packs unpacks to the same bytes, in the room that was foretold', () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc
      .tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 4000 }))
      .map(([part, times]) => {
        const bytes = new Uint8Array(part.length * times);
        for (let at = 0; at < bytes.length; at += part.length) bytes.set(part, at);
        return bytes;
      }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), fc.nat(5), (pieces, at) => {
      const input = Uint8Array.from(Buffer.concat(pieces));
      const output = new Uint8Array(at + mostCompressed(input.length));
      const end = snappyCompress(input, output, at);
      expect(end).toBeLessThanOrEqual(output.length);
      expect(Buffer.compare(unsnappy(output.subarray(at, end)), input)).toBe(0);
    }),
    { seed: SEED, numRuns: 150 },
  );
});

test('what is packed by told repetitions unpacks to the same bytes, also where they are told wrongly', () => {
  const piece = fc.oneof(
    fc.record({ text: fc.constantFrom('"http.route":', '"a":1,', 'x'.repeat(70_000), ''), hash: fc.nat(3) }),
    fc.record({ text: fc.string({ maxLength: 90 }), hash: fc.integer() }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), fc.nat(5), (pieces, before) => {
      const page = new GrowingBytes();
      const repeats = new Repeats();
      for (const { text, hash } of pieces) {
        repeats.note(hash, page.length);
        page.append(Buffer.from(text));
      }
      page.reserve(8);
      const packed = new GrowingBytes();
      packed.reserve(before + mostCompressed(page.length));
      packed.length = before;
      const end = snappyCompressRepeats(page, repeats, packed);
      expect(end).toBeLessThanOrEqual(packed.bytes.length);
      expect(Buffer.compare(unsnappy(packed.bytes.subarray(before, end)), page.written())).toBe(0);
    }),
    { seed: SEED, numRuns: 300 },
  );
});

test('told repetitions are used, with what is the same behind and before them', () => {
  const page = new GrowingBytes();
  const repeats = new Repeats();
  for (let row = 0; row < 1000; row++) {
    page.append(Buffer.from(`{"id":${row % 10},`));
    repeats.note(1, page.length);
    page.append(Buffer.from('"http.route":"/api/orders/{id}","service":"orders"}'));
  }
  page.reserve(8);
  const packed = new GrowingBytes();
  packed.reserve(mostCompressed(page.length));
  expect(snappyCompressRepeats(page, repeats, packed)).toBeLessThan(page.length / 10);
});

function unpack(bytes: Uint8Array, count: number, width: number): number[] {
  const values: number[] = [];
  let at = 0;
  while (at < bytes.length) {
    let header = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] as number;
      header += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    if (header % 2 === 0) {
      let value = 0;
      for (let bits = 0; bits < width; bits += 8) value += (bytes[at++] as number) * 2 ** bits;
      for (let index = 0; index < header / 2; index++) values.push(value);
      continue;
    }
    const length = ((header - 1) / 2) * 8;
    for (let index = 0; index < length; index++) {
      let value = 0;
      for (let bit = 0; bit < width; bit++) {
        const place = index * width + bit;
        if (((bytes[at + (place >> 3)] as number) >> (place & 7)) & 1) value += 2 ** bit;
      }
      values.push(value);
    }
    at += (length / 8) * width;
  }
  // The last group is filled.
  expect(values.length - count).toBeLessThan(8);
  return values.slice(0, count);
}

test('packed indices unpack to the same, runs or not', () => {
  const run = fc.tuple(fc.nat(), fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 90 })));
  fc.assert(
    fc.property(
      fc.array(run, { maxLength: 60 }),
      fc.constantFrom(1, 2, 3, 9, 200, 70_000),
      (runs, distinct) => {
        const values = runs.flatMap(([value, times]) => Array<number>(times).fill(value % distinct));
        const width = bitWidthOf(distinct - 1);
        const out = new GrowingBytes();
        packIndices(Uint32Array.from(values), 0, values.length, width, out);
        expect(unpack(out.written(), values.length, width)).toEqual(values);
      },
    ),
    { seed: SEED, numRuns: 300 },
  );
});

test.each(['none', 'snappy', 'gzip'] as const)(
  'a file of several pages and row groups, compressed with %s, is read by DuckDB',
  async (codec) => {
    const texts = new TextColumn('text');
    const names = new DictionaryColumn('name');
    const small = new Int32Column('small');
    const large = new Int64Column('large');
    const columns = [texts, names, small, large];
    const writer = new ParquetWriter(
      columns.map((column) => column.shape),
      { codec, createdBy: 'test', properties: { why: 'a test' } },
    );
    const encoder = new TextEncoder();
    const rows = 30_000;
    for (let group = 0; group < 2; group++) {
      for (let row = 0; row < rows; row++) {
        texts.append(encoder.encode(`text ${row} ${'ü'.repeat(row % 60)}`));
        names.append(names.indexOfText(`name ${row % 37}`));
        small.append(row - 5);
        large.appendNumber(row * 2 ** 33 - 7);
      }
      writer.addRowGroup(columns);
    }
    const folder = mkdtempSync(join(tmpdir(), 'fluo-parquet-'));
    try {
      const path = join(folder, 'x.parquet');
      writeFileSync(path, writer.finish());
      const [row] = await query(
        `SELECT count(*)::INT AS rows, count(DISTINCT name)::INT AS names, min(small) AS least, max(large) AS greatest,
           count(*) FILTER (text = 'text ' || (small + 5) || ' ' || repeat('ü', (small + 5) % 60)
             AND name = 'name ' || (small + 5) % 37 AND large = (small::BIGINT + 5) * 8589934592 - 7)::INT AS correct
         FROM '${path}'`,
      );
      expect(row).toEqual({
        rows: rows * 2,
        names: 37,
        least: -5,
        greatest: BigInt(rows - 1) * 2n ** 33n - 7n,
        correct: rows * 2,
      });
      const pages = await query(
        `SELECT compression, stats_min_value AS least FROM parquet_metadata('${path}')
         WHERE path_in_schema = 'small'`,
      );
      const compression = codec === 'none' ? 'UNCOMPRESSED' : codec.toUpperCase();
      expect(pages).toEqual([
        { compression, least: '-5' },
        { compression, least: '-5' },
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
