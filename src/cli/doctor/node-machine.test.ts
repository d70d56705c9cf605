import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { nodeMachine } from './node-machine.ts';

const machine = nodeMachine();

it('measures the disk of a folder and leaves nothing in it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fluo-doctor-'));
  try {
    const { free, total } = await machine.room(folder);
    expect(free).toBeGreaterThan(0);
    expect(total).toBeGreaterThanOrEqual(free);
    const times = await machine.syncTimes(folder);
    expect(times.every((time) => time >= 0)).toBe(true);
    expect(await readdir(folder)).toEqual([]);
    expect(await machine.nearestFolder(join(folder, 'not', 'there'))).toBe(folder);
    expect(await machine.lockHolder(folder)).toBeNull();
  } finally {
    await rm(folder, { recursive: true });
  }
});

it('knows who holds a port, asks it, and knows when it is free again', async () => {
  const server = createServer((_request, response) => response.end('hello'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const address = { host: '127.0.0.1', port };
  const taken = await machine.occupied(address);
  expect(taken?.code).toBe('EADDRINUSE');
  if (process.platform === 'linux') expect(taken?.by).toContain(`(process ${process.pid})`);
  expect(await machine.fetchText(`http://127.0.0.1:${port}/`)).toEqual({ status: 200, text: 'hello' });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  expect(await machine.occupied(address)).toBeNull();
  expect(await machine.fetchText(`http://127.0.0.1:${port}/`)).toBeNull();
});

it('watches the clocks', async () => {
  const { driftMs, watchedMs } = await machine.clockDrift();
  expect(watchedMs).toBeGreaterThan(0);
  expect(Number.isFinite(driftMs)).toBe(true);
});
