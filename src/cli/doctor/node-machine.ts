/** The machine that the program runs on. */
import { mkdtemp, open, readdir, readFile, readlink, rm, stat, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { hasDuckDb } from '../../archive/duckdb.ts';
import type { Address } from '../../server/address.ts';
import { lockHolder } from '../../server/lock.ts';
import type { Machine } from './machine.ts';

const SYNCS = 10;
const WATCHED_MS = 500;
const ANSWER_WITHIN_MS = 5_000;

export function nodeMachine(): Machine {
  return {
    async room(folder) {
      const { bavail, blocks, bsize } = await statfs(folder);
      return { free: bavail * bsize, total: blocks * bsize };
    },
    syncTimes,
    nearestFolder,
    hasDuckDb,
    lockHolder: (folder) => lockHolder(folder),
    occupied,
    clockDrift,
    fetchText,
  };
}

async function nearestFolder(folder: string): Promise<string> {
  for (let at = folder; ; at = dirname(at)) {
    const found = await stat(at).catch(() => null);
    if (found !== null || dirname(at) === at) return at;
  }
}

async function syncTimes(folder: string): Promise<readonly number[]> {
  const own = await mkdtemp(join(folder, '.fluo-doctor-'));
  try {
    const file = await open(join(own, 'sync'), 'w');
    try {
      const times: number[] = [];
      for (let at = 0; at < SYNCS; at++) {
        await file.write(Buffer.alloc(4096, at));
        const from = performance.now();
        await file.datasync();
        times.push(performance.now() - from);
      }
      return times;
    } finally {
      await file.close();
    }
  } finally {
    await rm(own, { recursive: true, force: true });
  }
}

async function occupied(
  address: Address,
): Promise<{ readonly code: string; readonly by: string | null } | null> {
  const code = await new Promise<string | null>((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host: address.host, port: address.port }, () => server.close(() => resolve(null)));
  });
  if (code === null) return null;
  return { code, by: code === 'EADDRINUSE' ? await holderOf(address.port).catch(() => null) : null };
}

/** The process that listens at a port, on Linux, where the user may see it. */
async function holderOf(port: number): Promise<string | null> {
  const inodes = new Set<string>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    const text = await readFile(table, 'utf8').catch(() => '');
    for (const line of text.split('\n').slice(1)) {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
      const isListening = state === '0A';
      if (isListening && Number.parseInt(local.split(':')[1] ?? '', 16) === port)
        inodes.add(`socket:[${inode}]`);
    }
  }
  if (inodes.size === 0) return null;
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
    for (const descriptor of descriptors) {
      const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
      if (!inodes.has(target)) continue;
      const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
      return `${name.trim()} (process ${pid})`;
    }
  }
  return null;
}

async function clockDrift(): Promise<{ readonly driftMs: number; readonly watchedMs: number }> {
  const wall = Date.now();
  const monotonic = performance.now();
  await new Promise((resolve) => setTimeout(resolve, WATCHED_MS));
  const watchedMs = performance.now() - monotonic;
  return { driftMs: Date.now() - wall - watchedMs, watchedMs };
}

async function fetchText(url: string): Promise<{ readonly status: number; readonly text: string } | null> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS), redirect: 'manual' });
    return { status: response.status, text: await response.text() };
  } catch {
    return null;
  }
}
