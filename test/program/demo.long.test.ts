/** The demonstration of the live engine, as `npm start` runs it: all failures are caught, and it leaves nothing behind. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface Demo {
  readonly child: ChildProcess;
  /** In the environment of every process that it starts. */
  readonly mark: string;
  readonly ended: Promise<number | null>;
  output(): string;
  /** Resolves when it has written this; rejects when it ends before. */
  says(text: string): Promise<void>;
}

let demos = 0;

function startDemo(...options: string[]): Demo {
  const mark = `${process.pid}-${++demos}`;
  const child = spawn(process.execPath, [join(ROOT, 'scripts', 'demo.mjs'), ...options], {
    cwd: ROOT,
    env: { ...process.env, FLUO_DEMO_MARK: mark },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (piece) => {
      output += piece;
      for (const listener of listeners) listener();
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    child,
    mark,
    ended,
    output: () => output,
    says: (text) =>
      new Promise((resolve, reject) => {
        const look = () => output.includes(text) && resolve();
        listeners.add(look);
        look();
        ended.then((code) => reject(new Error(`it ended with ${code}:\n${output}`)));
      }),
  };
}

/** Command lines of the processes of a demonstration that still run. */
function left({ mark }: Demo): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
        if (!environment.includes(`FLUO_DEMO_MARK=${mark}`)) return [];
        return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')];
      } catch {
        return [];
      }
    });
}

const canLook = process.platform === 'linux';
if (!canLook) process.stdout.write('skipped: the demonstration (processes are looked for in /proc)\n');

describe.runIf(canLook)('the demonstration', () => {
  it('catches every failure, and says so', async () => {
    const demo = startDemo('--show', '--rate', '40');
    expect([await demo.ended, demo.output().includes('all 8 failures were caught')]).toEqual([0, true]);
    expect(demo.output().match(/✗ /g)?.length).toBeGreaterThanOrEqual(8);
    expect(left(demo)).toEqual([]);
  }, 120_000);

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s ends all of it',
    async (signal) => {
      const demo = startDemo();
      await demo.says('ends all of it');
      // The server, seven services, the customers, and itself.
      expect(left(demo).length).toBeGreaterThanOrEqual(10);
      demo.child.kill(signal);
      expect(await demo.ended).toBe(0);
      expect(left(demo)).toEqual([]);
    },
    30_000,
  );

  it('a reader that goes away ends all of it', async () => {
    const demo = startDemo('--show', '--rate', '40');
    await demo.says('ends all of it');
    demo.child.stdout?.destroy();
    await new Promise((resolve) => demo.child.once('exit', resolve));
    expect(left(demo)).toEqual([]);
  }, 60_000);

  it.each([50, 250, 500, 900])(
    'an interrupt %i ms after the start ends all of it',
    async (milliseconds) => {
      const demo = startDemo();
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      demo.child.kill('SIGINT');
      await demo.ended;
      expect(left(demo)).toEqual([]);
    },
    30_000,
  );

  it('a port that is in use is left to who has it', async () => {
    const holder = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      holder.once('error', () => resolve(false));
      holder.listen(4318, '127.0.0.1', () => resolve(true));
    });
    const demo = startDemo('--for', '1');
    expect(await demo.ended).toBe(0);
    if (isFree) holder.close();
    expect(demo.output()).toMatch(/OTLP +127\.0\.0\.1:(?!4318 )\d+ \(HTTP\)/);
    expect(left(demo)).toEqual([]);
  }, 30_000);
});
