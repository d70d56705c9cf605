/** Files as a whole: found, unpacked, recognised, or refused with a reason. */
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { memoryDisk } from '../../src/receiver/memory-disk.ts';
import { findInputs, openInput } from '../../src/receiver/trace-input.ts';
import { places, readBytes, readFile } from './read-all.ts';
import { span } from './sample-spans.ts';
import { framed, jsonText, otlpProto, otlpRequest } from './write-spans.ts';

const line = (spanId: string) => `${jsonText(otlpRequest([span({ spanId })]))}\n`;
const ids = Array.from({ length: 200 }, (_, index) => (index + 1).toString(16).padStart(16, '0'));
const text = ids.map(line).join('');

describe('finding', () => {
  const disk = memoryDisk({
    'traces/b.json': 'b',
    'traces/a.json': 'aa',
    'traces/.hidden': 'x',
    'traces/old/c.json': 'c',
    'one.json': '1',
  });

  test('a folder stands for the files in it and below, by name', async () => {
    const { files, diagnostics } = await findInputs(['one.json', 'traces/', '-'], disk);
    expect(diagnostics).toEqual([]);
    expect(files).toEqual([
      { path: 'one.json', name: 'one.json', size: 1, inFolder: false },
      { path: 'traces/a.json', name: 'traces/a.json', size: 2, inFolder: true },
      { path: 'traces/b.json', name: 'traces/b.json', size: 1, inFolder: true },
      { path: 'traces/old/c.json', name: 'traces/old/c.json', size: 1, inFolder: true },
      { path: '-', name: '<stdin>', size: null, inFolder: false },
    ]);
  });

  test('a path that is given twice counts once', async () => {
    expect((await findInputs(['one.json', 'one.json'], disk)).files).toHaveLength(1);
  });

  test('a missing path is told with the near names beside it', async () => {
    const { files, diagnostics } = await findInputs(['oen.json', 'one.json'], disk);
    expect(files).toHaveLength(1);
    expect(diagnostics).toEqual([
      {
        code: 'FL501',
        severity: 'error',
        message: '`oen.json` cannot be read: there is no such file or folder',
        file: 'oen.json',
        help: 'check the path; it is taken from the working directory',
      },
    ]);
    const near = await findInputs(['traces/a.jsn'], disk);
    expect(near.diagnostics[0]?.help).toBe('did you mean `a.json`?');
  });

  test('a folder without files is worth a warning', async () => {
    const empty = memoryDisk({ 'traces/.keep': '' });
    const { diagnostics } = await findInputs(['traces'], empty);
    expect(diagnostics.map(({ code, severity }) => [code, severity])).toEqual([['FL506', 'warning']]);
  });
});

describe('standard input', () => {
  test('is read as any file', async () => {
    const disk = memoryDisk({}, { standardInput: gzipSync(text), chunkBytes: 100 });
    const reading = await readFile('-', disk);
    expect(reading.spans.map(({ spanId }) => spanId)).toEqual(ids);
    expect(reading.diagnostics).toEqual([]);
  });

  test('is called <stdin> in messages', async () => {
    const reading = await readFile('-', memoryDisk({}, { standardInput: `${line('1')}oops\n` }));
    expect(reading.diagnostics.map(({ file }) => file)).toEqual(['<stdin>', '<stdin>']);
  });
});

describe('gzip', () => {
  const parts = [ids.slice(0, 70), ids.slice(70, 71), ids.slice(71)].map((part) =>
    gzipSync(part.map(line).join('')),
  );

  test.each([1, 7, 1000, 1 << 20])('of several members, in chunks of %d bytes', async (chunkBytes) => {
    const reading = await readFile('t', memoryDisk({ t: Buffer.concat(parts) }, { chunkBytes }));
    expect(reading.spans.map(({ spanId }) => spanId)).toEqual(ids);
    expect(reading.diagnostics).toEqual([]);
    expect(reading.bytesRead).toBe(Buffer.concat(parts).length);
  });

  test.each([1, 64, 1 << 20])(
    'that ends early gives what could be unpacked, in chunks of %d bytes',
    async (chunkBytes) => {
      const packed = gzipSync(text, { level: 0 });
      const cut = packed.subarray(0, (packed.length >> 1) - 40);
      const reading = await readFile('t', memoryDisk({ t: cut }, { chunkBytes }));
      expect(reading.spans.length).toBeGreaterThan(90);
      expect(reading.spans.map(({ spanId }) => spanId)).toEqual(ids.slice(0, reading.spans.length));
      expect(places(reading)).toEqual([`FL512:${reading.spans.length + 1}`, 'FL504']);
    },
  );

  test('with a flipped bit is told', async () => {
    const packed = gzipSync(text.repeat(40), { level: 0 });
    packed[packed.length - 6] = (packed[packed.length - 6] ?? 0) ^ 1;
    const reading = await readFile('t', memoryDisk({ t: packed }));
    expect(places(reading)).toContain('FL504');
    // What zlib had in hand when it found out is lost, what it had handed over is not.
    expect(reading.spans.length).toBeGreaterThan(4000);
  });

  test('with other bytes behind it is read to there', async () => {
    const padded = Buffer.concat([gzipSync(text), Buffer.alloc(512)]);
    const reading = await readFile('t', memoryDisk({ t: padded }, { chunkBytes: 50 }));
    expect(reading.spans).toHaveLength(200);
    expect(reading.diagnostics).toEqual([]);
  });

  test('is not unpacked further than it is asked for', async () => {
    const disk = memoryDisk({ t: gzipSync(text.repeat(200)) });
    for await (const batch of openInput('t', disk)) {
      expect(batch.records.length).toBeGreaterThan(0);
      break;
    }
  });
});

