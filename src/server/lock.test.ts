import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FolderLock, lockFolder, lockHolder, type ProcessTable, systemProcesses } from './lock.ts';

let folder = '';
const held: FolderLock[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fluo-lock-'));
});
afterEach(async () => {
  for (const lock of held.splice(0)) await lock.release();
  await rm(folder, { recursive: true, force: true });
});

/** A machine on which these processes run. */
function machine(pid: number, running: Readonly<Record<number, string>>, host = 'here'): ProcessTable {
  return { pid, host, beganAt: async (asked) => running[asked] ?? null };
}

async function take(processes: ProcessTable): Promise<FolderLock> {
  const result = await lockFolder(folder, processes);
  if ('problem' in result) throw new Error(result.problem.message);
  held.push(result.lock);
  return result.lock;
}

async function refused(processes: ProcessTable) {
  const result = await lockFolder(folder, processes);
  return 'problem' in result ? result.problem : null;
}

describe('lockFolder', () => {
  it('makes the folder with those above it', async () => {
    const result = await lockFolder(join(folder, 'a', 'b'), machine(10, { 10: 'a' }));
    if ('problem' in result) throw new Error(result.problem.message);
    held.push(result.lock);
    expect(await readdir(join(folder, 'a', 'b'))).toEqual(['lock']);
  });

  it('refuses a place where no folder can be', async () => {
    await writeFile(join(folder, 'file'), '');
    for (const place of [join(folder, 'file'), join(folder, 'file', 'a')]) {
      expect(await lockFolder(place, machine(10, {}))).toMatchObject({
        problem: { code: 'FL804', file: place, message: expect.stringContaining('a file ') },
      });
    }
  });

  it.runIf(process.platform === 'linux')(
    'refuses a place of which the system says that there is none',
    async () => {
      expect(await lockFolder('/proc/fluo', machine(10, {}))).toMatchObject({
        problem: { code: 'FL804', file: '/proc/fluo' },
      });
    },
  );

  it('refuses a second server and names the first one and its API', async () => {
    const lock = await take(machine(10, { 10: 'a', 11: 'b' }));
    await lock.announce('http://127.0.0.1:4319');
    const problem = await refused(machine(11, { 10: 'a', 11: 'b' }));
    expect(problem).toMatchObject({
      code: 'FL803',
      file: folder,
      notes: ['its API is at http://127.0.0.1:4319'],
    });
    expect(problem?.message).toContain('process 10');
  });

  it('makes the folder, and leaves nothing behind when it is given back', async () => {
    folder = join(folder, 'deep', 'down');
    const lock = await take(machine(10, { 10: 'a' }));
    await lock.release();
    expect(await readdir(folder)).toEqual([]);
    await take(machine(11, { 11: 'b' }));
  });

  it('takes over from a process that is gone, and from one whose number was given again', async () => {
    await take(machine(10, { 10: 'a' }));
    await take(machine(11, { 11: 'b' }));
    const last = await take(machine(12, { 11: 'begun later', 12: 'c' }));
    expect(JSON.parse(await readFile(join(folder, 'lock'), 'utf8'))).toMatchObject({ pid: 12 });
    expect(await lockHolder(folder, machine(1, { 12: 'c' }))).toMatchObject({
      instance: last.holder.instance,
    });
    expect(await readdir(folder)).toEqual(['lock']);
  });

  it('takes over from the process of the same number in a container before', async () => {
    await take(machine(1, { 1: 'first boot' }));
    await take(machine(1, { 1: 'second boot' }));
  });

  it('leaves a server on another machine its lock for as long as it touches the file', async () => {
    await take(machine(10, { 10: 'a' }, 'there'));
    expect(await refused(machine(11, { 11: 'b' }))).toMatchObject({ code: 'FL803' });
    await utimes(join(folder, 'lock'), new Date(0), new Date(0));
    await take(machine(11, { 11: 'b' }));
  });

  it('makes its file again where somebody removed it', async () => {
    const lock = await take(machine(10, { 10: 'a', 11: 'b' }));
    await lock.announce('http://127.0.0.1:4319');
    await rm(join(folder, 'lock'));
    await lock.look();
    expect(await readdir(folder)).toEqual(['lock']);
    expect(await refused(machine(11, { 10: 'a', 11: 'b' }))).toMatchObject({
      notes: ['its API is at http://127.0.0.1:4319'],
    });
  });

  it('says that it is lost when another server has taken the folder', async () => {
    const lock = await take(machine(10, { 10: 'a', 11: 'b' }));
    await rm(join(folder, 'lock'));
    await take(machine(11, { 10: 'a', 11: 'b' }));
    await lock.look();
    expect(await lock.lost).toMatchObject({ code: 'FL803', file: folder });
    expect((await lock.lost).message).toContain('process 11');
    await lock.release();
    expect(await readdir(folder)).toEqual(['lock']);
  });

  it('says that it is lost when the folder was removed, or is another one', async () => {
    const first = join(folder, 'first');
    const taken = await lockFolder(first, machine(10, { 10: 'a' }));
    if ('problem' in taken) throw new Error(taken.problem.message);
    held.push(taken.lock);
    await rename(first, join(folder, 'moved'));
    await mkdir(first);
    await taken.lock.look();
    expect(await taken.lock.lost).toMatchObject({ code: 'FL804', file: first });
    expect(await readdir(first)).toEqual([]);
  });

  it('takes over a lock that was torn', async () => {
    await writeFile(join(folder, 'lock'), '{"pid":');
    await take(machine(11, { 11: 'b' }));
  });

  it('does not give back a lock that is another one’s by now', async () => {
    const first = await take(machine(10, { 10: 'a' }));
    const second = await take(machine(11, { 11: 'b' }));
    await first.release();
    expect(await lockHolder(folder, machine(1, { 11: 'b' }))).toMatchObject({
      instance: second.holder.instance,
    });
  });

  it('one of several that start together gets it', async () => {
    const running = Object.fromEntries(Array.from({ length: 8 }, (_, at) => [at + 1, `p${at}`]));
    await writeFile(
      join(folder, 'lock'),
      JSON.stringify({ pid: 99, host: 'here', instance: 'old', began: null }),
    );
    const results = await Promise.all(
      Array.from({ length: 8 }, (_, at) => lockFolder(folder, machine(at + 1, running))),
    );
    const locks = results.flatMap((result) => ('lock' in result ? [result.lock] : []));
    held.push(...locks);
    expect(locks).toHaveLength(1);
  });

  it('says why a folder cannot be used', async () => {
    await writeFile(join(folder, 'file'), '');
    const result = await lockFolder(join(folder, 'file', 'below'));
    expect(result).toMatchObject({ problem: { code: 'FL804' } });
  });

  it('knows this very process as alive', async () => {
    const result = await lockFolder(folder);
    if ('problem' in result) throw new Error(result.problem.message);
    held.push(result.lock);
    expect(await lockFolder(folder)).toMatchObject({ problem: { code: 'FL803' } });
  });
});

describe.runIf(process.platform === 'linux')('the processes of the system', () => {
  it('do not count one that has ended and that nobody has asked for its end', async () => {
    const { beganAt } = systemProcesses();
    expect(await beganAt(process.pid)).toMatch(/ \d+$/);
    // The shell becomes a program that asks for the end of no child.
    const parent = spawn('sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 60']);
    try {
      const [told] = await once(parent.stdout, 'data');
      const pid = Number(String(told));
      const stateOf = async () => /\) (\w)/.exec(await readFile(`/proc/${pid}/stat`, 'utf8'))?.[1];
      while ((await stateOf()) !== 'Z') await new Promise((resolve) => setImmediate(resolve));
      expect(await beganAt(pid)).toBeNull();
    } finally {
      parent.kill('SIGKILL');
    }
  });
});
