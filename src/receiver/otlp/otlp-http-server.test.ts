/** The HTTP receiver as clients see it: what it takes, and what it says of what it does not take. */
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { span } from '../../../test/receiver/sample-spans.ts';
import { otlpProto } from '../../../test/receiver/write-spans.ts';
import type { RunningReceiver } from './listen.ts';
import { type OtlpHttpOptions, startOtlpHttp } from './otlp-http-server.ts';
import type { ReceiverLimits } from './receiver-limits.ts';
import { testParts } from './testing/receiver-parts.ts';
import { send, talk } from './testing/talk.ts';

const PROTO = { 'content-type': 'application/x-protobuf' };
const JSON_TYPE = { 'content-type': 'application/json' };
const SPANS = [
  span({ name: 'payment.charge' }),
  span({ name: 'inventory.reserve', spanId: 'b7ad6b7169203331' }),
];
const REQUEST = otlpProto(SPANS);

const running: RunningReceiver[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((receiver) => receiver.close(false)));
});

async function start(limits: Partial<ReceiverLimits> = {}, more: Partial<OtlpHttpOptions> = {}) {
  const parts = testParts(limits);
  const { receiver, problem } = await startOtlpHttp({ ...parts, ...more });
  if (receiver === null) throw new Error(problem.message);
  running.push(receiver);
  return { ...parts, receiver, port: receiver.address.port };
}

describe('what is taken', () => {
  test.each<[string, Record<string, string>, Uint8Array]>([
    ['plain', {}, REQUEST],
    ['identity', { 'content-encoding': 'identity' }, REQUEST],
    ['gzip', { 'content-encoding': 'gzip' }, gzipSync(REQUEST)],
    ['deflate', { 'content-encoding': 'deflate' }, deflateSync(REQUEST)],
    ['deflate without its envelope', { 'content-encoding': 'deflate' }, deflateRawSync(REQUEST)],
    ['chunked', { 'transfer-encoding': 'chunked' }, REQUEST],
    ['told in advance', { expect: '100-continue', 'content-length': String(REQUEST.length) }, REQUEST],
    ['nothing', {}, new Uint8Array(0)],
  ])('protobuf, %s', async (_, headers, body) => {
    const { port, intake, stats } = await start();
    const reply = await send(port, { headers: { ...PROTO, ...headers }, body });
    expect(reply).toMatchObject({ status: 200, text: '' });
    expect(reply.headers['content-type']).toBe('application/x-protobuf');
    expect(intake.spans.map(({ name }) => name)).toEqual(
      body.length === 0 ? [] : SPANS.map(({ name }) => name),
    );
    expect(stats.transports['http-protobuf'].requests.accepted).toBe(1);
  });

  test('JSON, with a charset', async () => {
    const { port, intake } = await start();
    const reply = await send(port, {
      headers: { 'content-type': 'Application/JSON; charset=utf-8' },
      body: '{}',
    });
    expect(reply).toMatchObject({ status: 200, text: '{}' });
    expect(intake.requests[0]?.transport).toBe('http-json');
  });

  test('many requests over one connection, sent without waiting, answered in order', async () => {
    const { port, intake } = await start();
    const head = `POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\nContent-Length: ${REQUEST.length}\r\n`;
    const one = Buffer.concat([Buffer.from(`${head}\r\n`), REQUEST]);
    const last = Buffer.concat([Buffer.from(`${head}Connection: close\r\n\r\n`), REQUEST]);
    const replies = (await talk(port, Buffer.concat([one, one, one, last]))).toString();
    expect(replies.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(4);
    expect(intake.requests).toHaveLength(4);
  });
});

describe('what is not taken', () => {
  test.each<[string, Parameters<typeof send>[1], number, string | RegExp]>([
    [
      'another type',
      { headers: { 'content-type': 'text/xml' }, body: '<a/>' },
      415,
      'send `application/x-protobuf` or',
    ],
    ['no type', { body: 'x' }, 415, '(none)'],
    [
      'another compression',
      { headers: { ...JSON_TYPE, 'content-encoding': 'zstd' }, body: 'x' },
      415,
      '`gzip` or `deflate`',
    ],
    ['logs', { path: '/v1/logs', headers: JSON_TYPE, body: '{}' }, 404, 'takes traces, not logs'],
    ['metrics', { path: '/v1/metrics', headers: JSON_TYPE, body: '{}' }, 404, 'pipelines of `traces` only'],
    ['another path', { path: '/v2/x', headers: JSON_TYPE, body: '{}' }, 404, '`POST /v1/traces`'],
    ['GET', { method: 'GET' }, 405, 'not `GET`'],
    ['garbage', { headers: JSON_TYPE, path: '/v1/traces/?x=1', body: 'x' }, 400, 'is not valid JSON'],
    [
      'no gzip',
      { headers: { ...JSON_TYPE, 'content-encoding': 'gzip' }, body: 'xxxxxxxxxxxxxxxxxxxxxxxxxxxx' },
      400,
      'not whole `gzip`',
    ],
    [
      'half of a gzip',
      { headers: { ...JSON_TYPE, 'content-encoding': 'gzip' }, body: gzipSync(REQUEST).subarray(0, 60) },
      400,
      'not whole `gzip`',
    ],
  ])('%s', async (_, sending, status, message) => {
    const { port, bugs, refused } = await start();
    const reply = await send(port, { ...sending, headers: { 'user-agent': 'a/1', ...sending?.headers } });
    expect(reply.status).toBe(status);
    expect(reply.text).toMatch(message);
    expect(refused).toMatchObject([
      {
        status: `HTTP ${status}`,
        peer: '127.0.0.1',
        userAgent: 'a/1',
        message: expect.stringMatching(message),
      },
    ]);
    if (status !== 200) expect(JSON.parse(reply.text)).toHaveProperty('code');
    expect(bugs).toEqual([]);
  });

  test('damaged protobuf is refused with a status as protobuf', async () => {
    const { port, stats } = await start();
    const reply = await send(port, { headers: PROTO, body: Uint8Array.of(0x0a, 0x7f, 1) });
    expect(reply.status).toBe(400);
    // Field 1, code 3; field 2, a text.
    expect([...reply.body.subarray(0, 3)]).toEqual([0x08, 3, 0x12]);
    expect(reply.text).toContain('passes the end');
    expect(stats.transports['http-protobuf'].requests.malformed).toBe(1);
  });

  test('says what it takes', async () => {
    const { port } = await start();
    expect((await send(port, { method: 'GET', path: '/' })).text).toContain('POST /v1/traces');
    expect((await send(port, { method: 'PUT' })).headers.allow).toBe('POST');
    expect((await send(port, { headers: PROTO, body: 'x' })).status).toBe(400);
  });
});
