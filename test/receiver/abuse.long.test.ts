/** Much abuse at once: what thousands of connections and large bombs leave behind, and how much memory they take meanwhile. */
import type { ClientHttp2Session } from 'node:http2';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import type { RunningReceiver } from '../../src/receiver/otlp/listen.ts';
import { startOtlpGrpc } from '../../src/receiver/otlp/otlp-grpc-server.ts';
import { startOtlpHttp } from '../../src/receiver/otlp/otlp-http-server.ts';
import type { ReceiverLimits } from '../../src/receiver/otlp/receiver-limits.ts';
import { call, framedMessage, openSession } from '../../src/receiver/otlp/testing/grpc-client.ts';
import { testParts } from '../../src/receiver/otlp/testing/receiver-parts.ts';
import { send } from '../../src/receiver/otlp/testing/talk.ts';
import { span } from './sample-spans.ts';
import { otlpProto } from './write-spans.ts';

type Protocol = 'grpc' | 'http';
const PROTOCOLS: readonly Protocol[] = ['grpc', 'http'];
const MIB = 1024 * 1024;
const REQUEST = otlpProto([span()]);
const HEAD =
  'POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\nContent-Length: 99\r\n\r\n';

const running: RunningReceiver[] = [];
const sessions: ClientHttp2Session[] = [];
afterEach(async () => {
  for (const session of sessions.splice(0)) session.destroy();
  await Promise.all(running.splice(0).map((receiver) => receiver.close(false)));
});

async function start(protocol: Protocol, limits: Partial<ReceiverLimits> = {}) {
  const parts = testParts(limits);
  const { receiver, problem } = await (protocol === 'grpc' ? startOtlpGrpc : startOtlpHttp)(parts);
  if (receiver === null) throw new Error(problem.message);
  running.push(receiver);
  const { port } = receiver.address;
  const unharmed = async (): Promise<void> => {
    if (protocol === 'http') {
      const reply = await send(port, {
        headers: { 'content-type': 'application/x-protobuf' },
        body: REQUEST,
      });
      expect(reply.status).toBe(200);
    } else {
      const session = openSession(port);
      expect(await call(session, framedMessage(REQUEST))).toMatchObject({ status: 0 });
      session.destroy();
    }
    expect(parts.bugs).toEqual([]);
    expect(parts.budget.held).toBe(0);
  };
  return { ...parts, receiver, port, unharmed };
}

/** A connection that writes something and goes away when it was written, in one way or another. */
function visit(port: number, at: number): Promise<void> {
  const beginnings = [
    '',
    HEAD,
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    '\x16\x03\x01',
    'x'.repeat(5000),
    'GET / HTTP/1.1\r\n',
  ];
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.on('close', () => resolve());
    socket.on('connect', () => {
      const leave = (): void => {
        if (at % 3 === 0) socket.resetAndDestroy();
        else socket.destroy();
      };
      const bytes = beginnings[at % beginnings.length] ?? '';
      if (bytes === '') leave();
      else socket.write(bytes, leave);
    });
  });
}

describe.each(PROTOCOLS)('%s', (protocol) => {
  test('10,000 connections opened and closed', async () => {
    const { port, stats, receiver, unharmed } = await start(protocol, { connections: 50 });
    await visitAll(port, 1000);
    const before = process.memoryUsage();
    await visitAll(port, 10_000);
    await unharmed();
    const after = process.memoryUsage();
    expect(after.heapUsed - before.heapUsed).toBeLessThan(64 * MIB);
    expect(after.rss - before.rss).toBeLessThan(128 * MIB);
    await receiver.close(true);
    expect(stats.openConnections[protocol]).toBe(0);
  });

  test('fifty bombs of a gigabyte at a time', async () => {
    const { port, unharmed, stats } = await start(protocol);
    const bomb = gzipSync(Buffer.alloc(1024 * MIB));
    const before = process.memoryUsage().rss;
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage().rss);
    }, 5);
    const session = protocol === 'grpc' ? openSession(port) : null;
    if (session !== null) sessions.push(session);
    await Promise.all(
      Array.from({ length: 50 }, async () => {
        if (session === null) {
          const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' };
          expect((await send(port, { headers, body: bomb })).status).toBe(413);
        } else {
          const reply = await call(session, framedMessage(bomb, 1), { headers: { 'grpc-encoding': 'gzip' } });
          expect(reply.status).toBe(8);
        }
      }),
    );
    clearInterval(watch);
    // Fifty bodies of a megabyte on both sides, and two that are being unpacked to 64 MiB.
    expect(most - before).toBeLessThan(500 * MIB);
    expect(stats.transports[protocol === 'grpc' ? 'grpc' : 'http-protobuf'].requests['too-large']).toBe(50);
    await unharmed();
  });

  test('requests that promise much and never end hold no more than there is room for', async () => {
    const { port, budget, stats, unharmed, receiver } = await start(protocol, { bytesInFlight: 32 * MIB });
    const sent = Array.from({ length: 40 }, () => pour(protocol, port, 15 * MIB));
    const transport = protocol === 'grpc' ? 'grpc' : 'http-protobuf';
    while (stats.transports[transport].requests.overloaded < 38) await new Promise(setImmediate);
    expect(budget.held).toBeLessThanOrEqual(32 * MIB);
    for (const stop of sent) stop();
    while (budget.held > 0) await new Promise(setImmediate);
    await unharmed();
    await receiver.close(true);
  });
});

/** Begins a request of so many bytes and sends all but the last; gives the way to end it. */
function pour(protocol: Protocol, port: number, bytes: number): () => void {
  if (protocol === 'grpc') {
    const session = openSession(port);
    sessions.push(session);
    void call(session, framedMessage(Buffer.alloc(bytes - 1), 0, bytes), { unfinished: true });
    return () => session.destroy();
  }
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.resume();
  socket.write(HEAD.replace('99', String(bytes)));
  socket.write(Buffer.alloc(bytes - 1));
  return () => socket.destroy();
}

async function visitAll(port: number, count: number): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: 100 }, async () => {
      while (next < count) await visit(port, next++);
    }),
  );
}
