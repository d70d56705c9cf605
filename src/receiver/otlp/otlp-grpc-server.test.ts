/** The gRPC receiver as clients see it: what it takes, and what it says of what it does not take. */
import type { ClientHttp2Session } from 'node:http2';
import { deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { span } from '../../../test/receiver/sample-spans.ts';
import { otlpProto } from '../../../test/receiver/write-spans.ts';
import type { RunningReceiver } from './listen.ts';
import { startOtlpGrpc } from './otlp-grpc-server.ts';
import type { ReceiverLimits } from './receiver-limits.ts';
import { call, framedMessage, openSession } from './testing/grpc-client.ts';
import { testParts } from './testing/receiver-parts.ts';
import { dial, send, talk } from './testing/talk.ts';

const SPANS = [
  span({ name: 'payment.charge' }),
  span({ name: 'inventory.reserve', spanId: 'b7ad6b7169203331' }),
];
const REQUEST = otlpProto(SPANS);
const GZIP = { 'grpc-encoding': 'gzip' };

const running: RunningReceiver[] = [];
const sessions: ClientHttp2Session[] = [];
afterEach(async () => {
  for (const session of sessions.splice(0)) session.destroy();
  await Promise.all(running.splice(0).map((receiver) => receiver.close(false)));
});

async function start(limits: Partial<ReceiverLimits> = {}) {
  const parts = testParts(limits);
  const { receiver, problem } = await startOtlpGrpc(parts);
  if (receiver === null) throw new Error(problem.message);
  running.push(receiver);
  const session = openSession(receiver.address.port);
  sessions.push(session);
  return { ...parts, receiver, port: receiver.address.port, session };
}

describe('what is taken', () => {
  test.each<[string, Record<string, string>, Buffer]>([
    ['plain', {}, framedMessage(REQUEST)],
    ['plain where it might be compressed', GZIP, framedMessage(REQUEST)],
    ['gzip', GZIP, framedMessage(gzipSync(REQUEST), 1)],
    ['deflate', { 'grpc-encoding': 'deflate' }, framedMessage(deflateSync(REQUEST), 1)],
    ['its type in full', { 'content-type': 'application/grpc+proto' }, framedMessage(REQUEST)],
  ])('%s', async (_, headers, body) => {
    const { session, intake, stats } = await start();
    const reply = await call(session, body, { headers });
    expect(reply).toMatchObject({
      http: 200,
      status: 0,
      message: '',
      body: framedMessage(new Uint8Array(0)),
    });
    expect(intake.spans.map(({ name }) => name)).toEqual(SPANS.map(({ name }) => name));
    expect(stats.transports.grpc.requests.accepted).toBe(1);
    expect(stats.openConnections.grpc).toBe(1);
  });

  test('a request without spans', async () => {
    const { session } = await start();
    expect(await call(session, framedMessage(new Uint8Array(0)))).toMatchObject({ status: 0 });
  });

  test('a megabyte, and a hundred requests at a time', async () => {
    const { session, intake } = await start();
    const large = otlpProto(
      Array.from({ length: 4000 }, (_, at) => span({ spanId: (at + 1).toString(16).padStart(16, '0') })),
    );
    expect(await call(session, framedMessage(large))).toMatchObject({ status: 0 });
    expect(intake.spans).toHaveLength(4000);
    const replies = await Promise.all(
      Array.from({ length: 100 }, () => call(session, framedMessage(REQUEST))),
    );
    expect(replies.every(({ status }) => status === 0)).toBe(true);
    expect(intake.requests).toHaveLength(101);
  });
});

describe('what is not taken', () => {
  test.each<[string, Record<string, string>, Buffer, number, string]>([
    ['no message', {}, Buffer.alloc(0), 3, 'has no message'],
    ['half a message', {}, framedMessage(REQUEST, 0, REQUEST.length + 1), 3, 'is cut off'],
    [
      'two messages',
      {},
      Buffer.concat([framedMessage(REQUEST), framedMessage(REQUEST)]),
      3,
      'more than one message',
    ],
    ['a wrong flag', {}, framedMessage(REQUEST, 7), 3, 'is 0 or 1, but is 7'],
    ['compressed with nothing', {}, framedMessage(gzipSync(REQUEST), 1), 3, 'without a `grpc-encoding`'],
    [
      'another compression',
      { 'grpc-encoding': 'zstd' },
      framedMessage(REQUEST, 1),
      12,
      'compress with `gzip`',
    ],
    ['half a gzip', GZIP, framedMessage(gzipSync(REQUEST).subarray(0, 50), 1), 3, 'not whole `gzip`'],
    ['damaged protobuf', {}, framedMessage(Uint8Array.of(0x0a, 0x7f, 1)), 3, 'passes the end'],
    [
      'logs',
      { ':path': '/opentelemetry.proto.collector.logs.v1.LogsService/Export' },
      framedMessage(REQUEST),
      12,
      'takes traces, not logs',
    ],
    [
      'metrics',
      { ':path': '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export' },
      framedMessage(REQUEST),
      12,
      'takes traces, not metrics',
    ],
    ['another method', { ':path': '/x.Y/Z%00é' }, framedMessage(REQUEST), 12, 'there is no method'],
  ])('%s', async (_, headers, body, status, message) => {
    const { session, intake, bugs, refused } = await start();
    const reply = await call(session, body, { headers: { 'user-agent': 'a/1', ...headers } });
    expect(reply).toMatchObject({ http: 200, status });
    expect(reply.message).toContain(message);
    expect(refused).toMatchObject([
      {
        status: `gRPC ${status}`,
        peer: '127.0.0.1',
        userAgent: 'a/1',
        message: expect.stringContaining(message),
      },
    ]);
    expect(bugs).toEqual([]);
    expect(intake.requests).toEqual([]);
    expect(await call(session, framedMessage(REQUEST))).toMatchObject({ status: 0 });
  });

  test.each(['overloaded', 'unavailable'] as const)('%s: when to send it again', async (kind) => {
    const { session, intake, stats } = await start();
    intake.refusals.push({ kind, retryAfterMs: 2500, message: 'die Platte ist voll: 100 %, prüfen' });
    const reply = await call(session, framedMessage(REQUEST));
    expect(reply).toMatchObject({ status: 14, message: 'die Platte ist voll: 100 %, prüfen' });
    const details = reply.details.toString('latin1');
    expect(details).toContain('type.googleapis.com/google.rpc.RetryInfo');
    // RetryInfo { retry_delay: { seconds: 2, nanos: 500000000 } }
    expect(reply.details.toString('hex')).toContain('0a0808021080cab5ee01');
    expect(stats.transports.grpc.requests[kind]).toBe(1);
  });

  test('a part: the spans that were left out are told', async () => {
    const { session, intake, refused } = await start();
    intake.partial = { rejectedSpans: 2, message: 'ids are zero' };
    expect(await call(session, framedMessage(REQUEST))).toMatchObject({ status: 0 });
    expect(refused).toMatchObject([
      { outcome: 'partial', status: 'gRPC 0', spans: 2, message: 'ids are zero', peer: '127.0.0.1' },
    ]);
  });

  test('a message that says that it is too large, before it comes', async () => {
    const { session } = await start({ bodyBytes: 1000 });
    const reply = await call(session, framedMessage(new Uint8Array(10), 0, 5000), { unfinished: true });
    expect(reply).toMatchObject({ status: 8 });
    expect(reply.message).toContain('send fewer spans at a time');
    expect(reply.details).toHaveLength(0);
    expect(await call(session, framedMessage(new Uint8Array(0)))).toMatchObject({ status: 0 });
  });

  test.each(['gzip', 'deflate'])('a bomb of %s', async (packing) => {
    const { session, budget } = await start({ unpackedBytes: 4 * 1024 * 1024 });
    const zeros = Buffer.alloc(40 * 1024 * 1024);
    const bomb = packing === 'gzip' ? gzipSync(zeros) : deflateSync(zeros);
    const reply = await call(session, framedMessage(bomb, 1), { headers: { 'grpc-encoding': packing } });
    expect(reply).toMatchObject({ status: 8 });
    expect(reply.message).toContain('unpacked, has more than 4 MiB');
    expect(budget.held).toBe(0);
  });

  test('a request that does not come to its end', async () => {
    const { session, budget, stats } = await start({ requestTimeoutMs: 30 });
    const reply = await call(session, framedMessage(REQUEST, 0, 90_000), { unfinished: true });
    expect(reply).toMatchObject({ status: 4, message: 'the request did not arrive in time: send it again' });
    expect(budget.held).toBe(0);
    expect(stats.transports.grpc.requests).toMatchObject({ 'timed-out': 1, abandoned: 0 });
  });

  test('OTLP over HTTP/1.1, TLS and noise, each told where to go', async () => {
    const { port, stats } = await start();
    const reply = await send(port, { body: REQUEST, headers: { 'content-type': 'application/x-protobuf' } });
    expect(reply).toMatchObject({ status: 400 });
    expect(reply.text).toContain('send OTLP over HTTP to the other port, 4318');
    expect((await talk(port, Uint8Array.of(0x16, 3, 1, 2, 0, 1))).toString()).toContain('gRPC without TLS');
    expect((await talk(port, 'hello\r\n')).toString()).toContain('this port takes OTLP over gRPC');
    expect(stats.strayConnections.grpc).toBe(3);
  });

  test('OTLP over HTTP, by HTTP/2', async () => {
    const { session } = await start();
    const reply = await call(session, REQUEST, {
      headers: { ':path': '/v1/traces', 'content-type': 'application/x-protobuf' },
    });
    expect(reply).toMatchObject({ http: 415, status: -1 });
    expect(reply.body.toString()).toContain('This port takes OTLP over gRPC');
  });

  test('noise behind a proper beginning', async () => {
    const { port, session } = await start();
    const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    const settings = Buffer.from('000000040000000000', 'hex');
    for (const noise of [Buffer.alloc(4000, 0xfe), Buffer.concat([settings, Buffer.alloc(99, 1)])]) {
      const socket = await dial(port);
      socket.write(Buffer.concat([preface, noise]));
      await new Promise((resolve) => socket.once('data', resolve));
      socket.destroy();
    }
    expect(await call(session, framedMessage(REQUEST))).toMatchObject({ status: 0 });
  });

  test('a connection beyond the limit', async () => {
    const { port, session, stats } = await start({ connections: 1 });
    expect(await call(session, framedMessage(REQUEST))).toMatchObject({ status: 0 });
    expect((await talk(port, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')).toString()).toContain(
      '1 connections are open',
    );
    expect(stats.refusedConnections.grpc).toBe(1);
    expect(await call(session, framedMessage(REQUEST))).toMatchObject({ status: 0 });
  });

  test('a connection that says nothing', async () => {
    const { port } = await start({ headersTimeoutMs: 30 });
    const silent = await dial(port);
    await new Promise((resolve) => silent.once('close', resolve));
  });
});

describe('closing', () => {
  test('gracefully: requests that have begun are answered', async () => {
    const { session, intake, receiver, stats } = await start();
    intake.holding = true;
    const reply = call(session, framedMessage(REQUEST));
    await intake.came(1);
    const goodbye = new Promise((resolve) => session.once('goaway', resolve));
    const closed = receiver.close(true);
    await goodbye;
    intake.release();
    expect(await reply).toMatchObject({ status: 0 });
    await closed;
    expect(stats.openConnections.grpc).toBe(0);
  });

  test('at once: requests are broken off, and nothing is held', async () => {
    const { session, intake, receiver, budget } = await start();
    intake.holding = true;
    const reply = call(session, framedMessage(REQUEST));
    await intake.came(1);
    const graceful = receiver.close(true);
    await receiver.close(false);
    await graceful;
    expect(await reply).toMatchObject({ status: -1 });
    intake.release();
    await new Promise(setImmediate);
    expect(budget.held).toBe(0);
  });

  test('a port in use', async () => {
    const { port, ...parts } = await start();
    const { problem } = await startOtlpGrpc({ ...parts, port });
    expect(problem).toMatchObject({ code: 'FL840' });
    expect(problem?.message).toBe(`\`127.0.0.1:${port}\`, for OTLP over gRPC, is in use by another program`);
    expect(problem?.help).toContain('or choose another port');
  });
});
