/** The entry of the bundle: the program in the real world. */
import { setFlagsFromString } from 'node:v8';
import { EXIT } from './exit-code.ts';
import { nodeIo, writeLastWords } from './node-io.ts';
import { reportBug, run } from './run.ts';

/** Runs to the end and sets the exit code; what is still being written is written first. */
export async function main(packageFolder: string): Promise<void> {
  const io = nodeIo(packageFolder);
  if (io.argv[0] === 'serve') (await import('./young-space.ts')).limitYoungSpace();
  else collectSoonerWhenLarge();
  const onBug = (error: unknown) => {
    try {
      reportBug(io, error);
    } catch (second) {
      writeLastWords(`${error}\n${second}\n`);
    }
    process.exit(EXIT.bug);
  };
  // Thrown where no caller waits for it: in a callback of a stream or a timer.
  process.on('uncaughtException', onBug);
  const code = await run(io);
  // What a server could not finish in its time is done after the next start: nothing may keep the process.
  if (code === EXIT.interrupted || io.argv[0] === 'serve') process.exit(code);
  process.exitCode = code;
}

const LARGE_BYTES = 200 * 1024 * 1024;
const LOOK_EVERY_MS = 100;

/**
 * By itself the heap grows to several times what lives in it before garbage is collected. Once the process is large it may grow by half
 * only: that takes a third off the peak on 1 GB of traces. Small runs keep their speed. V8 reads this number whenever it has collected,
 * so that it may be set while the program runs.
 */
function collectSoonerWhenLarge(): void {
  const looking = setInterval(() => {
    if (process.memoryUsage.rss() < LARGE_BYTES) return;
    setFlagsFromString('--heap-growing-percent=50');
    clearInterval(looking);
  }, LOOK_EVERY_MS);
  looking.unref();
}
