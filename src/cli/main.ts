/** The entry of the bundle: the program in the real world. */
import { EXIT } from './exit-code.ts';
import { nodeIo, writeLastWords } from './node-io.ts';
import { reportBug, run } from './run.ts';

/** Runs to the end and sets the exit code; what is still being written is written first. */
export async function main(packageFolder: string): Promise<void> {
  const io = nodeIo(packageFolder);
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
  if (code === EXIT.interrupted) process.exit(code);
  process.exitCode = code;
}
