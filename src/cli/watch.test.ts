import { describe, expect, it } from 'vitest';
import { parseArguments } from './arguments.ts';
import { EXIT } from './exit-code.ts';
import { type MemoryIo, memoryIo } from './memory-io.ts';
import { runWatched } from './watch.ts';

/** Runs are counted, and each waits until it is let go. */
function watchedAt(terminalColumns: number | undefined, ...options: string[]) {
  const terminal = terminalColumns === undefined ? {} : { terminalColumns };
  const io: MemoryIo = memoryIo({
    argv: [],
    ...terminal,
    files: { '/project/rules/a.yaml': '1', '/project/t.json': '1' },
  });
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
    return { code: EXIT.clean, paths: ['/project/rules', '/project/t.json'] };
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

const watched = (...options: string[]) => watchedAt(undefined, ...options);

describe('runWatched', () => {
  it('runs again once changes have settled', async () => {
    const world = watched();
    await world.finishRun();
    world.io.files.write('/project/rules/a.yaml', '2');
    await world.pass(60);
    world.io.files.write('/project/rules/new/b.yaml', '2');
    await world.pass(60);
    expect(world.runs()).toBe(1);
    await world.pass(40);
    expect(world.runs()).toBe(2);
    world.abort.abort();
    await world.finishRun();
    expect(await world.code).toBe(EXIT.interrupted);
  });

  it('says between two runs when and why, and clears the screen of a terminal only', async () => {
    for (const [columns, before] of [
      [undefined, '\n'],
      [80, '\u001b[2J\u001b[H'],
    ] as const) {
      const world = watchedAt(columns);
      await world.finishRun();
      world.io.stderr.text = '';
      world.io.files.write('/project/rules/a.yaml', '2');
      await world.pass(100);
      expect(world.io.stderr.text.replace(/\d\d:\d\d:\d\d/, 'TIME')).toBe(
        `${before}TIME rules/a.yaml changed\n\n`,
      );
      await world.finishRun();
      world.io.files.write('/project/rules/b.yaml', '2');
      world.io.files.write('/project/t.json', '2');
      await world.pass(100);
      expect(world.io.stderr.text).toMatch(/\d rules\/b\.yaml and 1 more file changed\n\n$/);
      world.abort.abort();
      await world.finishRun();
    }
  });

  it('does not miss what changes during a run', async () => {
    const world = watched();
    await world.finishRun();
    world.io.files.write('/project/t.json', '2');
    await world.pass(100);
    expect(world.runs()).toBe(2);
    world.io.files.write('/project/t.json', '3');
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
    world.io.files.write('/project/rules/report.json', 'x');
    world.io.files.write('/project/rules/report.json.123.tmp', 'x');
    world.io.files.write('/project/rules/out.xml', 'x');
    world.io.files.write('/project/elsewhere', 'x');
    await world.pass(1_000);
    expect(world.runs()).toBe(1);
    world.abort.abort();
    expect(await world.code).toBe(EXIT.interrupted);
  });
});
