/** The HTTP receiver against clients that mean harm or are broken: each gets an answer, and costs nothing afterwards. */
import { request as httpRequest } from 'node:http';
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { span } from '../../../test/receiver/sample-spans.ts';
import { jsonText, otlpProto, otlpRequest } from '../../../test/receiver/write-spans.ts';
import type { RunningReceiver } from './listen.ts';
import { type OtlpHttpOptions, startOtlpHttp } from './otlp-http-server.ts';
import type { ReceiverLimits } from './receiver-limits.ts';
import { testParts } from './testing/receiver-parts.ts';
import { dial, send, talk } from './testing/talk.ts';

const PROTO = { 'content-type': 'application/x-protobuf' };
const JSON_TYPE = { 'content-type': 'application/json' };
const REQUEST = otlpProto([span()]);
const HEAD = 'POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\n';
const MIB = 1024 * 1024;

const running: RunningReceiver[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((receiver) => receiver.close(false)));
});

async function start(limits: Partial<ReceiverLimits> = {}, more: Partial<OtlpHttpOptions> = {}) {
  const parts = testParts(limits);
  const { receiver, problem } = await startOtlpHttp({ ...parts, ...more });
  if (receiver === null) throw new Error(problem.message);
  running.push(receiver);
  const { port } = receiver.address;
  /** That the receiver lives, holds nothing, and failed at nothing. */
  const unharmed = async (): Promise<void> => {
    expect((await send(port, { headers: PROTO, body: REQUEST })).status).toBe(200);
    expect(parts.budget.held).toBe(0);
    expect(parts.bugs).toEqual([]);
  };
  return { ...parts, receiver, port, unharmed };
}

