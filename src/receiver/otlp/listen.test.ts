/** Ports that cannot be opened, and connections that the system does not give out. */
import { createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { listen } from './listen.ts';

const open: Server[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

test('a connection that the system does not give out ends nothing', async () => {
  const server = createServer();
  open.push(server);
  let lost = 0;
  await listen(server, { host: '127.0.0.1', port: 0 }, 'a test', () => lost++);
  // What Node does where accepting fails.
  server.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }));
  expect(lost).toBe(1);
  expect(server.listening).toBe(true);
});

test.each([
  ['EADDRINUSE', 'FL840', 'is in use by another program'],
  ['EACCES', 'FL841', 'may not be opened by this user'],
  ['EADDRNOTAVAIL', 'FL842', 'is no address of this machine'],
  ['EMFILE', 'FL843', 'cannot listen at `[::1]:4318` for OTLP over HTTP: too many files'],
])('%s', async (code, diagnostic, message) => {
  const server = createServer();
  server.listen = () => {
    queueMicrotask(() => server.emit('error', Object.assign(new Error('too many files'), { code })));
    return server;
  };
  const result = await listen(server, { host: '::1', port: 4318 }, 'OTLP over HTTP', () => {});
  expect(result).toMatchObject({ problem: { code: diagnostic, severity: 'error' } });
  if ('problem' in result) {
    expect(result.problem.message).toContain(message);
    expect(result.problem.help).not.toBe('');
  }
});
