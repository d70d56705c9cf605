/** Loaded before a program (`node --expose-gc --import`): on SIGUSR2 collects garbage and writes the memory to FLUO_BENCH_MEMORY as a JSON line. */
import { appendFileSync } from 'node:fs';

process.on('SIGUSR2', () => {
  global.gc();
  global.gc();
  appendFileSync(process.env.FLUO_BENCH_MEMORY, `${JSON.stringify(process.memoryUsage())}\n`);
});