describe('recognising', () => {
  test.each([
    ['an empty file', '', 'FL505', 'is empty'],
    ['blanks', ' \n\n', 'FL505', 'is empty'],
    ['a byte order mark alone', '\ufeff', 'FL505', 'is empty'],
    ['prose', 'Hello there', 'FL502', 'text that is not JSON'],
    ['markup', '<html></html>', 'FL502', 'text that is not JSON'],
    ['other JSON', '{"kind":"List","items":[]}', 'FL502', '`kind`, `items`'],
    ['bytes', Uint8Array.from([1, 2, 3, 0, 5, 6]), 'FL502', 'bytes of an unknown format'],
    ['zstd', Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 1, 2]), 'FL503', 'compressed with zstd'],
    [
      "the Collector's zstd",
      Uint8Array.from([0, 0, 1, 0, 0x28, 0xb5, 0x2f, 0xfd, 1]),
      'FL503',
      'compressed with zstd, message by message',
    ],
    ['UTF-16', Buffer.from('\ufeff{"resourceSpans":[]}', 'utf16le'), 'FL503', 'text in UTF-16'],
    ['gzip in gzip', gzipSync(gzipSync(text)), 'FL503', 'compressed with gzip twice'],
    ['Parquet', Buffer.from('PAR1.....'), 'FL503', 'a Parquet file'],
  ])('%s is refused', async (_, content, code, message) => {
    for (const chunkBytes of [1, 1 << 20]) {
      const reading = await readFile('t', memoryDisk({ t: content }, { chunkBytes }));
      expect(reading.spans).toEqual([]);
      expect(reading.damaged).toBe(0);
      expect(reading.diagnostics.map((diagnostic) => diagnostic.code)).toEqual([code]);
      expect(reading.diagnostics[0]?.message).toContain(message);
    }
  });

  test('in a folder that is a warning only', async () => {
    const disk = memoryDisk({ 'd/README': 'Hello' });
    const { files } = await findInputs(['d'], disk);
    const severities: string[] = [];
    for await (const { diagnostics } of openInput(files[0] ?? '', disk)) {
      severities.push(...diagnostics.map(({ severity }) => severity));
    }
    expect(severities).toEqual(['warning']);
  });

  test('protobuf whose first length looks like a brace behind a line end', async () => {
    // A request of one resource with 123 bytes begins with the bytes of `\n{`.
    for (let length = 1; length < 120; length++) {
      const bytes = otlpProto([
        span({ name: 'n'.repeat(length), resource: { attributes: new Map(), service: '' } }),
      ]);
      if (bytes[1] !== 0x7b) continue;
      const reading = await readBytes(bytes);
      expect([...reading.formats]).toEqual(['otlp-proto']);
      expect(reading.spans).toHaveLength(1);
      return;
    }
    expect.unreachable('no length gave such a message');
  });
});

describe('damage between protobuf messages', () => {
  const messages = ids.slice(0, 3).map((spanId) => otlpProto([span({ spanId })]));

  test('a file that ends in a message', async () => {
    const bytes = framed(messages, 'be32');
    const reading = await readBytes(bytes.subarray(0, bytes.length - 3), { chunkBytes: 10 });
    expect(reading.spans).toHaveLength(2);
    expect(places(reading)).toEqual(['FL512']);
    expect(reading.damaged).toBe(1);
  });

  test('a message that is no message costs only itself where lengths are right', async () => {
    const bytes = framed(
      [messages[0] as Uint8Array, Uint8Array.from([0x0b, 1, 2]), messages[1] as Uint8Array],
      'varint',
    );
    const reading = await readBytes(bytes);
    expect(reading.spans).toHaveLength(2);
    expect(places(reading)).toEqual(['FL515']);
  });

  test('a bare request that goes on with other bytes', async () => {
    const reading = await readBytes(
      Buffer.concat([messages[0] as Uint8Array, Uint8Array.from([0x0c, 0, 0])]),
    );
    expect(reading.spans).toHaveLength(1);
    expect(places(reading)).toEqual(['FL516']);
  });

  test('a message that is too large is passed over', async () => {
    const large = otlpProto([span({ name: 'x'.repeat(5000) })]);
    const bytes = framed([messages[0] as Uint8Array, large, messages[1] as Uint8Array], 'be32');
    const reading = await readBytes(bytes, { chunkBytes: 100, limits: { record: 4000 } });
    expect(reading.spans.map(({ spanId }) => spanId)).toEqual(ids.slice(0, 2));
    expect(places(reading)).toEqual(['FL513']);
  });
});