describe('too much', () => {
  const ZEROS = Buffer.alloc(40 * MIB);
  test.each<[string, string, Buffer]>([
    ['gzip', 'gzip', gzipSync(ZEROS)],
    ['gzip that lies about its length', 'gzip', lying(gzipSync(ZEROS), 1)],
    ['gzip that promises four gigabytes', 'gzip', lying(gzipSync(ZEROS), 0xffffffff)],
    ['deflate', 'deflate', deflateSync(ZEROS)],
    ['deflate without its envelope', 'deflate', deflateRawSync(ZEROS)],
    [
      'many gzips in a row',
      'gzip',
      Buffer.concat(Array.from({ length: 9 }, () => gzipSync(ZEROS.subarray(0, MIB)))),
    ],
  ])('a bomb of %s is stopped', async (_, encoding, body) => {
    const { port, unharmed } = await start({ unpackedBytes: 8 * MIB });
    const reply = await send(port, { headers: { ...PROTO, 'content-encoding': encoding }, body });
    expect(reply.status).toBe(413);
    expect(reply.text).toContain(
      'unpacked, has more than 8 MiB, where 8 MiB are taken: send fewer spans at a time',
    );
    await unharmed();
  });

  test.each([
    ['declared', { 'content-length': '3000000' }],
    ['in chunks', { 'transfer-encoding': 'chunked' }],
  ])('a body past the limit, %s', async (_, headers) => {
    const { port, unharmed, stats } = await start({ bodyBytes: MIB });
    const reply = await send(port, { headers: { ...PROTO, ...headers }, body: Buffer.alloc(3_000_000) });
    expect(reply.status).toBe(413);
    expect(stats.transports['http-protobuf'].requests['too-large']).toBe(1);
    await unharmed();
  });

  test('a body past the limit is not asked for', async () => {
    const { port, unharmed } = await start({ bodyBytes: MIB });
    const asked = await new Promise<number | 'continue'>((resolve, reject) => {
      const request = httpRequest({
        host: '127.0.0.1',
        port,
        method: 'POST',
        path: '/v1/traces',
        headers: { ...PROTO, expect: '100-continue', 'content-length': String(2 * MIB) },
      });
      request.on('continue', () => resolve('continue'));
      request.on('response', (response) => {
        resolve(response.statusCode ?? 0);
        request.destroy();
      });
      request.on('error', reject);
      request.flushHeaders();
    });
    expect(asked).toBe(413);
    await unharmed();
  });

  test('JSON has a limit of its own', async () => {
    const { port, unharmed } = await start({ jsonBytes: MIB });
    const reply = await send(port, {
      headers: { ...JSON_TYPE, 'content-encoding': 'gzip' },
      body: gzipSync(Buffer.alloc(2 * MIB, ' ')),
    });
    expect(reply.status).toBe(413);
    expect(JSON.parse(reply.text).message).toContain('the JSON request, unpacked, has more than 1 MiB');
    await unharmed();
  });

  test('more in work than there is room for', async () => {
    const { port, intake, unharmed } = await start({ bytesInFlight: 1000 });
    intake.holding = true;
    const body = otlpProto(Array.from({ length: 5 }, () => span({ name: 'x'.repeat(100) })));
    const first = send(port, { headers: PROTO, body });
    await intake.came(1);
    const second = await send(port, { headers: PROTO, body });
    expect(second.status).toBe(503);
    expect(second.headers['retry-after']).toBe('1');
    intake.release();
    expect((await first).status).toBe(200);
    await unharmed();
  });

  test('an intake that takes nothing is asked before the body is read', async () => {
    const { port, intake, unharmed } = await start();
    intake.closed = { kind: 'unavailable', retryAfterMs: 4200, message: 'the disk is full: make room' };
    const reply = await send(port, { headers: JSON_TYPE, body: Buffer.alloc(5 * MIB) });
    expect(reply.status).toBe(503);
    expect(reply.headers['retry-after']).toBe('5');
    expect(JSON.parse(reply.text)).toEqual({
      code: 14,
      message: 'the disk is full: make room',
      details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '4.2s' }],
    });
    intake.closed = null;
    await unharmed();
  });

  test('headers', async () => {
    const { port, unharmed } = await start();
    const reply = await talk(port, `${HEAD}X: ${'x'.repeat(40_000)}\r\n\r\n`);
    expect(reply.toString()).toMatch(/^HTTP\/1\.1 431 /);
    await unharmed();
  });

  test('connections', async () => {
    const { port, stats } = await start({ connections: 2 });
    const two = await Promise.all([dial(port), dial(port)]);
    // They have arrived when the server has answered something on them.
    for (const socket of two) {
      socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\nPOST /v1/traces HTTP/1.1\r\n');
      await new Promise((resolve) => socket.once('data', resolve));
    }
    const third = await send(port, { headers: PROTO, body: REQUEST });
    expect(third.status).toBe(503);
    expect(third.headers).toMatchObject({ 'retry-after': '5', connection: 'close' });
    expect(third.text).toContain('2 connections are open, which is the limit');
    expect(stats.refusedConnections.http).toBe(1);
    for (const socket of two) socket.destroy();
  });
});

/** A gzip with another length at its end. */
function lying(gzip: Buffer, length: number): Buffer {
  const bytes = Buffer.from(gzip);
  bytes.writeUInt32LE(length, bytes.length - 4);
  return bytes;
}

