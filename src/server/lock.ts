/**
 * One server writes to a data folder. The lock is a file that says who: a process that is gone has no claim, however it ended, and one on
 * another machine (a shared volume) has one for as long as it keeps touching the file.
 */
import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import { type ServerClock, systemClock } from './clock.ts';

export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  /** Tells two holders with the same number apart. */
  readonly instance: string;
  /** When the process began, as the system counts it; null where it does not say. */
  readonly began: string | null;
  /** Where its API listens: `http://127.0.0.1:4319`; null until it does. */
  readonly api: string | null;
}

export interface FolderLock {
  readonly holder: LockHolder;
  /** Writes where the API listens. */
  announce(api: string): Promise<void>;
  /** Looks whether it still holds, as it does by itself every two seconds; makes the file again where it alone was removed. */
  look(): Promise<void>;
  /** Resolves when the folder is gone or another server has taken it: what is written from then on is lost, or in its way. */
  readonly lost: Promise<Diagnostic>;
  /** Whether `lost` has resolved, or is about to. */
  readonly isLost: boolean;
  release(): Promise<void>;
}

/** What asks the system about processes, so that tests can have their own. */
export interface ProcessTable {
  readonly pid: number;
  readonly host: string;
  /** When a process began; null: it does not run. `unknown` where the system does not say. */
  beganAt(pid: number): Promise<string | null>;
}

const FILE = 'lock';
const TOUCHED_EVERY_MS = 2_000;
/** A holder on another machine that has not touched the file for so long is gone. */
const ABANDONED_AFTER_MS = 15_000;
/** Longer than it takes to look at a lock and remove it. */
const TURN_MS = 5_000;

/** Takes the lock of a folder, which is made if it is not there. */
export async function lockFolder(
  folder: string,
  processes: ProcessTable = systemProcesses(),
  clock: ServerClock = systemClock(),
): Promise<{ readonly lock: FolderLock } | { readonly problem: Diagnostic }> {
  const instance = randomUUID();
  const own = {
    pid: processes.pid,
    host: processes.host,
    instance,
    began: await processes.beganAt(processes.pid),
    api: null,
  };
  const path = join(folder, FILE);
  const draft = `${path}.${instance}`;
  try {
    await makeFolder(folder);
    await writeFile(draft, JSON.stringify(own));
    for (;;) {
      if (await linked(draft, path))
        return { lock: new HeldLock(path, own, (await stat(folder)).ino, clock) };
      const holder = await readHolder(path);
      if (holder !== null && (await isAlive(holder, path, processes, clock)))
        return { problem: inUse(folder, holder) };
      await removeStale(path, processes, clock);
    }
  } catch (error) {
    return { problem: folderProblem(folder, error) };
  } finally {
    await rm(draft, { force: true }).catch(() => {});
  }
}

/** Who holds the lock of a folder; null: nobody that runs. */
export async function lockHolder(
  folder: string,
  processes: ProcessTable = systemProcesses(),
  clock: ServerClock = systemClock(),
): Promise<LockHolder | null> {
  const path = join(folder, FILE);
  const holder = await readHolder(path).catch(() => null);
  return holder !== null && (await isAlive(holder, path, processes, clock)) ? holder : null;
}

export function folderProblem(folder: string, error: unknown): Diagnostic {
  const { code = '', message = String(error) } = error as Partial<NodeJS.ErrnoException>;
  const [why, help] = REASONS[code] ?? [message, 'check the path and the disk that it lies on'];
  return {
    code: 'FL804',
    severity: 'error',
    message: `the data folder cannot be used: ${why}`,
    file: folder,
    help,
  };
}

const REASONS: Readonly<Record<string, readonly [string, string]>> = {
  EACCES: [
    'the system gives no permission to write there',
    'give the folder to the user who runs Fluo (in a container: the user of the image, 1000), or name another one with `--data`',
  ],
  EPERM: ['the system gives no permission to write there', 'name another folder with `--data`'],
  EROFS: ['its disk is read-only', 'mount it for writing, or name another folder with `--data`'],
  ENOSPC: ['its disk is full', 'make room, or name a folder on another disk with `--data`'],
  ENOTDIR: ['a file stands where a folder belongs', 'name another folder with `--data`'],
  ENOENT: ['the system lets no folder be made there', 'name another folder with `--data`'],
  EEXIST: ['a file stands where a folder belongs', 'name another folder with `--data`'],
};

/**
 * With the folders above it. Node's own way tries for ever, and lets nothing else run, where the system says of a folder in one that exists
 * that there is no such place (`/proc` does).
 */
async function makeFolder(folder: string): Promise<void> {
  if (await isFolder(folder)) return;
  const above = dirname(folder);
  if (above !== folder) await makeFolder(above);
  try {
    await mkdir(folder);
  } catch (error) {
    // Made by another process meanwhile.
    if (!(await isFolder(folder))) throw error;
  }
}

/** A file in the place of a folder is left to what comes next. */
async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw error;
  }
}

class HeldLock implements FolderLock {
  holder: LockHolder;
  readonly lost: Promise<Diagnostic>;
  isLost = false;
  readonly #path: string;
  /** What the system calls the folder: another one of its name is not it. */
  readonly #folder: number;
  readonly #clock: ServerClock;
  readonly #touching: NodeJS.Timeout;
  #looking: Promise<void> = Promise.resolve();
  #lose: (problem: Diagnostic) => void = () => {};

