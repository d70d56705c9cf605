import { describe, expect, it } from 'vitest';
import { parseArguments } from './arguments.ts';
import { EXIT } from './exit-code.ts';
import { type MemoryIo, memoryIo } from './memory-io.ts';
import { runWatched } from './watch.ts';

/** Runs are counted, and each waits until it is let go. */
function watched(...options: string[]) {
  const io: MemoryIo = memoryIo({ argv: [], files: { '/work/rules/a.yaml': '1', '/work/t.json': '1' } });
  const parsed = parseArguments(['check', 't.json', '--watch', ...options]);
  if (parsed.kind !== 'invocation') throw new Error('not an invocation');
  const abort = new AbortController();
  let runs = 0;
  let release = () => {};
  const code = runWatched(io, parsed.invocation, abort.signal, async () => {
    runs++;
    await new Promise<void>((resolve) => {
      release = resolve;
    });
    return { code: EXIT.clean, paths: ['/work/rules', '/work/t.json'] };
  });
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    io,
    code,
    abort,
    runs: () => runs,
    finishRun: async () => {
      await turn();
      release();
      await turn();
    },
    pass: async (milliseconds: number) => {
      io.clock.advance(milliseconds);
      await turn();
    },
  };
}

describe('runWatched', () => {
  it('runs again once changes have settled', async () => {
    const world = watched();
    await world.finishRun();
    world.io.files.write('/work/rules/a.yaml', '2');
    await world.pass(60);
    world.io.files.write('/work/rules/new/b.yaml', '2');
    await world.pass(60);
    expect(world.runs()).toBe(1);
    await world.pass(40);
    expect(world.runs()).toBe(2);
    world.abort.abort();
    await world.finishRun();
    expect(await world.code).toBe(EXIT.interrupted);
  });

  it('does not miss what changes during a run', async () => {
    const world = watched();
    await world.finishRun();
    world.io.files.write('/work/t.json', '2');
    await world.pass(100);
    expect(world.runs()).toBe(2);
    world.io.files.write('/work/t.json', '3');
    await world.pass(100);
    expect(world.runs()).toBe(2);
    await world.finishRun();
    expect(world.runs()).toBe(3);
  });

  it('is not started by other files, nor by what it writes itself', async () => {
    const world = watched(
      '--format',
      'json=rules/report.json',
      '--output',
      'rules/out.xml',
      '--format',
      'junit',
    );
    await world.finishRun();
    world.io.files.write('/work/rules/report.json', 'x');
    world.io.files.write('/work/rules/report.json.123.tmp', 'x');
    world.io.files.write('/work/rules/out.xml', 'x');
    world.io.files.write('/work/elsewhere', 'x');
    await world.pass(1_000);
    expect(world.runs()).toBe(1);
    world.abort.abort();
    expect(await world.code).toBe(EXIT.interrupted);
  });
});
