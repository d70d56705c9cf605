/** What the real HTTP client and its in-memory twin must both do. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HttpClient, HttpRequest } from '../base/http.ts';
import { fetchClient } from '../notify/fetch-client.ts';
import { type MemoryAnswer, MemoryHttp } from './memory-io.ts';

/** The same server for both. */
function serve({
  url,
  method,
  body,
  headers,
}: Pick<HttpRequest, 'url' | 'method' | 'body' | 'headers'>): MemoryAnswer {
  switch (new URL(url).pathname) {
    case '/echo':
      return { status: 200, headers: { 'x-kind': headers['x-kind'] ?? '' }, body: `${method} ${body ?? ''}` };
    case '/moved':
      return { status: 302, headers: { location: '/echo' } };
    default:
      return { status: 404, body: 'nothing' };
  }
}

const server = createServer((message, response) => {
  const chunks: Buffer[] = [];
  message.on('data', (chunk) => chunks.push(chunk));
  message.on('end', () => {
    const answer = serve({
      url: `http://x${message.url}`,
      method: message.method as HttpRequest['method'],
      body: Buffer.concat(chunks).toString('utf8'),
      headers: { 'x-kind': String(message.headers['x-kind'] ?? '') },
    });
    response.writeHead(answer.status, answer.headers);
    response.end(answer.body);
  });
});
let origin = '';
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const WORLDS: readonly [string, () => { client: HttpClient; origin: string }][] = [
  ['memory', () => ({ client: new MemoryHttp({ 'http://here:1': serve }), origin: 'http://here:1' })],
  ['node', () => ({ client: fetchClient(), origin })],
];

describe.each(WORLDS)('http: %s', (_, open) => {
  const send = (path: string, rest: Partial<HttpRequest> = {}) => {
    const { client, origin: at } = open();
    return client.send({
      method: 'GET',
      url: `${at}${path}`,
      headers: {},
      body: null,
      timeoutMs: 5_000,
      ...rest,
    });
  };

  it('sends method, headers and body, and gives what is answered', async () => {
    const outcome = await send('/echo', { method: 'POST', headers: { 'x-kind': 'a' }, body: 'grüße' });
    if (outcome.kind !== 'answered') throw new Error(outcome.problem);
    expect([outcome.status, outcome.body, outcome.header('X-Kind'), outcome.header('x-none')]).toEqual([
      200,
      'POST grüße',
      'a',
      null,
    ]);
  });

  it('gives what is no success as it is, redirects as well', async () => {
    const missing = await send('/none');
    expect(missing).toMatchObject({ kind: 'answered', status: 404, body: 'nothing' });
    const moved = await send('/moved');
    expect(moved).toMatchObject({ kind: 'answered', status: 302 });
    expect(moved.kind === 'answered' ? moved.header('location') : null).toBe('/echo');
  });

  it('says that nobody listens', async () => {
    const gone = createServer();
    await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
    const { port } = gone.address() as AddressInfo;
    await new Promise((resolve) => gone.close(resolve));
    expect(await send('', { url: `http://127.0.0.1:${port}/` })).toEqual({
      kind: 'failed',
      problem: 'the connection failed: ECONNREFUSED',
    });
  });
});