  constructor(path: string, holder: LockHolder, folder: number, clock: ServerClock) {
    this.#path = path;
    this.#folder = folder;
    this.holder = holder;
    this.lost = new Promise((resolve) => {
      this.#lose = (problem) => {
        this.isLost = true;
        resolve(problem);
      };
    });
    this.#clock = clock;
    this.#touching = setInterval(() => void this.look(), TOUCHED_EVERY_MS);
    this.#touching.unref();
  }

  async announce(api: string): Promise<void> {
    this.holder = { ...this.holder, api };
    const next = this.#draft;
    await writeFile(next, JSON.stringify(this.holder));
    await rename(next, this.#path);
  }

  look(): Promise<void> {
    // A full or broken disk is told elsewhere.
    this.#looking = this.#looking.then(() => this.#look()).catch(() => {});
    return this.#looking;
  }

  async release(): Promise<void> {
    clearInterval(this.#touching);
    await this.#looking;
    const current = await readHolder(this.#path).catch(() => null);
    if (current?.instance === this.holder.instance) await rm(this.#path, { force: true });
  }

  get #draft(): string {
    return `${this.#path}.${this.holder.instance}`;
  }

  async #look(): Promise<void> {
    const folder = dirname(this.#path);
    const found = await stat(folder).catch((error) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (found?.ino !== this.#folder) {
      this.#lose(folderGone(folder));
      return;
    }
    const current = await readHolder(this.#path);
    if (current === null) await this.#restore();
    else if (current.instance !== this.holder.instance) this.#lose(inUse(folder, current));
    else {
      const now = new Date(this.#clock.wall());
      await utimes(this.#path, now, now);
    }
  }

  /** Only the file of the lock was removed. Never over that of another server. */
  async #restore(): Promise<void> {
    try {
      await writeFile(this.#draft, JSON.stringify(this.holder));
      await linked(this.#draft, this.#path);
    } finally {
      await rm(this.#draft, { force: true });
    }
  }
}

function folderGone(folder: string): Diagnostic {
  return {
    code: 'FL804',
    severity: 'error',
    message: 'the data folder was removed or replaced while the server ran',
    file: folder,
    help: 'stop the server before the folder is moved or removed; what it took since then is lost. Start it again',
  };
}

async function linked(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Null where there is no lock, or one that was torn when the machine went down. */
async function readHolder(path: string): Promise<LockHolder | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    const { pid, host, instance, began, api } = JSON.parse(text) as Partial<LockHolder>;
    if (typeof pid !== 'number' || typeof host !== 'string' || typeof instance !== 'string') return null;
    return { pid, host, instance, began: began ?? null, api: api ?? null };
  } catch {
    return null;
  }
}

async function isAlive(
  holder: LockHolder,
  path: string,
  processes: ProcessTable,
  clock: ServerClock,
): Promise<boolean> {
  if (holder.host !== processes.host) {
    const touched = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => 0,
    );
    return clock.wall() - touched < ABANDONED_AFTER_MS;
  }
  const began = await processes.beganAt(holder.pid);
  // A number that was given again, as 1 is to each container, is another process.
  if (began === null) return false;
  return holder.began === null || began === holder.began;
}

/** Takes a stale lock away; one at a time does, or it could be a fresh one by then. */
async function removeStale(path: string, processes: ProcessTable, clock: ServerClock): Promise<void> {
  const turn = `${path}.turn`;
  try {
    await mkdir(turn);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const since = await stat(turn).then(
      ({ mtimeMs }) => mtimeMs,
      () => clock.wall(),
    );
    // Whoever had the turn was killed in it.
    if (clock.wall() - since > TURN_MS) await rm(turn, { recursive: true, force: true });
    await new Promise((resolve) => setTimeout(resolve, 10));
    return;
  }
  try {
    const holder = await readHolder(path);
    if (holder === null || !(await isAlive(holder, path, processes, clock))) await rm(path, { force: true });
  } finally {
    await rm(turn, { recursive: true, force: true });
  }
}

function inUse(folder: string, { pid, host, api }: LockHolder): Diagnostic {
  const where = host === hostname() ? '' : ` on \`${host}\``;
  return {
    code: 'FL803',
    severity: 'error',
    message: `another server (process ${pid}${where}) writes to this data folder`,
    file: folder,
    ...(api === null ? {} : { notes: [`its API is at ${api}`] }),
    help: `stop it (\`kill ${pid}\`), or give this one a folder of its own with \`--data\``,
  };
}

export function systemProcesses(): ProcessTable {
  return { pid: process.pid, host: hostname(), beganAt };
}

/** States of a process in `/proc`: a zombie, and dead. */
const ENDED: readonly string[] = ['Z', 'X', 'x'];

async function beganAt(pid: number): Promise<string | null> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // It runs and belongs to another user.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return null;
  }
  try {
    const [boot, state] = await Promise.all([
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
      readFile(`/proc/${pid}/stat`, 'utf8'),
    ]);
    // The name in brackets may hold blanks; the 20th field behind it is the start, in clock ticks since the boot.
    const fields = state.slice(state.lastIndexOf(')') + 2).split(' ');
    // Killed, and its parent has not asked for its end yet: it runs no more.
    if (ENDED.includes(fields[0] ?? '')) return null;
    return `${boot.trim()} ${fields[19] ?? ''}`;
  } catch {
    return 'unknown';
  }
}