describe('not what it says', () => {
  test('a body that ends before its length', async () => {
    const { port, stats, unharmed } = await start();
    const socket = await dial(port);
    socket.resume();
    socket.end(`${HEAD}Content-Length: 100000\r\n\r\nhalf`);
    await new Promise((resolve) => socket.once('close', resolve));
    expect(stats.transports['http-protobuf'].requests.abandoned).toBe(1);
    await unharmed();
  });

  test.each<[string, string | Uint8Array, RegExp]>([
    [
      'a body longer than its length',
      `${HEAD}Content-Length: 0\r\n\r\ngarbage\r\n\r\n`,
      /^HTTP\/1\.1 200 OK/,
    ],
    ['two lengths', `${HEAD}Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx`, /^HTTP\/1\.1 400 /],
    [
      'a length and chunks',
      `${HEAD}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      /^HTTP\/1\.1 400 /,
    ],
    ['a negative length', `${HEAD}Content-Length: -1\r\n\r\n`, /^HTTP\/1\.1 400 /],
    ['broken chunks', `${HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\n`, /^HTTP\/1\.1 400 /],
    ['noise', Buffer.alloc(3000, 0x81), /^HTTP\/1\.1 400 [\s\S]*this is no HTTP request/],
    ['TLS', Uint8Array.of(0x16, 3, 1, 2, 0, 1), /without TLS: use `http:\/\/`/],
    [
      'gRPC',
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      /Fluo takes OTLP over HTTP\/1\.1 at this port, and gRPC at another/,
    ],
    ['no host', 'POST /v1/traces HTTP/1.1\r\n\r\n', /^HTTP\/1\.1 400 /],
  ])('%s', async (_, bytes, answer) => {
    const { port, unharmed } = await start();
    expect((await talk(port, bytes)).toString('latin1')).toMatch(answer);
    await unharmed();
  });

  test('noise behind a request that is in work: the request gets its answer', async () => {
    const { port, intake, unharmed } = await start();
    intake.holding = true;
    const answer = talk(port, `${HEAD}Content-Length: 0\r\n\r\n`, 'noise\r\n\r\n');
    await intake.came(1);
    intake.release();
    const text = (await answer).toString();
    expect(text).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1);
    await unharmed();
  });

  test.each([
    ['headers', 'POST /v1/traces HTTP/1.1\r\nHos'],
    ['a body', `${HEAD}Content-Length: 100\r\n\r\nhalf`],
    ['nothing', ''],
  ])('%s that never comes to its end', async (_, bytes) => {
    const { port, stats, receiver } = await start({ headersTimeoutMs: 20, requestTimeoutMs: 40 });
    expect((await talk(port, bytes)).toString()).toMatch(/^HTTP\/1\.1 408 /);
    await receiver.close(true);
    // The request hears of it after its connection has.
    await new Promise(setImmediate);
    const timedOut = Object.values(stats.transports).map(({ requests }) => requests['timed-out']);
    expect(timedOut.reduce((sum, count) => sum + count)).toBe(1);
  });

  test('any bytes, of any length, as any type', async () => {
    const { port, bugs, budget } = await start();
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.constantFrom(PROTO, JSON_TYPE),
        fc.constantFrom('identity', 'gzip', 'deflate'),
        async (body, type, encoding) => {
          const reply = await send(port, { headers: { ...type, 'content-encoding': encoding }, body });
          expect([200, 400]).toContain(reply.status);
        },
      ),
      { seed: 840, numRuns: 150 },
    );
    expect(bugs).toEqual([]);
    expect(budget.held).toBe(0);
  });

  test('any bytes instead of HTTP', async () => {
    const { port, unharmed } = await start({ headersTimeoutMs: 20 });
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (bytes) => {
        await talk(port, bytes, '\r\n\r\n');
      }),
      { seed: 841, numRuns: 50 },
    );
    await unharmed();
  });
});

test('JSON: spans with faults of their own are left out, and named', async () => {
  const { port, intake } = await start();
  const request = JSON.parse(jsonText(otlpRequest([span(), span({ name: 'second' })])));
  request.resourceSpans[0].scopeSpans[0].spans[0].traceId = 'abc';
  const reply = await send(port, { headers: JSON_TYPE, body: JSON.stringify(request) });
  expect(reply.status).toBe(200);
  expect(JSON.parse(reply.text)).toEqual({
    partialSuccess: {
      rejectedSpans: '1',
      errorMessage: expect.stringContaining(
        '`resourceSpans[0].scopeSpans[0].spans[0].traceId` must be 32 hex digits',
      ),
    },
  });
  expect(intake.spans.map(({ name }) => name)).toEqual(['second']);
});

test('a bug is told to the server, and answered with 500', async () => {
  const { port, intake, bugs } = await start();
  intake.export = () => Promise.reject(new Error('a bug'));
  const reply = await send(port, { headers: JSON_TYPE, body: '{}' });
  expect(reply.status).toBe(500);
  expect(reply.text).not.toContain('a bug of the intake');
  expect(bugs).toHaveLength(1);
});

describe('web pages', () => {
  const PAGE = { origin: 'https://shop.example.com' };
  const ask = { method: 'OPTIONS', headers: { ...PAGE, 'access-control-request-method': 'POST' } };
  const cors = {
    allowedOrigins: ['https://*.example.com'],
    allowedHeaders: ['X-Tenant'],
    maxAgeSeconds: 600,
  };

  test('may not send unless they are allowed to', async () => {
    const { port } = await start();
    const reply = await send(port, ask);
    expect(reply.status).toBe(405);
    expect(reply.text).toContain('CORS is off');
    expect(reply.headers).not.toHaveProperty('access-control-allow-origin');
  });

  test('of allowed origins may', async () => {
    const { port } = await start({}, { cors });
    const preflight = await send(port, ask);
    expect(preflight.status).toBe(204);
    expect(preflight.headers).toMatchObject({
      'access-control-allow-origin': PAGE.origin,
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'Content-Type, Content-Encoding, X-Tenant',
      'access-control-max-age': '600',
      vary: 'Origin',
    });
    const reply = await send(port, { headers: { ...JSON_TYPE, ...PAGE }, body: '{}' });
    expect(reply).toMatchObject({ status: 200 });
    expect(reply.headers['access-control-allow-origin']).toBe(PAGE.origin);
  });

  test.each(['https://example.com.evil.net', 'http://shop.example.com', 'https://a/b.example.com', 'null'])(
    'of %s may not',
    async (origin) => {
      const { port } = await start({}, { cors });
      const reply = await send(port, { ...ask, headers: { ...ask.headers, origin } });
      expect(reply.status).toBe(403);
      expect(reply.headers).not.toHaveProperty('access-control-allow-origin');
    },
  );
});

describe('closing', () => {
  test('gracefully: requests that have begun are answered, idle connections are closed', async () => {
    const { port, intake, receiver, stats } = await start();
    const idle = await dial(port);
    idle.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await new Promise((resolve) => idle.once('data', resolve));
    intake.holding = true;
    const reply = send(port, { headers: { ...PROTO, connection: 'keep-alive' }, body: REQUEST });
    await intake.came(1);
    const idleClosed = new Promise((resolve) => idle.once('close', resolve));
    const closed = receiver.close(true);
    await idleClosed;
    intake.release();
    expect(await reply).toMatchObject({ status: 200, headers: { connection: 'close' } });
    await closed;
    expect(stats.openConnections.http).toBe(0);
    await expect(dial(port)).rejects.toThrow('ECONNREFUSED');
  });

  test('at once', async () => {
    const { port, intake, receiver } = await start();
    intake.holding = true;
    const reply = send(port, { headers: PROTO, body: REQUEST });
    const broken = expect(reply).rejects.toThrow();
    await intake.came(1);
    const graceful = receiver.close(true);
    await receiver.close(false);
    await graceful;
    await broken;
    intake.release();
  });

  test('a port in use, and one that cannot be had', async () => {
    const { port, ...parts } = await start();
    expect((await startOtlpHttp({ ...parts, port })).problem).toMatchObject({ code: 'FL840' });
    expect((await startOtlpHttp({ ...parts, port: 0, host: '203.0.113.1' })).problem).toMatchObject({
      code: 'FL842',
    });
    expect((await startOtlpHttp({ ...parts, port: 0, host: 'no-such-host.invalid' })).problem).toMatchObject({
      code: 'FL842',
    });
  });
});
